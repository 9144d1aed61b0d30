"""What is generated in the documents, and whether their links lead anywhere.

python scripts/docs.py            writes the list of decisions, and the pieces between markers
python scripts/docs.py --check    status 1 if it would change anything, or if a link of a document is broken

A marker is a comment, `<!-- begin settings -->` … `<!-- end settings -->`; what stands between is written by the function of
that name in `scripts/tables.py`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
PIECES = ("endpoints", "kling_names", "settings", "channel_settings", "commands", "refusals", "endings", "exits", "dialects")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SOURCE = re.compile(r"<img\b[^>]*\bsrc=\"([^\"]+)\"")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_NUMBER = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")
_HEAD = """# Decisions

Why things are as they are. A decision is never edited after it was accepted; a later one supersedes it and says so. Each
keeps to one page: context, decision, consequences, what else was weighed.

"""


def main(arguments: list[str]) -> int:
    """Write or check."""
    wanted = wanted_texts(ROOT)
    wrong = [*broken_links(ROOT), *misnumbered(DECISIONS), *unwritten(ROOT)]
    if arguments == ["--check"]:
        wrong += stale(wanted)
    else:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
    print("\n".join(wrong) or "Documents: links lead somewhere, what is generated is fresh, decisions are numbered and listed")
    return 1 if wrong else 0


def wanted_texts(root: Path) -> dict[Path, str]:
    """What the generated documents should say."""
    decisions = root / "docs" / "decisions"
    return {decisions / "README.md": _index(decisions), **_filled(root)}


def documents(root: Path) -> list[Path]:
    """Every document of the repository, but for lists of changes."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def broken_links(root: Path) -> Iterator[str]:
    """Links to files that are not there."""
    for document in sorted([*documents(root), *(root / "changes").glob("*.md")]):
        text = _CODE.sub("", document.read_text(encoding="utf-8"))
        for target in [*_LINK.findall(text), *_SOURCE.findall(text)]:
            path = target.partition("#")[0]
            if path and "://" not in path and not path.startswith("mailto:") and not (document.parent / path).exists():
                yield f"{document.relative_to(root)}: {target} is not there"


def misnumbered(folder: Path) -> Iterator[str]:
    """Decisions count up from one without a gap."""
    numbers = [int(found[1]) for path in sorted(folder.glob("*.md")) if (found := _NUMBER.match(path.name))]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"docs/decisions: numbers do not count up from 1: {numbers}"


def unwritten(root: Path) -> Iterator[str]:
    """Pieces that no document shows: an endpoint, a setting or a command would be documented nowhere."""
    shown = {name for document in documents(root) for _, name, _ in _MARKED.findall(document.read_text(encoding="utf-8"))}
    yield from (f"no document shows the generated piece {name!r}" for name in PIECES if name not in shown)


def stale(wanted: dict[Path, str]) -> Iterator[str]:
    """Documents that are not what `make docs` writes."""
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} is not what `make docs` writes"


def fill(text: str, pieces: dict[str, str]) -> str:
    """A document with its marked pieces written anew; `KeyError` names a piece that nobody writes."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{pieces[found[2]]}\n\n{found[3]}", text)


def _filled(root: Path) -> dict[Path, str]:
    from scripts import tables  # noqa: PLC0415 -- found once this script has put the clone on the path

    pieces = {name: getattr(tables, name)() for name in PIECES}
    texts = {document: document.read_text(encoding="utf-8") for document in documents(root)}
    return {document: fill(text, pieces) for document, text in texts.items() if _MARKED.search(text)}


def _index(folder: Path) -> str:
    lines = [
        f"- [{path.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}]({path.name})"
        for path in sorted(folder.glob("*.md"))
        if _NUMBER.match(path.name)
    ]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
