"""Whose a video is, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reelgate.contracts.blobs import Blob
from reelgate.dispatch.keeping import row_of
from reelgate.domain.job import Terms
from reelgate.settings import read_settings
from tests.clock import BEGINNING
from tests.story import make_job

CLIP = Blob(name="0" * 32, size_bytes=10, sha256="1" * 64, content_type="video/webm")


@pytest.mark.parametrize(("keep_s", "days"), [(None, 30), (3600.0, 1 / 24), (1e12, 30)])
def test_a_video_is_kept_as_long_as_its_caller_wishes_and_the_gateway_allows(keep_s: float | None, days: float) -> None:
    job = make_job(terms=Terms(keep_s=keep_s))
    row = row_of(CLIP, job, read_settings({"keep_files": 30}), BEGINNING)
    assert (row.account, row.job_id, row.file_name, row.size_bytes) == (job.account, job.id, "output.webm", 10)
    assert row.expires_at == BEGINNING + timedelta(days=days)
