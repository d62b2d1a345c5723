"""ladder analyze: reads what agents leave behind in any state, counts it right, and draws it legibly."""

import doctest
import itertools
import json
import math
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ladder import analyze_chart, chart_style, labels
from ladder import results as records
from ladder.analyze import analyze, name_runs, plateau_advice, rung_speed_ups
from ladder.analyze_chart import draw_runs, find_ticks
from ladder.errors import LadderError
from ladder.experiments import FULL, KARPATHY, SHORT, Experiment, Log, read_log
from ladder.results import Batch, Plan, Results

RATES = {"row_list": 100.0, "tuple_keys": 115.0, "numpy_roll": 6000.0, "numpy_slices": 24000.0, "bigint": 40000.0}
ROWS = (
    ("aaaaaa0", "100.5", "keep", "baseline"),
    ("aaaaaa1", "150.75", "keep", "rows as sets"),
    ("aaaaaa2", "149", "discard", "tuples"),
    ("aaaaaa3", "", "crash", "threads"),
    ("aaaaaa4", "", "wrong", "no wrap"),
)
TOLD = ("macro", "algorithm", "2x, since it looks once", "it did")


def join(*rows, end="\n"):
    return "".join("\t".join(row) + end for row in rows)


FULL_TEXT = join(FULL, *(row + TOLD for row in ROWS))
SHORT_TEXT = join(SHORT, *ROWS)


def read(folder, text):
    path = folder / "results.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_log(path)


def without_lines(log):
    return [(e.commit, e.value, e.status, e.description, e.track, e.category, e.learned) for e in log.experiments]


def problems(log):
    return [(problem.line, problem.reason) for problem in log.problems]


