"""numpy_bitplane: 64 cells per machine word, and the adders as ufuncs in place.

bigint's idea carries over: one bit per cell, neighbor counts as Boolean adders, each operation on all cells at
once. Python's integers do that in digits of 30 bits and make a new number each time. numpy's `bitwise_and` and
`bitwise_xor` take arrays of 64-bit words, hundreds of bits per instruction, and put the result where they are
told to. A board of this size is then so small that most of a call's time is the call. So the art is to make few
of them.

Which cells share a word is free to choose, and a good choice makes nearly all shifts disappear. Cut the board
into 64 bands of h columns. Bit j of word (i, y) is the cell in column i of band j, row y. Its left neighbor is
bit j of word (i - 1, y), the one above that of word (i, y - 1): whole words, hence slices. Only at the edge of
a band does it take a shift, by one bit, to get into the next band. If 64 bands are more than the board has,
they begin again at its first column. These copies have the same neighbors as their originals, so they live the
same life; every shape of board is handled alike, and only counting has to leave them out.

Three things save calls. Both planes, all live cells and team 1's, lie in one array, and one call adds for both.
So do sum and carry of three words in a row: the next full adder takes three such pairs, one above the other,
and adds sums and carries in the same five calls. And every operand is one contiguous line, for which a ufunc
skips its machinery for shapes and strides; at this size that costs more than the operation. For its sake the
lines run across halos and the gap between planes, and compute some nonsense there.

What it costs: one has to draw a picture to see which word is whose neighbor and which operands happen to be
adjacent. A new rule is no longer another number but another circuit.

To measure: a call on 8 words and on 1000; the same on views of two dimensions; boards of 1024 x 1024, where the
price of calls no longer matters and that of memory does.
"""

import numpy as np

from variants import match

WORD = 64


