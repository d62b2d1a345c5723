"""scipy_fft: the convolution as a product of Fourier transforms.

The transform turns convolution into multiplication: transform the board, multiply by the stencil's transform,
transform back. And because a discrete transform takes its input for one period of an endless pattern, the torus
is not a special case here but the natural one: no halo, no modulo, no mode="wrap". The stencil is transformed
once per match. It is symmetric, so its transform is real, and the product is cheap; real input spares half of
both transforms. Both teams fit into one, as in scipy_convolve: a live cell weighs 1, one of team 1 weighs 16
more.

The result isn't exact, but it need not be: true sums are whole numbers, and rounding gives them back as long as
no error reaches a half. In single precision one unit in the last place of the largest sum, 8 * 17, is about
1e-5, and a transform adds only a handful of these. Only if all errors of a board met in one cell could that be
too much, and a bound for this case grows with the board's size. So up to a certain size single precision will
do, and beyond it costs nothing but time to be on the safe side.

Why it is the wrong tool: transforms make the work per cell independent of the stencil's size, some log N
operations instead of one per stencil entry. For a stencil of hundreds of cells that is a bargain; here it
replaces eight additions of bytes (four, separated) by dozens of operations on complex numbers. The price also
depends on the shape: sides that are products of small primes are fast, a prime side takes a detour (Bluestein's
algorithm) and several times as long. Both are correct.

What to measure: 150 x 240 against 151 x 241. A radius of 10 cells instead of 1, here and in scipy_convolve.
Float64 on small boards. `workers`: threads don't pay at this size.
"""

import numpy as np
from scipy.fft import irfft2, rfft2

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


def stencil_spectrum(rows, columns, real):
    """Return the transform of the ring of eight neighbors around cell (0, 0), in the precision `real`."""
    stencil = np.zeros((rows, columns))
    stencil[np.ix_((-1, 0, 1), (-1, 0, 1))] = 1
    stencil[0, 0] = 0
    return rfft2(stencil).real.astype(real)  # the ring is symmetric, so there is no imaginary part


def count_neighbors(board, spectrum):
    """Return for every cell its live neighbors: their number plus 16 times the number of team 1's."""
    product = rfft2(board.astype(spectrum.dtype), overwrite_x=True)
    product *= spectrum
    return np.rint(irfft2(product, s=board.shape, overwrite_x=True)).astype(np.uint8)


def next_generation(board, limits, spectrum):
    """Return the board one generation on."""
    neighbors = count_neighbors(board, spectrum)
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
    # The errors of single precision stay far below a half; on large boards it takes double to be sure of that.
    spectrum = stencil_spectrum(rows, columns, np.float32 if rows * columns <= 2**16 else np.float64)

    def step():
        nonlocal board
        board = next_generation(board, limits, spectrum)
        return count_cells(board)

    return match.play(step, count_cells(board), time_limit_s, checkpoint_callback)
