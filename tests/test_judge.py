"""ladder judge places programs by intervals, scores them by logarithms, and takes only what the referee lets pass."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refereeing import HONEST
from test_ladder_results import make_batch

from autoresearch import bench
from ladder.availability import BY_NAME
from ladder.errors import LadderError
from ladder.judge import (
    CLASSES,
    NAME,
    Judge,
    choose_rungs,
    find_place,
    find_score,
    find_weaknesses,
    guess_class,
    in_class,
)
from ladder.stats import Ratio
from variants import RUNGS

JUDGE = [sys.executable, "-m", "ladder.cli", "judge"]


def ratio(value, width=1.01):
    return Ratio(value, value / width, value * width, 12)


AGAINST = {"row_list": ratio(400.0), "numpy_roll": ratio(5.0), "numpy_slices": ratio(1.0), "cython_simd": ratio(0.02)}


def test_place_between_two_rungs():
    place = find_place({**AGAINST, "numpy_slices": ratio(1.3)}, list(AGAINST))
    assert (place.below, place.tied, place.above) == ("numpy_slices", [], "cython_simd")
    assert str(place) == "between numpy_slices and cython_simd, tied with neither"


def test_place_tied():
    place = find_place(AGAINST, list(AGAINST))
    assert (place.below, place.tied, place.above) == ("numpy_roll", ["numpy_slices"], "cython_simd")
    assert str(place) == "tied with numpy_slices"


def test_a_wide_interval_ties():
    assert find_place({"row_list": ratio(1.4, 1.5)}, ["row_list"]).tied == ["row_list"]


def test_what_has_no_interval_is_tied():
    assert find_place({"row_list": Ratio(9.0, math.nan, math.nan, 1)}, ["row_list"]).tied == ["row_list"]


def test_place_beyond_the_ends():
    assert str(find_place({"row_list": ratio(0.5)}, ["row_list"])) == "below row_list, the lowest rung"
    assert str(find_place({"row_list": ratio(9.0)}, ["row_list"])) == "above row_list, the highest rung"


@given(st.floats(1.01, 1e5), st.floats(1.1, 1e5))
def test_score_is_a_logarithm(gain, best):
    against = {"row_list": ratio(gain), "cython_simd": ratio(gain / best)}
    score, name = find_score(gain, against, list(against))
    assert name == "cython_simd"
    assert math.isclose(score, math.log(gain) / math.log(best), rel_tol=1e-9)


def test_the_best_rung_scores_one_and_the_baseline_nothing():
    assert math.isclose(
        find_score(20000.0, {"row_list": ratio(20000.0), "cython_simd": ratio(1.0)}, ["cython_simd"])[0], 1.0
    )
    assert find_score(1.0, {"row_list": ratio(1.0), "cython_simd": ratio(0.001)}, ["cython_simd"])[0] == 0


def test_weakness_is_relative_to_the_place_on_domino():
    rates = {("domino", NAME): 1000.0, ("domino", "bigint"): 2000.0, ("soup", NAME): 100.0, ("soup", "bigint"): 600.0}
    batches = [
        make_batch(rung, block, rate, workload) for (workload, rung), rate in rates.items() for block in range(6)
    ]
    found = find_weaknesses(batches, {"bigint": ratio(0.5)}, ["bigint"])
    assert math.isclose(found["soup"]["bigint"].value, 1 / 3)
    assert "domino" not in found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import json, time", "stdlib"),
        ("import numpy as np", "numpy"),
        ("def f():\n    from scipy.ndimage import convolve", "numpy"),
        ("from numba import njit\nimport numpy", "jit"),
        ("import ctypes", "native"),
        (b"\xef\xbb\xbfimport numpy", "numpy"),
        (b"# coding: latin-1\nname = '\xe9'\nimport numba", "jit"),
    ],
)
def test_class_is_what_a_program_imports(source, expected):
    assert guess_class(source) == expected


@pytest.mark.parametrize(
    "source", ["import variants.cython_simd", "from variants import bigint", "import autoresearch.bench"]
)
def test_a_program_that_borrows_a_rung_is_refused(source):
    with pytest.raises(LadderError, match="stands on its own"):
        guess_class(source)


def test_every_rung_is_in_the_widest_class():
    assert all(in_class(rung.name, "native") for rung in RUNGS)
    assert {tool for tools in CLASSES.values() for tool in tools} == {rung.tool for rung in RUNGS}


def test_baseline_and_best_are_always_measured():
    for estimate in (0.5, 100.0, 1e9):
        chosen = choose_rungs(estimate, "numpy")
        assert "row_list" in chosen
        assert len(chosen) <= len(BY_NAME)


LATER = """
honest = run_benchmark

def run_benchmark(s1, s2, rows, columns, time_limit_s, callback):
    if rows == 150 and sum(len(cells) for row in json.loads(s1) for cells in row.values()) == 42:
        raise MemoryError("only ash has so few cells")
    return honest(s1, s2, rows, columns, time_limit_s, callback)
"""


def test_what_fails_on_other_boards_only_is_told(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(HONEST.read_text() + LATER)
    judge = Judge(path, sys.executable, None, print)
    judge.choose = lambda *_: ["row_list", "bigint"]
    judgement = judge.conclude({"checkpoints": "ok"}, judge.measure(["domino", "ash"], 6, 0.05, 0.1))
    assert "crash" in judgement.failures["ash"]
    assert "ash" not in judgement.weaknesses
    assert judgement.speed_up.value > 1


def test_who_fails_beside_the_rungs_gets_the_verdict_of_the_referee(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(HONEST.read_text())
    judge = Judge(path, sys.executable, None, print)
    judge._drop(NAME, "", "tampered", "a reason")
    with pytest.raises(bench.Tampered, match="a reason"):
        judge.choose(0.05, 0.1)


def test_an_unwritable_judgement_is_told_before_measuring(tmp_path):
    (tmp_path / "program.py").write_text("x = 1\n")
    arguments = [*JUDGE, str(tmp_path / "program.py"), "--json", str(tmp_path / "program.py" / "out.json")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "can't write" in done.stderr


BROKEN = {
    "syntax": ("def run_benchmark(:\n", 3, "crash"),
    "wrong": ("def run_benchmark(s1, s2, r, c, t, callback):\n    callback(0, 1, 1)\n    return 0\n", 1, "wrong"),
    "no entry": ("x = 1\n", 3, "crash"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_the_referee_rejects_has_no_place(broken, tmp_path):
    source, status, verdict = BROKEN[broken]
    (tmp_path / "program.py").write_text(source)
    arguments = [*JUDGE, str(tmp_path / "program.py"), "--quick", "--json", str(tmp_path / "out.json")]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == status
    assert f"ladder: {verdict}: " in done.stderr
    assert "place" not in done.stdout
    assert f'"verdict": "{verdict}"' in (tmp_path / "out.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["no_such_file.py"], "no_such_file.py"),
        (["program.py", "--class", "wizard"], "wizard"),
        (["program.py", "--workloads", "chess"], "chess"),
        (["program.py", "--blocks", "3"], "--blocks"),
        (["program.py", "--python", "no_such_python"], "no_such_python"),
    ],
)
def test_bad_input_is_one_clear_line(arguments, culprit, tmp_path):
    (tmp_path / "program.py").write_text("")
    done = subprocess.run([*JUDGE, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert culprit in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_judge_reads_the_class_from_the_source(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import numpy\n")
    assert Judge(path, sys.executable, None, print).class_name == "numpy"
    assert Judge(path, sys.executable, "native", print).class_name == "native"
