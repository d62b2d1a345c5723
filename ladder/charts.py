"""The charts of a run: the ladder, rung by workload, and time per cell against board size."""

import math
from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ladder import threads
from ladder.availability import BY_NAME
from ladder.chart_style import FAINT, INK, LINE, PAPER, TOOL_COLORS
from ladder.results import Results
from ladder.stats import format_factor, median_rate, speed_up
from ladder.workloads import WORKLOADS

PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))


def measured_rungs(results: Results, workload: str) -> list[str]:
    return [n for n in results.plan.rungs if n in BY_NAME and median_rate(results.batches, n, workload)]


def draw_ladder(results: Results, ceiling_rate: float | None) -> Figure:
    """Speed-up over row_list on a log axis, a rung a line, with intervals, and the host's ceiling."""
    names = measured_rungs(results, "domino")
    figure = Figure(figsize=(8.2, 0.27 * len(names) + 1.2))
    axes = figure.add_subplot()
    highest = 1.0
    for i, name in enumerate(names):
        ratio = speed_up(results.batches, name, "row_list", "domino")
        if ratio is None:
            continue
        color = TOOL_COLORS[BY_NAME[name].tool]
        highest = max(highest, ratio.value)
        axes.plot([1, ratio.value], [i, i], color=color, linewidth=5, alpha=0.30, solid_capstyle="butt")
        axes.plot(ratio.value, i, "o", color=color, markersize=6)
        right = ratio.value
        if not math.isnan(ratio.low):
            axes.plot([ratio.low, ratio.high], [i, i], color=color, linewidth=2)
            right = ratio.high
        axes.annotate(
            f"{format_factor(ratio.value)}x",
            (max(right, ratio.value), i),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},  # the ceiling's line may run here
        )
    baseline = median_rate(results.batches, "row_list", "domino")
    if ceiling_rate and baseline:
        top = ceiling_rate / baseline
        highest = max(highest, top)
        axes.axvline(top, color=FAINT, linestyle=(0, (4, 3)), linewidth=1.2)
        label = f"what this core's\nlogic units allow: {format_factor(top)}x"
        axes.annotate(label, (top, 0), xytext=(-6, 0), textcoords="offset points", ha="right", va="center", color=FAINT)
    axes.set_xscale("log")
    axes.set_xlim(0.8, highest * 5)
    axes.set_ylim(len(names) - 0.4, -0.8)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}x"))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.set_title("Domino Party: generations per second over the baseline's", pad=24)
    add_tool_legend(axes, names)
    return figure


def add_tool_legend(axes: Any, names: list[str]) -> None:
    for tool in dict.fromkeys(BY_NAME[name].tool for name in names):
        axes.plot([], [], "o", color=TOOL_COLORS[tool], label=tool)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=6, columnspacing=1.2, handletextpad=0.2, borderpad=0.2
    )


def cell_rate(results: Results, name: str, workload: str) -> float | None:
    """Cells that a rung brings a generation forward per second: comparable across boards of all sizes."""
    rate = median_rate(results.batches, name, workload)
    return rate * WORKLOADS[workload].cells if rate else None


def format_prefixed(value: float) -> str:
    """A number with a metric prefix and two digits: 84 G, 3.4 M."""
    for unit, prefix in PREFIXES:
        if value >= unit:
            scaled = value / unit
            return f"{scaled:.1f} {prefix}" if scaled < 9.95 else f"{scaled:.0f} {prefix}"
    return f"{value:.1g}"


def draw_workloads(results: Results) -> Figure:
    """A heat map, rung by workload: cell updates per second, or why there are none."""
    names = [name for name in results.plan.rungs if name in BY_NAME]
    workloads = results.plan.workloads
    values = np.array([[cell_rate(results, n, w) or np.nan for w in workloads] for n in names], float)
    figure = Figure(figsize=(1.05 * len(workloads) + 2.6, 0.29 * len(names) + 1.2))
    axes = figure.add_subplot()
    axes.set_facecolor(LINE)
    norm = LogNorm(np.nanmin(values), np.nanmax(values))
    image = axes.imshow(values, aspect="auto", cmap="viridis", norm=norm)
    for y, name in enumerate(names):
        for x, workload in enumerate(workloads):
            value = values[y, x]
            if np.isnan(value):
                outcome = results.outcome(name, workload)
                axes.text(x, y, outcome.status if outcome else "-", ha="center", va="center", color=INK, fontsize=7.5)
            else:
                shade = "#ffffff" if norm(value) < 0.62 else "#101418"
                axes.text(x, y, format_prefixed(value), ha="center", va="center", color=shade, fontsize=8.5)
    axes.set_xticks(range(len(workloads)), workloads)
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xticks(np.arange(len(workloads)) + 0.5, minor=True)
    axes.set_yticks(np.arange(len(names)) + 0.5, minor=True)
    axes.grid(which="minor", color=PAPER, linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    axes.set_title("Cells brought one generation forward, per second", pad=26)
    bar = figure.colorbar(image, ax=axes, fraction=0.035, pad=0.03)
    bar.outline.set_visible(False)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_prefixed(value)))
    return figure


