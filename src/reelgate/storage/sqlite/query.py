"""Loads the named queries beside this file: `-- name: accept_job`, a line that says what it is for, then one statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType

_HEAD = re.compile(r"^-- name: (\w+)\n-- (\S.*)\n", re.MULTILINE)
_NAME = "-- name:"


def read_queries(text: str) -> Iterator[tuple[str, str]]:
    """Names and statements of one file; `ValueError` for a name without its sentence, or without a statement."""
    if len(heads := list(_HEAD.finditer(text))) != text.count(_NAME):
        raise ValueError("a named query has a line that says what it is for")
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        statement = text[head.end() : end].strip()
        if not statement.endswith(";"):
            raise ValueError(f"the query {head.group(1)} is one statement with its semicolon")
        yield head.group(1), statement


def load_queries() -> Mapping[str, str]:
    """All queries of the store by name; `ValueError` for two of one name."""
    found: dict[str, str] = {}
    for file in sorted(files("reelgate.storage.sqlite").joinpath("queries").iterdir(), key=lambda each: each.name):
        for name, statement in read_queries(file.read_text("utf-8")):
            if name in found:
                raise ValueError(f"two queries are called {name}")
            found[name] = statement
    return MappingProxyType(found)


QUERIES = load_queries()
