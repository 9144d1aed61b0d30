"""The house's own rules, where no linter has one: small checks, each with a name.

    python scripts/rules.py [file …]     prints what it finds; status 1 if that is anything

A line that must break a rule says so and why: `# rule: float-money, the vendor's own field`. Every rule has a planted
fault in tests/architecture/test_rules.py that it must find.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

Found = Iterator[tuple[int, str]]  # line, and what is wrong there


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One breach of one rule."""

    rule: str
    path: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.words}"


def main(names: list[str]) -> int:
    """Check the files named, or all that git would carry."""
    chosen = [(ROOT / name).resolve().relative_to(ROOT).as_posix() for name in names]
    found = sorted(check_tree(ROOT, chosen or None), key=lambda each: (each.path, each.line))
    print("\n".join(map(str, found)) or f"House rules: {len(PYTHON_RULES) + len(TEXT_RULES) + 2} kept")
    return 1 if found else 0


def check_tree(root: Path, names: list[str] | None = None) -> Iterator[Finding]:
    """Every breach in a working tree."""
    for name in carried(root) if names is None else names:
        path = root / name
        if path.is_file() and not path.is_symlink():
            yield from check_size(name, path.stat().st_size)
            yield from check(name, path.read_bytes())
    for name in _carried_though_ignored(root):
        yield Finding(rule="ignored-file", path=name, line=1, words="git carries what .gitignore leaves out: git rm -r --cached it")


def check(name: str, content: bytes) -> Iterator[Finding]:
    """Every breach in one file, given by its path from the root and its bytes."""
    if b"\0" in content:
        return
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    lines = text.splitlines()
    rules: list[tuple[str, Found]] = [(rule, look(name, text)) for rule, look in TEXT_RULES.items()]
    if name.endswith(".py"):
        tree = ast.parse(text)
        rules += [(rule, look(name, tree)) for rule, look in PYTHON_RULES.items()]
    for rule, found in rules:
        for line, words in found:
            if f"# rule: {rule}," not in (lines[line - 1] if 0 < line <= len(lines) else ""):
                yield Finding(rule=rule, path=name, line=line, words=words)


def check_size(name: str, size_bytes: int) -> Iterator[Finding]:
    """A repository is read by people; large files belong elsewhere."""
    if size_bytes > _LARGEST_BYTES:
        yield Finding(rule="large-file", path=name, line=1, words=f"{size_bytes} bytes; at most {_LARGEST_BYTES}")


def carried(root: Path) -> list[str]:
    """What git carries or would carry, without what it ignores."""
    return sorted(set(_git(root, "--cached", "--others")) - set(_git(root, "--cached", "--ignored")))


def _carried_though_ignored(root: Path) -> list[str]:
    """Carried by mistake; one line for each folder at the top."""
    return sorted({name.split("/")[0] for name in _git(root, "--cached", "--ignored")})


def _git(root: Path, *options: str) -> list[str]:
    command = ["git", "ls-files", "-z", "--exclude-standard", *options]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


# --- rules for Python -------------------------------------------------------------------------------------------------


def _float_money(_name: str, tree: ast.Module) -> Found:
    """No float comes near Money, and no amount is called a float."""
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and _dotted(node.func).split(".")[-2:] in (["Money"], ["Money", "dollars"]):
            for part in (inner for argument in node.args for inner in ast.walk(argument)):
                if _is_float(part):
                    yield node.lineno, "money is whole micro-dollars: no float, no division"
        for name, kind, line in _annotated(node):
            if _AMOUNT.search(name) and "float" in kind:
                yield line, f"{name} is an amount and must be Money or whole micro-dollars"


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div)
    return isinstance(node, ast.Call) and _dotted(node.func) == "float"


def _built_sql(_name: str, tree: ast.Module) -> Found:
    """SQL is written in named files and takes values by binding."""
    for node in _nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _EXECUTES and node.args:
            first = node.args[0]
            formatted = isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute) and first.func.attr in {"format", "join"}
            if isinstance(first, ast.JoinedStr | ast.BinOp) or formatted:
                yield node.lineno, "SQL is not put together here: name it in the .sql file and bind its values"


