"""Makes videos by the fal provider of Hugging Face's client, and prints what happened as JSON.

    python _huggingface_story.py PICTURE

Which endpoint of fal's stands behind a model's name the client asks the Hub, which is on another host. For models that the Hub does
not know, the client has a table of its own, which its source tells developers to fill; that is all that is done to it.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huggingface_hub import InferenceClient
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference._providers._common import HARDCODED_MODEL_INFERENCE_MAPPING

MODELS = {"acme/lighthouse": "text-to-video", "acme/lighthouse-in-motion": "image-to-video"}
TEXT, PICTURE = MODELS
SMALL = {"duration": "1", "resolution": "480p"}


def live(picture: Path) -> dict[str, Any]:
    """All of it, one after the other."""
    for name, task in MODELS.items():
        HARDCODED_MODEL_INFERENCE_MAPPING["fal-ai"][name] = InferenceProviderMapping(
            provider="fal-ai", hf_model_id=name, providerId=f"demo/{task}", task=task, status="live"
        )
    client = InferenceClient(provider="fal-ai", api_key=os.environ["FAL_KEY"])
    stranger = InferenceClient(provider="fal-ai", api_key="rg_live_nobody")
    return {
        "from_text": encoded(client.text_to_video("waves below a lighthouse", model=TEXT, seed=7, extra_body=SMALL)),
        "from_picture": encoded(client.image_to_video(picture.read_bytes(), prompt="it rises", model=PICTURE, **SMALL)),
        "invalid": refusal(lambda: client.text_to_video("x", model=TEXT, extra_body={"duration": "99"})),
        "stranger": refusal(lambda: stranger.text_to_video("x", model=TEXT)),
        "refused": refusal(lambda: client.text_to_video("[[refuse]]", model=TEXT)),
    }


def encoded(video: bytes) -> str:
    """A video within JSON."""
    return base64.b64encode(video).decode()


def refusal(act: Callable[[], object]) -> dict[str, Any]:
    """The client's own exception."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 -- which it is, is what is told
        return {"is": type(error).__name__, "status": getattr(getattr(error, "response", None), "status_code", None), "message": str(error)}
    return {"is": "none"}


sys.stdout.write(json.dumps(live(Path(sys.argv[1]))))
