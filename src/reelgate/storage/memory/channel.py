"""Channels: what operators have set up, with their secrets sealed."""

from __future__ import annotations

from dataclasses import replace

from reelgate.contracts.audit import Deed
from reelgate.contracts.channel import Channel, dump_channel, load_channel
from reelgate.storage.memory.audit import Deeds


class Channels(Deeds):
    """Verbs for channels."""

    async def channels(self) -> list[Channel]:
        return sorted(self.shelf.channels.values(), key=lambda channel: channel.id)

    async def channel_secret(self, channel_id: str) -> bytes | None:
        return self.shelf.channel_secrets.get(channel_id)

    async def put_channel(self, channel: Channel, deed: Deed, sealed: bytes | None = None) -> bool:
        self._check_open()
        line, former = self._next_line(deed), self.shelf.channels.get(channel.id)
        kept = load_channel(dump_channel(channel))  # as a database would give it back
        self.shelf.channels[channel.id] = kept if former is None else replace(kept, created_at=former.created_at)
        if sealed is not None:
            self.shelf.channel_secrets[channel.id] = sealed
        self.shelf.channel_version += 1
        self.shelf.audit.append(line)
        return former is None

    async def remove_channel(self, channel_id: str, deed: Deed) -> bool:
        self._check_open()
        if channel_id not in self.shelf.channels:
            return False
        line = self._next_line(deed)
        del self.shelf.channels[channel_id]
        self.shelf.channel_secrets.pop(channel_id, None)
        self.shelf.channel_version += 1
        self.shelf.audit.append(line)
        return True

    async def channel_version(self) -> int:
        return self.shelf.channel_version
