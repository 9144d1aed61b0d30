"""Every kept file is read and compared with what the books say of it."""

from __future__ import annotations

from datetime import timedelta

from reelgate.backup.deep import look_deep
from tests.unit.backup.conftest import VIDEO, Home


async def test_all_files_are_read(home: Home) -> None:
    seen = await look_deep(home.source, home.clock)
    assert (seen.files, seen.size_bytes, seen.faults) == (2, len(VIDEO) + 4, ())


async def test_what_is_gone_damaged_or_too_short_is_named(home: Home) -> None:
    gone, damaged, short = [(await home.make_video(content)).name for content in (b"one", b"two", b"three")]
    home.place(gone).unlink()
    home.place(damaged).write_bytes(b"owt")
    home.place(short).write_bytes(b"thre")
    seen = await look_deep(home.source, home.clock)
    assert sorted(seen.faults) == sorted([f"{gone} is gone", f"{damaged} is damaged", f"{short} is damaged"])
    assert seen.files == 5


async def test_what_has_had_its_time_may_be_gone(home: Home) -> None:
    row = await home.make_video(b"short", expires_at=home.clock.now() + timedelta(minutes=1))
    home.place(row.name).unlink()
    assert (await look_deep(home.source, home.clock)).faults == (f"{row.name} is gone",)
    home.clock.tick(minutes=2)
    assert (await look_deep(home.source, home.clock)).faults == ()
