"""Every module with code has its own test, at the place where one would look for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

# A leaf that is one file is held to its contract by the suite that finds it; a test of its own is welcome, not asked for.
SUITE_OF_LEAVES = {
    "api": "conformance/test_faces.py",
    "blobs": "conformance/test_blobs.py",
    "catalog": "conformance/test_catalog.py",
    "engines": "conformance/test_engines.py",
    "providers": "conformance/test_providers.py",
    "storage": "conformance/test_stores.py",
}
# Packages whose tests are a suite of their own, beside those that take a moment.
SUITE_OF_PACKAGES = {Path("engines/preview"): "rendering"}
# Modules without a test of their own, and why.
EXCEPTIONS = {
    "contracts/*": "promises without behaviour; the conformance suites hold the leaves to them",
    "storage/memory/*": "one leaf in parts; the conformance suite runs it whole, beside the others",
    "storage/sqlite/*": "the same",
    "storage/_*": "shared by the stores, run by the same suite",
    "catalog/_*": "shared by the endpoints, run by the catalog's suite",
    "engines/preview/scenes/*": "each scene is drawn by the test that finds them all",
    "__main__.py": "one line that calls the command line",
}


def test_every_module_with_code_has_its_test() -> None:
    assert sorted(missing(ROOT)) == []


def test_a_module_without_a_test_is_found(tmp_path: Path) -> None:
    source = tmp_path / "src" / "reelgate"
    for name in ("gateway/submit.py", "gateway/__init__.py", "wire/_body.py", "catalog/veo.py", "contracts/store.py", "domain/money.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text('"""Has code."""\n\ndef act() -> int:\n    return 1\n')
    (source / "engines" / "preview").mkdir(parents=True)
    for name in ("sky.py", "sea.py"):
        (source / "engines" / "preview" / name).write_text("def draw() -> int:\n    return 1\n")
    (source / "domain" / "word.py").write_text('"""Has none."""\n\nWORD = 1\n')
    money = tmp_path / "tests" / "unit" / "domain" / "test_money.py"
    money.parent.mkdir(parents=True)
    money.touch()
    sky = tmp_path / "tests" / "rendering" / "test_sky.py"
    sky.parent.mkdir()
    sky.touch()
    assert sorted(missing(tmp_path)) == [
        "catalog/veo.py",
        "engines/preview/sea.py",
        "gateway/__init__.py",
        "gateway/submit.py",
        "wire/_body.py",
    ]
    suite = tmp_path / "tests" / "conformance" / "test_catalog.py"
    suite.parent.mkdir(parents=True)
    suite.touch()
    assert "catalog/veo.py" not in set(missing(tmp_path))


def test_no_exception_outlives_its_reason() -> None:
    names = [path.relative_to(ROOT / "src" / "reelgate").as_posix() for path in (ROOT / "src" / "reelgate").rglob("*.py")]
    unused = [pattern for pattern in EXCEPTIONS if not any(fnmatch(name, pattern) for name in names)]
    assert [each for each in unused if each != "__main__.py"] == []


def missing(root: Path) -> Iterator[str]:
    """Modules with code that no test stands for, by their path in the package."""
    source, tests = root / "src" / "reelgate", root / "tests"
    for path in source.rglob("*.py"):
        name = path.relative_to(source)
        if not _has_code(path) or any(fnmatch(name.as_posix(), pattern) for pattern in EXCEPTIONS):
            continue
        suite = SUITE_OF_LEAVES.get(name.parts[0]) if len(name.parts) == 2 else None
        if not (suite and (tests / suite).exists()) and not any((tests / each).exists() for each in _places(name)):
            yield name.as_posix()


def _has_code(path: Path) -> bool:
    """Whether anything in it runs later: a function or a method with more than a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(not all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in node.body) for node in functions)


def _places(name: Path) -> list[Path]:
    """Where a module's test may stand: in its folder's mirror; a package's own code also beside that folder."""
    folder = Path("unit") / name.parent
    for package, suite in SUITE_OF_PACKAGES.items():
        if name.is_relative_to(package):
            folder = suite / name.parent.relative_to(package)
    if name.name == "__init__.py":
        return [folder / "test_init.py", folder.parent / f"test_{folder.name}.py"]
    return [folder / f"test_{name.stem.strip('_')}.py", folder / f"test_{name.stem}.py"]
