"""How tests put a program before the referee, and how they tell whether it is faster than an honest one."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from autoresearch import bench

TESTS = Path(__file__).parent
BENCH = Path(bench.__file__)
HONEST = TESTS / "honest.py"
SEED = "7"  # one seed for all, so that the oracle plays each gate board once per session
DOMINO = bench.WORKLOADS["domino"]


def referee(path, *options, tmp_path, budget=1, seed=SEED):
    """Take a program through bench.py's main() in this process; return the result as `--json` has it."""
    target = tmp_path / "result.json"
    arguments = ["--program", str(path), "--budget", str(budget), "--json", str(target), *options]
    arguments += ["--seed", seed] if seed else []
    exit_code = bench.main([str(argument) for argument in arguments])
    return {**json.loads(target.read_text()), "exit_code": exit_code}


def run_command(*arguments, bench_py=BENCH, python=sys.executable, timeout=120, **options):
    """Run bench.py as a command."""
    command = [python, str(bench_py), *map(str, arguments)]
    options = {"capture_output": True, "text": True, "errors": "replace", **options}
    return subprocess.run(command, timeout=timeout, check=False, **options)


class SideBySide(NamedTuple):
    """How many times as fast a program plays whole matches as another, and the rate of that other."""

    ratio: float
    other_rate: float


def play_side_by_side(path, other=HONEST, turns=9, turn_s=0.12):
    """Let two programs play the same boards by turns; take the medians."""
    key = b"side by side"
    programs = [bench.Program(str(which)) for which in (path, other)]
    with bench.Cores(1) as cores, bench.Child(programs[0], cores) as a, bench.Child(programs[1], cores) as b:
        estimates = [bench.warm_up(child, DOMINO, b"warm up", 0.3)[1] for child in (a, b)]
        count = max(1, round(turn_s / max(estimates)))
        ratios, rates = [], []
        for turn in range(turns):
            tasks = [bench.make_task(DOMINO, key, turn * count + i) for i in range(count)]
            order = (a, b) if turn % 2 else (b, a)
            clocked = {child: child.play(tasks, 60)[1] for child in order}
            ratios.append(clocked[b].charged_s / clocked[a].charged_s)
            rates.append(clocked[b].generations / clocked[b].charged_s)
    return SideBySide(statistics.median(ratios), statistics.median(rates))


def is_no_faster(path, reported=0.0, other=HONEST, limit=1.25):
    """Whether a program is no faster than another, by more than the noise of a shared machine.

    `reported` is the rate by which the referee measured it: at another time, hence with more noise.
    """
    found = [play_side_by_side(path, other)]
    while found[-1].ratio > limit and len(found) < 3:
        found.append(play_side_by_side(path, other))
    return found[-1].ratio <= limit and reported <= 2.5 * max(rate for _, rate in found)
