"""What the agent's brief says about the referee, the game and itself is true."""

import re
import signal
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from brief import BLOCKS, BRIEF, COLUMNS, FOLDER, bench_arguments, block_keys, find_table, replace, unquote
from packaging.requirements import Requirement

from autoresearch import bench
from variants import RUNGS

DEFAULTS = bench.parse_arguments([])
STATUSES = {"keep", "discard", "wrong", "crash", "timeout"}


def test_commands_in_running_text():
    text = re.sub(r"```.*?```", "", BRIEF, flags=re.DOTALL)
    inline = set(re.findall(r"`((?:python3|git|tail|timeout|grep|cat) [^`]*)`", text))
    runs = {command for command in inline if command.startswith("python3 bench.py")}
    assert inline - runs == {"tail -n 50 run.log", BLOCKS["reset"].strip()}
    for command in runs:
        assert bench.parse_arguments(bench_arguments(command)[0]).workload in bench.WORKLOADS


def test_options_in_running_text():
    options = re.findall(r"`(--[a-z]+) ([\w./]+)`", BRIEF)
    assert options
    for option in options:
        bench.parse_arguments(option)
    others = BRIEF[BRIEF.index("--workload soup") :].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", others)) == set(bench.WORKLOADS) - {DEFAULTS.workload, "soup"}


def test_defaults():
    for name in ("budget", "cores", "blocks", "margin"):
        assert f"`--{name} {getattr(DEFAULTS, name):g}`" in BRIEF
    assert f"a budget of {DEFAULTS.budget / 60:g} minutes" in BRIEF
    assert f"in {DEFAULTS.blocks} pairs" in " ".join(BRIEF.split())
    assert f"a margin of {DEFAULTS.margin:.0%}" in BRIEF


def test_verdicts_and_exit_statuses():
    table = [row for row in find_table("exit status") if row[1] != "none"]
    documented = {(unquote(verdict), int(status)) for status, verdict, *_ in table}
    assert documented == {("ok", 0)} | {(kind.verdict, kind.exit_code) for kind in bench.Failure.__subclasses__()}


def test_statuses_to_log():
    logged = {unquote(row[3]) for row in find_table("exit status")} - {"no row"}
    (described,) = [row[1] for row in find_table("column") if row[0] == "`status`"]
    assert logged == set(re.findall(r"`(\w+)`", described)) == STATUSES


def test_columns():
    head = re.search(r"printf '(commit.*?)\\n'", BLOCKS["setup"])[1].split(r"\t")
    assert head == COLUMNS
    assert COLUMNS[:4] == ["commit", "generations_per_s", "status", "description"]


