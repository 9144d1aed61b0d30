"""Finds leaves: every module or package of a leaf folder whose name has no leading underscore exports one constant.

Nobody imports a leaf by name. Leaves of other packages come by an entry point in the group of the folder's name,
such as `reelgate.engines`.
"""

from __future__ import annotations

import pkgutil
import sys
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoints, entry_points
from typing import TypeVar

T = TypeVar("T")


def load_leaves(package: str, constant: str, kind: type[T] | None = None) -> dict[str, T]:
    """Import every leaf of a package and return its constant under the module's name, in alphabetical order.

    `kind` only tells the type checker what the constant is; its annotation in the leaf is the guard. A leaf
    without the constant is a mistake and raises `AttributeError` with the module's name.
    """
    del kind
    folder = import_module(package)
    names = sorted(each.name for each in pkgutil.iter_modules(folder.__path__) if not each.name.startswith("_"))
    leaves: dict[str, T] = {name: getattr(import_module(f"{package}.{name}"), constant) for name in names}
    for entry in _announced(package, tuple(sys.path)):
        if entry.name in leaves:
            message = f"two leaves of the name {entry.name} in {package}"
            raise ValueError(message)
        leaves[entry.name] = getattr(entry.load(), constant)
    return leaves


@cache
def _announced(group: str, path: tuple[str, ...]) -> EntryPoints:
    """The entry points of all that is installed along a path. Looking through it takes longer than all the rest of a start."""
    del path
    return entry_points(group=group)
