"""Errors carry facts, and a message fit for the caller."""

from __future__ import annotations

from reelgate.domain import errors


def _all(kind: type[errors.GatewayError]) -> list[type[errors.GatewayError]]:
    return [kind, *(deeper for each in kind.__subclasses__() for deeper in _all(each))]


def test_the_docstring_is_the_default_message() -> None:
    assert errors.NotFound().message == "There is no such thing."


def test_every_error_has_a_code_and_nobody_knows_http() -> None:
    tree = [each for each in _all(errors.GatewayError) if each.__module__ == errors.__name__]
    assert all(each.code.isidentifier() for each in tree)
    assert not any(hasattr(each, "status") or hasattr(each, "status_code") for each in tree)


def test_an_invalid_input_names_every_fault() -> None:
    faults = [errors.Fault(path=("prompt",), message="missing"), errors.Fault(path=("shots", 0), message="too long")]
    assert str(errors.InvalidInput(faults)) == "prompt: missing; shots.0: too long"
    assert str(errors.InvalidInput([errors.Fault(path=(), message="no JSON")])) == "no JSON"


def test_only_a_dead_worker_is_worth_another_try() -> None:
    assert [each for each in _all(errors.RenderError) if each.again] == [errors.WorkerDied]
