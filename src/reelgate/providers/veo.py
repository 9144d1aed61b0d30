"""Google's Veo on Vertex: with a key alone, or with a project and its service account.

An address is that of the location: https://LOCATION-aiplatform.googleapis.com, or https://aiplatform.googleapis.com for `global`.
"""

from __future__ import annotations

from reelgate.contracts.provider import Option, Provider
from reelgate.dialects.veo import Veo

PROVIDER: Provider = Veo(
    name="veo",
    title="Google Veo",
    form="vertex",
    address="https://us-central1-aiplatform.googleapis.com",
    secrets=("api_key", "service_account"),
    options={
        "project": Option(form="[a-z0-9.:-]*", told="The project that is billed; empty for a key that has one of its own."),
        "location": Option(form="[a-z0-9-]+", told="The location in the address, for a project: us-central1 if it is not said."),
        "bucket": Option(
            form="(gs://)?[a-z0-9][a-z0-9._-]*(/[A-Za-z0-9._-]+)*/?|",
            told="Empty: videos come within the answer. gs://BUCKET/FOLDER: they are put there, and found after a lost answer.",
        ),
    },
)
