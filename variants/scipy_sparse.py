"""scipy_sparse: the neighborhood as a sparse matrix, the counts as this matrix times the board.

Write the board as one long vector. Then "count your live neighbors" is linear, hence a matrix: a row and a
column per cell, 1 where two cells are neighbors. Of these entries only eight in each row aren't zero, so it is
stored sparsely. It is made once for a shape of board and knows all about the torus; the program that uses it
knows nothing of rows, columns or edges. Any other neighborhood, a hexagonal board, a Klein bottle, an arbitrary
graph: change the matrix, and not a line of what follows. As in scipy_convolve, a cell of team 1 weighs 16 more
than one of team 2, so that one product makes both counts.

The matrix is built from small ones. `ring` is one dimension of the torus, a cell and the two next to it, and
the Kronecker product of two rings is the 3 x 3 neighborhood on a torus of any size, 3 x 3 included. Taking out
the unit matrix takes out the cell itself.

What decides is the storage format. The usual one, CSR, lists for every row the columns of its entries, and the
product looks each of them up: one index loaded per neighbor, one byte fetched per index. But on a grid the
entries lie on diagonals, eight long ones and some for the edges. DIA stores diagonals whole, and a diagonal
times a vector is one loop over consecutive bytes, which the compiler turned into vector instructions. It
computes with many stored zeros and is still several times faster. So from a different direction one gets to
shifted copies of the board, and scipy's loops beat eight calls of np.roll.

What it costs: memory. About twenty diagonals as long as the board are twenty boards to read per generation, and
soon that, not arithmetic, is the limit: on boards that overflow the cache this rung falls behind.

To try: leave out `.todia()`; both teams as two columns of a dense matrix; float32; for a random graph instead
of a grid, both formats.
"""

from functools import lru_cache

import numpy as np
from scipy import sparse

from variants import match


def load(s1, s2, rows, columns):
    """Return the board, flat uint8: 0 for a dead cell, 17 for team 1, 1 for team 2."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    board = np.zeros(rows * columns, np.uint8)
    board[cells1] = 17
    board[cells2] = 1
    return board


def tie_limits(rows, columns):
    """Return flat from how many neighbors on there is no tie for team 1 to win: 3 where ties are its own, else 0."""
    y, x = np.ogrid[:rows, :columns]
    return np.where(x % 2 == y % 2, 3, 0).astype(np.uint8).ravel()


def ring(length):
    """Return the matrix that adds to each element of a closed ring the two next to it."""
    return sparse.diags_array(
        np.ones(5, np.uint8), offsets=(1 - length, -1, 0, 1, length - 1), shape=(length, length), dtype=np.uint8
    )


@lru_cache(maxsize=4)
def neighbor_matrix(rows, columns):
    """Return the square matrix with a row and a column per cell that is 1 where two cells are neighbors."""
    torus = sparse.kron(ring(rows), ring(columns), format="csr")
    return (torus - sparse.eye_array(rows * columns, dtype=np.uint8)).todia()


def next_generation(board, limits, matrix):
    """Return the board one generation on."""
    neighbors = matrix @ board
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
    matrix = neighbor_matrix(rows, columns)

    def step():
        nonlocal board
        board = next_generation(board, limits, matrix)
        return count_cells(board)

    return match.play(step, count_cells(board), time_limit_s, checkpoint_callback)
