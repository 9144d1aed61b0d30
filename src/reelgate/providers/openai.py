"""A gateway or a GPU server that speaks OpenAI's videos: SGLang-Diffusion, vLLM-Omni, NVIDIA Dynamo, LiteLLM.

Its channels name their models, `--model fal-ai/veo3.1=Wan-AI/Wan2.2-T2V-A14B`, and need no key where the server asks for none.
"""

from __future__ import annotations

from reelgate.contracts.provider import Option, Provider
from reelgate.dialects.openai_videos import OpenAIVideos

PROVIDER: Provider = OpenAIVideos(
    name="openai",
    title="OpenAI videos",
    options={
        "body": Option(
            values={"multipart": "submits are forms, which every server takes", "json": "they are JSON, and pictures go by address"}
        ),
        "picture": Option(
            form="[A-Za-z_][A-Za-z0-9_]*",
            told="The name of the field for a first picture: input_reference, or image_reference with vLLM-Omni.",
        ),
        "synchronous": Option(
            values={"no": "a submit is answered with an id", "yes": "it is answered when the video is done, with its address"}
        ),
        "tuning": Option(
            values={"no": "negative prompt and seed are left out", "yes": "they are sent, as GPU servers take them"},
        ),
        "sound": Option(values={"no": "its videos are silent", "yes": "they all have sound", "asked": "it takes generate_sound"}),
        "cancels": Option(values={"no": "what runs goes on", "yes": "deleting a video stops it"}),
    },
)
