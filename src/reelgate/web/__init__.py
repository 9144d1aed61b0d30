"""Pages for people. Each module here is found by itself; nobody imports one by name."""
