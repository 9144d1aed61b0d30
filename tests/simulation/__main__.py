"""`python -m tests.simulation SEED …`: lives told again, with all that was logged."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.simulation.life import tell

for word in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(f"{word} {tell(int(word), Path(folder)) or 'all is well'}\n")
