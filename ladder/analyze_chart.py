"""The chart of agents' runs: every experiment, the best so far as a stair, and the rungs as lines behind them.

One axis serves all: how many times as fast as the baseline, logarithmic. A rung's line lies at its speed-up over
row_list, an experiment at its factor over the run's own first kept row, so that both hold on any machine.
"""

import math
import os
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from ladder import chart_style
from ladder.analyze import Analysis
from ladder.chart_style import FAINT, INK, LINE, PAPER
from ladder.errors import LadderError
from ladder.experiments import FAILED
from ladder.labels import Box, Label, Point, place_labels, spread
from ladder.stats import format_factor

SUFFIXES = (".svg", ".png")
KEPT = "#2da160"
FAILED_COLORS = {"wrong": "#d6456b", "crash": "#e0683c", "timeout": "#8a63d2"}
AGENTS = ("#2da160", "#4c8dd6", "#e0683c", "#8a63d2", "#b8860b", "#d6456b")
ONE_LINE, TWO_LINES = 26, 30  # characters of a label; a description may be as long as an agent likes
FEW = 15  # experiments that can all be labelled
STRIP = 0.03  # where the experiments without a number stand, as a part of the height


def draw_runs(runs: Sequence[Analysis], rungs: dict[str, float]) -> Figure:
    """Draw one agent's run, or several in a color each. Every run must have a baseline."""
    figure = Figure(figsize=(9.6, 5.8))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.08, 0.1, 0.72, 0.76))
    low, high = find_range(runs)
    shown = choose_rungs(rungs, low, high)
    top = max([high, *shown.values()])
    span = max(math.log(top / low), math.log(1.03))
    longest = max(len(run.factors) for run in runs)
    axes.set_yscale("log")
    axes.set_ylim(low * math.exp(-0.17 * span), top * math.exp(0.12 * span))
    axes.set_xlim(-0.035 * longest - 0.3, 1.07 * longest - 0.5)
    draw_rungs(axes, shown)
    labels, dots, stairs = [], [], []
    alone = len(runs) == 1
    for i, run in enumerate(runs):
        color = KEPT if alone else AGENTS[i % len(AGENTS)]
        dots += draw_run(axes, run, color, alone)
        stairs += stair_boxes(axes, run)
        labels += label_keeps(run, INK if alone else color, alone)
        if alone and longest <= FEW:
            labels += label_others(axes, run)
    with any_script():
        place_labels(axes, (label for _, label in sorted(labels, key=lambda item: -item[0])), dots, stairs)
    dress(axes, runs, low, low * math.exp(span))
    return figure


def find_range(runs: Sequence[Analysis]) -> tuple[float, float]:
    factors = [factor for run in runs for factor in run.factors if factor is not None]
    return min(factors), max(factors)


def choose_rungs(rungs: dict[str, float], low: float, high: float) -> dict[str, float]:
    """Those within the range of the experiments, and the next one above: what was left to reach."""
    shown = {name: value for name, value in rungs.items() if low <= value <= high}
    above = min((name for name in rungs if rungs[name] > high), key=lambda name: rungs[name], default=None)
    return {**shown, above: rungs[above]} if above else shown


def draw_rungs(axes: Any, rungs: dict[str, float]) -> None:
    """Lines across the chart, named at the right, where names that would overlap are moved apart."""
    if not rungs:
        return
    for value in rungs.values():
        axes.axhline(value, color=LINE, linewidth=0.8, zorder=1)
    to_pixels = axes.transData.transform
    heights = [to_pixels((0, value))[1] for value in rungs.values()]
    gap = 10.5 * axes.figure.dpi / 72
    edge = blended_transform_factory(axes.transAxes, axes.transData)
    for (name, value), height in zip(rungs.items(), spread(heights, gap), strict=True):
        placed = axes.transData.inverted().transform((0, height))[1]
        line = [1.0, 1.012, 1.032, 1.04], [value, value, placed, placed]
        axes.plot(*line, color=LINE, linewidth=0.8, transform=edge, clip_on=False)
        text = f"{name}  {format_factor(value)}x"
        axes.text(1.046, placed, text, transform=edge, va="center", fontsize=8, color=FAINT)


def draw_run(axes: Any, run: Analysis, color: str, alone: bool) -> list[Point]:
    """Draw a run's experiments and its stair; return where the dots are, in pixels."""
    rows, factors = run.log.experiments, run.factors
    kept = set(run.keeps_and_baseline)
    size = 34 if len(rows) < 60 else 18
    others = [(i, f) for i, f in enumerate(factors) if f is not None and i not in kept]
    name = "discarded" if all(rows[i].status == "discard" for i, _ in others) else "not kept"
    look = {"color": FAINT if alone else color, "s": size * 0.6, "alpha": 0.75 if alone else 0.35, "linewidths": 0}
    scatter(axes, others, label=name if alone and others else None, zorder=3, **look)
    best = draw_stair(axes, run, color)
    keeps = [(i, f) for i in kept if (f := factors[i]) is not None]
    name = "kept" if alone else f"{run.name}: {format_factor(best)}x"
    scatter(axes, keeps, color=color, s=size, edgecolors=PAPER, linewidths=0.8, label=name, zorder=5)
    failed = draw_failed(axes, run, None if alone else color, size)
    return [*axes.transData.transform([*others, *keeps]), *failed]


def draw_failed(axes: Any, run: Analysis, color: str | None, size: float) -> list[Point]:
    """Draw what has no number as crosses in a strip at the bottom, in a color for each kind unless one is given."""
    strip = blended_transform_factory(axes.transData, axes.transAxes)
    places: list[Point] = []
    for status in FAILED:
        failed = [(i, STRIP) for i, row in enumerate(run.log.experiments) if row.status == status]
        look = {"color": color or FAILED_COLORS[status], "s": size * 0.8, "linewidths": 1.3}
        scatter(axes, failed, marker="x", label=None if color else status, transform=strip, **look)
        places += [(x, y) for x, y in map(strip.transform, failed)]
    return places


