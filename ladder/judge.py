"""Place somebody's program on the ladder: verdict, speed-up, place with ties, score, weaknesses.

The program first has to survive the referee. Then it is measured side by side with row_list, the fastest rung and the
rungs around it, all on this host and on the same boards. The score is log(speed-up) / log(speed-up of the fastest
rung): 0 is the baseline, 1 the top of the ladder, and each doubling is worth the same. It compares between hosts, as
both speed-ups change with the host; rates don't.
"""

import ast
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from autoresearch import bench
from ladder import results as records
from ladder.availability import BY_NAME, rung_program, why_unavailable
from ladder.errors import LadderError
from ladder.measure import Entrant, Group, Session, group_blocks
from ladder.results import Batch
from ladder.stats import FEWEST_BLOCKS, Ratio, median_rate, speed_up
from ladder.workloads import WORKLOADS
from variants import RUNGS

NAME = "your program"
CLASSES = {
    "stdlib": ("Python", "PyPy"),
    "numpy": ("Python", "PyPy", "numpy", "scipy"),
    "jit": ("Python", "PyPy", "numpy", "scipy", "numba"),
    "native": ("Python", "PyPy", "numpy", "scipy", "numba", "Cython"),
}
BLOCKS_PER_PROCESS = 2  # fewer would be better still, but a JIT compiler takes longer than a block
FAILURES = {kind.verdict: kind for kind in (bench.Wrong, bench.Usage, bench.Crash, bench.Timeout, bench.Tampered)}
AROUND = 3  # rungs measured on either side of where the program seems to stand
MARGIN = 0.02  # rungs nearer than this are tied, however narrow the interval
WEAKNESS = 1.5  # a factor that is worth telling


class Place(msgspec.Struct):
    """Where a program stands among the rungs of its class; names of rungs, None beyond either end."""

    below: str | None
    tied: list[str]
    above: str | None

    def __str__(self) -> str:
        if self.tied:
            return f"tied with {' and '.join(self.tied)}"
        if self.below is None:
            return f"below {self.above}, the lowest rung"
        if self.above is None:
            return f"above {self.below}, the highest rung"
        return f"between {self.below} and {self.above}, tied with neither"


class Judgement(msgspec.Struct):
    """What `ladder judge` found out. `checked` is the referee's own result; ratios are (value, low, high)."""

    program: str
    checked: dict[str, Any]
    rate: float
    speed_up: Ratio
    place: Place
    score: float
    best: str
    class_name: str
    class_place: Place
    class_score: float
    class_best: str
    against: dict[str, Ratio]
    weaknesses: dict[str, dict[str, Ratio]]
    failures: dict[str, str]  # why there is no comparison on a workload
    environment: dict[str, Any] = {}
    note: str = "Scores compare between hosts; generations per second don't."


def in_class(name: str, class_name: str) -> bool:
    return BY_NAME[name].tool in CLASSES[class_name]


def guess_class(source: bytes | str) -> str:
    """The class of a program by what it imports: stdlib, numpy, jit or native. Raises SyntaxError, ValueError."""
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    for own in ("variants", "ladder", "autoresearch"):
        if own in imported:
            raise LadderError(f"the program imports {own!r}: expected one that stands on its own")
    if imported & {"ctypes", "cffi", "cython", "Cython", "pyximport"}:
        return "native"
    if imported & {"numba", "llvmlite", "jax", "torch"}:
        return "jit"
    return "numpy" if imported & {"numpy", "scipy"} else "stdlib"


