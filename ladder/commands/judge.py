"""`ladder judge`: place a program on the ladder, from the command line."""

import math
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from autoresearch import bench
from ladder import results as records
from ladder.availability import BY_NAME
from ladder.console import output, progress
from ladder.environment import describe_environment
from ladder.errors import LadderError
from ladder.export import check_room
from ladder.judge import CLASSES, WEAKNESS, Judge, Judgement, verify
from ladder.stats import Ratio, format_factor, format_rate
from ladder.tables import format_interval
from ladder.workloads import find_workloads


def command(
    program: Annotated[
        Path, typer.Argument(help="A program.py, or a room made by `ladder export`.", show_default=False)
    ],
    class_name: Annotated[
        str | None,
        typer.Option("--class", help="stdlib, numpy, jit or native (default: by what the program imports)"),
    ] = None,
    workloads: Annotated[str, typer.Option(help="Kinds of boards beside domino, separated by commas.")] = "domino",
    python: Annotated[str, typer.Option(help="The program's interpreter.", show_default=False)] = sys.executable,
    blocks: Annotated[int | None, typer.Option(min=6, help="Rounds (default: 12; quick: 6)")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Short turns, wider intervals.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the judgement to this file too.")] = None,
) -> None:
    """Place a program on the ladder: verdict, speed-up, place, score, weaknesses.

    The referee checks it first; then it plays side by side with the baseline and the rungs around it on this host. The
    place is one by interval: rungs that can't be told apart from it are tied. In a room made by `ladder export`, it is
    also checked that nothing but program.py was changed.

    Examples:

      ladder judge autoresearch/program.py

      ladder judge ~/rooms/agent-1 --workloads soup,gliders,ash

      ladder judge best.py --class numpy --json judgement.json
    """
    if class_name is not None and class_name not in CLASSES:
        raise LadderError(f"class {class_name!r}: expected one of {', '.join(CLASSES)}")
    if program.is_dir():
        check_room(program)
        program = program / "program.py"
    chosen = [workload.name for workload in find_workloads(f"domino,{workloads}")]

    def say(text: str) -> None:
        progress.print(text, highlight=False, markup=False)

    judge = Judge(program, python, class_name, say)
    write_json(json_file, {"program": str(program), "verdict": "running"})  # if that can't be, better now
    try:
        checked = verify(program, python, 5.0 if quick else 20.0, say)
        batches = judge.measure(chosen, blocks or (6 if quick else 12), 0.1 if quick else 0.3, 0.3 if quick else 1.5)
    except bench.Failure as failure:
        # Who doesn't survive has no place, but a verdict.
        write_json(json_file, {"program": str(program), "verdict": failure.verdict, "reason": failure.reason})
        raise
    judgement = judge.conclude(checked, batches)
    print_judgement(judgement)
    if json_file:
        with bench.Cores(1) as cores:
            judgement.environment = describe_environment(cores)
        write_json(json_file, judgement)


def write_json(path: Path | None, found: object) -> None:
    if path:
        records.write_atomically(path, records.format_json(found))


def print_judgement(judgement: Judgement) -> None:
    table = Table(title=f"{judgement.program} over the rungs beside it", title_justify="left")
    for column in ("rung", "tool"):
        table.add_column(column, no_wrap=True)
    for column in ("x rung", "95% interval"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, ratio in sorted(judgement.against.items(), key=lambda item: item[1].value):
        style = "bold" if name in judgement.place.tied else ""
        table.add_row(name, BY_NAME[name].tool, format_factor(ratio.value), format_interval(ratio), style=style)
    output.print(table)
    gain = judgement.speed_up
    lines = [
        ("verdict", f"ok (checkpoints: {judgement.checked['checkpoints']})"),
        ("rate", f"{format_rate(judgement.rate)} generations/s on this host"),
        ("speed-up", f"{format_factor(gain.value)} over row_list (95% interval {format_interval(gain)})"),
        ("place", str(judgement.place)),
        ("score", f"{judgement.score:.3f} (log of the speed-up over log of that of {judgement.best})"),
        (f"in class {judgement.class_name}", f"{judgement.class_place}; score {judgement.class_score:.3f}"),
    ]
    for workload, changes in judgement.weaknesses.items():
        lines += describe_weakness(workload, changes)
    lines += list(judgement.failures.items())
    above = judgement.place.above
    if above is not None:
        lines.append(("next rung up", f"{above}: {BY_NAME[above].idea} (ladder show {above})"))
    for key, text in lines:
        output.print(f"[bold]{key}:[/bold] {text}", highlight=False)
    output.print(f"[dim]{judgement.note}")


def describe_weakness(workload: str, changes: dict[str, Ratio]) -> list[tuple[str, str]]:
    """Tell where a program is much slower or faster than its place on domino suggests, by the nearest rung."""
    name, ratio = min(changes.items(), key=lambda item: abs(math.log(item[1].value)))
    value = ratio.value
    if 1 / WEAKNESS < value < WEAKNESS:
        return [(workload, f"as its place on domino suggests (beside {name})")]
    factor, how = (1 / value, "slower") if value < 1 else (value, "faster")
    return [(workload, f"{format_factor(factor)}x {how} than its place on domino suggests (beside {name})")]
