"""Reelgate: one address and one key in front of every video model."""

__version__ = "0.1.0"