def verify(program: Path, python: str, budget_s: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Have the referee check and measure the program alone. Raises bench.Failure where it doesn't survive."""
    arguments = ["--program", str(program), "--budget", str(budget_s), "--python", python]
    checked: dict[str, Any] = {}
    bench.run(bench.parse_arguments(arguments), checked, say)
    return checked


def expected_speed_ups() -> dict[str, float]:
    """How fast the rungs were in the recorded reference run, to tell which of them are worth measuring."""
    if not records.REFERENCE.exists():
        return {}
    results = records.load(records.REFERENCE)
    found = {rung.name: speed_up(results.batches, rung.name, "row_list", "domino") for rung in RUNGS}
    return {name: ratio.value for name, ratio in found.items() if ratio}


def choose_rungs(estimate: float, class_name: str) -> list[str]:
    """The baseline, the rungs around a speed-up, overall and in a class, and the fastest of both."""
    # On one core and small boards, rungs whose idea is threads stand beside their parents and teach nothing more.
    candidates = [rung.name for rung in RUNGS if not rung.threads and why_unavailable(rung) is None]
    expected = {name: value for name, value in expected_speed_ups().items() if name in candidates}
    if len(expected) < 2 * AROUND:
        return candidates
    chosen = {"row_list"}
    for group in (list(expected), [name for name in expected if in_class(name, class_name)]):
        ordered = sorted(group, key=lambda name: expected[name])
        position = sum(expected[name] < estimate for name in ordered)
        chosen |= {*ordered[max(0, position - AROUND) : position + AROUND], ordered[-1]}
    return [rung.name for rung in RUNGS if rung.name in chosen]


def find_place(against: dict[str, Ratio], names: Sequence[str]) -> Place:
    """Where a program stands, from its rate over each rung's: tied unless the interval clears 1 by the margin."""
    # Written so that what has no interval is tied.
    tied = [n for n in names if not (against[n].low > 1 + MARGIN or against[n].high < 1 / (1 + MARGIN))]
    slower = [n for n in names if n not in tied and against[n].value > 1]
    faster = [n for n in names if n not in tied and against[n].value < 1]
    return Place(
        min(slower, key=lambda n: against[n].value, default=None),
        sorted(tied, key=lambda n: abs(math.log(against[n].value))),
        max(faster, key=lambda n: against[n].value, default=None),
    )


def compare_with_rungs(batches: Sequence[Batch]) -> dict[str, Ratio]:
    """The program's rate over that of each rung beside which it has played the metric's boards."""
    found = {rung.name: speed_up(batches, NAME, rung.name, "domino") for rung in RUNGS}
    return {name: ratio for name, ratio in found.items() if ratio}


def find_neighbors(place: Place) -> list[str]:
    return [name for name in (*place.tied, place.below, place.above) if name is not None]


def find_score(gain: float, against: dict[str, Ratio], names: Sequence[str]) -> tuple[float, str]:
    """log(speed-up) / log(speed-up of the best of these rungs), and which that is."""
    best = min((n for n in names if n != "row_list"), key=lambda n: against[n].value, default="row_list")
    top = gain / against[best].value
    return (math.log(gain) / math.log(top) if top > 1 else math.nan), best


def find_weaknesses(
    batches: Sequence[Batch], against: dict[str, Ratio], near: Sequence[str]
) -> dict[str, dict[str, Ratio]]:
    """By workload and neighboring rung: how the ratio to it differs from that on domino; below 1 is weaker."""
    found: dict[str, dict[str, Ratio]] = {}
    for workload in dict.fromkeys(batch.workload for batch in batches):
        if workload == "domino":
            continue
        for name in near:
            ratio = speed_up(batches, NAME, name, workload)
            if ratio:
                scale = 1 / against[name].value
                change = Ratio(ratio.value * scale, ratio.low * scale, ratio.high * scale, ratio.blocks)
                found.setdefault(workload, {})[name] = change
    return found


class Judge:
    """A measurement of one program beside the rungs. `say` takes lines about the progress."""

    def __init__(self, program: Path, python: str, class_name: str | None, say: Callable[[str], None]) -> None:
        self.program = bench.Program(str(program), python)
        self.path = program
        self.python = python
        try:
            guessed = guess_class(self.program.source) if program.suffix == ".py" else "native"
        except (SyntaxError, ValueError):
            guessed = "stdlib"  # the referee will say what is wrong with it
        self.class_name = class_name or guessed
        self.say = say
        self.dropped: dict[tuple[str, str], tuple[str, str]] = {}

    def measure(self, workloads: Sequence[str], blocks: int, slot_s: float, settle_s: float) -> list[Batch]:
        """Play side by side with the chosen rungs; return all batches. Raises bench.Failure where the program fails."""
        chosen = self.choose(slot_s, settle_s)
        groups = group_blocks([WORKLOADS["domino"]], blocks, BLOCKS_PER_PROCESS)
        batches = self._play(chosen, groups, slot_s, settle_s)
        others = [WORKLOADS[name] for name in workloads if name != "domino"]
        if others:  # they tell weaknesses, not the place: few blocks will do, beside the neighbors only
            against = compare_with_rungs(batches)
            near = find_neighbors(find_place(against, list(against)))
            batches += self._play(near, group_blocks(others, FEWEST_BLOCKS), slot_s, settle_s)
        return batches

    def _play(self, rungs: Sequence[str], groups: Sequence[Group], slot_s: float, settle_s: float) -> list[Batch]:
        entrants = [Entrant(NAME, self.program)]
        entrants += [Entrant(name, rung_program(BY_NAME[name])) for name in rungs]
        workloads = list(dict.fromkeys(workload for workload, _ in groups))
        batches: list[Batch] = []
        with Session(entrants, workloads, slot_s, self._drop, self.say) as session:
            for workload, block in session.take_turns(groups, settle_s, settle_s / 4):
                last = max(blocks.stop for of, blocks in groups if of == workload)
                self.say(f"block {block + 1} of {last}, {workload.name}")
                batches += session.play_block(workload, block)
                self._check_alive()
        return batches

    def _check_alive(self) -> None:
        """Raises the bench.Failure by which the program has dropped out of everything, or of what places it."""
        found = self.dropped.get((NAME, "")) or self.dropped.get((NAME, "domino"))
        if found:
            status, reason = found
            raise FAILURES.get(status, bench.Timeout)(reason)

    def choose(self, slot_s: float, settle_s: float) -> list[str]:
        entrants = [Entrant(NAME, self.program), Entrant("row_list", rung_program(BY_NAME["row_list"]))]
        with Session(entrants, [WORKLOADS["domino"]], slot_s, self._drop, self.say) as session:
            session.admit_all(settle_s)
            batches = session.play_block(session.workloads[0], 0) + session.play_block(session.workloads[0], 1)
        found = speed_up(batches, NAME, "row_list", "domino")
        self._check_alive()
        if found is None:
            status, reason = next(iter(self.dropped.values()))
            raise LadderError(f"row_list: {status}: {reason}")
        return choose_rungs(found.value, self.class_name)

    def _drop(self, name: str, workload: str, status: str, reason: str) -> None:
        self.dropped[name, workload] = (status, reason)
        self.say(f"{name}{' on ' + workload if workload else ''}: {status}: {reason}")

    def conclude(self, checked: dict[str, Any], batches: Sequence[Batch]) -> Judgement:
        """Turn batches into a judgement."""
        known = compare_with_rungs(batches)
        names = list(known)
        gain = known["row_list"]
        classmates = [name for name in names if in_class(name, self.class_name)]
        score, best = find_score(gain.value, known, names)
        class_score, class_best = find_score(gain.value, known, classmates)
        place = find_place(known, names)
        return Judgement(
            program=str(self.path),
            checked=checked,
            rate=median_rate(batches, NAME, "domino") or math.nan,
            speed_up=gain,
            place=place,
            score=score,
            best=best,
            class_name=self.class_name,
            class_place=find_place(known, classmates),
            class_score=class_score,
            class_best=class_best,
            against=known,
            weaknesses=find_weaknesses(batches, known, find_neighbors(place)),
            failures={w: f"{status}: {reason}" for (n, w), (status, reason) in self.dropped.items() if n == NAME},
        )
