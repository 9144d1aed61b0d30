"""Dialects: protocols as their clients speak them, one for all vendors of a protocol. Pure: a dialect holds talks and makes no call."""