def _bare_task(_name: str, tree: ast.Module) -> Found:
    """A task that nobody holds is collected or dies unheard."""
    groups = {
        _dotted(item.optional_vars) for node in _nodes(tree) if isinstance(node, ast.AsyncWith) for item in node.items if item.optional_vars
    }
    for node in _nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            owner, _, verb = _dotted(node.value.func).rpartition(".")
            if verb in {"create_task", "ensure_future"} and owner not in groups:
                yield node.lineno, "a task needs an owner: use a TaskGroup, or keep it and look at how it ended"


def _silent_except(_name: str, tree: ast.Module) -> Found:
    """An error is handled, told or raised."""
    for node in _nodes(tree):
        kinds: list[ast.expr] = []
        if isinstance(node, ast.ExceptHandler) and all(_is_nothing(each) for each in node.body):
            kinds = [node.type or ast.Name("BaseException")]
        elif isinstance(node, ast.Call) and _dotted(node.func).split(".")[-1] == "suppress":
            kinds = node.args
        for kind in (each for one in kinds for each in (one.elts if isinstance(one, ast.Tuple) else [one])):
            if _dotted(kind).split(".")[-1] in _EVERY_ERROR:
                yield node.lineno, f"this swallows every {_dotted(kind)}: name the one that is expected, or tell it"


def _is_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is ...)


def _instant_name(name: str, tree: ast.Module) -> Found:
    """Instants end in _at, so that nobody adds one to a duration."""
    for node in _nodes(tree) if name.startswith("src/") else ():
        for word, kind, line in _annotated(node):
            if kind in {"datetime", "datetime | None"} and not _INSTANT.search(word):
                yield line, f"{word} is an instant: end it in _at"


def _unit_name(name: str, tree: ast.Module) -> Found:
    """Numbers that measure say in what."""
    for node in _nodes(tree) if name.startswith("src/") else ():
        for word, kind, line in _annotated(node):
            if word.lstrip("_") in _NEEDS_UNIT and kind.split(" | ")[0] in {"int", "float"}:
                yield line, f"{word} measures something: units last, as in {word}_s"


def _state_moved(name: str, tree: ast.Module) -> Found:
    """Only a store moves a job, by compare and set."""
    if not name.startswith("src/") or name.startswith(("src/reelgate/storage/", "src/reelgate/domain/")):
        return
    for node in _nodes(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Attribute) and each.attr == "state" for each in targets) and "JobState" in ast.dump(node.value):
                yield node.lineno, "a job's state is moved by a verb of the store"
        if isinstance(node, ast.Call) and _dotted(node.func).split(".")[-1] == "replace" and "JobState" in ast.dump(node):
            yield node.lineno, "a job's state is moved by a verb of the store"


def _stub(name: str, tree: ast.Module) -> Found:
    """What is not there is not there; a promise is a Protocol."""
    for node in _nodes(tree) if not name.startswith("tests/") else ():
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplementedError" in ast.dump(node.exc):
            yield node.lineno, "no stubs: write it, or leave it out"


def _vague_name(name: str, _tree: ast.Module) -> Found:
    """A module is named after the thing it is about."""
    words = {part.strip("_") for part in name.removesuffix(".py").split("/")}
    if vague := words & _VAGUE:
        yield 1, f"{', '.join(sorted(vague))} says nothing: name the thing"


def _pure_domain(name: str, tree: ast.Module) -> Found:
    """The domain knows the standard library and itself."""
    if not name.startswith("src/reelgate/domain/"):
        return
    for module, line in _imports(tree):
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("reelgate.domain"):
            yield line, f"the domain knows the standard library alone, not {module}"


