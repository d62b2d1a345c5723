"""`ladder run`: the main job, from the command line."""

import shlex
import time
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from ladder import results as records
from ladder.availability import check_cores, find_rungs
from ladder.console import output, progress
from ladder.errors import LadderError
from ladder.run import BAD, find_unfinished, make_plan, new_results, run_ladder
from ladder.tables import ladder_table
from ladder.workloads import find_workloads


class Sizes(NamedTuple):
    """How thorough a run is: seconds of a turn and of settling, blocks, and how many of them a process lives."""

    blocks: int
    slot_s: float
    settle_s: float
    blocks_per_process: int


QUICK = Sizes(blocks=6, slot_s=0.1, settle_s=0.3, blocks_per_process=3)
FULL = Sizes(blocks=12, slot_s=0.3, settle_s=1.0, blocks_per_process=4)


def command(
    rungs: Annotated[str, typer.Option(help="Rungs to measure, separated by commas; the anchor joins them.")] = "all",
    workloads: Annotated[str, typer.Option(help="Kinds of boards, separated by commas, or all.")] = "domino",
    blocks: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Rounds; 6 or more for intervals. (default: 12; quick: 6)")
    ] = None,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Cores for rungs that use threads. (default: all, at most 2)")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Short turns: a minute or two, wider intervals.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the newest run that was cut short, or the one named by -o.")
    ] = False,
    output_file: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to keep the results. (default: bench_results/run-TIME.json)"),
    ] = None,
) -> None:
    """Measure every rung side by side, and print the ladder.

    All rungs play the same fresh boards in every block, in random order, so that speed-ups hold although the machine's
    speed drifts. Results are kept after every block: Ctrl-C loses nothing, and --resume goes on.

    Examples:

      ladder run --quick

      ladder run --rungs bigint,numpy_slices --blocks 20

      ladder run --workloads all
    """
    sizes = QUICK if quick else FULL
    if resume:
        if (rungs, workloads, blocks, cores) != ("all", "domino", None, None):
            raise LadderError(
                "--resume goes on as the run was begun: expected no --rungs, --workloads, --blocks, --cores"
            )
        path = output_file or find_unfinished(records.FOLDER)
        found = records.load(path)
        if found.finished:
            raise LadderError(f"{path} is finished: nothing to resume")
        given = check_cores(found.plan.cores or None, default=2)
    else:
        given = check_cores(cores, default=2)
        chosen = [workload.name for workload in find_workloads(workloads)]
        of_each = sizes.blocks_per_process
        plan = make_plan(find_rungs(rungs), chosen, blocks or sizes.blocks, sizes.slot_s, of_each, given)
        found = new_results(plan)
        path = output_file or records.FOLDER / time.strftime("run-%Y%m%dT%H%M%SZ.json", time.gmtime())
        if path.exists():
            raise LadderError(f"{path} exists already: name another file, or --resume it")
    try:
        run_ladder(found, path, given, sizes.settle_s, progress)
    except KeyboardInterrupt:
        done = len({(batch.workload, batch.block) for batch in found.batches})
        how = f"ladder run --resume -o {shlex.quote(str(path))}"
        kept = f"interrupted: {done} blocks are kept in {path}; go on with: {how}"
        if not path.exists():
            kept = "interrupted before anything was measured"
        progress.print(kept, markup=False, highlight=False, soft_wrap=True)
        raise
    for workload in found.plan.workloads:
        output.print(ladder_table(found, workload, output.width))
    output.print(f"results: {path}", highlight=False, soft_wrap=True, markup=False)
    if any(outcome.status in BAD for outcome in found.outcomes):
        raise typer.Exit(1)
