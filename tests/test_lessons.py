"""The course has a lesson for every rung, and nothing in it is said that the recorded run contradicts unseen."""

import re

import msgspec
import pytest
from documents import TEMPLATE, find_links
from test_ladder_results import make_batch, make_results, make_run

from ladder import lessons
from ladder import results as records
from ladder.availability import ROOT
from ladder.errors import LadderError
from ladder.lessons import fill, fill_in, write_lessons
from ladder.results import Outcome
from variants import RUNGS

COMPLETE = "".join(f"{{{{rung {rung.name}}}}}\n{{{{file {rung.name}}}}}\n" for rung in RUNGS)


@pytest.fixture
def results():
    """Every rung is three times as fast as the one before it in the table."""
    return make_run({rung.name: 70.0 * 3**i for i, rung in enumerate(RUNGS)}, ("domino", "soup"))


def test_every_rung_has_a_lesson(results):
    text = write_lessons(results)
    headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert [name for name in headings if name in {rung.name for rung in RUNGS}] == [rung.name for rung in RUNGS]
    assert "{{" not in text
    assert "}}" not in text


def test_a_rung_without_a_lesson_is_named():
    for form in ("rung", "file"):
        with pytest.raises(LadderError, match=rf"{{{{{form} bigint}}}} once, found it 0"):
            fill(COMPLETE.replace(f"{{{{{form} bigint}}}}\n", ""), make_results())
    with pytest.raises(LadderError, match="found it 2"):
        fill(COMPLETE + "{{rung bigint}}", make_results())


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("gian bigint over row_list", "gian"),
        ("gain bigint", "gain bigint"),
        ("gain bigint over row_lists", "'row_lists'"),
        ("rung nobody", "'nobody'"),
        ("claim bigint as fast as row_list", "as fast as"),
        ("climb row_list, bigint", "climb"),
        ("excerpt variants/match.py nothing", "no function nothing"),
        ("excerpt variants/nowhere.py play", "No such file"),
    ],
)
def test_unknown_placeholders_are_named_with_their_line(text, culprit):
    with pytest.raises(LadderError, match=r"lessons_template\.md, line \d+: .*" + re.escape(culprit)):
        fill(f"{COMPLETE}{{{{{text}}}}}", make_run({"row_list": 70.0, "bigint": 7000.0}))


def test_the_line_of_an_error_is_the_template_s():
    with pytest.raises(LadderError, match=f"line {2 * len(RUNGS) + 2}:"):
        fill(f"{COMPLETE}\n{{{{nonsense}}}}", make_run({"row_list": 70.0}))


def test_figures_are_those_of_the_run(results):
    assert fill_in("gain row_list_pypy over row_list", results) == "3.00"
    assert fill_in("gain row_list over row_list_pypy on soup", results) == "0.333"
    assert fill_in("interval row_list_pypy over row_list", results) == "3.00 to 3.00"
    assert fill_in("time row_list", make_run({"row_list": 100.0}, blocks=1)) == "10,000 µs"
    assert fill_in("gain bigint over row_list on ash", results) == "(not measured)"
    assert fill_in("interval bigint over row_list on ash", results) == "(not measured)"


def test_figures_may_be_wrapped_within_a_paragraph(results):
    assert fill(f"{COMPLETE}a {{{{gain row_list_pypy\nover row_list}}}} b", results).endswith("a 3.00 b")


def test_text_about_a_workload_is_left_out_where_that_was_not_played(results):
    text = "a{{measured soup}} b {{gain row_list_pypy over row_list}}{{end}}{{measured ash}}\n\nc {{nonsense}}{{end}} d"
    assert fill(COMPLETE + text, results).endswith("\na b 3.00 d")
    with pytest.raises(LadderError, match=f"line {2 * len(RUNGS) + 2}:"):
        fill(COMPLETE + "{{measured soup}}\n{{nonsense}}{{end}}", results)


def test_headings_tell_what_was_measured(results):
    assert "**Measured:** 3.00 times as fast as row_list (3.00 to 3.00)." in fill_in("rung row_list_pypy", results)
    text = fill_in("rung tuple_keys", results)
    assert text.startswith("### tuple_keys\n\n*Python: tuples instead of strings as keys of dead neighbors.*")
    assert "Over its parent on other boards: soup 27.0." in text
    assert "3.00 times as fast as its parent tuple_keys (3.00 to 3.00)" in fill_in("rung color_dict", results)
    assert "All speed-ups are relative to this" in fill_in("rung row_list", results)


def test_a_factor_that_chance_may_have_made_comes_with_its_interval(results):
    results.batches = [
        msgspec.structs.replace(batch, wall_s=batch.wall_s * 9)
        if batch.rung == "tuple_keys" and batch.workload == "soup" and batch.block % 2
        else batch
        for batch in results.batches
    ]
    assert re.search(r"on other boards: soup \d+\.\d+ \(3\.00 to 27\.0\)", fill_in("rung tuple_keys", results))


