"""A sentence for each scene of the preview engine that shows what it can do: what the bench measures and the contact sheet shows."""

from __future__ import annotations

from collections.abc import Mapping

from reelgate.engines.preview.scenery import found_scenes

_PROMPTS: Mapping[str, str] = {
    "city": "a rainy city street at night, neon reflections, slow push in",
    "desert": "camels far away among desert dunes in golden light, wind over the crests",
    "flow": "abstract flowing silk in warm light",
    "forest": "sun rays in an old forest on a misty morning, ferns and moss",
    "mountains": "peaks above a still mountain lake at dawn, mist in the valleys",
    "ocean": "a sailboat on a calm ocean at sunset, long golden waves",
    "road": "an empty highway through open country at sunset, the camera drives on",
    "space": "a planet and its moon in outer space, a nebula behind",
    "stage": "a lord on a stage among his people, beams of light from above",
    "underwater": "a coral reef underwater, fish in shafts of light, bubbles rise",
}


def scene_prompts() -> Mapping[str, str]:
    """The sentences of all scenes that are found; one without a sentence is asked for by its own name."""
    return {name: _PROMPTS.get(name, name) for name in found_scenes()}
