"""The document of an endpoint."""

from __future__ import annotations

import pytest

from reelgate.app import load_catalog
from reelgate.contracts.endpoint import Endpoint
from reelgate.gateway.openapi import describe, example_of


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


@pytest.mark.parametrize("endpoint", [*load_catalog()], ids=lambda each: each.id)
def test_an_example_is_a_request_that_its_model_takes(endpoint: Endpoint) -> None:
    assert endpoint.public.model_validate(example_of(endpoint.public))
