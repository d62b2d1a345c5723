"""ladder run: what it keeps, what it survives, what it says about rungs that can't be measured."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from refereeing import HONEST
from rich.console import Console
from test_ladder_results import make_batch

from autoresearch import bench
from ladder import results as records
from ladder.availability import BY_NAME, rung_program
from ladder.deck import Deck
from ladder.errors import LadderError
from ladder.measure import Entrant, Session
from ladder.positions import count_at, play_to
from ladder.run import Recorder, choose_control, find_unfinished, make_entrants, make_plan, new_results
from ladder.run import run_ladder as play_ladder
from ladder.run_display import RunDisplay
from ladder.stats import speed_up
from ladder.workloads import WORKLOADS

RUN = [sys.executable, "-m", "ladder.cli", "run", "--quick"]


def run_ladder(*arguments, **options):
    return subprocess.run(
        [*RUN, *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False, **options
    )


def descendants():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def test_measures_and_shows_a_ladder(tmp_path):
    path = tmp_path / "with a space" / "run.json"
    done = run_ladder("--rungs", "numpy_slices,row_list_pypy", "--blocks", 6, "-o", path)
    assert done.returncode == 0, done.stderr
    assert "numpy_slices" in done.stdout
    assert "A/A control" in done.stdout
    results = records.load(path)
    assert results.finished
    assert results.plan.rungs == ["row_list", "row_list_pypy", "numpy_slices"]
    assert {batch.rung for batch in results.batches} >= {"row_list", "numpy_slices", "control"}
    assert results.blocks_done("domino") == 6
    assert {"cpu", "python", "libraries", "compiler", "commit", "steal_s"} <= results.environment.keys()
    assert results.plan.blocks_per_process == 3
    said = [line.partition(" s  ")[2] for line in done.stderr.splitlines()]
    between = said[said.index("block 3 of 6, domino") : said.index("block 4 of 6, domino")]
    assert "fresh processes: 1 of 4, row_list" in between
    assert sum("fresh processes" in line for line in said) == sum(batch.block == 3 for batch in results.batches)
    ratio = speed_up(results.batches, "numpy_slices", "row_list", "domino")
    assert ratio.low > 50


def test_resumes_what_was_interrupted(tmp_path):
    path = tmp_path / "run.json"
    arguments = [*RUN, "--rungs", "numpy_slices", "--blocks", "8", "-o", str(path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (path.exists() and records.load(path).batches):
            time.sleep(0.05)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "go on with: ladder run --resume" in errors
    assert "Traceback" not in errors
    assert not psutil.wait_procs(children, timeout=5)[1]
    kept = records.load(path)
    assert not kept.finished
    assert 0 < kept.blocks_done("domino") < 8

    done = run_ladder("--resume", "-o", path)
    assert done.returncode == 0, done.stderr
    results = records.load(path)
    assert results.finished
    assert results.batches[: len(kept.batches)] == kept.batches
    assert sorted({batch.block for batch in results.batches}) == list(range(8))
    assert "nothing to resume" in run_ladder("--resume", "-o", path).stderr


def test_a_process_plays_one_kind_of_boards(tmp_path):
    """Workloads take turns, a few blocks at a time, and whoever plays the next starts afresh."""
    path = tmp_path / "run.json"
    done = run_ladder("--rungs", "numpy_slices", "--workloads", "gliders,ash", "--blocks", 4, "-o", path)
    assert done.returncode == 0, done.stderr
    said = [line.partition(" s  ")[2] for line in done.stderr.splitlines()]
    fresh = "fresh processes: 1 of 3, row_list"
    assert [line for line in said if line.startswith("block") or line == fresh] == [
        *(f"block {i} of 4, gliders" for i in (1, 2, 3)),
        fresh,
        *(f"block {i} of 4, ash" for i in (1, 2, 3)),
        fresh,
        "block 4 of 4, gliders",
        fresh,
        "block 4 of 4, ash",
    ]
    batches = records.load(path).batches
    assert {(b.workload, b.block) for b in batches} == {(w, b) for w in ("gliders", "ash") for b in range(4)}


def test_does_not_mix_circumstances(tmp_path):
    path = tmp_path / "run.json"
    plan = make_plan([BY_NAME["numpy_slices"]], ["domino"], 6, 0.1)
    results = records.Results(records.FORMAT, records.VERSION, "now", False, plan, {"cpu": "another processor"})
    records.save(results, path)
    before = path.read_bytes()
    done = run_ladder("--resume", "-o", path)
    assert done.returncode == 2
    assert "another processor" in done.stderr
    assert path.read_bytes() == before


def test_says_which_rungs_are_unavailable(tmp_path):
    path = tmp_path / "run.json"
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PATH": str(empty)}
    done = run_ladder("--rungs", "row_list_pypy", "--blocks", 1, "-o", path, env=environment)
    assert done.returncode == 0, done.stderr
    assert "row_list_pypy: unavailable: pypy3 is not installed" in done.stderr
    assert records.load(path).outcome("row_list_pypy", "domino").status == "unavailable"


BAD = {
    "unknown rung": (["--rungs", "bigint,no_such"], "no_such"),
    "no rung": (["--rungs", ","], "expected at least one"),
    "unknown workload": (["--workloads", "chess"], "chess"),
    "no blocks": (["--blocks", "0"], "--blocks"),
    "blocks of text": (["--blocks", "many"], "--blocks"),
    "no cores": (["--cores", "0"], "--cores"),
    "too many cores": (["--cores", "9999", "-o", "none.json"], "cores 9999"),
    "unknown option": (["--fast"], "--fast"),
    "unwritable": (["-o", "/proc/no/run.json", "--rungs", "bigint"], "/proc/no"),
    "nothing to resume": (["--resume", "-o", "none.json"], "none.json"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_one_clear_line(bad, tmp_path):
    arguments, culprit = BAD[bad]
    done = run_ladder(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("ladder: ")]
    assert len(lines) == 1
    assert culprit in lines[0]
    assert "Traceback" not in done.stderr


def test_never_overwrites_a_run(tmp_path):
    (tmp_path / "run.json").write_text("precious")
    done = run_ladder("-o", tmp_path / "run.json")
    assert done.returncode == 2
    assert (tmp_path / "run.json").read_text() == "precious"


def test_the_anchor_joins_what_is_measured():
    plan = make_plan([BY_NAME["bigint"]], ["domino", "soup_1k"], 6, 0.1)
    assert plan.rungs == ["row_list", "bigint", "numpy_slices"]
    assert choose_control([]) is None


def test_positions_are_those_of_the_oracle():
    board = bench.domino_like(bench.Stream(b"test", 5))
    start = play_to(board, 37, 1000)
    team1, team2 = (bench.read_cells(text, board.rows, board.columns) for text in (board.s1, board.s2))
    for _ in range(37):
        team1, team2 = bench.next_generation(team1, team2, board.rows, board.columns)
    found = [bench.read_cells(text, board.rows, board.columns) for text in (start.board.s1, start.board.s2)]
    assert found == [team1, team2]
    assert start.left == 1000 - 37


def test_positions_end_with_the_match():
    stream = bench.Stream(b"test", 6)
    board = bench.sleeper(stream)
    truth = bench.find_truth(board, 1000)
    assert truth.victory is not None
    assert play_to(board, truth.victory - 1, 1000) is not None
    assert play_to(board, truth.victory, 1000) is None


LIAR = '''
import sys
sys.path.insert(0, {root!r})
from variants import numpy_slices

played = 0

def run_benchmark(s1, s2, rows, columns, time_limit_s, callback):
    """Right in the gate and while it warms up, one cell off at the end of every match afterwards."""
    global played
    played += rows == 150

    class Late:
        @property
        def next_generation(self):
            return callback.next_generation

        def __call__(self, generation, count1, count2):
            return callback(generation, count1 + (played > {honest} and generation > 900), count2)

    return numpy_slices.run_benchmark(s1, s2, rows, columns, time_limit_s, Late())
'''


def test_a_liar_drops_out(tmp_path):
    path = tmp_path / "liar.py"
    path.write_text(LIAR.format(root=str(Path(bench.__file__).parent.parent), honest=14))
    dropped = []
    entrants = [
        Entrant("liar", bench.Program(str(path))),
        Entrant("honest", rung_program(BY_NAME["numpy_slices"])),
    ]
    with Session(entrants, [WORKLOADS["domino"]], 0.2, lambda *what: dropped.append(what)) as session:
        session.admit_all(0.2)
        rungs = [batch.rung for block in range(12) for batch in session.play_block(WORKLOADS["domino"], block)]
    assert [(name, status) for name, _, status, _ in dropped] == [("liar", "wrong")]
    assert rungs.count("honest") == 12
    assert rungs.count("liar") < 12


def test_disagreement_is_judged_by_the_oracle():
    deck = Deck(WORKLOADS["domino"], 0.1)
    task = bench.Task(deck.match(0).board, (3,))
    truth = bench.find_truth(task.board, 3)
    right = bench.Answer(3, [[0, *truth.counts[0]], [3, *truth.counts[3]]])
    wrong = bench.Answer(3, [[0, *truth.counts[0]], [3, truth.counts[3][0] + 1, truth.counts[3][1]]])
    other = bench.Answer(3, [[0, *truth.counts[0]], [3, truth.counts[3][0] + 2, truth.counts[3][1]]])
    deck.note("wrong and first", [task], [wrong])
    deck.note("right", [task], [right])
    with pytest.raises(bench.Wrong):
        deck.note("wrong in another way", [task], [other])
    assert {name for name, _ in deck.audit()} == {"wrong and first", "wrong in another way"}


def test_on_boards_too_large_for_the_oracle_the_first_to_answer_is_not_believed_either():
    deck = Deck(WORKLOADS["soup_1k"], 0.1)
    board = deck.starts()[0].board
    task = bench.Task(board, (1,))
    counts = {generation: count_at(board, generation) for generation in (0, 1)}
    right = bench.Answer(1, [[0, *counts[0]], [1, *counts[1]]])
    wrong = bench.Answer(1, [[0, *counts[0]], [1, counts[1][0] + 1, counts[1][1]]])
    deck.note("wrong and first", [task], [wrong])
    deck.note("right", [task], [right])
    with pytest.raises(bench.Wrong, match="generation 1 of soup_1k"):
        deck.note("wrong and last", [task], [wrong])
    assert {name for name, _ in deck.audit()} == {"wrong and first", "wrong and last"}


def test_large_boards_are_counted_right():
    board = bench.soup(bench.Stream(b"count"), 40, 50, 0.3)
    assert [count_at(board, g) for g in range(4)] == [bench.find_truth(board, 3).counts[g] for g in range(4)]


def test_who_fails_has_no_rate(tmp_path):
    """Not even what was measured before: readers of a record needn't know who was found out later."""
    plan = make_plan([BY_NAME["bigint"]], ["domino", "soup"], 6, 0.1)
    results = new_results(plan)
    results.batches = [make_batch(rung, 0, 1.0, w) for rung in ("row_list", "bigint") for w in ("domino", "soup")]
    recorder = Recorder(results, tmp_path / "run.json", RunDisplay(plan, results, Console(stderr=True)))
    recorder.add_outcome("bigint", "soup", "crash", "no memory")
    assert [(b.rung, b.workload) for b in results.batches if b.rung == "bigint"] == [("bigint", "domino")]
    left = {entrant.name: entrant.out for entrant in make_entrants(results, 1, recorder.add_outcome)}
    assert (left["row_list"], left["bigint"]) == (set(), {"soup"})
    recorder.add_outcome("bigint", "", "wrong", "one too many")
    assert {b.rung for b in results.batches} == {"row_list"}
    assert [results.outcome("bigint", w).status for w in ("domino", "soup")] == ["wrong", "crash"]
    assert "bigint" not in {entrant.name for entrant in make_entrants(results, 1, recorder.add_outcome)}