def bits_to_columns(columns):
    """Return which column bit j of word (i, y) belongs to, shape (h, 64), counted on beyond the last column."""
    height = -(-columns // WORD)
    return np.arange(WORD) * height + np.arange(height)[:, None]


def pack(bits):
    """Return words (i, y), uint64 of shape (h, rows), from bits (y, i, j), bool of shape (rows, h, 64)."""
    return np.packbits(bits, axis=2, bitorder="little").view("<u8")[:, :, 0].T


def load(s1, s2, rows, columns):
    """Return the board, uint64 of shape (2, h + 2, rows + 2): all live cells and those of team 1, each with a halo."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    at = bits_to_columns(columns) % columns
    planes = np.zeros((2, len(at) + 2, rows + 2), np.uint64)
    for plane, cells in zip(planes, (cells1 + cells2, cells1)):
        board = np.zeros(rows * columns, bool)
        board[cells] = True
        plane[1:-1, 1:-1] = pack(board.reshape(rows, columns).take(at, axis=1))
    return planes


def make_halo(planes, columns):
    """Return a function that renews the halo of `planes`."""
    height, width = planes.shape[1] - 2, planes.shape[2]
    # Left of a band lies the last column of the band before; for bit 0, which has none before it, the board's last.
    # Right of a band lies the first column of the next band; for bit 63, which has none after it, column 64 * h.
    # A shift brings other bits along. They do no harm: the copies go on in the board's order, so that what these bits
    # say is what is there already.
    last_bit, last = divmod(columns - 1, height)
    next_bit, beyond = divmod(WORD * height % columns, height)
    sources = np.array([height - 1, beyond, last, 0])[:, None] + [1, height + 3]  # each of them in both planes
    shifts = np.repeat(np.array([1, WORD - 1 - next_bit, last_bit, 1], np.uint64), 2 * width)

    take, sources = planes.reshape(-1, width).take, sources.ravel()
    found = np.empty((8, width), np.uint64)
    upwards, downwards = found.reshape(2, -1)
    shifts_upwards, shifts_downwards = shifts.reshape(2, -1)
    columns_beside, found_columns = planes[:, :: height + 1].swapaxes(0, 1), found[:4].reshape(2, 2, width)
    rows_beside, opposite_rows = planes[:, 1:-1, :: width - 1], planes[:, 1:-1, width - 2 : 0 : 3 - width]
    left_shift, right_shift, bitwise_or = np.left_shift, np.right_shift, np.bitwise_or

    def renew_halo():
        rows_beside[...] = opposite_rows
        take(sources, 0, found, "wrap")  # no source is out of range, and "wrap" doesn't buffer
        left_shift(upwards, shifts_upwards, upwards)
        right_shift(downwards, shifts_downwards, downwards)
        bitwise_or(upwards, downwards, upwards)
        columns_beside[...] = found_columns

    return renew_halo


def make_next_generation(planes, columns):
    """Return a function that plays a generation on `planes`, whose halo has to be right."""
    height, width = planes.shape[1] - 2, planes.shape[2]
    size = height * width  # of a plane, both: of two planes and the halo columns where they meet
    line = planes.reshape(-1)
    left, center, right = line[: -2 * width], line[width:-width], line[2 * width :]
    alive, team1 = center[:size], center[-size:]
    both = center.size

    # Sum and carry of a word and those beside it, two planes each; `pair` is without the word itself.
    pair, triple = np.zeros(2 * both, np.uint64), np.zeros(2 * both, np.uint64)
    pair_sum, pair_carry = pair.reshape(2, both)
    triple_sum, triple_carry = triple.reshape(2, both)

    # Sum and carry of the triple above, the pair and the triple below, of their sums as well as of their carries.
    above, beside, below = triple[:-2], pair[1:-1], triple[2:]
    total, carry = np.zeros(2 * both, np.uint64), np.zeros(2 * both, np.uint64)
    inner_total, inner_carry, spare = total[1:-1], carry[1:-1], triple[1:-1]
    # The carries of team 1's carries would be last, and nobody wants them: who has four neighbors doesn't live.
    wanted = both + size - 1
    some_above, some_beside, some_below = above[:wanted], beside[:wanted], below[:wanted]
    some_total, some_carry, some_spare = inner_total[:wanted], inner_carry[:wanted], spare[:wanted]

    # What lies where then. A cell's ones are in `total` for all live cells, for team 1, next to them its twos for all
    # live cells, for team 1. In `carry` are more twos, which have to be added, then fours.
    ones, twos, more_twos = total[:size], total[both:], carry[:both]
    team1_twos, no_tie = total[-size:], carry[both - size : both]
    gain, loss = total[both - size : both + size], carry[both - size : both + size]
    tie_won, two_or_three = gain[:size], gain[size:]

    ties_of_team2 = np.zeros((height, width), np.uint64)
    x, y = bits_to_columns(columns) % columns, np.arange(width - 2)[:, None, None]
    ties_of_team2[:, 1:-1] = pack(x % 2 != y % 2)
    ties_of_team2 = ties_of_team2.ravel()
    bitwise_and, bitwise_or, bitwise_xor = np.bitwise_and, np.bitwise_or, np.bitwise_xor

    def next_generation():
        bitwise_xor(left, right, pair_sum)
        bitwise_and(left, right, pair_carry)
        bitwise_xor(pair_sum, center, triple_sum)
        bitwise_and(pair_sum, center, triple_carry)
        bitwise_or(triple_carry, pair_carry, triple_carry)

        bitwise_xor(above, below, inner_total)
        bitwise_and(some_above, some_below, some_carry)
        bitwise_and(some_total, some_beside, some_spare)
        bitwise_xor(inner_total, beside, inner_total)
        bitwise_or(some_carry, some_spare, some_carry)
        bitwise_xor(twos, more_twos, twos)

        # "One but not the other" twice at once. Team 1's only neighbor wins a tie, but not if there are three
        # neighbors or ties are team 2's. There are two or three neighbors if there is one two, but not with a four.
        bitwise_or(ones, ties_of_team2, no_tie)
        bitwise_or(gain, loss, gain)
        bitwise_xor(gain, loss, gain)

        bitwise_or(alive, ones, alive)
        bitwise_and(alive, two_or_three, alive)
        bitwise_or(tie_won, team1_twos, team1)
        bitwise_and(team1, alive, team1)

    return next_generation


def make_count(planes, columns):
    """Return a function that counts the live cells of team 1 and of team 2."""
    height, width = planes.shape[1] - 2, planes.shape[2]
    alive, team1 = (plane[1:-1].reshape(-1) for plane in planes)
    once = np.zeros((height, width), np.uint64)  # every cell once: no halo, no copies
    once[:, 1:-1] = pack(np.broadcast_to(bits_to_columns(columns) < columns, (width - 2, height, WORD)))
    once = once.ravel()
    cells = np.empty(2 * once.size, np.uint64)
    cells_alive, cells_team1 = cells.reshape(2, -1)
    counts = np.empty(cells.size, np.uint8)
    # Floating point, since a product of matrices adds up faster than any ufunc does; it is exact up to 2**53.
    reals = np.empty(cells.size)
    reals_by_plane, ones = reals.reshape(2, -1), np.ones(once.size)
    bitwise_and, bitwise_count = np.bitwise_and, np.bitwise_count

    def count_cells():
        bitwise_and(alive, once, cells_alive)
        bitwise_and(team1, once, cells_team1)
        bitwise_count(cells, counts)
        reals[:] = counts
        count, count1 = reals_by_plane.dot(ones).tolist()
        return int(count1), int(count - count1)

    return count_cells


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    planes = load(s1, s2, rows, columns)
    renew_halo = make_halo(planes, columns)
    next_generation = make_next_generation(planes, columns)
    count_cells = make_count(planes, columns)

    def step():
        renew_halo()
        next_generation()
        return count_cells()

    return match.play(step, count_cells(), time_limit_s, checkpoint_callback)
