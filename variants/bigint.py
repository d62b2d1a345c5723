"""bigint: the whole board in one Python integer per team, the rule as Boolean adders.

Python's integers have no upper limit, and `&`, `^` and `>>` work on all their bits at once. Give every cell a bit,
row after row, and one operator does for the whole board what the row lists do cell by cell. The loop is still
there, but in C, inside the operator, and it takes 30 cells at a time or more, since Python keeps a large integer in
pieces of 30 bits. The interpreter starts some 60 such loops per generation, however many cells live.

The rule has to be said without numbers of neighbors. Shift the board by one bit, and every cell faces its neighbor:
`left ^ right` says for all of them whether one of the two lives, `left & right` whether both do. That is an adder.
It first adds up columns, since three cells can use the same sum:

    pair   = above ^ below           what a cell sees in its own column, itself left out
    triple = above ^ cell ^ below    what the cells to the left and to the right see of this column
    ones   = triple on the left ^ pair ^ triple on the right

Each of the three columns has a carry, worth two, and their sum has one more. Two or three neighbors live where
exactly one of these four bits is set. One number holds all live cells, another those of team 1. A cell alive next
has at most three neighbors, so at most one of team 1's four bits is set; where one is, team 1 has the majority.

Nothing in this wraps. So the torus, here of 3 x 4 cells, lies within a margin of copies of the opposite side:

    l | i j k l | i      bit 0 is the upper left corner, then bits run along the rows
    --+---------+--
    d | a b c d | a
    h | e f g h | e      left:  board << 1        above: board << width
    l | i j k l | i      right: board >> 1        below: board >> width
    --+---------+--
    d | a b c d | a      width = columns + 2 * margin

Copies have the neighbors of their originals and live the same life, except at the rim, which sees what isn't there.
Each generation spoils one more ring. With a margin four cells wide, it is enough to renew it in every fourth
generation, and that costs far less than a narrow one renewed in each. Counting has to leave it out.

So a generation takes 12 shifts, 39 `&`, `|` or `^`, two counts, and its share of the margin. `&`, `|` and `^` go
through both numbers piece by piece. Processors have instructions that do several pieces at once, vector instructions,
and here the C compiler uses them. In a shift each piece takes bits from the next, so it goes one by one and costs
several times as much; counting costs more still. Sharing the column sums saves shifts: six per number instead of
eight. `^` stands in for "or" where two bits are never both set. `~a` would turn every bit over, also the zeros in
front of the highest one, of which there is no end; Python writes that as a negative number (`~5` is -6), and takes a
detour for it in each operation. The circuit does without: "a, but not b" is `a ^ (a & b)`, which takes from a what is
in b too. And as the zeros in front aren't stored, most of this is shorter while the last rows are empty, and the first
ones, whose copies follow them.

What it costs: no cell and no neighbor can be seen in the program any more, only a circuit, and another rule is
another circuit. Each result is a new integer. And few live cells cost as much as many.

To try: time `a & b`, `a | b`, `a >> 1` and `a.bit_count()` on numbers of this length; margins of 1 and 16; even and
odd columns in numbers of their own, a third less to shift, but twice the calls; PyPy, which is slower here, since
what it speeds up is no longer there.
"""

from variants import match

MARGIN = 4

try:
    count_bits = int.bit_count
except AttributeError:  # Python 3.9

    def count_bits(number):
        return bin(number).count("1")


def to_number(cells, rows, columns, margin):
    """Return the number in which the bits of `cells`, y * columns + x, are set; its margin is empty.

    Goes by way of binary text, since setting bits one by one would make a number of full length for each of them.
    """
    digits = bytearray(b"0") * (rows * columns)
    for cell in cells:
        digits[-1 - cell] = ord("1")  # from the end, since text begins with the highest bit
    side = b"0" * margin
    lines = [side + digits[i : i + columns] + side for i in range(0, len(digits), columns)]
    return int(b"".join(lines), 2) << margin * (columns + 2 * margin)