def test_headings_tell_why_nothing_was_measured():
    results = make_run({"row_list": 70.0})
    results.outcomes = [Outcome("bigint", "domino", "unavailable", "no such thing")]
    assert "nothing in this run (unavailable: no such thing)" in fill_in("rung bigint", results)
    assert fill_in("rung numpy_roll", results).endswith("**Measured:** nothing in this run.")


def test_small_steps_are_shown_as_changes_and_new_families_as_code(results):
    step = fill_in("file tuple_keys", results)
    assert re.search(r"<summary>What changes from row_list: \d+ lines in, \d+ out</summary>", step)
    assert "\n```diff\n--- autoresearch/program.py" in step
    family = fill_in("file numpy_roll", results)
    assert "<summary>The code</summary>\n\n```python\nimport numpy as np" in family
    assert "The file is the parent's own" in fill_in("file row_list_pypy", results)


def test_the_number_of_changed_lines_is_that_of_the_diff(results):
    text = fill_in("file wrap_table", results)
    added, removed = map(int, re.search(r": (\d+) lines in, (\d+) out", text).groups())
    diff = text.partition("```diff\n")[2].partition("\n```")[0].splitlines()[2:]
    assert [sum(line.startswith(sign) for line in diff) for sign in "+-"] == [added, removed]


def test_docstrings_show_in_markdown_as_they_are_written():
    assert lessons.escape_markdown("2 * 3 * 4, a < b, `a * b < c`\n    code * <") == (
        r"2 \* 3 \* 4, a &lt; b, `a * b < c`" + "\n    code * <"
    )


def test_excerpts_are_whole_functions(results):
    python = fill_in("excerpt variants/match.py share", results)
    assert python.startswith('```python\ndef share(count1, count2):\n    """')
    assert python.endswith("1e-12)\n```")
    c = fill_in("excerpt variants/simd_lines.h rule", results)
    assert "FN(rule)(const" in c.splitlines()[1]
    assert c.endswith("\n}\n```")


def test_claims_are_silent_until_a_run_contradicts_them():
    results = make_run({"row_list": 70.0, "bigint": 7000.0})
    assert fill_in("claim bigint faster than row_list", results) == ""
    remark = fill_in("claim bigint slower than row_list", results)
    assert remark == " *(Not in this run: bigint came out 100 times as fast as row_list, 100 to 100.)*"
    assert "row_list came out 0.0100 times" in fill_in("claim row_list faster than bigint", results)
    assert fill_in("claim bigint slower than numpy_roll", results) == ""


def test_a_claim_within_the_noise_is_not_contradicted():
    results = make_run({"row_list": 70.0})
    results.batches += [make_batch("bigint", i, rate) for i, rate in enumerate((60, 80, 90, 95, 100, 130))]
    assert fill_in("claim bigint slower than row_list", results) == ""


def test_losses_are_the_rungs_that_gained_little():
    results = make_run({"row_list": 70.0, "row_list_pypy": 76.0, "cython_asis": 140.0, "tuple_keys": 35.0})
    assert fill_in("losses", results).splitlines()[2:] == [
        "| row_list_pypy | row_list | 1.09 | 1.09 to 1.09 |",
        "| tuple_keys | row_list | 0.500 | 0.500 to 0.500 |",
    ]


def test_a_climb_shares_out_the_logarithm():
    results = make_run({"row_list": 1.0, "bigint": 100.0, "numpy_roll": 50.0, "cython_simd": 10000.0})
    table = fill_in("climb row_list, bigint: bits, numpy_roll: a loss, cython_simd: all the rest", results).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]
    assert [row[:5] for row in cells] == [
        ["bits", "row_list", "bigint", "100", "50%"],
        ["a loss", "bigint", "numpy_roll", "0.500", "-8%"],
        ["all the rest", "numpy_roll", "cython_simd", "200", "58%"],
        ["**all**", "row_list", "cython_simd", "**10,000**", "100%"],
    ]
    assert [len(row[5]) for row in cells] == [20, 0, 23, 0]
    assert fill_in("climb row_list, scipy_fft: waves", results) == "(not measured)"


def test_the_same_run_gives_the_same_text(results):
    assert write_lessons(results) == write_lessons(results)
    assert write_lessons(results) != write_lessons(make_run({rung.name: 70.0 for rung in RUNGS}))


def test_links_of_the_course_resolve(results):
    for link in find_links(write_lessons(results)):
        path, _, anchor = link.partition("#")
        if not re.match(r"https?:", link):
            assert (ROOT / "docs" / path).resolve().exists(), link
            assert not anchor


@pytest.mark.skipif(not records.REFERENCE.exists(), reason="there is no reference run yet")
def test_the_reference_run_bears_out_what_the_text_says():
    text = write_lessons(records.load(records.REFERENCE))
    assert "Not in this run" not in text
    assert lessons.NOT_MEASURED not in text


def test_the_text_leaves_no_line_behind():
    """Wide lines are for tables and commands."""
    for number, line in enumerate(TEMPLATE.read_text(encoding="utf-8").splitlines(), 1):
        assert len(line) <= 120 or re.search(r"\{\{climb|bench\.py", line), number
