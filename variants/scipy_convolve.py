"""scipy_convolve: the neighbor counts as a convolution of the board with a 3 x 3 stencil, wrapping at the edges.

Adding up the surroundings of every cell is what signal processing calls a convolution, and scipy.ndimage has
one ready made, `mode="wrap"` included. A generation turns into the sentence "convolve, then compare". Where the
stencil or the treatment of the edges is likely to change, this is the version to have: both are arguments.

Two properties of convolution are used to the full. The stencil of nine ones is separable: the sum over a 3 x 3
square is the sum over three columns of sums over three rows, hence two passes of three terms instead of one of
nine; `convolve1d` does one such pass. (The cell itself is in the square and has to be taken out again.) And
convolution is linear: if a live cell weighs 1, and one of team 1 weighs 16 more, then one convolution makes
both counts, all live neighbors in the low half of a byte and team 1's in the high half. A count of eight fits
into a half, so nothing spills over.

Why it disappoints beside its parent: a library that serves every stencil, type, dimension and edge pays for
that generality in its innermost loop. Here each line of the image is copied into a buffer as double, extended
at both ends, multiplied by weights that happen to be one, and converted back: scalar arithmetic on eight-byte
numbers where numpy's own sums take whole registers of bytes. Almost all time goes there; the rule hardly shows.
So even with half as many passes over the board it loses to eight shifted copies.

To try: `ndimage.convolve` with the full 3 x 3 stencil, then with the ring of eight; one convolution per team;
`scipy.signal.convolve2d`, made for large kernels; float32 or float64 boards, which spare a conversion at one
end.
"""

import numpy as np
from scipy.ndimage import convolve1d

from variants import match


def load(s1, s2, rows, columns):
    """Return the board, uint8 of shape (rows, columns): 0 for a dead cell, 17 for team 1, 1 for team 2."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    board = np.zeros(rows * columns, np.uint8)
    board[cells1] = 17
    board[cells2] = 1
    return board.reshape(rows, columns)


def tie_limits(rows, columns):
    """Return from how many neighbors on there is no tie for team 1 to win: 3 where ties are its own, else 0."""
    y, x = np.ogrid[:rows, :columns]
    return np.where(x % 2 == y % 2, 3, 0).astype(np.uint8)


def count_neighbors(board):
    """Return for every cell its live neighbors: their number plus 16 times the number of team 1's."""
    # Between the passes, which compute in double whatever they are given, float32 converts faster than bytes.
    row_sums = convolve1d(board, (1, 1, 1), axis=1, mode="wrap", output=np.float32)
    return convolve1d(row_sums, (1, 1, 1), axis=0, mode="wrap", output=np.uint8) - board


def next_generation(board, limits):
    """Return the board one generation on."""
    neighbors = count_neighbors(board)
    near, near1 = neighbors & 15, neighbors >> 4
    # Only 3 | 0, 3 | 1 and 2 | 1 make 3: B3/S23 in one comparison.
    alive = (near | board & 1) == 3
    # Among two or three neighbors team 1 needs more than one, but only one where a tie of 1 : 1 is its own.
    team1 = alive & (near1 > (near >= limits).view(np.uint8))
    return alive.view(np.uint8) + team1.view(np.uint8) * 16


def count_cells(board):
    """Return the live cells of team 1 and of team 2."""
    alive, team1 = int(np.count_nonzero(board)), int(np.count_nonzero(board == 17))
    return team1, alive - team1


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = load(s1, s2, rows, columns)
    limits = tie_limits(rows, columns)

    def step():
        nonlocal board
        board = next_generation(board, limits)
        return count_cells(board)

    return match.play(step, count_cells(board), time_limit_s, checkpoint_callback)
