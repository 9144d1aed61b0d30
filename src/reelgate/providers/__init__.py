"""Providers: a vendor of videos, which is a name and a dialect. Each module here is found by itself; nobody imports one by name."""