def test_a_run_that_nobody_survives_is_not_finished(tmp_path, monkeypatch):
    results = new_results(make_plan([BY_NAME["row_list"]], ["domino"], 6, 0.1))

    def refuse(*_):
        raise bench.Usage("no place for temporary files")

    monkeypatch.setattr("ladder.measure.Player.start", refuse)
    with pytest.raises(LadderError, match="no place for temporary files"):
        play_ladder(results, tmp_path / "run.json", 1, 0.1, Console(stderr=True))
    kept = records.load(tmp_path / "run.json")
    assert not kept.finished
    assert not kept.outcomes


def test_two_runs_do_not_write_one_file(tmp_path):
    path = tmp_path / "run.json"
    with records.only_writer(path), pytest.raises(LadderError, match="another run is writing"):
        play_ladder(new_results(make_plan([BY_NAME["row_list"]], ["domino"], 6, 0.1)), path, 1, 0.1, Console())
    assert not path.exists()
    with records.only_writer(path):
        pass


@pytest.mark.parametrize("option", [["--rungs", "bigint"], ["--workloads", "soup"], ["--blocks", 9], ["--cores", 1]])
def test_a_resumed_run_takes_no_other_plan(option, tmp_path):
    done = run_ladder("--resume", *option, "-o", tmp_path / "run.json")
    assert done.returncode == 2
    assert "goes on as the run was begun" in done.stderr