def find_ties(rows, columns, margin):
    """Return the number of all cells where a tie goes to team 1, those of the margin included."""
    # Two kinds of lines take turns. They are written from the last cell to the first, since text begins with the
    # highest bit; False and True serve as 0 and 1.
    lines = [
        "".join("01"[x % columns % 2 == parity] for x in range(columns + margin - 1, -margin - 1, -1))
        for parity in (0, 1)
    ]
    return int("".join([lines[y % rows % 2] for y in range(rows + margin - 1, -margin - 1, -1)]), 2)


def make_renew_margin(rows, columns, margin):
    """Return the number of all cells that aren't margin, and a function that gives a number its margin afresh."""
    width = columns + 2 * margin
    height_bits, margin_bits = rows * width, margin * width
    # Masks: numbers with ones where something is to be kept, written as text and read with int(text, 2).
    board = int(("0" * margin + "1" * columns + "0" * margin) * rows, 2) << margin_bits
    left_side = int(("0" * (columns + margin) + "1" * margin) * rows, 2) << margin_bits  # the lowest bits of each row
    right_side = left_side << (columns + margin)
    upper_side = (1 << margin_bits) - 1  # as 1000 - 1 is 111 in bits: so many ones, the margin above the first row
    first_rows = upper_side << margin_bits  # as many rows of the board itself

    def renew_margin(number):
        number &= board
        # The last columns move into the left margin, the first ones into the right one.
        number ^= ((number >> columns) & left_side) ^ ((number << columns) & right_side)
        # The last rows move into the upper margin, the first ones into the lower one, and the corners go along.
        return number ^ ((number >> height_bits) & upper_side) ^ ((number & first_rows) << height_bits)

    return board, renew_margin


def make_next_generation(ties, width):
    """Return a function from the live cells and those of team 1 to those of the next generation."""

    def add_neighbors(cells):
        """Return the sum of each cell's neighbors: its ones, and four bits worth two each."""
        above, below = cells << width, cells >> width
        pair = above ^ below
        pair_carry = above & below
        triple = pair ^ cells
        triple_carry = (pair & cells) ^ pair_carry
        left, right = triple << 1, triple >> 1
        beside = left ^ right
        carry = (left & right) ^ (beside & pair)
        return beside ^ pair, triple_carry << 1, triple_carry >> 1, pair_carry, carry

    def next_generation(alive, team1):
        ones, a, b, c, d = add_neighbors(alive)
        # An odd number of the four bits, and not in both halves: exactly one.
        next_alive = (a ^ b ^ c ^ d) & ((a | b) ^ (c | d)) & (ones | alive)
        ones1, a, b, c, d = add_neighbors(team1)
        # Team 1's only neighbor makes a tie if there are two, not three, and `ones` tells two from three.
        tie_won = ones1 & (ties ^ (ties & ones))
        # In a cell alive next at most one of the four is set, so their `^` says that team 1 has two or three.
        return next_alive, (a ^ b ^ c ^ d ^ tie_won) & next_alive

    return next_generation


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    margin = min(MARGIN, rows, columns)
    alive = to_number(cells1 + cells2, rows, columns, margin)
    team1 = to_number(cells1, rows, columns, margin)
    board, renew_margin = make_renew_margin(rows, columns, margin)
    next_generation = make_next_generation(find_ties(rows, columns, margin), columns + 2 * margin)
    intact = 0  # rings of the margin that are still right

    def step():
        nonlocal alive, team1, intact
        if intact == 0:
            alive, team1, intact = renew_margin(alive), renew_margin(team1), margin
        alive, team1 = next_generation(alive, team1)
        intact -= 1
        count1 = count_bits(team1 & board)
        return count1, count_bits(alive & board) - count1

    return match.play(step, (len(cells1), len(cells2)), time_limit_s, checkpoint_callback)