class TestReading:
    def test_ours(self, tmp_path):
        log = read(tmp_path, FULL_TEXT)
        assert (log.metric, problems(log)) == ("generations_per_s", [])
        assert log.experiments[1] == Experiment(3, "aaaaaa1", 150.75, "keep", "rows as sets", *TOLD)
        assert [e.value for e in log.experiments] == [100.5, 150.75, 149, None, None]

    def test_four_columns(self, tmp_path):
        log = read(tmp_path, SHORT_TEXT)
        assert (log.metric, problems(log)) == ("generations_per_s", [])
        assert log.experiments[1] == Experiment(3, "aaaaaa1", 150.75, "keep", "rows as sets")

    def test_karpathys(self, tmp_path):
        rows = [("c0", "0.9979", "44.0", "keep", "baseline"), ("c1", "0.000000", "0.0", "crash", "double width")]
        log = read(tmp_path, join(KARPATHY, *rows))
        assert (log.metric, problems(log)) == ("val_bpb", [])
        assert log.lower_is_better
        assert [e.value for e in log.experiments] == [0.9979, None]

    @pytest.mark.parametrize(
        "data",
        [
            b"\xef\xbb\xbf" + FULL_TEXT.encode(),
            FULL_TEXT.replace("\n", "\r\n").encode(),
            FULL_TEXT.replace("\n", "\r").encode(),
            ("\ufeff" + FULL_TEXT.replace("\n", "\r\n")).encode("utf-16-le"),
            FULL_TEXT.replace("\n", "\n\n").encode(),
            FULL_TEXT.rstrip("\n").encode(),
            FULL_TEXT.replace("\t", " \t ").encode(),
            FULL_TEXT.replace("keep", "Keep").encode(),
        ],
        ids=["BOM", "CRLF", "CR", "UTF-16", "empty lines", "no last line end", "spaces", "upper case"],
    )
    def test_how_editors_save_it_makes_no_difference(self, data, tmp_path):
        log = read(tmp_path, data)
        assert problems(log) == []
        assert without_lines(log) == without_lines(read(tmp_path, FULL_TEXT))

    def test_columns_in_another_order(self, tmp_path):
        log = read(tmp_path, join(*(row[::-1] for row in (FULL, *(row + TOLD for row in ROWS)))))
        assert problems(log) == []
        assert without_lines(log) == without_lines(read(tmp_path, FULL_TEXT))

    @pytest.mark.parametrize(
        ("row", "reason", "read_as"),
        [
            (("b0", "7", "keep", "one", "two"), "taken for tabs", ("keep", 7, "one two", "")),
            (("b0", "7", "keep", "one", "two", "three"), "taken for tabs", ("keep", 7, "one two three", "")),
            (("b0", "7", "keep"), "3 cells, expected 4", ("keep", 7, "", "")),
            (("b0", "7", "keep", "one", *TOLD), "8 cells, expected 4, read as", ("keep", 7, "one", "it did")),
            (("b0", "7", "44.0", "keep", "one"), "5 cells, expected 4, read as", ("keep", 7, "one", "")),
        ],
    )
    def test_other_rows_under_a_header_of_four(self, row, reason, read_as, tmp_path):
        self.check_row(tmp_path, SHORT, row, reason, read_as)

    @pytest.mark.parametrize(
        ("row", "reason", "read_as"),
        [
            (("b0", "7", "keep", "one", "two", *TOLD), "taken for tabs", ("keep", 7, "one two", "it did")),
            (("b0", "7", "keep", "one", *TOLD, "so"), "taken for tabs", ("keep", 7, "one", "it did so")),
            (("b0", "7", "keep", "one", "", "", "", "", "x"), "taken for tabs", ("keep", 7, "one", "x")),
            (("b0", "7", "keep", "one"), "4 cells, expected 8", ("keep", 7, "one", "")),
            (("b0", "7", "keep", "one", "macro"), "5 cells, expected 8", ("keep", 7, "one", "")),
            (("b0", "7", "44.0", "keep", "one"), "5 cells, expected 8, read as", ("keep", 7, "one", "")),
        ],
    )
    def test_other_rows_under_ours(self, row, reason, read_as, tmp_path):
        self.check_row(tmp_path, FULL, row, reason, read_as)

    def check_row(self, folder, header, row, reason, read_as):
        """The row in the middle is reported and read as well as can be, and the ones around it are as they were."""
        around = [ROWS[0] + TOLD[: len(header) - 4], ROWS[1] + TOLD[: len(header) - 4]]
        log = read(folder, join(header, around[0], row, around[1]))
        (problem,) = problems(log)
        assert problem[0] == 3
        assert reason in problem[1]
        first, odd, last = log.experiments
        assert (odd.status, odd.value, odd.description, odd.learned) == read_as
        assert (first.value, last.value) == (100.5, 150.75)

    def test_an_empty_cell_at_the_end_is_nothing(self, tmp_path):
        assert problems(read(tmp_path, join(SHORT, (*ROWS[0], "", "")))) == []

    def test_a_second_header_in_the_middle(self, tmp_path):
        text = SHORT_TEXT + join(FULL, ("b0", "200", "keep", "one", *TOLD))
        log = read(tmp_path, text)
        assert problems(log) == []
        assert log.experiments[-1] == Experiment(8, "b0", 200, "keep", "one", *TOLD)

    def test_another_metric_in_the_middle(self, tmp_path):
        log = read(tmp_path, SHORT_TEXT + join(KARPATHY, ("b0", "0.99", "44", "keep", "one")))
        assert problems(log) == [(8, "val_bpb in a run measured by generations_per_s: left out")]
        assert (log.experiments[-1].status, log.experiments[-1].value) == ("keep", None)

    @pytest.mark.parametrize("layout", [FULL, SHORT, KARPATHY])
    def test_no_header(self, layout, tmp_path):
        row = {"commit": "b0", "status": "keep", "description": "one", "memory_gb": "44", "track": "micro"}
        cells = [row.get(name, "7" if name in ("generations_per_s", "val_bpb") else "") for name in layout]
        log = read(tmp_path, join(cells))
        assert [line for line, _ in problems(log)] == [1]
        assert "names of the columns" in log.problems[0].reason
        assert log.metric == ("val_bpb" if layout is KARPATHY else "generations_per_s")
        assert (log.experiments[0].value, log.experiments[0].description) == (7, "one")

    @pytest.mark.parametrize(
        "text", ["12.3x", "nan", "inf", "-3", "0", "1e999", "1e300", "1e-200", "1_000", "1,234.5", "fast", ""]
    )
    def test_what_is_no_rate(self, text, tmp_path):
        log = read(tmp_path, join(SHORT, ROWS[0], ("b0", text, "keep", "one"), ROWS[1]))
        ((line, reason),) = problems(log)
        assert (line, repr(text) in reason) == (3, True)
        assert [e.value for e in log.experiments] == [100.5, None, 150.75]

    @pytest.mark.parametrize(("text", "value"), [("1e3", 1000), ("+5", 5), (".5", 0.5), ("7.", 7)])
    def test_what_is_a_rate(self, text, value, tmp_path):
        log = read(tmp_path, join(SHORT, ("b0", text, "keep", "one")))
        assert (log.experiments[0].value, problems(log)) == (value, [])

    def test_a_failed_run_has_no_rate(self, tmp_path):
        rows = [("b0", "0.0", "crash", "one"), ("b1", "55", "wrong", "two"), ("b2", "n/a", "timeout", "three")]
        log = read(tmp_path, join(SHORT, ROWS[0], *rows))
        assert [line for line, _ in problems(log)] == [4, 5]
        assert [e.value for e in log.experiments] == [100.5, None, None, None]

    @pytest.mark.parametrize("status", ["", "kept", "keep?", "improved"])
    def test_unknown_statuses(self, status, tmp_path):
        log = read(tmp_path, join(SHORT, ROWS[0], ("b0", "55", status, "one")))
        assert problems(log) == [(3, f"status {status!r}: expected one of keep, discard, wrong, crash, timeout")]
        assert (log.experiments[1].status, log.experiments[1].value) == (status, 55)

    def test_lines_that_are_no_rows(self, tmp_path):
        text = join(SHORT, ROWS[0]) + "the run went well\nb0\t55\n" + join(ROWS[1])
        log = read(tmp_path, text)
        assert [line for line, _ in problems(log)] == [3, 4]
        assert [e.value for e in log.experiments] == [100.5, 150.75]

    def test_commits(self, tmp_path):
        log = read(tmp_path, join(SHORT, ROWS[0], ROWS[0], ("", "5", "discard", "one")))
        assert problems(log) == [(3, "commit aaaaaa0: already in line 2"), (4, "no commit")]

    def test_unknown_and_missing_columns(self, tmp_path):
        log = read(tmp_path, join(("commit", "speed", "status", "description"), ROWS[0]))
        assert [line for line, _ in problems(log)] == [1, 1, 2]
        assert "'speed': unknown" in log.problems[0].reason

    def test_bytes_that_are_no_text(self, tmp_path):
        log = read(tmp_path, FULL_TEXT.encode().replace(b"rows as", b"r\xf6ws as"))
        assert problems(log) == [(3, "not UTF-8")]
        assert log.experiments[1].description == "r\ufffdws as sets"

    @pytest.mark.parametrize(
        "data", [b"", b"\n\n", b"\xef\xbb\xbf", FULL_TEXT.splitlines()[0].encode(), b"\x00\x01\x02", b"a b c d\n" * 9]
    )
    def test_no_experiment_is_one_clear_line(self, data, tmp_path):
        with pytest.raises(LadderError, match=r"results\.tsv: holds no experiment") as caught:
            read(tmp_path, data)
        assert "\n" not in str(caught.value)

    def test_missing_files(self, tmp_path):
        with pytest.raises(LadderError, match=r"nothing\.tsv: No such file"):
            read_log(tmp_path / "nothing.tsv")
        with pytest.raises(LadderError, match=r"results\.tsv: No such file"):
            read_log(tmp_path)

    def test_a_folder_stands_for_its_file(self, tmp_path):
        assert read(tmp_path, FULL_TEXT) == read_log(tmp_path)

    @settings(deadline=None, max_examples=300)
    @given(
        st.lists(st.sampled_from([*ROWS, *(row + TOLD for row in ROWS)]), min_size=1, max_size=6),
        st.lists(
            st.lists(st.text(max_size=8) | st.sampled_from(["keep", "5", "micro", "wrong", ""]), max_size=11),
            max_size=4,
        ),
        st.sampled_from([FULL, SHORT, KARPATHY]),
        st.randoms(use_true_random=False),
    )
    def test_no_line_is_fatal_to_the_others(self, tmp_path_factory, rows, odd, header, chance):
        """Whatever stands between good rows, these are all read."""
        lines = [(row, True) for row in rows] + [("\t".join(cells), False) for cells in odd]
        chance.shuffle(lines)
        text = join(header) + "".join(line + "\n" if not good else join(line) for line, good in lines)
        log = read(tmp_path_factory.mktemp("log"), text.encode("utf-8", "surrogatepass"))
        found = [(e.commit, e.status) for e in log.experiments if e.commit.startswith("aaaaaa")]
        assert found == [(line[0], line[2]) for line, good in lines if good]