def run_bench(*arguments):
    command = [sys.executable, str(FOLDER / "bench.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_failed_runs_print_the_documented_keys(tmp_path):
    program = tmp_path / "program.py"
    text = (FOLDER / "program.py").read_text()
    program.write_text(replace(text, "team1 + team2 == 2 or", "team1 + team2 == 4 or"))
    done = run_bench("--program", program, "--budget", 1)
    sentence = re.search(r"its block has (.*?)\.\n", BRIEF, re.DOTALL)[1]
    assert done.returncode == 1
    assert set(block_keys(done.stdout)) == set(re.findall(r"`(\w+)`", sentence))
    assert "generations_per_s:" not in done.stdout


def test_a_usage_error_is_one_line_and_no_block(tmp_path):
    done = run_bench("--program", tmp_path / "missing.py")
    assert done.returncode == 2
    assert re.fullmatch(r"bench\.py: .*\n", done.stderr)
    assert done.stdout == ""


def test_killed_runs_have_no_block():
    command = [sys.executable, str(FOLDER / "bench.py")]
    done = subprocess.run(["timeout", "2", *command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (124, "")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    assert {row[0] for row in find_table("exit status") if row[1] == "none"} == {"124", "130"}


def test_numbers_of_the_experiment():
    window = re.search(r"^WINDOW = (\d+)$", (FOLDER / "program.py").read_text(), re.MULTILINE)[1]
    assert f"{bench.ROWS} x {bench.COLUMNS} cells" in BRIEF
    assert f"at most {bench.EPISODE} generations" in BRIEF
    assert f"window of {window} generations" in BRIEF


def play_domino(step, last):
    """Yield generation and both teams' cells of the published match under a rule."""
    teams = tuple(bench.read_cells(text, bench.ROWS, bench.COLUMNS) for text in (bench.DOMINO.s1, bench.DOMINO.s2))
    for generation in range(last + 1):
        yield generation, *teams
        teams = step(*teams, bench.ROWS, bench.COLUMNS)


def without_wrap(dx, dy):
    """The rule on a board that ends at its left and right sides (dx = 2) or at top and bottom (dy = 2)."""

    def step(team1, team2, rows, columns):
        framed = (bench.move(team, dx, dy) for team in (team1, team2))
        following = bench.next_generation(*framed, rows + 2 * dy, columns + 2 * dx)
        moved = (bench.move(team, -dx, -dy) for team in following)
        return tuple({(x, y) for x, y in team if 0 <= x < columns and 0 <= y < rows} for team in moved)

    return step


def keep_color(team1, team2, rows, columns):
    """The rule, but for survivors that stay with their team."""
    next1, next2 = bench.next_generation(team1, team2, rows, columns)
    return (next1 - team2) | (next2 & team1), (next2 - team1) | (next1 & team2)


def near(team):
    moves = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0)]
    return {((x + dx) % bench.COLUMNS, (y + dy) % bench.ROWS) for x, y in team for dx, dy in moves}


@pytest.mark.parametrize(
    ("mutant", "fails_at", "about"),
    [
        (without_wrap(2, 0), 60, "left to right"),
        (keep_color, 100, "color"),
        (without_wrap(0, 2), 400, "top to bottom"),
    ],
)
def test_first_wrong_checkpoint(mutant, fails_at, about):
    for generation, team1, team2 in play_domino(mutant, fails_at):
        expected = bench.DOMINO_CHECKPOINTS.get(generation)
        if generation < fails_at and expected is not None:
            assert (len(team1), len(team2)) == expected
    assert (len(team1), len(team2)) != expected
    (row,) = [row for row in find_table("wrong from") if row[0].split()[0] == str(fails_at)]
    assert about in row[1]


def test_first_generations_at_which_things_matter():
    first = {}
    before, mixed = (set(), set()), set()
    for generation, team1, team2 in play_domino(bench.next_generation, 310):
        both = team1 | team2
        if any(x in (0, bench.COLUMNS - 1) for x, _ in both):
            first.setdefault("the wrap from left to right, which matters from generation {} on", generation)
        if any(y in (0, bench.ROWS - 1) for _, y in both):
            first.setdefault("the wrap from top to bottom, which matters from generation {} on", generation)
        if mixed & both:
            first.setdefault("the teams meet at generation {}", generation - 1)
        if team1 & before[1] or team2 & before[0]:
            first.setdefault("a survivor changes color for the first time at {}", generation)
        before, mixed = (team1, team2), near(team1) & near(team2)
    assert len(first) == 4
    for sentence, generation in first.items():
        assert sentence.format(generation) in BRIEF


def test_nothing_of_the_ladder_shows():
    words = set(re.findall(r"\w+", BRIEF.lower()))
    assert not words & {"ladder", "rung", "rungs", "variant", "variants", *(rung.name for rung in RUNGS)}


def test_requirements_are_bounded_and_met():
    requirements = [Requirement(line) for line in (FOLDER / "requirements.txt").read_text().splitlines()]
    assert {requirement.name for requirement in requirements} == {"numpy", "scipy"}
    for requirement in requirements:
        assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}
        assert requirement.specifier.contains(version(requirement.name))
