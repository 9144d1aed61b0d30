"""Whose a finished video is, and for how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from reelgate.contracts.blobs import Blob
from reelgate.contracts.file import BlobRow
from reelgate.domain.job import Job
from reelgate.settings import Settings

_EXTENSIONS = {"video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov"}


def row_of(blob: Blob, job: Job, settings: Settings, now: datetime) -> BlobRow:
    """The row by which a blob is the video of a job."""
    return BlobRow(
        name=blob.name,
        account=job.account,
        job_id=job.id,
        file_name=f"output.{_EXTENSIONS.get(blob.content_type, 'mp4')}",
        content_type=blob.content_type,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        created_at=now,
        expires_at=now + _kept_for(job, settings),
    )


def _kept_for(job: Job, settings: Settings) -> timedelta:
    """As long as the caller wishes, and never longer than the gateway keeps files."""
    longest = timedelta(days=settings.keep_files)
    return longest if job.terms.keep_s is None else min(longest, timedelta(seconds=min(job.terms.keep_s, longest.total_seconds())))
