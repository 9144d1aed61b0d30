"""Faces: public protocols that we serve. Each module here is found by itself; nobody imports one by name."""