def scatter(axes: Any, points: Sequence[tuple[float, float]], **look: Any) -> None:
    if points:
        axes.scatter(*zip(*points, strict=True), **look)


def stair(run: Analysis) -> list[tuple[int, float]]:
    """The best so far at each experiment from the baseline on."""
    best = 1.0
    steps = []
    kept = set(run.keeps)
    for i in range(run.baseline or 0, len(run.factors)):
        factor = run.factors[i]
        if i in kept and factor is not None:
            best = max(best, factor)
        steps.append((i, best))
    return steps


def draw_stair(axes: Any, run: Analysis, color: str) -> float:
    steps = stair(run)
    xs, ys = zip(*steps, strict=True)
    axes.step(xs, ys, where="post", color=color, linewidth=1.8, alpha=0.85, zorder=4)
    return float(ys[-1])


def stair_boxes(axes: Any, run: Analysis) -> list[Box]:
    """The stair as thin boxes: its treads and its risers."""
    corners = axes.transData.transform(stair(run))
    boxes = []
    for (x0, y0), (x1, y1) in zip(corners, corners[1:], strict=False):
        boxes.append((x0, y0 - 1, x1, y0 + 1))
        if y1 > y0:
            boxes.append((x1 - 1, y0, x1 + 1, y1))
    return boxes


def label_keeps(run: Analysis, color: str, alone: bool) -> list[tuple[float, Label]]:
    """A label for each kept experiment, with how much it matters where room is short: the ends, then large gains."""
    labels = []
    last = max(run.keeps, default=None)
    for i in run.keeps_and_baseline if alone else run.keeps:
        factor, row = run.factors[i], run.log.experiments[i]
        if factor is not None:
            weight = math.inf if i in (run.baseline, last) else run.gains.get(i, 0.0)
            labels.append((weight, Label(i, factor, wrap(row.description) or row.commit, color)))
    return labels


def label_others(axes: Any, run: Analysis) -> list[tuple[float, Label]]:
    """Labels for what wasn't kept, for where there is room left."""
    strip = axes.transData.inverted().transform(axes.transAxes.transform((0, STRIP)))[1]
    labels = []
    for i, row in enumerate(run.log.experiments):
        height = run.factors[i] or strip
        if i not in run.keeps_and_baseline and (run.factors[i] or row.status in FAILED):
            labels.append((0.0, Label(i, height, wrap(row.description), FAINT)))
    return labels


def wrap(description: str) -> str:
    """A description in one line or two of about the same length, cut off if need be."""
    text = " ".join("".join(c if c.isprintable() else " " for c in description).split())
    width = ONE_LINE if len(text) <= ONE_LINE else min(TWO_LINES, len(text) // 2 + 5)
    return "\n".join(textwrap.wrap(text, width, max_lines=2, placeholder="..."))


def dress(axes: Any, runs: Sequence[Analysis], low: float, top: float) -> None:
    """Title, legend and axes."""
    if len(runs) == 1:
        run = runs[0]
        title = f"{run.experiments} experiments, {len(run.keeps)} kept: {format_factor(run.best or 1.0)}x the baseline"
    else:
        title = f"{len(runs)} agents: the best so far over each one's baseline"
        scatter(axes, [(math.nan, math.nan)], color=FAINT, s=20, alpha=0.5, linewidths=0, label="discarded")
        scatter(axes, [(math.nan, math.nan)], color=FAINT, s=27, marker="x", label="failed")
    axes.set_title(title, pad=26)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=6, columnspacing=1.2, handletextpad=0.3, borderpad=0.2
    )
    axes.set_xlabel("experiment")
    metrics = {run.log.metric for run in runs}
    axes.set_ylabel("times the baseline" + (f", {metrics.pop()}" if len(metrics) == 1 else ""))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_yticks(ticks := find_ticks(low, top), [f"{tick:,.10g}x" for tick in ticks])
    axes.minorticks_off()
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)


def find_ticks(low: float, high: float) -> list[float]:
    """Round numbers for a logarithmic axis, at least three of them if possible and no crowd, however narrow it is.

    >>> find_ticks(1, 20000)
    [1.0, 10.0, 100.0, 1000.0, 10000.0]
    >>> find_ticks(1, 1.032)
    [1.0, 1.01, 1.02, 1.03]
    """
    for mantissas in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
        ticks = [mantissa * 10.0**decade for decade in decades for mantissa in mantissas]
        ticks = [tick for tick in ticks if low * 0.99 <= tick <= high * 1.01]
        if len(ticks) >= 3:
            return ticks
    exponent = math.floor(math.log10(high - low))
    step = next(part * 10.0**exponent for part in (0.2, 0.5, 1, 2) if (high - low) / 10.0**exponent / part <= 6)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    return [round(i * step, 2 - exponent) for i in range(first, last + 1)]


def save_chart(figure: Figure, path: Path, source: str) -> None:
    """Write a chart as SVG or PNG, by its suffix. Raises LadderError where that fails."""
    with any_script():
        if path.suffix == ".svg":
            chart_style.save_svg(figure, path, source.replace("--", "- -"))
        else:
            save_png(figure, path)


@contextmanager
def any_script() -> Iterator[None]:
    """Descriptions may have characters that the font lacks, which then become boxes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def save_png(figure: Figure, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        figure.savefig(temporary, format="png", dpi=160, bbox_inches="tight", pad_inches=0.15)
        os.replace(temporary, path)
    except OSError as error:
        raise LadderError(f"can't write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