def test_the_newest_unfinished_run_goes_on(tmp_path):
    plan = make_plan([BY_NAME["row_list"]], ["domino"], 6, 0.1)
    for name, created in {"run-new.json": "2026-01-01", "run-1.json": "2026-03-01", "run-2.json": "2026-02-01"}.items():
        records.save(records.Results(records.FORMAT, records.VERSION, created, False, plan, {}), tmp_path / name)
    (tmp_path / "run-3.json").write_bytes(b'{"format": "\xff"}')
    assert find_unfinished(tmp_path).name == "run-1.json"


def test_a_run_of_rungs_that_are_gone_is_refused(tmp_path):
    plan = records.Plan(["row_list", "byte_digits"], ["domino"], 6, 0.1, None)
    with pytest.raises(LadderError, match="expected rungs and workloads of this version, found byte_digits"):
        play_ladder(new_results(plan), tmp_path / "run.json", 1, 0.1, Console())


def test_fresh_processes_go_on_where_the_old_ones_were(tmp_path):
    """A session may renew everybody's process; who doesn't start again drops out, and is named."""
    dropped = []
    entrants = [Entrant(name, rung_program(BY_NAME[name])) for name in ("bigint", "numpy_slices")]
    with Session(entrants, [WORKLOADS["domino"]], 0.05, lambda *outcome: dropped.append(outcome)) as session:
        session.admit_all(0.1)
        before = {player.entrant.name: player.child.process.pid for player in session.players}
        session.play_block(session.workloads[0], 0)
        known = {player.entrant.name: dict(player.seconds) for player in session.players}
        session.renew(0.1)
        after = {player.entrant.name: player.child.process.pid for player in session.players}
        assert before.keys() == after.keys()
        assert not set(before.values()) & set(after.values())
        assert {player.entrant.name: player.seconds for player in session.players} == known
        assert {batch.rung for batch in session.play_block(session.workloads[0], 1)} == {"bigint", "numpy_slices"}

        broken = tmp_path / "broken.py"
        broken.write_text("raise ValueError('not twice')\n")
        session.players[0].entrant = Entrant("bigint", bench.Program(str(broken)))
        session.renew(0.1)
        assert [(name, status) for name, _, status, _ in dropped] == [("bigint", "crash")]
        assert {batch.rung for batch in session.play_block(session.workloads[0], 2)} == {"numpy_slices"}


