"""numpy_lookup: both counts packed in one byte, and the rule as a table of all 256 bytes.

`numpy_slices` sums up two planes, although a count needs only three bits. Here a cell is one byte, 2 for team
2, 18 for team 1, so that sums over neighbors carry the number of live ones in bits 1 to 3 and that of team 1 in
bits 4 to 6. Bit 0 is free for whether the cell itself lives, bit 7 for whether a tie is team 1's. (A count of
eight runs over into the next field, but it leaves zero neighbors behind, and the cell is dead either way.) This
byte is everything that the rule wants to know. So the rule becomes data: a table with the next state for each
of the 256 bytes, filled in once by a plain function that reads like the rule, and another rule is merely
another table. The state comes out in the form in which it goes in, and half of the additions are gone.

Why it does not win: looking up is the one thing that vector instructions don't do. An addition takes dozens of
bytes in one instruction, `np.take` fetches one entry after the other, and before that it converts each index to
an integer of eight bytes. The handful of comparisons that the table replaces costs far less than that, and the
counts of the teams, too, now have to be dug out of the packed cells.

A larger table makes up for part of it: two neighboring cells, read as one number of 16 bits, are looked up at
once, which halves the number of fetches for a table of 128 KiB. (Three cells at once would need 64 MiB.)
Packing itself is a gain in any case. Where a rule is complicated, or chosen at run time, the table costs the
same as ever, and then it wins.

To try: the table of single cells, by `take` and by indexing (`table[index]`); `mode="raise"`, which makes
`take` buffer its output; `bytes.translate`, the look-up that Python itself brings along; unpacking and then
numpy_slices' rule.
"""

import numpy as np

from variants import match

TEAM1, TEAM2 = 18, 2


def load(s1, s2, rows, columns):
    """Return the board, uint8 of shape (rows + 2, columns): 0, TEAM1 or TEAM2; first and last row are its halo."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    odd = columns % 2
    storage = np.zeros(odd + (rows + 2) * columns, np.uint8)
    board = storage[odd:].reshape(rows + 2, columns)  # its first cell has an even address, as befits pairs
    line = board.reshape(-1)[columns:]
    line[cells1] = TEAM1
    line[cells2] = TEAM2
    return board


def tie_bits(rows, columns):
    """Return flat bit 7 of the table's index: set where a tie goes to team 1."""
    y, x = np.ogrid[:rows, :columns]
    return np.where(x % 2 == y % 2, 128, 0).astype(np.uint8).ravel()


def next_cell(index):
    """Return the next state of a cell; the module's docstring says what the bits of `index` mean."""
    alive, near, near1, tie = index & 1, index >> 1 & 7, index >> 4 & 7, index >> 7
    if near != 3 and not (alive and near == 2):
        return 0
    return TEAM1 if 2 * near1 + tie > near else TEAM2


def pair_table():
    """Return the next states of two neighboring cells, indexed by their two bytes as one uint16."""
    table = np.array([next_cell(index) for index in range(256)], np.uint16)
    return np.add.outer(table * 256, table).ravel()


def make_step(board):
    """Return a function that plays a generation on `board` and returns the live cells of team 1 and of team 2."""
    rows, columns = board.shape[0] - 2, board.shape[1]
    size = rows * columns
    ties = tie_bits(rows, columns)
    take = pair_table().take
    team1, zero = np.array(TEAM1, np.uint8), np.array(0, np.uint8)  # converted once, not in every generation

    top_halo, top, bottom, bottom_halo = (board[y] for y in (0, 1, -2, -1))
    line = board.reshape(-1)
    above, center, below = line[: -2 * columns], line[columns:-columns], line[2 * columns :]

    even = size + size % 2  # a single last cell makes a pair with the halo, which is renewed before it is used
    center_pairs = line[columns : columns + even].view(np.uint16)
    index_pairs = np.zeros(even // 2, np.uint16)
    index = index_pairs.view(np.uint8)[:size]
    above_below, column_sums = np.empty_like(center), np.empty_like(center)
    left, right, inner = column_sums[:-2], column_sums[2:], index[1:-1]
    first, second, last_but_one, last = (column_sums.reshape(-1, columns)[:, x] for x in (0, 1, -2, -1))
    index_first, index_last = (index.reshape(-1, columns)[:, x] for x in (0, -1))
    alive_bool = center != 0
    alive = alive_bool.view(np.uint8)
    team1_bool = np.empty_like(alive_bool)
    add, equal, not_equal, count_nonzero = np.add, np.equal, np.not_equal, np.count_nonzero

    def count_neighbors():
        top_halo[:] = bottom
        bottom_halo[:] = top
        add(above, below, above_below)
        add(above_below, center, column_sums)
        add(left, right, inner)
        add(last, second, index_first)
        add(last_but_one, first, index_last)
        add(index, above_below, index)

    def step():
        count_neighbors()
        add(index, alive, index)
        add(index, ties, index)
        take(index_pairs, None, center_pairs, "wrap")  # no index is out of range, and "wrap" checks fastest
        not_equal(center, zero, alive_bool)
        equal(center, team1, team1_bool)
        count1 = int(count_nonzero(team1_bool))
        return count1, int(count_nonzero(alive_bool)) - count1

    return step


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = load(s1, s2, rows, columns)
    counts = tuple(int(np.count_nonzero(board == team)) for team in (TEAM1, TEAM2))
    return match.play(make_step(board), counts, time_limit_s, checkpoint_callback)
