"""What `ladder run` shows while it works: a live table on a terminal, lines elsewhere."""

import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ladder.results import Batch, Plan, Results
from ladder.stats import format_rate
from ladder.tables import ladder_table
from ladder.workloads import WORKLOADS


class RunDisplay:
    """A context; shows batches as they come. It never measures or decides anything."""

    def __init__(self, plan: Plan, results: Results, console: Console) -> None:
        self.results = results
        self.console = console
        self.shown = Results(results.format, results.version, results.created, False, plan, {}, results.outcomes, ())
        self.shown.batches = list(results.batches)
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        blocks = sum(WORKLOADS[name].blocks(plan.blocks) for name in plan.workloads)
        total = blocks * (len(plan.rungs) + (plan.control is not None))
        self.task = self.progress.add_task("starting", total=total, completed=len(results.batches))
        # A thread that refreshes would draw in the middle of turns, and slow down whoever answers fast.
        self.live = Live(console=console, auto_refresh=False, transient=True)
        self.began = time.monotonic()

    def __enter__(self) -> "RunDisplay":
        if self.console.is_terminal:
            self.live.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        if self.console.is_terminal:
            self.live.update("", refresh=True)
            self.live.__exit__(None, None, None)

    def say(self, text: str) -> None:
        self.progress.update(self.task, description=text)
        if self.console.is_terminal:
            self._draw()
        else:
            self.console.print(f"{time.monotonic() - self.began:6.1f} s  {text}", highlight=False)

    def show_outcome(self, rung: str, workload: str, status: str, reason: str) -> None:
        text = f"{rung}{' on ' + workload if workload else ''}: {status}: {reason}"
        self.console.print(text, style="yellow", highlight=False, markup=False)

    def add_batch(self, batch: Batch) -> None:
        self.shown.batches.append(batch)
        self.progress.update(self.task, advance=1, description=f"{batch.rung}: {format_rate(batch.rate)}/s")
        self._draw()

    def _draw(self) -> None:
        if self.console.is_terminal:
            self.live.update(
                Group(ladder_table(self.shown, self.results.plan.workloads[0], self.console.width), self.progress),
                refresh=True,
            )
