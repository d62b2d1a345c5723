"""Where threads pay: the rungs that share a board out over cores against their parents, by size of the board.

Every rung takes part once for each number of threads that is asked for, in a process that has as many cores, beside
the parent, which has one. All play the same soups in the same blocks.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ladder import results as records
from ladder.availability import BY_NAME, rung_program, why_unavailable
from ladder.environment import describe_environment
from ladder.errors import LadderError
from ladder.measure import Entrant, Session, group_blocks, now
from ladder.results import Outcome, Plan, Results
from ladder.stats import Ratio, speed_up
from ladder.tables import format_interval
from ladder.workloads import LadderWorkload, random_soup
from variants import RUNGS, Rung

FORMAT = "escape-ladder threads"  # results like those of a run, of other entrants on other boards
RECORDED = records.FOLDER / "threads.json"
SIZES = ((640, 640), (1024, 1024), (2048, 2048), (4096, 4096))
GENERATIONS = 100_000  # of a match: a board is played for as long as its turn lasts


def soup_of_size(rows: int, columns: int) -> LadderWorkload:
    """A soup of a size, anchored to nobody. Raises LadderError where reading it would take longer than playing it."""
    name = f"{rows} x {columns}"
    workload = LadderWorkload(name, random_soup(name, rows, columns, GENERATIONS), rows, columns, False, "", name)
    if not workload.is_large:
        raise LadderError(f"size {rows}x{columns}: too small to tell playing from reading, expected 600x601 or more")
    return workload


def threaded_rungs() -> list[Rung]:
    return [rung for rung in RUNGS if rung.threads]


def entrant_name(rung: str, threads: int) -> str:
    """What a rung with so many threads is called in the record."""
    return f"{rung} on {threads}"


def measure_threads(
    sizes: Sequence[tuple[int, int]],
    threads: Sequence[int],
    blocks: int,
    slot_s: float,
    path: Path,
    say: Callable[[str], None],
) -> Results:
    """Measure, and write the record after every block. Raises LadderError where no rung uses threads here."""
    workloads = [soup_of_size(*size) for size in sizes]
    entrants = []
    for rung in threaded_rungs():
        assert rung.parent is not None
        parent = BY_NAME[rung.parent]
        reason = why_unavailable(rung) or why_unavailable(parent)
        if reason:
            say(f"{rung.name}: unavailable: {reason}")
            continue
        entrants.append(Entrant(parent.name, rung_program(parent)))
        entrants += [Entrant(entrant_name(rung.name, n), rung_program(rung), n) for n in threads]
    if not entrants:
        raise LadderError("none of the rungs that use threads can be played here")
    plan = Plan([entrant.name for entrant in entrants], [workload.name for workload in workloads], blocks, slot_s, None)
    results = Results(FORMAT, records.VERSION, now(), False, plan, {})

    def drop(name: str, workload: str, status: str, reason: str) -> None:
        say(f"{name}{' on ' + workload if workload else ''}: {status}: {reason}")
        results.outcomes += [Outcome(name, w, status, reason) for w in ([workload] if workload else plan.workloads)]

    with records.only_writer(path), Session(entrants, workloads, slot_s, drop, say) as session:
        results.environment = describe_environment(session.cores)
        records.save(results, path)  # if that can't be, better now
        for workload, block in session.take_turns(group_blocks(workloads, blocks), slot_s, slot_s / 2):
            say(f"block {block + 1} of {workload.blocks(blocks)}, {workload.name}")
            results.batches += session.play_block(workload, block)
            records.save(results, path)
    results.finished = True
    records.save(results, path)
    return results


def load_threads(path: Path) -> Results:
    """Read what `ladder threads` recorded. Raises LadderError."""
    return records.load(path, FORMAT)


def recorded_threads(results: Results, rung: Rung) -> list[int]:
    """With which numbers of threads a rung was measured."""
    found = [re.fullmatch(re.escape(rung.name) + r" on (\d+)", name) for name in results.plan.rungs]
    return sorted(int(number[1]) for number in found if number)


def count_threads(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def gain(results: Results, rung: Rung, threads: int, size: str) -> Ratio | None:
    """How many times as fast a rung with so many threads is as its parent, which has one."""
    assert rung.parent is not None
    return speed_up(results.batches, entrant_name(rung.name, threads), rung.parent, size)


def threads_rows(results: Results) -> list[list[str]]:
    """A table as rows of text, its heading first: size of the board, then rungs by number of threads."""
    columns = [(rung, n) for rung in threaded_rungs() for n in recorded_threads(results, rung)]
    rows = [["board", *(f"{rung.name}, {count_threads(n)}" for rung, n in columns)]]
    for size in results.plan.workloads:
        ratios = [gain(results, rung, n, size) for rung, n in columns]
        rows.append([size, *(f"{r} ({format_interval(r)})" if r else "not measured" for r in ratios)])
    return rows
