"""Channels: what operators have set up, with their secrets sealed."""

from __future__ import annotations

from dataclasses import replace

import orjson

from reelgate.contracts.audit import Deed
from reelgate.contracts.channel import Channel, dump_channel, load_channel
from reelgate.domain.clock import from_ms, in_ms
from reelgate.storage.sqlite.audit import write_deed
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.room import Room
from reelgate.storage.sqlite.rows import dump

_VERSION = QUERIES["channel_version"]
_CHANGED = QUERIES["channels_changed"]


class Channels(Room):
    """Verbs for channels."""

    async def channels(self) -> list[Channel]:
        return await self._report(lambda read: [load_channel(orjson.loads(told)) for (told,) in read.rows(QUERIES["channels"])])

    async def channel_secret(self, channel_id: str) -> bytes | None:
        row = self._near.row(QUERIES["channel_secret"], (channel_id,))
        return None if row is None else row[0]

    async def put_channel(self, channel: Channel, deed: Deed, sealed: bytes | None = None) -> bool:
        def unit(write: Transaction) -> bool:
            former = write.row(QUERIES["channel_begun"], (channel.id,))
            begun_ms, kept = former if former is not None else (in_ms(channel.created_at), None)
            told = dump(dump_channel(replace(channel, created_at=from_ms(begun_ms))))
            facts = {"id": channel.id, "told": told, "sealed": kept if sealed is None else sealed, "created_at": begun_ms}
            write.run(QUERIES["put_channel"], facts)
            write.run(_CHANGED)
            write_deed(write, deed)
            return former is None

        return await self.writer.run(unit)

    async def remove_channel(self, channel_id: str, deed: Deed) -> bool:
        def unit(write: Transaction) -> bool:
            if write.run(QUERIES["remove_channel"], (channel_id,)) == 0:
                return False
            write.run(_CHANGED)
            write_deed(write, deed)
            return True

        return await self.writer.run(unit)

    async def channel_version(self) -> int:
        ((version,),) = self._near.rows(_VERSION)
        return version
