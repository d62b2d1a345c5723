"""What is shown and drawn comes from the recorded run and from the rungs' files, and goes stale visibly."""

import shutil

import pytest
from rich.console import Console
from test_ladder_results import make_run
from test_threads import make_record
from typer.testing import CliRunner

from ladder import report
from ladder import results as records
from ladder.availability import BY_NAME
from ladder.chart_style import style, svg_text
from ladder.charts import draw_board_size, draw_ladder, draw_workloads
from ladder.cli import app
from ladder.errors import LadderError
from ladder.report import BEGIN, END, chart_stamp, readme_section, replace_section, workloads_page
from ladder.results import Outcome
from ladder.show import measured_gains, rung_diff, rung_docstring
from ladder.tables import ladder_table
from variants import RUNGS

RATES = {
    "row_list": 100.0,
    "tuple_keys": 125.0,
    "numpy_roll": 9000.0,
    "numpy_slices": 9000.0,
    "cython_simd": 2.5e6,
    "control": 9100.0,
}
WORKLOADS = ["domino", "soup", "soup_1k"]


@pytest.fixture
def results():
    found = make_run(RATES, WORKLOADS, missing=[("row_list", "soup_1k")])
    found.outcomes = [Outcome("row_list", "soup_1k", "too slow", "a generation takes over 10 s")]
    return found


def text_of(table, width=140):
    console = Console(width=width)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_table_has_speed_ups_gains_and_outcomes(results):
    text = text_of(ladder_table(results, "domino", 140))
    assert "25,000" in text  # cython_simd over row_list
    assert "72.0" not in text.split("numpy_roll")[0]
    assert "A/A control" in text
    assert "too slow" in text_of(ladder_table(results, "soup_1k", 140))
    assert BY_NAME["numpy_roll"].idea.split()[0] not in text_of(ladder_table(results, "domino", 80), 80)


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_every_rung_teaches(rung):
    text = rung_docstring(rung)
    assert len(text.split()) > 80, "a docstring that teaches takes more than a few words"


def test_diff_is_against_the_parent():
    diff = rung_diff(BY_NAME["numpy_slices"])
    assert diff.startswith("--- variants/numpy_roll.py")
    assert "+++ variants/numpy_slices.py" in diff
    assert rung_diff(BY_NAME["row_list"]) == ""
    assert rung_diff(BY_NAME["row_list_pypy"]) == ""


def test_gains_are_over_parent_and_baseline(results):
    gains = measured_gains(BY_NAME["tuple_keys"], results)
    assert round(gains["domino"]["row_list"].value, 6) == 1.25
    assert "soup_1k" not in gains


def test_readme_section_names_every_rung_and_its_figures(results):
    section = readme_section(results)
    assert section.startswith(BEGIN)
    assert section.endswith(END)
    for name in results.plan.rungs:
        assert f"[{name}](" in section
    assert "| 25,000 |" in section


def test_the_page_of_workloads_has_speed_ups_and_reasons(results):
    page = workloads_page(results)
    assert "| [tuple_keys](../variants/tuple_keys.py) | 1.25 (1.25 to 1.25) | 1.25 (1.25 to 1.25) | 0.0139" in page
    assert "| [row_list](../autoresearch/program.py) | 1 | 1 | too slow |" in page
    assert "over numpy_slices" in page


def test_sections_are_replaced_between_markers_only(tmp_path):
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replace_section(text, f"{BEGIN}\nnew\n{END}", tmp_path) == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(LadderError, match="expected the lines"):
        replace_section("no markers", "", tmp_path)


def test_charts_are_drawn_and_carry_their_stamp(results, tmp_path):
    with style():
        for draw in (lambda r: draw_ladder(r, 4e6), draw_workloads, draw_board_size):
            text = svg_text(draw(results), "run 0123")
            assert "<!-- drawn from: run 0123 -->" in text
            assert "prefers-color-scheme: dark" in text


def test_charts_do_not_change_from_one_drawing_to_the_next(results):
    with style():
        assert svg_text(draw_workloads(results), "x") == svg_text(draw_workloads(results), "x")


def test_stamp_changes_with_the_run(results, tmp_path):
    records.save(results, tmp_path / "a.json")
    first = chart_stamp(tmp_path / "a.json")
    results.batches.pop()
    records.save(results, tmp_path / "a.json")
    assert chart_stamp(tmp_path / "a.json") != first


def test_check_tells_what_is_stale(results, tmp_path, monkeypatch):
    records.save(results, tmp_path / "reference.json")
    shutil.copy(report.README, tmp_path / "README.md")
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "README", tmp_path / "README.md")
    for page in ("LESSONS", "WORKLOADS_PAGE", "THREADS"):
        monkeypatch.setattr(report, page, tmp_path / "docs" / getattr(report, page).name)
    monkeypatch.setattr(report.threads, "RECORDED", tmp_path / "threads.json")
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "write_lessons", lambda results: "lessons\n")
    run = tmp_path / "reference.json"
    assert len(report.find_stale(run)) == len(report.CHARTS) + 3
    report.write_report(run)
    assert report.find_stale(run) == []
    records.save(make_record(), tmp_path / "threads.json")
    assert [line.split()[0] for line in report.find_stale(run)] == ["threads.svg", "docs/threads.md"]
    report.write_report(run)
    assert report.find_stale(run) == []
    (tmp_path / "README.md").write_text((tmp_path / "README.md").read_text().replace("| 25,000 |", "| 26,000 |"))
    assert [line.split()[0] for line in report.find_stale(run)] == ["README.md"]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["show", "no_such_rung"], "no_such_rung"),
        (["report", "missing.json"], "missing.json"),
        (["floors", "--margin", "7"], "7.0"),
        (["floors", "--update", "--source", "missing.json"], "missing.json"),
    ],
)
def test_bad_input_is_named(arguments, culprit):
    outcome = CliRunner().invoke(app, arguments)
    assert isinstance(outcome.exception, LadderError)
    assert culprit in str(outcome.exception)


def test_show_prints_a_lesson():
    outcome = CliRunner().invoke(app, ["show", "numpy_slices"])
    assert outcome.exit_code == 0
    assert "halo" in outcome.stdout
    assert "+++ variants/numpy_slices.py" in outcome.stdout
