"""The house's own rules: the tree keeps them, and each finds a fault that was planted for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.rules import PYTHON_RULES, ROOT, TEXT_RULES, check, check_size, check_tree

HOME = "src/reelgate/gateway/submit.py"
FAULTS: list[tuple[str, str, str]] = [
    ("float-money", HOME, "hold = Money(seconds * 70_000 / 2)"),
    ("float-money", HOME, "hold = Money(int(0.07 * 1_000_000))"),
    ("float-money", HOME, "hold = Money.dollars(str(float(text)))"),
    ("float-money", HOME, "def charge(price: float) -> None: ..."),
    ("built-sql", HOME, "cursor.execute(f'select * from job where id = {job_id}')"),
    ("built-sql", HOME, "cursor.execute('select * from job where id = ' + job_id)"),
    ("built-sql", HOME, "cursor.executemany('select {}'.format(name), rows)"),
    ("bare-task", HOME, "loop.create_task(work())"),
    ("bare-task", HOME, "asyncio.get_running_loop().create_task(work())"),
    ("silent-except", HOME, "try:\n    work()\nexcept Exception:\n    pass"),
    ("silent-except", HOME, "try:\n    work()\nexcept (KeyError, Exception):\n    ..."),
    ("silent-except", HOME, "with contextlib.suppress(BaseException):\n    work()"),
    ("instant-name", HOME, "class Job:\n    created: datetime"),
    ("instant-name", HOME, "class Job:\n    ended: datetime | None = None"),
    ("unit-name", HOME, "def fetch(timeout: float) -> None: ..."),
    ("state-moved", HOME, "job.state = JobState.DONE"),
    ("state-moved", HOME, "done = replace(job, state=JobState.DONE)"),
    ("stub", HOME, "def cancel() -> None:\n    raise NotImplementedError"),
    ("vague-name", "src/reelgate/gateway/utils.py", "LIMIT = 1"),
    ("vague-name", "src/reelgate/common/text.py", "LIMIT = 1"),
    ("pure-domain", "src/reelgate/domain/job.py", "import pydantic"),
    ("pure-domain", "src/reelgate/domain/job.py", "from reelgate.settings import Settings"),
    ("callers-module", "src/reelgate/fal.py", "from reelgate.domain.errors import NotFound"),
    ("machine-path", "docs/quickstart.md", "cd /" + "home/ada/reelgate"),
    ("registry-host", "requirements/dev.txt", "--index-url https://" + ".".join(("py" + "pi", "org")) + "/simple"),
    ("secret", "docs/quickstart.md", "export FAL_KEY=rg_live_" + "a1B2c3D4e5" * 3),
    ("secret", "src/reelgate/server/key.pem", "-----BEGIN EC PRIVATE " + "KEY-----"),
    ("outside-page", "src/reelgate/web/templates/page.html", '<script src="https://cdn.example.com/htmx.js"></script>'),
]
FINE: list[tuple[str, str]] = [
    (HOME, "hold = Money.dollars('0.07').times(seconds)"),
    (HOME, "cursor.execute(SQL['job'], (job_id,))"),
    (HOME, "async def work():\n    async with asyncio.TaskGroup() as tasks:\n        tasks.create_task(one())"),
    (HOME, "task = loop.create_task(work())"),
    (HOME, "try:\n    work()\nexcept Empty:\n    pass"),
    (HOME, "class Job:\n    created_at: datetime\n    start_by: datetime | None = None"),
    (HOME, "def fetch(timeout_s: float) -> None: ..."),
    (HOME, "if job.state is JobState.DONE:\n    self.state = 'open'"),
    ("src/reelgate/storage/memory/store.py", "done = replace(job, state=JobState.DONE)"),
    ("src/reelgate/domain/job.py", "import re\nfrom reelgate.domain.money import Money"),
    ("docs/quickstart.md", "GET /files/0123/video.mp4, GET /v1/models, ~/code/reelgate, $HOME/x"),
    ("src/reelgate/web/templates/page.html", '<script src="/ui/static/htmx.js"></script> <a href="https://example.com">more</a>'),
]


def test_the_tree_keeps_every_rule() -> None:
    assert [str(each) for each in check_tree(ROOT)] == []


@pytest.mark.parametrize(("rule", "path", "text"), FAULTS)
def test_a_planted_fault_is_found(rule: str, path: str, text: str) -> None:
    assert {each.rule for each in check(path, text.encode())} == {rule}


@pytest.mark.parametrize(("path", "text"), FINE)
def test_what_is_fine_is_left_alone(path: str, text: str) -> None:
    assert [str(each) for each in check(path, text.encode())] == []


def test_every_rule_has_a_planted_fault() -> None:
    assert {rule for rule, _, _ in FAULTS} == {*PYTHON_RULES, *TEXT_RULES}


def test_a_line_may_break_a_rule_if_it_says_which() -> None:
    line = "cursor.execute(f'pragma cache_size = {pages}')"
    assert list(check(HOME, line.encode()))
    assert not list(check(HOME, f"{line}  # rule: built-sql, a pragma takes no binding".encode()))
    assert list(check(HOME, f"{line}  # rule: stub, the wrong name".encode()))


def test_a_large_file_is_found() -> None:
    assert [each.rule for each in check_size("docs/clip.mp4", 2_000_000)] == ["large-file"]
    assert not list(check_size("docs/frame.jpg", 200_000))


def test_a_file_that_git_carries_though_it_is_ignored_is_found(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text(".venv/\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pip.py").write_text("raise NotImplementedError\n")
    (tmp_path / "fine.py").write_text("LIMIT = 1\n")
    for command in (["git", "init", "-q"], ["git", "add", "--force", "."]):
        subprocess.run(command, cwd=tmp_path, check=True)
    assert [str(each) for each in check_tree(tmp_path)] == [
        ".venv:1: ignored-file: git carries what .gitignore leaves out: git rm -r --cached it"
    ]
