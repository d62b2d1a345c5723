"""The main job: measure the ladder in one interleaved run, and keep what was measured whatever happens."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from ladder import results as records
from ladder.availability import BY_NAME, rung_program, why_unavailable
from ladder.environment import describe_environment, differences, steal_s
from ladder.errors import LadderError
from ladder.measure import Entrant, Group, OnOutcome, Session, group_blocks, now
from ladder.results import Batch, Outcome, Plan, Results
from ladder.run_display import RunDisplay
from ladder.workloads import WORKLOADS
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
    rungs: Sequence[Rung],
    workloads: Sequence[str],
    blocks: int,
    slot_s: float,
    blocks_per_process: int = 0,
    cores: int = 0,
) -> Plan:
    """The plan of a run; the workloads' anchors join the rungs."""
    names = [rung.name for rung in rungs]
    for anchor in dict.fromkeys(WORKLOADS[workload].anchor for workload in workloads):
        if anchor not in names:
            names.insert(0, anchor)
    chosen = [rung for name, rung in BY_NAME.items() if name in names]
    names = [rung.name for rung in chosen]
    return Plan(names, list(workloads), blocks, slot_s, choose_control(chosen), blocks_per_process, cores)


def make_entrants(results: Results, cores: int, on_unavailable: OnOutcome) -> list[Entrant]:
    """A program for every rung that this machine can play, and a second process of the control's.

    Of whom it was known before the run was cut short why there is nothing to measure, isn't tried again.
    """
    plan = results.plan
    entrants: list[Entrant] = []

    def add(name: str, rung: Rung) -> None:
        out = frozenset(outcome.workload for outcome in results.outcomes if outcome.rung == name)
        if not out.issuperset(plan.workloads):
            entrants.append(Entrant(name, rung_program(rung), cores if rung.threads else 1, out))

    for name in plan.rungs:
        rung = BY_NAME[name]
        reason = why_unavailable(rung)
        if reason is not None:
            on_unavailable(name, "", "unavailable", reason)
            continue
        add(name, rung)
        if name == plan.control:
            add(CONTROL, rung)
    return entrants


class Recorder:
    """Collects what a run measures and writes it down after every block."""

    def __init__(self, results: Results, path: Path, display: RunDisplay) -> None:
        self.results = results
        self.path = path
        self.display = display

    def add_outcome(self, rung: str, workload: str, status: str, reason: str) -> None:
        """Note why a rung is not measured; an empty workload means all of them.

        Who fails has no rate: what it played before isn't to be trusted either, and every reader of the record would
        have to know.
        """
        names = [workload] if workload else self.results.plan.workloads
        for name in names:
            if self.results.outcome(rung, name) is None:
                self.results.outcomes.append(Outcome(rung, name, status, reason))
        self.results.batches = [b for b in self.results.batches if b.rung != rung or b.workload not in names]
        self.display.show_outcome(rung, workload, status, reason)

    def add_block(self, batches: Sequence[Batch]) -> None:
        self.results.batches.extend(batches)
        records.save(self.results, self.path)


def new_results(plan: Plan) -> Results:
    return Results(records.FORMAT, records.VERSION, now(), False, plan, {})


def run_ladder(results: Results, path: Path, cores: int, settle_s: float, console: Console) -> Results:
    """Measure what the plan of `results` still lacks, and write it to `path` after every block.

    Raises LadderError where the results were begun in other circumstances, somebody else writes them, or nobody is left
    to play.
    """
    plan = results.plan
    strange = [n for n in plan.rungs if n not in BY_NAME] + [n for n in plan.workloads if n not in WORKLOADS]
    if strange:
        raise LadderError(f"{path}: expected rungs and workloads of this version, found {', '.join(strange)}")
    with records.only_writer(path), RunDisplay(plan, results, console) as display:
        recorder = Recorder(results, path, display)
        workloads = [WORKLOADS[name] for name in plan.workloads]
        entrants = make_entrants(results, cores, recorder.add_outcome)
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
            for workload, block in session.take_turns(find_groups(results), settle_s, settle_s / 2):
                display.say(f"block {block + 1} of {workload.blocks(plan.blocks)}, {workload.name}")
                batches = session.play_block(workload, block, display.add_batch)
                if entrants and not session.players:  # before saving, so that the run can go on when that is mended
                    reason = results.outcomes[-1].reason
                    raise LadderError(f"{path}: nobody is left to play ({reason}); what was measured before is kept")
                recorder.add_block(batches)
            results.environment["steal_s"] = round(results.environment.get("steal_s", 0) + steal_s() - stolen, 2)
        results.finished = True
        records.save(results, path)
    return results


def find_groups(results: Results) -> list[Group]:
    """What a run still lacks, in its order."""
    plan = results.plan
    groups = group_blocks([WORKLOADS[name] for name in plan.workloads], plan.blocks, plan.blocks_per_process)
    left = [(w, range(max(blocks.start, results.blocks_done(w.name)), blocks.stop)) for w, blocks in groups]
    return [(workload, blocks) for workload, blocks in left if blocks]


def find_unfinished(folder: Path) -> Path:
    """The newest run in a folder that was cut short. Raises LadderError where there is none."""
    unfinished = []
    for path in folder.glob("run-*.json"):
        with suppress(LadderError):
            results = records.load(path)
            if not results.finished:
                unfinished.append((results.created, path))
    if not unfinished:
        raise LadderError(f"nothing to resume: no unfinished run in {folder}")
    return max(unfinished)[1]
