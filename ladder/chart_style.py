"""How all charts look, and how they are written: as SVG that follows the reader's light or dark page."""

from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl

from ladder.results import write_atomically

mpl.use("Agg")

INK, PAPER, FAINT, LINE = "#1f2328", "#fffffe", "#656d76", "#d0d7de"
DARK = {INK: "#e6edf3", PAPER: "#0d1117", FAINT: "#9198a1", LINE: "#30363d"}

# One color per tool, apart in hue and in lightness, readable on both pages.
TOOL_COLORS = {
    "Python": "#4c8dd6",
    "PyPy": "#8a63d2",
    "numpy": "#2da160",
    "scipy": "#b8860b",
    "numba": "#e0683c",
    "Cython": "#d6456b",
}

STYLE: Any = {
    "svg.hashsalt": "escape-ladder",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}


def style() -> Any:
    """A context in which charts are drawn in this project's style."""
    return mpl.rc_context(STYLE)


def dark_rules() -> str:
    """Style sheet rules that give every color of the light page its counterpart on a dark one."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark} !important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"


def svg_text(figure: Any, stamp: str) -> str:
    """A figure as SVG; `stamp` says what it was drawn from, in a comment that `ladder report --check` reads."""
    page = StringIO()
    figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight", pad_inches=0.15)
    text = page.getvalue()
    start = text.index(">", text.index("<svg")) + 1
    return f"{text[:start]}\n<!-- drawn from: {stamp} -->\n{dark_rules()}{text[start:]}"


def save_svg(figure: Any, path: Path, stamp: str) -> None:
    write_atomically(path, svg_text(figure, stamp))
