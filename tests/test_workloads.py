"""Every kind of board is the one that its recorded truth is about, and rungs of different families agree on it."""

import pytest
from playing import play

from autoresearch import bench
from ladder.errors import LadderError
from ladder.workloads import TRUTH, WORKLOADS, find_workloads, truth_board

SMALL = [name for name, workload in WORKLOADS.items() if not workload.is_large]


@pytest.mark.parametrize("name", WORKLOADS)
def test_rungs_of_different_families_agree_with_the_truth(name):
    board = truth_board(name)
    assert (board.rows, board.columns) == (WORKLOADS[name].rows, WORKLOADS[name].columns)
    schedule = sorted(TRUTH[name])[1:]
    # Reading the largest text takes long, so one rung has to do there: two agreed when its truth was recorded.
    rungs = ["cython_simd"] if name == "soup_8k" else ["numpy_slices", "numba_frontier", "cython_simd"]
    for rung in rungs:
        recorder = play(rung, board, schedule)
        assert {g: recorder.counts[g] for g in TRUTH[name]} == TRUTH[name], rung


@pytest.mark.parametrize("name", SMALL)
def test_the_oracle_agrees_with_the_truth(name):
    last = 100 if name == "soup" else 1000
    truth = bench.find_truth(truth_board(name), last)
    assert truth.victory is None
    known = {g: counts for g, counts in TRUTH[name].items() if g <= last}
    assert {g: truth.counts[g] for g in known} == known


@pytest.mark.parametrize("name", ["gliders", "ash"])
def test_nobody_wins_where_counts_are_equal(name):
    assert len({count for counts in TRUTH[name].values() for count in counts}) == 1
    recorder = play("numpy_slices", truth_board(name), [2000])
    assert recorder.reports[-1][0] == 2000


@pytest.mark.parametrize("name", ["soup", "soup_1k"])
def test_soups_are_as_dense_as_they_say(name):
    cells = WORKLOADS[name].cells
    count1, count2 = TRUTH[name][0]
    deviation = (cells * 0.375 * 0.625) ** 0.5
    assert abs(count1 + count2 - 0.375 * cells) < 4 * deviation
    assert abs(count1 - count2) < 4 * (count1 + count2) ** 0.5


def test_boards_differ_from_one_to_the_next():
    for workload in WORKLOADS.values():
        if not workload.is_large:
            boards = [workload.source.make(bench.Stream(b"x", i)) for i in range(20)]
            assert len({(board.s1, board.s2) for board in boards}) == 20


def test_names_are_found_or_refused():
    assert [workload.name for workload in find_workloads("soup,domino,soup")] == ["soup", "domino"]
    assert len(find_workloads("all")) == len(WORKLOADS)
    for text in ("chess", "", ",", "domino chess"):
        with pytest.raises(LadderError, match="expected"):
            find_workloads(text)