def make_log(*rows, metric="generations_per_s"):
    """A log from (status, value) or (status, value, track, category, hypothesis)."""
    return Log(
        "results.tsv",
        metric,
        [
            Experiment(i + 2, f"c{i}", value, status, f"idea {i}", *told)
            for i, (status, value, *told) in enumerate(rows)
        ],
        [],
    )


LOG = make_log(
    ("keep", 100.0),
    ("keep", 200.0, "macro", "algorithm", "2x"),
    ("discard", 150.0, "micro", "micro", "1.1x"),
    ("wrong", None, "macro", "algorithm", "3x"),
    ("keep", 201.0, "micro", "micro", ""),
    ("crash", None, "macro", "vectorisation", "4x"),
    ("keep", 402.0, "macro", "vectorisation", "2x"),
    ("timeout", None, "macro", "parallelism", ""),
    ("discard", 300.0, "micro", "micro", ""),
)
RUNGS = {"half": 0.5, "twice": 2.0, "thrice": 3.0, "tenfold": 10.0}


class TestCounting:
    def test_everything(self):
        run = analyze("a", LOG, 0.01, RUNGS)
        assert run.experiments == 8
        assert run.statuses == {"keep": 3, "discard": 2, "wrong": 1, "crash": 1, "timeout": 1}
        assert (run.share("keep"), run.share("crash"), run.share("unheard of")) == (3 / 8, 1 / 8, 0)
        assert run.keeps == [1, 4, 6]
        assert run.factors == [1, 2, 1.5, None, 2.01, None, 4.02, None, 3]
        assert run.gains == {1: 2, 4: pytest.approx(1.005), 6: pytest.approx(2)}
        assert run.in_noise == [4]
        assert run.best == 4.02
        assert (run.held, run.supposed) == (2, 5)
        assert run.since_last_keep == 2
        assert run.passed == {"half": 1, "twice": 1, "thrice": 6, "tenfold": None}
        assert [(half.failed, half.experiments) for half in run.halves] == [(1, 4), (2, 4)]
        assert list(run.categories) == ["algorithm", "vectorisation", "micro", "parallelism"]
        assert (run.categories["algorithm"].kept, run.categories["algorithm"].experiments) == (1, 2)
        assert run.categories["micro"].gain == pytest.approx(1.005)
        assert run.tracks["macro"].gain == pytest.approx(4)

    def test_noise_is_a_setting(self):
        assert analyze("a", LOG, 0.004, {}).in_noise == []
        assert analyze("a", LOG, 1.0001, {}).in_noise == [1, 4, 6]

    def test_a_slower_version_that_was_kept_is_in_the_noise(self):
        assert analyze("a", make_log(("keep", 10.0), ("keep", 9.0)), 0.01, {}).in_noise == [1]

    def test_lower_is_better(self):
        log = make_log(("keep", 1.0), ("keep", 0.8), ("discard", 1.25), metric="val_bpb")
        run = analyze("a", log, 0.01, {})
        assert run.factors == [1, 1.25, 0.8]
        assert run.gains == {1: 1.25}

    def test_rows_before_the_baseline(self):
        run = analyze("a", make_log(("crash", None), ("keep", None), ("keep", 10.0), ("keep", 30.0)), 0.01, {})
        assert (run.baseline, run.experiments, run.keeps, run.gains) == (2, 3, [1, 3], {3: 3})

    def test_no_baseline(self):
        run = analyze("a", make_log(("discard", 5.0), ("crash", None)), 0.01, RUNGS)
        assert (run.baseline, run.best, run.factors, run.since_last_keep) == (None, None, [None, None], 2)
        assert set(run.passed.values()) == {None}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["keep", "discard", "crash"]), st.floats(0.1, 1e6), st.sampled_from(["micro", "macro"])
            ),
            max_size=30,
        )
    )
    def test_gains_multiply_to_what_was_reached(self, rows):
        log = make_log(("keep", 7.0), *((s, None if s == "crash" else v, track, track) for s, v, track in rows))
        run = analyze("a", log, 0.01, {})
        last = run.factors[run.keeps_and_baseline[-1]]
        assert math.prod(run.gains.values()) == pytest.approx(last)
        assert math.prod(group.gain for group in run.categories.values()) == pytest.approx(last)
        assert sum(run.statuses.values()) == len(rows)
        assert run.since_last_keep == len(list(itertools.takewhile(lambda row: row[0] != "keep", reversed(rows))))

    def test_plateau_advice_is_program_mds(self):
        advice = plateau_advice()
        assert advice.length > 1
        assert advice.text.startswith(f"**Plateau.** After {advice.length} experiments")
        assert advice.text.count("\n1. ") == advice.text.count("\n4. ") == 1
        assert advice.text.endswith(".")

    def test_names_tell_runs_apart(self, tmp_path):
        a, b = tmp_path / "a", tmp_path / "b"
        assert name_runs([a / "results.tsv", b / "results.tsv"]) == ["a", "b"]
        assert name_runs([a / "one.tsv", a / "two.tsv"]) == ["one", "two"]
        assert name_runs([a / "x" / "results.tsv", b / "x" / "results.tsv"]) == [
            str(a / "x" / "results.tsv"), str(b / "x" / "results.tsv")
        ]  # fmt: skip


