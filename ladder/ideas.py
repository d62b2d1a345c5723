"""The ideas of the scripted agent that `ladder replay` sends into a room: rungs, and three that come to nothing."""

from collections.abc import Callable
from typing import NamedTuple

from ladder.availability import BY_NAME
from ladder.errors import LadderError
from ladder.self_contained import self_contained


class Idea(NamedTuple):
    """One experiment: what an agent writes down before it, the edit, what is expected to come of it, and why.

    `edit` takes the kept program and returns the changed one.
    """

    description: str
    track: str
    category: str
    hypothesis: str
    edit: Callable[[str], str]
    expected: str
    learned: str


def rewrite(name: str) -> Callable[[str], str]:
    """An edit that replaces the program by a rung."""
    return lambda _: self_contained(BY_NAME[name])


def rewrite_with(name: str, old: str, new: str) -> Callable[[str], str]:
    """An edit that replaces the program by a rung in which something has been changed."""

    def edit(_: str) -> str:
        text = self_contained(BY_NAME[name])
        if text.count(old) != 1:
            raise LadderError(f"{BY_NAME[name].source}: {old!r} stands there {text.count(old)} times, expected once")
        return text.replace(old, new)

    return edit


def append(lines: str) -> Callable[[str], str]:
    """An edit that adds lines at the end of the program."""
    return lambda program: f"{program}\n\n{lines}\n"


DUD = Idea(
    "let threads switch less often",
    "micro",
    "micro",
    "the interpreter looks every 5 ms whether another thread wants to run; once a second should give 1.05x",
    append("import sys\n\nsys.setswitchinterval(1.0)"),
    "discard",
    "there is no other thread, so nobody ever asked to run",
)
CRASH = Idea(
    "the next 4 x 4 cells from a table over all 8 x 8",
    "macro",
    "algorithm",
    "one look-up for 16 cells instead of 16 decisions should give 5x",
    append("NEXT = bytearray(2**64)"),
    "crash",
    "64 bits make more keys than there is memory; a table has to be over far fewer cells",
)
WRONG = Idea(
    "a color for births only",
    "micro",
    "algorithm",
    "a survivor has its color already; to decide it for the few births only should give 1.1x",
    rewrite_with(
        "numpy_roll",
        "team1 = alive & (near1 + checker > near2)",
        "team1 = alive & np.where(teams[0] | teams[1], teams[0] > 0, near1 + checker > near2)",
    ),
    "wrong",
    "the rule gives survivors the color of their neighbors, too",
)

ROLL = Idea(
    "dense numpy arrays, shifted by np.roll",
    "macro",
    "vectorisation",
    "a generation as some forty calls into compiled loops instead of thousands of steps of the interpreter: 20x",
    rewrite("numpy_roll"),
    "keep",
    "the interpreter was the limit, not the arithmetic",
)
SLICES = Idea(
    "a padded halo, views and out= instead of copies",
    "macro",
    "memory layout",
    "np.roll copies the board eight times in a generation; views that exist already should give 2x",
    rewrite("numpy_slices"),
    "keep",
    "making arrays had cost more than adding them up",
)

QUICK = (ROLL, WRONG, CRASH, DUD, SLICES)
FULL = (
    Idea(
        "tuples as keys of dead neighbors",
        "micro",
        "data structure",
        "keys that needn't be put together and taken apart as text should give 1.2x",
        rewrite("tuple_keys"),
        "keep",
        "text was built and searched for every dead neighbor",
    ),
    DUD,
    Idea(
        "colors in a dict",
        "macro",
        "data structure",
        "get_color scans two row lists for every live neighbor; one look-up instead should give 1.3x",
        rewrite("color_dict"),
        "keep",
        "half of the scans were for colors",
    ),
    CRASH,
    Idea(
        "rows as sets in a dict",
        "macro",
        "data structure",
        "to find a row or a cell takes a walk through lists; a membership test that doesn't should give 3x",
        rewrite("dict_of_sets"),
        "keep",
        "the walks grew with the number of rows, and there was one for every neighbor",
    ),
    Idea(
        "wrapped coordinates from a table",
        "micro",
        "micro",
        "a modulo for every coordinate, although only the edges wrap; a table should give 1.1x",
        rewrite("wrap_table"),
        "keep",
        "a look-up costs less than a modulo and an addition",
    ),
    Idea(
        "live cells scatter counts over packed keys",
        "macro",
        "algorithm",
        "asking eight neighbors of every cell repeats itself; each live cell adding to its neighbors should give 2x",
        rewrite("neighbor_counts"),
        "keep",
        "counting is done in C where the keys are whole numbers",
    ),
    ROLL,
    WRONG,
    Idea(
        "neighbor counts by Fourier transforms",
        "macro",
        "algorithm",
        "a convolution becomes a product: fewer operations per cell than eight additions, 1.5x",
        rewrite("scipy_fft"),
        "discard",
        "with a kernel of 3 x 3 the additions are few and in bytes, the transforms in floating point",
    ),
    SLICES,
    Idea(
        "the board in one big integer per team",
        "macro",
        "data structure",
        "a bit per cell and adders made of Boolean operations: 36000 cells in an operation, 1.5x",
        rewrite("bigint"),
        "keep",
        "an eighth of the memory is touched, though every operation makes a new number",
    ),
    Idea(
        "64 cells per word in numpy arrays",
        "macro",
        "memory layout",
        "the same adders in place should save making new numbers: 1.3x",
        rewrite("numpy_bitplane"),
        "keep",
        "results go where they are wanted, and vector instructions do the rest",
    ),
)
