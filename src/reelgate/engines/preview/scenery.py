"""The scenes there are. A new one is a new file in `scenes/`; no list is edited."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from reelgate.engines.preview import scenes
from reelgate.engines.preview.stage import Scene


@cache
def found_scenes() -> Mapping[str, Scene]:
    """Every scene by its name, in the order of names. A module without an underscore that exports no `SCENE` is no scene."""
    names = sorted(module.name for module in pkgutil.iter_modules(scenes.__path__) if not module.name.startswith("_"))
    modules = (import_module(f"{scenes.__name__}.{name}") for name in names)
    found = (getattr(module, "SCENE", None) for module in modules)
    return {scene.name: scene for scene in found if isinstance(scene, Scene)}
