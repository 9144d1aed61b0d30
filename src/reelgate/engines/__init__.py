"""Engines: work done on this machine. Each module here is found by itself; nobody imports one by name."""
