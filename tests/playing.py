"""How tests play a rung: in this process where its interpreter is this one, else in the referee's child."""

import importlib.util
import random
from collections.abc import Callable, Sequence
from functools import cache

import pytest

from autoresearch import bench
from ladder.availability import BY_NAME, ROOT, rung_program, why_unavailable
from variants import RUNGS

FAR = 10**15
NAMES = [rung.name for rung in RUNGS]
IN_PROCESS = [rung.name for rung in RUNGS if rung.interpreter is None]


class Recorder:
    """A callback that asks for the generations of a schedule and keeps everything that it is told."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.wanted = list(schedule)
        self.next_generation = 0
        self.reports: list[tuple[int, int, int]] = []

    def __call__(self, generation: int, team1_cells: int, team2_cells: int) -> bool:
        self.reports.append((generation, int(team1_cells), int(team2_cells)))
        while self.wanted and self.wanted[0] <= generation:
            self.wanted.pop(0)
        self.next_generation = self.wanted[0] if self.wanted else generation + 1
        return bool(self.wanted)

    @property
    def counts(self) -> dict[int, tuple[int, int]]:
        return {generation: (count1, count2) for generation, count1, count2 in self.reports}


def skip_unless_available(name: str) -> None:
    reason = why_unavailable(BY_NAME[name])
    if reason:
        pytest.skip(f"{name} is unavailable here: {reason}")


@cache
def load_rung(name: str) -> Callable[..., int]:
    """The rung's run_benchmark. Skips the test where this machine can't play it."""
    skip_unless_available(name)
    rung = BY_NAME[name]
    if rung.source.startswith("variants/"):
        return importlib.import_module(f"variants.{name}").run_benchmark
    spec = importlib.util.spec_from_file_location(name, ROOT / rung.source)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.run_benchmark


def play(name: str, board: bench.Board, schedule: Sequence[int], time_limit_s: float = 600.0) -> Recorder:
    """Play a rung to the last generation of the schedule; check what it returns; give back what it reported."""
    if BY_NAME[name].interpreter is None:
        recorder = Recorder(schedule)
        reached = load_rung(name)(board.s1, board.s2, board.rows, board.columns, time_limit_s, recorder)
        assert reached == recorder.reports[-1][0]
        return recorder
    skip_unless_available(name)
    with bench.Child(rung_program(BY_NAME[name])) as child:
        answers, _ = child.play([bench.Task(board, tuple(schedule))], 600.0, time_limit_s)
    recorder = Recorder(schedule)
    recorder.reports = [tuple(report) for report in answers[0].reports]
    return recorder


def random_board(seed: int, rows: int, columns: int, density: float = 0.35, share1: float = 0.5) -> bench.Board:
    return bench.soup(bench.Stream(b"test", seed), rows, columns, density, share1)


def random_schedule(seed: int, last: int, count: int = 5) -> list[int]:
    chance = random.Random(seed)
    return sorted({chance.randint(1, last) for _ in range(count)} | {last})
