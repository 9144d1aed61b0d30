"""What is generated in the documents, and whether their links lead anywhere.

python scripts/docs.py            writes the list of decisions
python scripts/docs.py --check    status 1 if it would change, or if a link of a document is broken
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")
_HEAD = """# Decisions

Why things are as they are. A decision is never edited after it was accepted; a later one supersedes it and says so. Each
keeps to one page: context, decision, consequences, what else was weighed.

"""


def main(arguments: list[str]) -> int:
    """Write or check."""
    index, wanted = DECISIONS / "README.md", _index(DECISIONS)
    wrong = [*broken_links(ROOT), *misnumbered(DECISIONS)]
    if arguments != ["--check"]:
        index.write_text(wanted, encoding="utf-8")
    elif not index.exists() or index.read_text(encoding="utf-8") != wanted:
        wrong.append("docs/decisions/README.md is not what `make docs` writes")
    print("\n".join(wrong) or "Documents: links lead somewhere, decisions are numbered and listed")
    return 1 if wrong else 0


def broken_links(root: Path) -> Iterator[str]:
    """Links to files that are not there."""
    documents = [*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "changes").glob("*.md")]
    for document in sorted(documents):
        for target in _LINK.findall(_CODE.sub("", document.read_text(encoding="utf-8"))):
            path = target.partition("#")[0]
            if path and "://" not in path and not path.startswith("mailto:") and not (document.parent / path).exists():
                yield f"{document.relative_to(root)}: {target} is not there"


def misnumbered(folder: Path) -> Iterator[str]:
    """Decisions count up from one without a gap."""
    numbers = [int(found[1]) for path in sorted(folder.glob("*.md")) if (found := _NUMBER.match(path.name))]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"docs/decisions: numbers do not count up from 1: {numbers}"


def _index(folder: Path) -> str:
    lines = [
        f"- [{path.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}]({path.name})"
        for path in sorted(folder.glob("*.md"))
        if _NUMBER.match(path.name)
    ]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
