"""Put labels into a chart so that none lies on another, on a dot or outside."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ladder.chart_style import PAPER

RADII = (9, 16, 26, 38, 52, 68)  # points between a dot and its label, tried in this order
ANGLES = (135, 100, 160, -45, -70, 45, -20, 80, 180, 0, -90, -135)  # above a rising line is most room on the left
DOT = 3.2  # points around the center of a dot that it fills
LEADER_FROM = 14  # a label nearer than this needs no line to its dot

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels


class Label(NamedTuple):
    """A text for the dot at (x, y), in the data's coordinates."""

    x: float
    y: float
    text: str
    color: str


def place_labels(axes: Any, labels: Iterable[Label], dots: Sequence[Point], taken: Sequence[Box]) -> None:
    """Write labels beside their dots, the first ones first; those for which there is no room are left out.

    `dots` are all dots, `taken` what else no label may cover, both in pixels. The limits of the axes have to be final.
    """
    window = axes.get_window_extent()
    inside = (window.x0, window.y0, window.x1, window.y1)
    reach = DOT * axes.figure.dpi / 72
    centers = np.array(dots, float).reshape(-1, 2)
    boxes = np.array(taken, float).reshape(-1, 4)
    boxes = np.vstack([boxes, np.hstack([centers - reach, centers + reach])])
    for label in labels:
        text = axes.annotate(
            label.text,
            (label.x, label.y),
            xytext=(0, 0),
            textcoords="offset points",
            color=label.color,
            fontsize=8,
            parse_math=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.8},
            zorder=6,
        )
        at = axes.transData.transform((label.x, label.y))
        new = place(text, at, inside, centers, boxes)
        if new:
            boxes = np.vstack([boxes, new])
        else:
            text.remove()


def place(text: Any, at: Any, inside: Box, dots: Any, boxes: Any) -> list[Box]:
    """Move a text to the nearest free position around its dot; return the boxes of it and of its leader, or none."""
    pixels = text.figure.dpi / 72
    extent = text.get_window_extent(text.figure.canvas.get_renderer())
    width, height = extent.width + 3 * pixels, extent.height + 3 * pixels
    for radius, dx, dy in positions():
        across, upwards = align(dx), align(dy)
        x, y = at + pixels * np.array((dx, dy)) + (across * width / 2, upwards * height / 2)
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if not is_within(box, inside) or overlaps(box, boxes):
            continue
        end = at + pixels * np.array((dx, dy))
        if is_nearer(dots, end, at) if radius < LEADER_FROM else crosses(at, end, boxes):
            continue
        text.set_position((dx, dy))
        text.set_horizontalalignment(("center", "left", "right")[across])
        text.set_verticalalignment(("center", "bottom", "top")[upwards])
        if radius < LEADER_FROM:
            return [box]
        draw_leader(text, dx, dy)
        return [box, *along(at, end)]
    return []


def positions() -> Iterator[tuple[float, float, float]]:
    """Where a label may begin, as (distance, dx, dy) from its dot in points, the best first."""
    for radius in RADII:
        for angle in ANGLES:
            yield radius, radius * math.cos(math.radians(angle)), radius * math.sin(math.radians(angle))


def align(offset: float) -> int:
    """On which side of its beginning a text lies: 1 beyond it, -1 before it, 0 around it."""
    return 0 if abs(offset) < 3 else int(math.copysign(1, offset))


def draw_leader(text: Any, dx: float, dy: float) -> None:
    color = text.get_color()
    arrow = {"arrowstyle": "-", "color": color, "linewidth": 0.6, "alpha": 0.7, "shrinkA": 0, "shrinkB": 4}
    text.axes.annotate("", text.xy, xytext=(dx, dy), textcoords="offset points", arrowprops=arrow, zorder=4)


def is_within(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def overlaps(box: Box, boxes: Any) -> bool:
    x0, y0, x1, y1 = boxes.T
    return bool(np.any((x0 < box[2]) & (x1 > box[0]) & (y0 < box[3]) & (y1 > box[1])))


def is_nearer(dots: Any, end: Any, at: Any) -> bool:
    """Whether a label that begins at `end` would seem to belong to another dot than the one at `at`."""
    return bool(np.any(np.hypot(*(dots - end).T) < np.hypot(*(at - end)) - 0.5))


def crosses(start: Any, end: Any, boxes: Any) -> bool:
    """Whether the line to a label runs through a box, apart from those that it begins in."""
    step = np.where(end == start, 1e-9, end - start)
    bounds = (boxes.reshape(-1, 2, 2) - start) / step  # where the line, from 0 to 1, meets the sides of each box
    enters, leaves = bounds.min(axis=1).max(axis=1), bounds.max(axis=1).min(axis=1)
    return bool(np.any((enters <= leaves) & (enters > 0) & (enters < 1)))


def along(start: Any, end: Any) -> list[Box]:
    """Small boxes that cover a line, except where it begins."""
    points = [start + (end - start) * part / 12 for part in range(3, 13)]
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in points]


def spread(values: Sequence[float], gap: float) -> list[float]:
    """Move ascending values apart until they are `gap` from one another, each as little as possible.

    >>> spread([0.0, 0.5, 5.0], 1.0)
    [-0.25, 0.75, 5.0]
    """
    clusters: list[tuple[float, int]] = []  # the lowest position, and how many stand from there on
    for value in values:
        low, size = value, 1
        while clusters and clusters[-1][0] + clusters[-1][1] * gap > low:
            before, members = clusters.pop()
            # Two clusters that touch become one, balanced around where its members want to be.
            low = (before * members + (low - members * gap) * size) / (members + size)
            size += members
        clusters.append((low, size))
    return [low + i * gap for low, size in clusters for i in range(size)]
