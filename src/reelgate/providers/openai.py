"""A gateway or a GPU server that speaks OpenAI's videos: SGLang-Diffusion, vLLM-Omni, NVIDIA Dynamo, LiteLLM.

Its channels name their models, `--model fal-ai/veo3.1=Wan-AI/Wan2.2-T2V-A14B`, and need no key where the server asks for none.
"""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.openai_videos import OpenAIVideos

PROVIDER: Provider = OpenAIVideos(
    name="openai",
    title="OpenAI videos",
    options={
        "body": "multipart: submits are forms, which every server takes. json: they are JSON, and pictures go by address.",
        "picture": "input_reference: the name of the field for a first picture; image_reference with vLLM-Omni.",
        "synchronous": "no: a submit is answered with an id. yes: it is answered when the video is done, with its address.",
        "tuning": "no: negative prompt and seed are left out. yes: they are sent, as GPU servers take them.",
        "sound": "no: its videos are silent. yes: they all have sound. asked: it takes generate_sound.",
        "cancels": "no: what runs goes on. yes: deleting a video stops it.",
    },
)
