"""The ladder as a table, from the results of a run."""

import math

from rich.table import Table

from ladder.availability import BY_NAME
from ladder.results import Results
from ladder.stats import Ratio, format_factor, format_rate, median_rate, speed_up
from ladder.workloads import WORKLOADS

WIDE = 120  # columns of a page that has room for the ideas


def format_interval(ratio: Ratio) -> str:
    if math.isnan(ratio.low):
        return f"n/a ({ratio.blocks} blocks)"
    return f"{format_factor(ratio.low)} to {format_factor(ratio.high)}"


def ladder_table(results: Results, workload: str, width: int) -> Table:
    """Rung, tool, idea (where the page is wide enough), generations/s, speed-up with interval, gain over the parent."""
    anchor = WORKLOADS[workload].anchor
    table = Table(title=f"The ladder on {workload}", title_justify="left", caption_justify="left")
    table.add_column("rung", no_wrap=True)
    table.add_column("tool", no_wrap=True)
    with_idea = width >= WIDE
    if with_idea:
        table.add_column("idea")
    table.add_column("generations/s", justify="right", no_wrap=True)
    table.add_column(f"x {anchor}", justify="right", no_wrap=True)
    table.add_column("95% interval", justify="right", no_wrap=True)
    table.add_column("x parent", justify="right", no_wrap=True)
    for name in results.plan.rungs:
        rung = BY_NAME.get(name)
        if rung is None:
            continue
        what = [name, rung.tool, rung.idea] if with_idea else [name, rung.tool]
        outcome = results.outcome(name, workload)
        rate = median_rate(results.batches, name, workload)
        if outcome is not None or rate is None:
            status = outcome.status if outcome else "not measured"
            table.add_row(*what, f"[dim]{status}", "", "", "")
            continue
        ratio = speed_up(results.batches, name, anchor, workload)
        gain = speed_up(results.batches, name, rung.parent, workload) if rung.parent else None
        table.add_row(
            *what,
            format_rate(rate),
            f"[bold]{ratio}" if ratio else "",
            format_interval(ratio) if ratio and name != anchor else "",
            str(gain) if gain else "",
        )
    table.caption = describe_control(results, workload)
    return table


def describe_control(results: Results, workload: str) -> str:
    """What the A/A control says: how far apart two processes of one rung come out."""
    plan = results.plan
    ratio = speed_up(results.batches, "control", plan.control, workload) if plan.control else None
    if ratio is None:
        return ""
    return f"A/A control: {plan.control} against itself came out as {ratio.value:.3f} ({format_interval(ratio)})"


def describe_run(results: Results) -> str:
    """When, where, with what and how thoroughly a run was measured, as the rest of a sentence."""
    environment, plan = results.environment, results.plan
    libraries = ", ".join(f"{name} {version}" for name, version in environment["libraries"].items() if version)
    each = plan.blocks_per_process
    processes = f", each rung in {-(-plan.blocks // each)} processes one after the other" if each else ""
    return (
        f"on {results.created[:10]} on {environment['cpu']}, {environment['python']}, {libraries}, "
        f"in {plan.blocks} blocks{processes}"
    )
