"""The HTTP server: an ASGI application on one port, behind deadlines and limits, with a stop that keeps its word."""

from reelgate.server.listener import Limits
from reelgate.server.serving import AddressTaken, CannotListen, CannotStart, TlsFiles, serve

__all__ = ["AddressTaken", "CannotListen", "CannotStart", "Limits", "TlsFiles", "serve"]
