"""The ladder as a pytest-benchmark suite: one benchmark per rung and small workload, grouped by workload.

It shows, it doesn't decide: absolute times don't hold between machines or hours. The gate is test_floors.py.

    make bench                                     all of it
    make bench SELECT=domino                       the quick selection
    pytest-benchmark compare; pytest-benchmark histogram
"""

import sys
import time
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
from playing import NAMES, Recorder, load_rung, skip_unless_available

from autoresearch import bench
from ladder.availability import BY_NAME, rung_program
from ladder.environment import simd_path
from ladder.workloads import TRUTH, WORKLOADS, truth_board

SMALL = [name for name, workload in WORKLOADS.items() if not workload.is_large]
# How many generations a benchmark plays: always the same for a rung, so that saved runs compare.
SCANNING = {"row_list", "row_list_pypy", "cython_asis", "tuple_keys", "color_dict"}
STEPPING = {"dict_of_sets", "wrap_table", "neighbor_counts", "flat_grid", "flat_grid_pypy"}
STEPPING |= {"numpy_roll", "scipy_convolve", "scipy_fft"}


def generations_of(name, workload):
    if name in SCANNING:
        return 1 if workload == "soup" else 10
    return 100 if name in STEPPING or workload == "soup" else 1000


def play_checked(run, board, last, truth):
    """What is timed: a match as far as `last`, its answers compared with the truth."""
    recorder = Recorder([generation for generation in truth if 0 < generation <= last])
    assert run(board.s1, board.s2, board.rows, board.columns, 600.0, recorder) == last
    assert recorder.counts[last] == truth[last]


@pytest.fixture
def pypy_child(request):
    with bench.Child(rung_program(BY_NAME[request.node.callspec.params["name"]])) as child:
        yield child


def play_in_child(child, board, last, truth):
    answers, _ = child.play([bench.Task(board, (last,))], 600.0)
    assert tuple(answers[0].reports[-1]) == (last, *truth[last])


@cache
def baseline_s(workload):
    """Seconds per generation of row_list in this session: the median of three."""
    last = generations_of("row_list", workload)
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        play_checked(load_rung("row_list"), truth_board(workload), last, TRUTH[workload])
        taken.append(time.perf_counter() - begin)
    return sorted(taken)[1] / last


@cache
def chosen_simd_path():
    return simd_path()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("workload", SMALL)
def test_rung(benchmark, request, workload, name):
    benchmark.group = workload
    skip_unless_available(name)
    last, board, truth = generations_of(name, workload), truth_board(workload), TRUTH[workload]
    if BY_NAME[name].interpreter:
        arguments = (request.getfixturevalue("pypy_child"), board, last, truth)
        play = play_in_child
    else:
        arguments = (load_rung(name), board, last, truth)
        play = play_checked
    # A cold JIT call would poison the calibration.
    play(*arguments)
    begin = time.perf_counter()
    play(*arguments)
    slow = time.perf_counter() - begin > 1.0
    if slow:
        benchmark.pedantic(play, arguments, rounds=3)
    else:
        benchmark(play, *arguments)
    second = benchmark.stats.stats.median / last
    benchmark.extra_info["generations"] = last
    benchmark.extra_info["ns_per_cell"] = second / WORKLOADS[workload].cells * 1e9
    benchmark.extra_info["speed_up_over_row_list"] = baseline_s(workload) / second
    benchmark.extra_info["simd_path"] = chosen_simd_path() if name in ("cython_simd", "cython_openmp") else None
