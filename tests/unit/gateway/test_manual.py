"""The words in which a face says what it serves."""

from __future__ import annotations

from reelgate.gateway.manual import Operation, array, number, one_of, record, ref, words


def test_a_call_is_a_method_and_a_path() -> None:
    operation = Operation("GET /v1/jobs/{job_id}", "One job.", {200: "Job"})
    assert (operation.method, operation.path) == ("GET", "/v1/jobs/{job_id}")


def test_schemas_are_said_shortly() -> None:
    assert words("A name.", maxLength=5) == {"type": "string", "description": "A name.", "maxLength": 5}
    assert number("How many.", 1, 5) == {"type": "integer", "minimum": 1, "maximum": 5, "description": "How many."}
    assert one_of("Which.", "a", "b") == {"enum": ["a", "b"], "description": "Which."}
    assert array("Job") == {"type": "array", "items": ref("Job")}
    assert array("Job", "All.")["description"] == "All."


def test_all_of_a_record_is_there_and_some_of_it_may_be_null() -> None:
    told = record("A job.", id="string", ended_at="string?", video=ref("Video"))
    assert told["required"] == ["id", "ended_at", "video"]
    assert told["properties"] == {"id": {"type": "string"}, "ended_at": {"type": ["string", "null"]}, "video": ref("Video")}
