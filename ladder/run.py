"""The main job: measure the ladder in one interleaved run, and keep what was measured whatever happens."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ladder import results as records
from ladder.availability import BY_NAME, rung_program, why_unavailable
from ladder.environment import describe_environment, differences, steal_s
from ladder.errors import LadderError
from ladder.measure import Entrant, OnOutcome, Session, now
from ladder.results import Batch, Outcome, Plan, Results
from ladder.run_display import RunDisplay
from ladder.workloads import WORKLOADS, LadderWorkload
from variants import Rung

CONTROL = "control"
CONTROL_CHOICES = ("numpy_slices", "bigint", "row_list")
BAD = ("wrong", "crash", "timeout", "tampered")


def choose_control(rungs: Sequence[Rung]) -> str | None:
    """Which rung takes part twice, so that the run shows how far apart equals can be."""
    names = [rung.name for rung in rungs if why_unavailable(rung) is None]
    for name in (*CONTROL_CHOICES, *names):
        if name in names:
            return name
    return None


def make_plan(
    rungs: Sequence[Rung], workloads: Sequence[str], blocks: int, slot_s: float, blocks_per_process: int = 0
) -> Plan:
    """The plan of a run. Raises LadderError where nothing could be measured, or nothing be compared."""
    names = [rung.name for rung in rungs]
    for anchor in dict.fromkeys(WORKLOADS[workload].anchor for workload in workloads):
        if anchor not in names:
            names.insert(0, anchor)
    chosen = [rung for name, rung in BY_NAME.items() if name in names]
    names = [rung.name for rung in chosen]
    return Plan(names, list(workloads), blocks, slot_s, choose_control(chosen), blocks_per_process)


def make_entrants(plan: Plan, cores: int, on_unavailable: OnOutcome) -> list[Entrant]:
    """A program for every rung that this machine can play, and a second process of the control's."""
    entrants = []
    for name in plan.rungs:
        rung = BY_NAME[name]
        reason = why_unavailable(rung)
        if reason is not None:
            on_unavailable(name, "", "unavailable", reason)
            continue
        entrants.append(Entrant(name, rung_program(rung), cores if rung.threads else 1))
        if name == plan.control:
            entrants.append(Entrant(CONTROL, rung_program(rung), cores if rung.threads else 1))
    return entrants


class Recorder:
    """Collects what a run measures and writes it down after every block."""

    def __init__(self, results: Results, path: Path, display: RunDisplay) -> None:
        self.results = results
        self.path = path
        self.display = display

    def add_outcome(self, rung: str, workload: str, status: str, reason: str) -> None:
        """Note why a rung is not measured; an empty workload means all of them."""
        for name in [workload] if workload else self.results.plan.workloads:
            if self.results.outcome(rung, name) is None:
                self.results.outcomes.append(Outcome(rung, name, status, reason))
        self.display.show_outcome(rung, workload, status, reason)

    def add_block(self, batches: Sequence[Batch]) -> None:
        self.results.batches.extend(batches)
        records.save(self.results, self.path)


def new_results(plan: Plan) -> Results:
    return Results(records.FORMAT, records.VERSION, now(), False, plan, {})


def run_ladder(results: Results, path: Path, cores: int, settle_s: float, console: Console) -> Results:
    """Measure what the plan of `results` still lacks, and write it to `path` after every block.

    Raises LadderError where the results were begun in other circumstances.
    """
    plan = results.plan
    with RunDisplay(plan, results, console) as display:
        recorder = Recorder(results, path, display)
        workloads = [WORKLOADS[name] for name in plan.workloads]
        entrants = make_entrants(plan, cores, recorder.add_outcome)
        with Session(entrants, workloads, plan.slot_s, recorder.add_outcome, display.say) as session:
            environment = describe_environment(session.cores)
            if results.environment:
                changed = differences(results.environment, environment)
                if changed:
                    raise LadderError(f"{path} was begun in other circumstances: {'; '.join(changed)}")
            else:
                results.environment = environment
            if not session.cores.pinned:
                display.say("pinned: no (this system can't, or other runs have all cores): noisier, still fair")
            stolen = steal_s()
            records.save(results, path)
            groups = find_groups(results)
            session.admit_all(settle_s, [workload for workload, _ in groups[:1]])
            for number, (workload, blocks) in enumerate(groups):
                if number:
                    session.renew(settle_s / 2, [workload])
                for block in blocks:
                    display.say(f"block {block + 1} of {workload.blocks(plan.blocks)}, {workload.name}")
                    recorder.add_block(session.play_block(workload, block, display.add_batch))
            results.environment["steal_s"] = round(results.environment.get("steal_s", 0) + steal_s() - stolen, 2)
        results.finished = True
        records.save(results, path)
    return results


def find_groups(results: Results) -> list[tuple[LadderWorkload, range]]:
    """What a run still lacks, in its order: blocks of a workload that the same processes play.

    A process plays one kind of boards, since its allocator remembers: numpy_roll is more than twice as fast on
    1024 x 1024 in a process that has played 8192 x 8192 before.
    """
    plan = results.plan
    size = plan.blocks_per_process or plan.blocks
    groups = []
    for first in range(0, plan.blocks, size):
        for workload in (WORKLOADS[name] for name in plan.workloads):
            end = min(first + size, workload.blocks(plan.blocks))
            blocks = range(max(first, results.blocks_done(workload.name)), end)
            if blocks:
                groups.append((workload, blocks))
    return groups


def find_unfinished(folder: Path) -> Path:
    """The newest run in a folder that was cut short. Raises LadderError where there is none."""
    for path in sorted(folder.glob("run-*.json"), reverse=True):
        try:
            if not records.load(path).finished:
                return path
        except LadderError:
            continue
    raise LadderError(f"nothing to resume: no unfinished run in {folder}")