COMPILES_FIRST = """

run_at_once = run_benchmark
waited = False

def run_benchmark(*arguments):
    global waited
    if not waited:
        time.sleep(1)
        waited = True
    return run_at_once(*arguments)
"""


def test_what_compiling_takes_in_a_fresh_process_is_not_taken_for_playing_or_reading(tmp_path):
    path = tmp_path / "compiles.py"
    path.write_text(HONEST.read_text() + COMPILES_FIRST)
    soup, gliders = WORKLOADS["soup"], WORKLOADS["gliders"]
    dropped = []
    entrants = [Entrant("compiles", bench.Program(str(path)))]
    with Session(entrants, [gliders, soup], 0.5, lambda *outcome: dropped.append(outcome)) as session:
        session.admit_all(0.2, [gliders])
        for workload in (soup, soup, gliders):
            session.renew(0.1, [workload])
            batches = session.play_block(workload, 0)
            assert not dropped
            assert [batch.generations > 1000 for batch in batches] == [True], workload.name


def test_only_the_largest_boards_get_fewer_blocks():
    assert {name: workload.blocks(12) for name, workload in WORKLOADS.items() if workload.blocks(12) != 12} == {
        "soup_8k": 6
    }
    assert WORKLOADS["soup_8k"].blocks(3) == 3
