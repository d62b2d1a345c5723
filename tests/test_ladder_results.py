"""The results file survives a round trip and refuses everything that isn't one."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladder import results as records
from ladder.errors import LadderError
from ladder.results import Batch, Outcome, Plan, Results
from ladder.stats import compare_rates, format_factor, format_rate, median_rate, speed_up


def make_batch(rung="bigint", block=0, rate=100.0, workload="domino", cores=1, cpu_s=0.0):
    return Batch(rung, workload, block, 0, cores, 1000, 1000 / rate, cpu_s, "00")


def make_results(batches=(), finished=True):
    plan = Plan(["row_list", "bigint"], ["domino"], 6, 0.3, None)
    outcomes = [Outcome("row_list_pypy", "domino", "unavailable", "pypy3 is not installed")]
    environment = {"cpu": "a processor", "libraries": {"numpy": "2.1"}}
    return Results(
        records.FORMAT,
        records.VERSION,
        "2026-01-01T00:00:00Z",
        finished,
        plan,
        environment,
        outcomes,
        batches=list(batches),
    )


def make_run(rates, workloads=("domino",), blocks=6, missing=()):
    """A finished run in which every block has the same rates, up to a drift that all share.

    `missing` are pairs of rung and workload that were not measured.
    """
    batches = [
        make_batch(rung, block, rate * (1 + block / 10), workload)
        for workload in workloads
        for block in range(blocks)
        for rung, rate in rates.items()
        if (rung, workload) not in missing
    ]
    results = make_results(batches)
    rungs = [rung for rung in rates if rung != "control"]
    results.plan = Plan(rungs, list(workloads), blocks, 0.3, "numpy_roll" if "control" in rates else None)
    results.environment |= {"python": "CPython 3.11"}
    return results


def test_round_trip(tmp_path):
    path = tmp_path / "a folder with spaces" / "run.json"
    results = make_results([make_batch(block=i, rate=100 + i) for i in range(3)])
    records.save(results, path)
    assert records.load(path) == results
    assert [entry.name for entry in path.parent.iterdir()] == ["run.json"]


def test_round_trip_without_batches(tmp_path):
    records.save(make_results(), tmp_path / "run.json")
    assert records.load(tmp_path / "run.json") == make_results()


def test_batches_are_readable_without_this_program(tmp_path):
    records.save(make_results([make_batch()]), tmp_path / "run.json")
    data = json.loads((tmp_path / "run.json").read_text())
    assert dict(zip(data["batch_fields"], data["batches"][0], strict=True))["generations"] == 1000


DAMAGE = {
    "empty": lambda text: "",
    "cut off": lambda text: text[: len(text) // 2],
    "another's": lambda text: "[1, 2, 3]",
    "foreign": lambda text: text.replace(records.FORMAT, "something else"),
    "newer": lambda text: text.replace('"version": 1', '"version": 2'),
    "a field missing": lambda text: text.replace('"created"', '"made"'),
    "a batch of text": lambda text: text.replace("1000,", '"many",', 1),
    "an impossible batch": lambda text: text.replace("1000,", "-5,", 1),
    "binary": lambda text: "\x00\x01",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_refuses_and_keeps_what_it_can_not_read(damage, tmp_path):
    path = tmp_path / "run.json"
    records.save(make_results([make_batch()]), path)
    damaged = DAMAGE[damage](path.read_text())
    path.write_text(damaged)
    with pytest.raises(LadderError, match=r"run\.json"):
        records.load(path)
    assert path.read_text() == damaged


def test_missing_and_unwritable_files_are_named(tmp_path):
    with pytest.raises(LadderError, match="nothing here"):
        records.load(tmp_path / "nothing here")
    (tmp_path / "file").write_text("")
    with pytest.raises(LadderError, match="can't write"):
        records.save(make_results(), tmp_path / "file" / "run.json")


def test_charged_time_is_the_longer_of_wall_and_cpu_per_core():
    assert make_batch(rate=100, cpu_s=40.0, cores=2).charged_s == 20.0
    assert make_batch(rate=100, cpu_s=4.0, cores=2).charged_s == 10.0


@given(st.lists(st.floats(1.0, 1000.0), min_size=6, max_size=20), st.floats(0.01, 100.0), st.lists(st.floats(0.5, 2.0)))
def test_drift_common_to_a_block_cancels(rates, factor, drift):
    slow = dict(enumerate(rates))
    fast = {block: rate * factor for block, rate in slow.items()}
    ratio = compare_rates(fast, slow)
    assert math.isclose(ratio.value, factor, rel_tol=1e-9)
    assert math.isclose(ratio.low, factor, rel_tol=1e-9)
    assert math.isclose(ratio.high, factor, rel_tol=1e-9)


def test_speed_up_pairs_by_block_and_ignores_blocks_with_only_one():
    batches = [make_batch("bigint", i, 300 + i) for i in range(8)]
    batches += [make_batch("row_list", i, (300 + i) / 3) for i in range(2, 10)]
    ratio = speed_up(batches, "bigint", "row_list", "domino")
    assert (round(ratio.value, 9), ratio.blocks) == (3.0, 6)
    assert speed_up(batches, "bigint", "nobody", "domino") is None
    assert median_rate(batches, "nobody", "domino") is None


def test_interval_needs_six_blocks():
    batches = [make_batch(rung, i, 100.0) for rung in ("bigint", "row_list") for i in range(5)]
    assert math.isnan(speed_up(batches, "bigint", "row_list", "domino").low)


@pytest.mark.parametrize(
    ("value", "text"), [(0.99996, "1.00"), (9.996, "10.0"), (99.96, "100"), (999.6, "1,000"), (0.0123456, "0.0123")]
)
def test_factors_have_three_digits(value, text):
    assert format_factor(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.02134, "0.0213"), (93.27, "93.3"), (2_347_000.0, "2,350,000")])
def test_rates_have_three_digits(value, text):
    assert format_rate(value) == text
