"""What fal's routes are said to be for."""

from __future__ import annotations

from reelgate.api.fal.manual import write_manual
from reelgate.app import load_catalog
from reelgate.contracts.endpoint import Catalog


def test_a_submit_has_an_example_that_its_endpoint_takes() -> None:
    catalog = load_catalog()
    [example] = write_manual(catalog).schemas["FalInput"]["examples"]
    assert next(iter(catalog)).public.model_validate(example)


def test_an_empty_catalog_has_no_example() -> None:
    assert write_manual(Catalog([])).schemas["FalInput"]["examples"] == []


def test_a_status_is_202_or_200_and_a_result_has_the_status_of_its_end() -> None:
    told = {each.call: {*each.answers, *each.refusals} for each in write_manual(Catalog([])).operations}
    assert told["GET /{app}/requests/{job_id}/status"] == {200, 202, 404}
    assert told["GET /{app}/requests/{job_id}"] == told["GET /{app}/requests/{job_id}/response"] == {200, 400, 404, 422, 499, 500, 504}
    assert {402, 413, 422, 429} <= told["POST /{app}"] & told["POST /run/{app}"]
