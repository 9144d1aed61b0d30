"""The document of an endpoint."""

from __future__ import annotations

from reelgate.app import load_catalog
from reelgate.gateway.openapi import describe


def test_a_document_names_the_paths_and_the_fields_of_its_endpoint() -> None:
    endpoint = load_catalog().find("fal-ai/kling-video/v2.5-turbo/pro/image-to-video")
    assert endpoint is not None
    document = describe(endpoint, "https://gateway.example")
    assert "/fal-ai/kling-video/v2.5-turbo/pro/image-to-video" in document["paths"]
    assert "/fal-ai/kling-video/requests/{request_id}/status" in document["paths"]
    fields = document["components"]["schemas"]["Input"]["properties"]
    assert {"prompt", "image_url", "duration", "negative_prompt", "cfg_scale"} <= set(fields)
    assert all(field.get("description") for field in fields.values())
    assert fields["duration"]["enum"] == ["5", "10"]
