"""Where videos and pictures live. Each module here is found by itself; nobody imports one by name."""
