"""What an agent's run says about the agent: gains and where they came from, failures, plateau, rungs passed.

Everything is told in factors over the run's own baseline, its first kept row. They compare between runs and with the
speed-ups of the rungs; raw rates do so only on one machine. Yet the rates in a run were measured hours apart, so a
factor near 1 may be the machine's: the agent decided by paired comparison, of which the file doesn't tell.
"""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from autoresearch import bench
from ladder import results as records
from ladder.experiments import FAILED, Experiment, Log
from ladder.stats import speed_up

RUNGS_METRIC = "generations_per_s"  # runs measured by something else have another task than the rungs
PROGRAM_MD = Path(bench.__file__).with_name("program.md")


class Group(msgspec.Struct, frozen=True):
    """The experiments of a category or a track: how many, how many kept, and the product of the gains of these."""

    experiments: int
    kept: int
    gain: float


class Half(msgspec.Struct, frozen=True):
    """How many of a half of the experiments were wrong, crashed or were too late."""

    experiments: int
    failed: int


class Analysis(msgspec.Struct, frozen=True):
    """One run. Experiments are numbered as in the file, from 0; the baseline is not counted as an experiment.

    factors          of each experiment over the baseline, None where there is no number
    keeps            the numbers of the kept experiments
    gains            by number of a kept experiment: its rate over that of the version kept before
    in_noise         the kept experiments whose gain is below the noise; a simpler program may be worth keeping even so
    held, supposed   kept experiments with a hypothesis, all experiments with one
    since_last_keep  experiments after the last keep
    passed           by rung: the first experiment that was kept and at least as fast; None where there is none
    """

    name: str
    log: Log
    baseline: int | None
    factors: list[float | None]
    keeps: list[int]
    gains: dict[int, float]
    in_noise: list[int]
    statuses: dict[str, int]
    categories: dict[str, Group]
    tracks: dict[str, Group]
    halves: tuple[Half, Half]
    held: int
    supposed: int
    since_last_keep: int
    passed: dict[str, int | None]

    @property
    def experiments(self) -> int:
        return sum(self.statuses.values())

    @property
    def best(self) -> float | None:
        """The largest factor of a kept experiment, the baseline included."""
        return max((factor for i in self.keeps_and_baseline if (factor := self.factors[i])), default=None)

    @property
    def keeps_and_baseline(self) -> list[int]:
        return self.keeps if self.baseline is None else [self.baseline, *self.keeps]

    def share(self, status: str) -> float:
        """The part of the experiments that ended in a status."""
        return self.statuses.get(status, 0) / self.experiments if self.experiments else 0.0


class Advice(NamedTuple):
    """When a run is on a plateau according to program.md, and what it says to do then."""

    length: int
    text: str


def analyze(name: str, log: Log, noise: float, rungs: dict[str, float]) -> Analysis:
    """Draw everything from one log. `noise` is the gain that is not worth the name, `rungs` their speed-ups."""
    rows = log.experiments
    baseline = next((i for i, row in enumerate(rows) if row.status == "keep" and row.value), None)
    others = [i for i in range(len(rows)) if i != baseline]
    factors = find_factors(log, baseline)
    keeps = [i for i in others if rows[i].status == "keep"]
    gains = find_gains(factors, keeps)
    last = max(keeps, default=-1 if baseline is None else baseline)
    supposed = [i for i in others if rows[i].hypothesis]
    middle = (len(others) + 1) // 2
    return Analysis(
        name=name,
        log=log,
        baseline=baseline,
        factors=factors,
        keeps=keeps,
        gains=gains,
        in_noise=[i for i, gain in gains.items() if gain < 1 + noise],
        statuses=count_statuses(rows[i] for i in others),
        categories=group(others, gains, [row.category for row in rows], rows),
        tracks=group(others, gains, [row.track for row in rows], rows),
        halves=(count_failures(rows, others[:middle]), count_failures(rows, others[middle:])),
        held=sum(rows[i].status == "keep" for i in supposed),
        supposed=len(supposed),
        since_last_keep=sum(i > last for i in others),
        passed=find_passed(rungs, factors, keeps),
    )


def find_factors(log: Log, baseline: int | None) -> list[float | None]:
    """How many times as good as the baseline each experiment is."""
    start = log.experiments[baseline].value if baseline is not None else None
    if start is None:
        return [None] * len(log.experiments)
    power = -1 if log.lower_is_better else 1
    return [(row.value / start) ** power if row.value else None for row in log.experiments]


def find_gains(factors: Sequence[float | None], keeps: Iterable[int]) -> dict[int, float]:
    before = 1.0
    gains = {}
    for i in keeps:
        factor = factors[i]
        if factor is not None:
            gains[i] = factor / before
            before = factor
    return gains


def count_statuses(rows: Iterable[Experiment]) -> dict[str, int]:
    counts = dict.fromkeys(("keep", "discard", *FAILED), 0)
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    return counts


def count_failures(rows: Sequence[Experiment], chosen: Sequence[int]) -> Half:
    return Half(len(chosen), sum(rows[i].status in FAILED for i in chosen))


def group(
    chosen: Iterable[int], gains: dict[int, float], labels: Sequence[str], rows: Sequence[Experiment]
) -> dict[str, Group]:
    """Sum experiments up by label, the largest gain first; those without a label are left out."""
    members: dict[str, list[int]] = {}
    for i in chosen:
        if labels[i]:
            members.setdefault(labels[i], []).append(i)
    groups = {
        label: Group(
            len(found), sum(rows[i].status == "keep" for i in found), math.prod(gains.get(i, 1.0) for i in found)
        )
        for label, found in members.items()
    }
    return dict(sorted(groups.items(), key=lambda item: -item[1].gain))


def find_passed(
    rungs: dict[str, float], factors: Sequence[float | None], keeps: Sequence[int]
) -> dict[str, int | None]:
    reached = [(i, factor) for i in keeps if (factor := factors[i]) is not None]
    return {name: next((i for i, factor in reached if factor >= rate), None) for name, rate in rungs.items()}


def rung_speed_ups(path: Path) -> dict[str, float]:
    """The rungs of a run of `ladder run`, slowest first, with their speed-ups over row_list on domino."""
    results = records.load(path)
    found = {name: speed_up(results.batches, name, "row_list", "domino") for name in results.plan.rungs}
    ratios = {name: ratio.value for name, ratio in found.items() if ratio and name != "row_list"}
    return dict(sorted(ratios.items(), key=lambda item: item[1]))


def name_runs(paths: Sequence[Path]) -> list[str]:
    """Short names that tell the runs apart: that of the file, else that of its folder, else the whole path."""
    stems = [path.stem for path in paths]
    folders = [path.resolve().name if path.is_dir() else path.resolve().parent.name for path in paths]
    for names in (stems if "results" not in stems else folders, folders, stems):
        if len(set(names)) == len(names) and all(names):
            return names
    return [str(path) for path in paths]


def plateau_advice() -> Advice:
    """The paragraphs of program.md about plateaus, so that its words stand in one place."""
    text = PROGRAM_MD.read_text(encoding="utf-8")
    start = text.index("**Plateau.**")
    length = re.search(r"After (\d+) experiments in a row without a keep", text[start:])
    assert length is not None, "program.md doesn't say when a plateau begins"
    paragraphs = text[start:].split("\n\n")
    return Advice(int(length[1]), "\n\n".join(paragraphs[:3]).rstrip())