def agent_log(chance, length, keeps, describe=lambda i: f"idea number {i} that somebody had"):
    """A run with some keeps of very different gains."""
    factor = 1.0
    rows = [("keep", 100.0)]
    for _ in range(length):
        kind = chance.random()
        if kind < keeps:
            factor *= 1 + chance.random() ** 3 * 4
            rows.append(("keep", 100 * factor))
        elif kind < 0.85:
            rows.append(("discard", 100 * factor * chance.uniform(0.3, 1.1)))
        else:
            rows.append((chance.choice(["wrong", "crash", "timeout"]), None))
    log = make_log(*rows)
    experiments = [Experiment(e.line, e.commit, e.value, e.status, describe(i)) for i, e in enumerate(log.experiments)]
    return Log(log.path, log.metric, experiments, [])


def draw(*logs, rungs=RUNGS):
    with chart_style.style():
        return draw_runs([analyze(f"agent {i}", log, 0.01, rungs) for i, log in enumerate(logs)], rungs)


HOSTILE = (
    "$x^2$ and \\frac{",
    "<b>&amp; -- -->",
    "\u6570\u5b57 \U0001f600",
    "[bold]x[/",
    "\x00\x07\x1b[31m",
    "",
    "w" * 500,
)


class TestChart:
    @settings(deadline=None, max_examples=12)
    @given(st.randoms(use_true_random=False), st.sampled_from([(3, 0.9), (20, 0.6), (60, 0.3)]), st.integers(1, 3))
    def test_no_text_lies_on_another(self, chance, size, agents):
        crowded = {f"rung_{i}": 1.5 * 1.15**i for i in range(20)}
        figure = draw(*(agent_log(chance, *size) for _ in range(agents)), rungs=crowded)
        axes = figure.axes[0]
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in axes.texts if text.get_text()]
        assert len(boxes) > agents
        for (name, box), (other, other_box) in itertools.combinations(boxes, 2):
            assert not box.overlaps(other_box), (name, other)
        # Crosses stand at a height of the page, dots at one of the data.
        dots = [dot for dots in axes.collections for dot in dots.get_offset_transform().transform(dots.get_offsets())]
        inside = [box for name, box in boxes if "rung_" not in name]
        assert not any(box.contains(*dot) for box in inside for dot in dots)

    def test_the_ends_and_the_largest_gain_are_labelled(self):
        rows = [("keep", 10.0)] + [("keep", 10.0 + i / 100) for i in range(60)] + [("keep", 90.0)]
        rows += [("keep", 90.0 + i / 100) for i in range(60)]
        texts = {text.get_text() for text in draw(make_log(*rows)).axes[0].texts}
        assert {"idea 0", "idea 61", "idea 121"} <= texts

    @pytest.mark.parametrize("suffix", [".svg", ".png"])
    def test_any_description_can_be_drawn(self, suffix, tmp_path, recwarn):
        log = make_log(*(("keep", 10.0 * 1.5**i) for i in range(len(HOSTILE))))
        hostile = [Experiment(e.line, e.commit, e.value, e.status, text) for e, text in zip(log.experiments, HOSTILE)]
        path = tmp_path / f"chart{suffix}"
        with chart_style.style():
            run = analyze("a", Log("x", log.metric, hostile, []), 0.01, RUNGS)
            analyze_chart.save_chart(draw_runs([run], RUNGS), path, "a -- b")
        assert not recwarn.list
        if suffix == ".svg":
            ElementTree.parse(path)
            assert "prefers-color-scheme: dark" in path.read_text()
        else:
            assert path.read_bytes().startswith(b"\x89PNG")
        assert [entry.name for entry in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize(
        "rows",
        [
            [("keep", 5.0)],
            [("keep", 5.0), ("keep", 5.0)],
            [("crash", None), ("keep", 5.0)],
            [("keep", 5.0), ("discard", 1e-9)],
            [("keep", 5.0), ("keep", 5e12), ("maybe", 6.0), ("maybe", None)],
        ],
    )
    def test_small_and_extreme_runs(self, rows, tmp_path):
        with chart_style.style():
            analyze_chart.save_chart(draw(make_log(*rows), rungs={}), tmp_path / "chart.svg", "a")
        assert (tmp_path / "chart.svg").stat().st_size > 1000

    def test_a_chart_that_can_not_be_written(self, tmp_path):
        (tmp_path / "file").write_text("")
        for name in ("chart.svg", "chart.png"):
            with pytest.raises(LadderError, match="can't write"):
                analyze_chart.save_chart(draw(LOG), tmp_path / "file" / name, "a")

    @given(st.floats(1e-6, 1e6), st.floats(1.002, 1e9))
    def test_ticks_are_few_and_in_range(self, low, ratio):
        ticks = find_ticks(low, low * ratio)
        assert 2 <= len(ticks) <= 16
        assert all(low * 0.98 <= tick <= low * ratio * 1.02 for tick in ticks)
        assert ticks == sorted(set(ticks))

    def test_examples_in_docstrings(self):
        for module in (labels, analyze_chart):
            assert doctest.testmod(module).failed == 0


def save_reference(path):
    plan = Plan(list(RATES), ["domino"], 6, 0.3, None)
    batches = [
        Batch(name, "domino", i, 0, 1, 1000, 1000 / rate, 0.0, "00") for name, rate in RATES.items() for i in range(6)
    ]
    records.save(
        Results(records.FORMAT, records.VERSION, "2026-01-01T00:00:00Z", True, plan, {}, batches=batches), path
    )


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    path = tmp_path_factory.mktemp("reference") / "run.json"
    save_reference(path)
    return path


def test_rungs_come_from_a_run_in_the_order_of_their_speed(reference):
    assert list(rung_speed_ups(reference).items()) == [
        (name, pytest.approx(rate / 100)) for name, rate in RATES.items() if name != "row_list"
    ]


def run_analyze(*arguments, folder=None):
    command = [sys.executable, "-m", "ladder.cli", "analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)


class TestCommand:
    def test_one_agent(self, tmp_path, reference):
        text = FULL_TEXT + join(("b0", "12000", "keep", "[bold]arrays[/bold]", *TOLD)) + "no row\n"
        text += join(*((f"d{i}", "90", "discard", "x", *TOLD) for i in range(plateau_advice().length)))
        (tmp_path / "results.tsv").write_text(text)
        done = run_analyze(tmp_path / "results.tsv", "--reference", reference)
        assert done.returncode == 0, done.stderr
        assert "[bold]arrays[/bold]" in done.stdout
        assert "numpy_roll" in done.stdout
        assert "What program.md says about a plateau" in done.stdout
        assert "results.tsv:8: 1 cell, expected 8 with tabs" in done.stderr
        assert (tmp_path / "results.svg").exists()

    def test_json(self, tmp_path, reference):
        (tmp_path / "results.tsv").write_text(FULL_TEXT)
        done = run_analyze(tmp_path, "--reference", reference, "--json", "--no-chart")
        told = json.loads(done.stdout)
        assert list(told["rungs"]) == [name for name in RATES if name != "row_list"]
        (run,) = told["runs"]
        assert (run["keeps"], run["experiments"], run["best"]) == ([1], 4, 1.5)
        assert run["passed"] == {"tuple_keys": 1, "numpy_roll": None, "numpy_slices": None, "bigint": None}
        assert [entry.name for entry in tmp_path.iterdir()] == ["results.tsv"]

    def test_several_agents_and_none_with_a_baseline(self, tmp_path, reference):
        for name, text in (("a", FULL_TEXT), ("b", SHORT_TEXT), ("c", join(SHORT, ROWS[3]))):
            (tmp_path / name).mkdir()
            (tmp_path / name / "results.tsv").write_text(text)
        done = run_analyze("a", "b", "c", "--reference", reference, "--chart", "agents.png", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "c/results.tsv: not drawn" in done.stderr
        assert (tmp_path / "agents.png").exists()
        alone = run_analyze("c", "--reference", reference, folder=tmp_path)
        assert alone.returncode == 0, alone.stderr
        assert "there is no baseline" in alone.stdout
        assert not (tmp_path / "c" / "results.svg").exists()

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["nothing.tsv"], "nothing.tsv: No such file"),
            (["empty.tsv"], "empty.tsv: holds no experiment"),
            (["good.tsv", "--chart", "chart.jpeg"], "expected a name that ends in .svg or .png"),
            (["good.tsv", "--reference", "good.tsv"], "not JSON"),
            (["good.tsv", "--noise", "2"], "--noise"),
            ([], "Missing argument"),
        ],
    )
    def test_errors_are_one_line(self, arguments, reason, tmp_path):
        (tmp_path / "empty.tsv").write_text("")
        (tmp_path / "good.tsv").write_text(FULL_TEXT)
        done = run_analyze(*arguments, folder=tmp_path)
        assert done.returncode == 2
        assert done.stdout == ""
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1