def _callers_module(name: str, tree: ast.Module) -> Found:
    """`reelgate.fal` is imported by callers' programs and drags nothing of ours along."""
    if name != "src/reelgate/fal.py":
        return
    for module, line in _imports(tree):
        if module.split(".")[0] == "reelgate":
            yield line, f"this module is for callers' programs and imports nothing of ours, not {module}"


@lru_cache(maxsize=1)
def _nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a file. To walk a tree costs more than to look at what is met, and a dozen rules look one after the other."""
    return tuple(ast.walk(tree))


def _annotated(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Names that are given a type, with the type as text."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, ast.unparse(node.annotation), node.lineno
    elif isinstance(node, ast.arg) and node.annotation is not None:
        yield node.arg, ast.unparse(node.annotation), node.lineno


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{_dotted(node.func)}()"
    return node.id if isinstance(node, ast.Name) else ""


# --- rules for every text ---------------------------------------------------------------------------------------------


def _machine_path(_name: str, text: str) -> Found:
    """Nothing in the repository knows the machine it was written on."""
    for line, words in enumerate(text.splitlines(), 1):
        if match := _MACHINE.search(words):
            yield line, f"{match[0]} is a place on one machine"


def _registry_host(_name: str, text: str) -> Found:
    """Which registry serves a package is for the installer's own settings."""
    for line, words in enumerate(text.splitlines(), 1):
        if match := _REGISTRY.search(words):
            yield line, f"{match[0]} is a package registry's host"


def _secret(name: str, text: str) -> Found:
    """Keys are made when they are needed."""
    for line, words in enumerate(text.splitlines(), 1):
        if _SECRET.search(words) and not name.startswith("tests/"):
            yield line, "this looks like a key"


def _outside_page(name: str, text: str) -> Found:
    """Pages load nothing from another host."""
    for line, words in enumerate(text.splitlines() if name.endswith((".html", ".j2", ".css")) else (), 1):
        if _OUTSIDE.search(words):
            yield line, "a page loads only what the gateway serves"


PYTHON_RULES: dict[str, Callable[[str, ast.Module], Found]] = {
    "float-money": _float_money,
    "built-sql": _built_sql,
    "bare-task": _bare_task,
    "silent-except": _silent_except,
    "instant-name": _instant_name,
    "unit-name": _unit_name,
    "state-moved": _state_moved,
    "stub": _stub,
    "vague-name": _vague_name,
    "pure-domain": _pure_domain,
    "callers-module": _callers_module,
}
TEXT_RULES: dict[str, Callable[[str, str], Found]] = {
    "machine-path": _machine_path,
    "registry-host": _registry_host,
    "secret": _secret,
    "outside-page": _outside_page,
}

_LARGEST_BYTES = 1024 * 1024
_EVERY_ERROR = {"BaseException", "Exception", "GatewayError"}
_EXECUTES = {"execute", "executemany", "executescript"}
_VAGUE = {"utils", "util", "common", "helpers", "helper", "base", "manager", "service", "misc"}
_NEEDS_UNIT = {"timeout", "delay", "interval", "latency", "patience"}
_AMOUNT = re.compile(r"(^|_)(amount|balance|cost|price|micros|hold|credit)$")
_INSTANT = re.compile(r"(_at|_by|_before|_until|_after)$|^(at|by|before|until|after|since|now|instant)$")
_MACHINE = re.compile(r"(?<![\w.~$}])/(?:work|root|home/\w+|Users/\w+)/[\w.]")
_REGISTRY = re.compile(r"\b(?:py[p]i|python[h]osted|npm[j]s|yarn[p]kg|npm[m]irror)\.(?:org|com)\b")  # brackets: not to find itself
_SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + r"KEY|\bAKIA[0-9A-Z]{16}\b|\brg_(?:live|admin)_[0-9A-Za-z]{20,}")
_OUTSIDE = re.compile(r"""(?:<script[^>]*src|<link[^>]*href|<img[^>]*src|@import|url\()\W*["'(]?\s*(?:https?:)?//""")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
