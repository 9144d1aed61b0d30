from __future__ import annotations

from reelgate.cli.trouble import Code, Trouble


def test_a_trouble_says_what_is_wrong_how_bad_and_what_helps() -> None:
    trouble = Trouble("the port is taken", Code.WRONG, "reelgate up --port 0")
    assert (str(trouble), trouble.code, trouble.tips) == ("the port is taken", 2, ("reelgate up --port 0",))


def test_the_exit_codes_are_those_that_scripts_rely_on() -> None:
    assert {code.name: int(code) for code in Code} == {
        "DONE": 0,
        "FAILED": 1,
        "WRONG": 2,
        "REFUSED": 3,
        "UNREACHED": 4,
        "INTERRUPTED": 130,
    }
