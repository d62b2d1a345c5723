"""The regression gate decides right: on intervals, twice in a row, and about rungs and floors that don't match."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_ladder_results import make_batch, make_results

from ladder.errors import LadderError
from ladder.floors import (
    ANCHORS,
    Floor,
    choose_anchor,
    find_mismatches,
    find_regressions,
    is_below,
    make_floors,
)
from ladder.stats import Ratio, ratio_of_logs
from variants import RUNGS

FLOORS = {
    "bigint": Floor("row_list", 200.0, 170.0),
    "numba_dense": Floor("numpy_slices", 4.0, 3.4),
}


def measured(value, spread=0.02, seed=0, blocks=8):
    chance = random.Random(seed)
    return ratio_of_logs([math.log(value) + chance.gauss(0, spread) for _ in range(blocks)])


def gate(values, second=None):
    """Run the gate on ratios made up; `second` are those of the second measurement."""
    calls = []

    def measure(names):
        calls.append(list(names))
        now = values if len(calls) == 1 or second is None else second
        return {
            name: measured(now[name], seed=len(calls)) if not isinstance(now[name], str) else now[name]
            for name in names
        }

    return find_regressions(FLOORS, measure), calls


def test_unchanged_rungs_pass_at_once():
    found, calls = gate({"bigint": 200.0, "numba_dense": 4.0})
    assert found == {}
    assert calls == [["bigint", "numba_dense"]]


def test_a_slowed_rung_is_named_with_amount_and_interval():
    found, calls = gate({"bigint": 200.0, "numba_dense": 4.0 / 1.3})
    assert list(found) == ["numba_dense"]
    assert calls == [["bigint", "numba_dense"], ["numba_dense"]]
    assert "lost 2" in found["numba_dense"]
    assert "95% interval" in found["numba_dense"]
    assert "variants/numba_dense.py" in found["numba_dense"]


def test_once_is_not_enough():
    found, calls = gate({"bigint": 100.0, "numba_dense": 4.0}, {"bigint": 200.0})
    assert found == {}
    assert calls[1:] == [["bigint"]]


def test_a_rung_that_can_not_be_measured_fails():
    found, _ = gate({"bigint": "crash: it raised", "numba_dense": 4.0})
    assert found == {"bigint": "crash: it raised"}


@given(st.floats(0.01, 10.0), st.floats(1.0, 2.0))
def test_an_interval_that_reaches_the_floor_is_not_below_it(value, width):
    floor = Floor("row_list", 1.2, 1.0)
    assert is_below(Ratio(value, value / width, value * width, 8), floor) == (value * width < 1.0)


def test_renamed_rungs_and_removed_floors_are_found():
    floors = {rung.name: Floor("row_list", 1.0, 0.8) for rung in RUNGS}
    assert find_mismatches(floors) == []
    removed = {name: floor for name, floor in floors.items() if name != "bigint"}
    assert ["bigint" in line for line in find_mismatches(removed)] == [True]
    renamed = {("big_int" if name == "bigint" else name): floor for name, floor in floors.items()}
    assert len(find_mismatches(renamed)) == 2
    assert "no rung" in find_mismatches({**floors, "bigint": Floor("nobody", 1.0, 0.8)})[0]


def test_floors_come_from_a_run_with_their_margin():
    batches = [make_batch(rung.name, i, 100.0 * (1 + n)) for n, rung in enumerate(RUNGS) for i in range(6)]
    floors = make_floors(make_results(batches), "run.json", 0.25)
    assert list(floors.floors) == [rung.name for rung in RUNGS]
    for name, floor in floors.floors.items():
        assert floor.anchor != name
        assert floor.anchor in {*ANCHORS, *ANCHORS.values()}
        assert math.isclose(floor.floor, 0.75 * floor.recorded, rel_tol=1e-4)


def test_floors_need_every_rung():
    batches = [make_batch("row_list", i) for i in range(6)]
    with pytest.raises(LadderError, match="not measured"):
        make_floors(make_results(batches), "run.json", 0.25)


def test_slow_rungs_are_compared_with_slow_ones():
    assert choose_anchor("tuple_keys", 1.2) == "row_list"
    assert choose_anchor("numba_dense", 2000.0) == "numpy_slices"
    assert choose_anchor("row_list", 1.0) == "tuple_keys"
    assert choose_anchor("numpy_slices", 400.0) == "numpy_roll"
