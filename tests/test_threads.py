"""`ladder threads`: what it measures, shows and refuses."""

import pytest
from playing import skip_unless_available
from test_ladder_results import make_run
from typer.testing import CliRunner

from ladder import results as records
from ladder import threads
from ladder.availability import BY_NAME
from ladder.chart_style import style, svg_text
from ladder.charts import draw_threads
from ladder.cli import app
from ladder.commands.threads import parse_size, thread_counts
from ladder.errors import LadderError
from ladder.report import threads_page

SIZES = ["150 x 240", "1024 x 1024"]
RATES = {
    "cython_simd": 1000.0,
    "cython_openmp on 1": 900.0,
    "cython_openmp on 2": 1750.0,
    "numba_bitplane": 500.0,
    "numba_parallel on 1": 500.0,
    "numba_parallel on 2": 600.0,
}


def make_record():
    """A record in which one entrant was not measured on one board, and another on none."""
    missing = [("numba_parallel on 2", "150 x 240"), *(("numba_parallel on 1", size) for size in SIZES)]
    found = make_run(RATES, SIZES, missing=missing)
    found.format = threads.FORMAT
    return found


@pytest.fixture
def results():
    return make_record()


def test_the_table_compares_each_number_of_threads_with_the_parent(results):
    heading, small, large = threads.threads_rows(results)
    cells = dict(zip(heading, large, strict=True))
    assert cells["board"] == "1024 x 1024"
    assert cells["cython_openmp, 1 thread"] == "0.900 (0.900 to 0.900)"
    assert cells["cython_openmp, 2 threads"] == "1.75 (1.75 to 1.75)"
    assert cells["numba_parallel, 2 threads"] == "1.20 (1.20 to 1.20)"
    assert dict(zip(heading, small, strict=True))["numba_parallel, 2 threads"] == "not measured"


def test_every_rung_that_uses_threads_takes_part():
    assert {rung.name for rung in threads.threaded_rungs()} == {"numba_parallel", "cython_openmp"}
    assert all(rung.parent in BY_NAME for rung in threads.threaded_rungs())


def test_page_and_chart_are_drawn_from_the_record(results):
    assert "| 1024 x 1024 | not measured | 1.20 (1.20 to 1.20) |" in threads_page(results)
    with style():
        text = svg_text(draw_threads(results), "stamp")
    assert "<svg" in text
    assert "drawn from: stamp" in text


@pytest.mark.parametrize("text", ["", "10", "2x9", "9x2", "axb", "10x10x10", "-5x10", "1e3x1e3"])
def test_sizes_that_are_none_are_named(text):
    with pytest.raises(LadderError, match="expected ROWSxCOLUMNS"):
        parse_size(text)
    assert parse_size(" 3x4 ") == (3, 4)


def test_numbers_of_threads_are_powers_of_two_and_the_most():
    assert [thread_counts(most) for most in (1, 2, 6, 64)] == [[1], [1, 2], [1, 2, 4, 6], [1, 2, 4, 8, 16, 32, 64]]


def test_boards_that_are_read_longer_than_played_are_refused():
    with pytest.raises(LadderError, match="size 150x240: too small"):
        threads.soup_of_size(150, 240)


def test_a_short_run_keeps_what_it_measured(tmp_path):
    skip_unless_available("cython_openmp")
    path = tmp_path / "threads.json"
    command = ["threads", "--sizes", "601x600,1000x400", "--blocks", "1", "--cores", "1", "-o", str(path)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    found = threads.load_threads(path)
    assert found.finished
    assert {(b.rung, b.workload, b.cores) for b in found.batches} >= {
        ("cython_simd", "601 x 600", 1),
        ("cython_openmp on 1", "1000 x 400", 1),
    }
    assert "cython_openmp, 1" in done.output
    again = CliRunner().invoke(app, command)
    assert again.exit_code != 0
    assert "exists already" in str(again.exception)


def test_a_record_of_threads_is_no_run_and_a_run_no_record_of_threads(tmp_path):
    records.save(make_record(), tmp_path / "threads.json")
    records.save(make_run({"row_list": 70.0}), tmp_path / "run.json")
    with pytest.raises(LadderError, match="format 'escape-ladder threads', expected 'escape-ladder results'"):
        records.load(tmp_path / "threads.json")
    with pytest.raises(LadderError, match="format 'escape-ladder results', expected 'escape-ladder threads'"):
        threads.load_threads(tmp_path / "run.json")
