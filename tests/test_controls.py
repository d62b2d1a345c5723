"""Honest programs come out as `ok`, every rung among them, and as fast as they are."""

import ast
import importlib.util

import pytest
from playing import NAMES, skip_unless_available
from refereeing import TESTS, play_side_by_side, referee

from autoresearch import bench
from ladder.availability import BY_NAME, ROOT

CONTROLS = sorted(path.stem for path in (TESTS / "controls").glob("*.py") if path.stem != "__init__")
NOISE = 1.35  # within which two equals come out on a busy machine, by the median of nine turns


def read_fields(name):
    text = ast.get_docstring(ast.parse((TESTS / "controls" / f"{name}.py").read_text()))
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def measure_ratio(path):
    """How many times as fast as the honest program it is; tried again where noise may be the reason."""
    for _ in range(3):
        ratio = play_side_by_side(path).ratio
        if 1 / NOISE < ratio < NOISE:
            break
    return ratio


@pytest.mark.parametrize("name", CONTROLS)
def test_control(name, tmp_path, record_property):
    fields = read_fields(name)
    needed = fields.get("Needs")
    if needed and not importlib.util.find_spec(needed):
        pytest.skip(f"{needed} is not installed")
    path = TESTS / "controls" / f"{name}.py"
    result = referee(path, *fields.get("Run with", "").split(), tmp_path=tmp_path)
    assert result["verdict"] == "ok", result
    assert result["exit_code"] == 0
    ratio = measure_ratio(path) if fields["Speed"] == "as the honest program" else None
    record_property("control", (name, result["verdict"], f"{ratio:.2f}" if ratio else "any"))
    assert ratio is None or 1 / NOISE < ratio < NOISE


@pytest.mark.parametrize("name", NAMES)
def test_rung(name, tmp_path, record_property):
    skip_unless_available(name)
    rung = BY_NAME[name]
    options = ["--python", rung.interpreter] if rung.interpreter else []
    options += ["--cores", 2] if rung.threads and len(bench.Cores().before) > 1 else []
    result = referee(ROOT / rung.source, *options, tmp_path=tmp_path)
    record_property("control", (name, result["verdict"], "rung"))
    assert result["verdict"] == "ok", result
    assert result["generations_per_s"] > 0
    assert result["total_generations"] >= 1


def test_slow_import_is_reported_and_not_charged(tmp_path):
    result = referee(TESTS / "controls" / "imports_slowly.py", tmp_path=tmp_path)
    assert result["import_s"] >= 2
    assert result["total_walltime"] < result["budget_s"] + 1
