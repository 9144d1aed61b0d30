"""Hard limits on length. Softer budgets are printed by `make check`, for the eyes of a reviewer."""

from __future__ import annotations

from pathlib import Path

from scripts.measure import FUNCTION_LINES, MODULE_LINES, SOURCE, Size, functions_of, leaves_over, modules_of, over


def test_no_module_is_too_long() -> None:
    assert over(list(modules_of(SOURCE)), MODULE_LINES) == []


def test_no_function_is_too_long() -> None:
    assert over(list(functions_of(SOURCE)), FUNCTION_LINES) == []


def test_what_is_too_long_is_found(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    body = "".join(f"    x{number} = {number}\n" for number in range(FUNCTION_LINES))
    (tmp_path / "catalog" / "veo.py").write_text(f"async def long() -> None:\n{body}" + "\n" * MODULE_LINES)
    assert [each.name for each in over(list(modules_of(tmp_path)), MODULE_LINES)] == ["catalog/veo.py"]
    assert over(list(functions_of(tmp_path)), FUNCTION_LINES) == [Size(name="catalog/veo.py:long", lines=FUNCTION_LINES + 1)]
    assert [each.name for each in leaves_over(tmp_path)] == ["catalog/veo.py"]
