from __future__ import annotations

from pathlib import Path

import pytest

from reelgate.cli.chosen import choose
from reelgate.cli.trouble import Code, Trouble


def test_options_are_stronger_than_the_environment_and_that_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reelgate.toml").write_text("port = 1\nmax_queued = 2\nrender_slots = 3\n")
    monkeypatch.setenv("REELGATE_PORT", "4")
    monkeypatch.setenv("REELGATE_MAX_QUEUED", "5")
    chosen = choose({"data": tmp_path, "port": 6, "host": None})
    assert (chosen.settings.port, chosen.settings.max_queued, chosen.settings.render_slots) == (6, 5, 3)
    assert (chosen.data, chosen.file) == (tmp_path, tmp_path / "reelgate.toml")


def test_the_data_folder_may_come_from_the_environment_or_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_DATA", str(tmp_path / "one"))
    assert choose({}).data == tmp_path / "one"
    monkeypatch.delenv("REELGATE_DATA")
    (tmp_path / "own.toml").write_text(f'data = "{tmp_path / "two"}"\n')
    monkeypatch.setenv("REELGATE_CONFIG", str(tmp_path / "own.toml"))
    assert choose({}).data == tmp_path / "two"


def test_a_file_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_CONFIG", "none.toml")
    with pytest.raises(Trouble, match="no such file") as trouble:
        choose({})
    assert trouble.value.code is Code.WRONG


@pytest.mark.parametrize("text", ["port = 99999", "colour = 'red'", "port = "])
def test_a_bad_setting_in_the_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "reelgate.toml").write_text(text)
    with pytest.raises(Trouble, match="a setting cannot be used") as trouble:
        choose({"data": tmp_path})
    assert "\n" not in trouble.value.message