def draw_board_size(results: Results) -> Figure:
    """Time per cell and generation against the number of cells, on the soups; both axes logarithmic."""
    soups = [WORKLOADS[name] for name in results.plan.workloads if name.startswith("soup")]
    figure = Figure(figsize=(8.2, 6.4))
    axes = figure.add_subplot()
    ends: list[tuple[float, float, str, str]] = []
    for name in results.plan.rungs:
        points = []
        for workload in soups:
            rate = cell_rate(results, name, workload.name) if name in BY_NAME else None
            if rate:
                points.append((workload.cells, 1e9 / rate))
        if len(points) < 2:
            continue
        color = TOOL_COLORS[BY_NAME[name].tool]
        axes.plot(*zip(*points, strict=True), "o-", color=color, markersize=4.5, linewidth=1.5)
        ends.append((points[-1][1], points[-1][0], name, color))
    axes.set_xscale("log")
    axes.set_yscale("log")
    label_ends(axes, ends)
    if soups:
        ticks = [workload.cells for workload in soups]
        axes.set_xticks(ticks, [f"{w.rows} x {w.columns}" for w in soups])
        axes.set_xlim(ticks[0] * 0.7, ticks[-1] * 14)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} ns"))
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.set_xlabel("cells of the board")
    axes.set_title("Time per cell and generation against board size", pad=10)
    if not ends:
        axes.text(0.5, 0.5, "no rung was measured on two soups in this run", transform=axes.transAxes, ha="center")
    return figure


def draw_threads(results: Results) -> Figure:
    """What threads gain over the parent's single one, against the number of cells; one panel for each rung."""
    rungs = threads.threaded_rungs()
    cells = [math.prod(map(int, size.split(" x "))) for size in results.plan.workloads]
    figure = Figure(figsize=(8.2, 3.6))
    panels = figure.subplots(1, len(rungs), sharey=True)
    for axes, rung in zip(panels, rungs, strict=True):
        counts = threads.recorded_threads(results, rung)
        for i, count in enumerate(counts):
            color = TOOL_COLORS[rung.tool] if count > 1 else FAINT
            ratios = [threads.gain(results, rung, count, size) for size in results.plan.workloads]
            aside = 1.05 ** (i - (len(counts) - 1) / 2)  # so that intervals don't cover each other
            shown = [(x * aside, ratio) for x, ratio in zip(cells, ratios, strict=True) if ratio]
            xs, values = [x for x, _ in shown], [ratio.value for _, ratio in shown]
            axes.plot(xs, values, "o-", color=color, markersize=4.5, label=threads.count_threads(count))
            for x, ratio in shown:
                axes.plot([x, x], [ratio.low, ratio.high], color=color, linewidth=1.5)
        axes.axhline(1, color=LINE, linewidth=1.2, zorder=0)
        axes.set_xscale("log")
        axes.set_xticks(cells, [size.replace(" x ", "\nx ") for size in results.plan.workloads], fontsize=8)
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}x"))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.set_title(f"{rung.name} over {rung.parent}", fontsize=9.5)
        axes.legend(loc="upper left")
    figure.subplots_adjust(wspace=0.12)
    return figure


def label_ends(axes: Any, ends: list[tuple[float, float, str, str]], gap: float = 0.19) -> None:
    """Write names at the ends of lines, moved apart where they would overlap; `gap` in decades of the axis."""
    placed: dict[float, float] = {}  # where the line ends -> the height of the last name there
    for value, at, name, color in sorted(ends):
        placed[at] = max(math.log10(value), placed.get(at, -math.inf) + gap)
        axes.annotate(
            name,
            (at, value),
            xytext=(at * 1.45, 10 ** placed[at]),
            color=color,
            fontsize=8.5,
            va="center",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.4},
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )
