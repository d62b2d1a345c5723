"""numba_dense: plain loops over the cells, compiled.

This is the program one would write first and never dares to in Python: for every row, for every cell, add up the
neighbors, decide. numba translates it into machine code when it is first called. The loop over generations and the
test for victory are compiled as well, so the interpreter is met once per stretch.

Being compiled is half of the gain. `numpy_slices` runs compiled loops too, but each does one operation and sends its
result through memory to the next. Here a cell is loaded, decided and stored in one go. The other half is that the
compiler turns the inner loops into vector instructions, 16 to 64 cells at a time. It only does so if

- cells are bytes and stay bytes: numba computes in 64 bits, and where a cast back to int8 says that nobody wants
  the upper 56, the compiler leaves them out;
- there are no branches: both outcomes are computed, and `a if c else b` selects;
- nothing wraps: a border of copies makes the torus flat, and rows are padded to whole vectors, since cells left over
  would go through a slower loop. What the padding contains is nonsense that no cell looks at.

One byte answers both questions about the neighbors. A cell of team 1 is 8 + 1, one of team 2 is -8 + 1. In the sum
over all neighbors the lower three bits are how many they are, and the rest is by how many team 1 is ahead. So there
is one sum, made in two steps (down each column, then of three adjacent sums), and its sign is the next color.

What it costs: seconds of compilation in each process, a large dependency, and a way of writing in which a harmless
change, a forgotten cast say, makes the program several times slower without a word. And it works through all cells,
however few of them live.

To try: read `next_rows.inspect_asm()` and look for zmm or ymm registers; remove one `np.int8`; rows without
padding; an `if` in the inner loop; random boards and empty ones, which take the same time.
"""

import numpy as np

from variants import match, match_jit
from variants.match_jit import jit

TEAM1 = np.int8(8 + 1)
TEAM2 = np.int8(-8 + 1)
VECTOR = 64
BATCH = 15  # rows whose live cells, per column and team, can be counted in half a byte


def load(s1, s2, rows, columns):
    """Return the board, int8 of shape (rows + 2, width + 2): the cells within a border of copies, then padding."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    width = -(-columns // VECTOR) * VECTOR
    board = np.zeros((rows + 2, width + 2), np.int8)
    for cells, team in (cells1, TEAM1), (cells2, TEAM2):
        y, x = np.divmod(np.array(cells, int), columns)
        board[y + 1, x + 1] = team
    return board, (len(cells1), len(cells2))


def lost_ties(width):
    """Return for even and for odd rows 8 where a tie goes to team 2: as if it were one neighbor ahead."""
    x, y = np.arange(width), np.arange(2)[:, None]
    return np.where(x % 2 == y % 2, 0, 8).astype(np.int8)


@jit
def next_rows(board, following, top, bottom, ties, sums, live):
    """Play a generation on rows `top` to `bottom` and add their cells to `live`, team 2's also in units of 16."""
    for y in range(top, bottom):
        above, row, below = board[y], board[y + 1], board[y + 2]
        following_row, row_ties = following[y + 1, 1:], ties[y % 2]
        for x in range(sums.size):
            sums[x] = above[x] + row[x] + below[x]
        for x in range(live.size):
            cell = row[x + 1]
            near = np.int8(sums[x] + sums[x + 1] + sums[x + 2] - cell)
            # Only 3, or 2 with the cell's own lowest bit, makes 3: B3/S23 in one comparison.
            is_alive = np.int8((near | cell) & 7) == 3
            color = TEAM1 if np.int8(near - row_ties[x]) >= 0 else TEAM2
            cell = color if is_alive else np.int8(0)
            following_row[x] = cell
            live[x] += cell & 0x11


@jit
def count_cells(live, columns):
    """Return how many cells, how many of team 2, `live` has gathered in the board's columns, and clear it."""
    count = count2 = 0
    for x in range(columns):
        count += live[x] & 15
        count2 += live[x] >> 4
    live[:] = 0
    return count, count2


@jit
def copy_row(to, source):
    """Do to[:] = source, which alone would double the time for compilation."""
    for x in range(to.size):
        to[x] = source[x]


@jit
def renew_border(board, rows, columns):
    for y in range(1, rows + 1):
        board[y, 0] = board[y, columns]
        board[y, columns + 1] = board[y, 1]
    copy_row(board[0], board[rows])
    copy_row(board[rows + 1], board[1])


@jit
def play_stretch(n, board, following, columns, ties, sums, live, window):
    """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
    rows = len(board) - 2
    count = count2 = 0
    for played in range(1, n + 1):
        renew_border(board, rows, columns)
        count = count2 = 0
        for top in range(0, rows, BATCH):
            next_rows(board, following, top, min(top + BATCH, rows), ties, sums, live)
            batch_count, batch_count2 = count_cells(live, columns)
            count += batch_count
            count2 += batch_count2
        board, following = following, board
        if match_jit.is_won(window, count - count2, count2):
            return played, count - count2, count2, True
    return n, count - count2, count2, False


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board, counts = load(s1, s2, rows, columns)
    following = np.zeros_like(board)
    width = board.shape[1] - 2
    ties = lost_ties(width)
    sums = np.empty(width + 2, np.int8)
    live = np.zeros(width, np.uint8)
    window = match_jit.start_victory(*counts)

    def advance(n):
        nonlocal board, following
        result = play_stretch(n, board, following, columns, ties, sums, live, window)
        if result[0] % 2:
            board, following = following, board
        return result

    return match.play_stretches(advance, counts, time_limit_s, checkpoint_callback)
