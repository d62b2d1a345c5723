"""numba_bitplane: the adders on words, compiled, a stretch per call.

The layout is that of `numpy_bitplane`. The board is cut into 64 bands of columns, and bit j of a word is a cell of band
j; so a word's neighbors are whole words, and only beside the first and the last line of a band it takes a shift. (A
line is a column of every band, a word for each row.) There, each step of an adder is a call that fetches words from
memory and puts words back. Here one loop does it all: it loads the words around a word, and when it stores the next
ones some dozens of operations later, nothing else has left the registers. The compiler makes vector instructions of
it, up to eight words at a time: a turn of the loop then plays a thousand cells.

It takes care to get there, since a compiler gives up without a word:

- One loop goes over the whole board. Arrays might overlap, for all that the compiler knows, and before a loop it has
  each pair compared. That costs as much as some turns of the loop, so there shouldn't be one for every line.
- It plays two lines per turn. They need sums over four columns of three cells, one at a time it would be six. Hence
  even lines lie in one run of memory, odd ones in another, and each run is contiguous.
- It loads everything before it stores anything. Where a load follows a store, each comparison becomes a longer one.
- Stores don't straddle cache lines: in every line, row 0 begins one, and the halo's word lies in front of it.
- Counting is written as the textbook's sum of pairs, nibbles and bytes. The compiler knows the pattern, and where the
  processor can count bits, even in vectors, nothing is left of it but that instruction.

The window of the test for victory is compiled too, and the interpreter is met once per stretch.

What it costs: seconds of compilation, and the program is a circuit now; another rule would be another one. Nothing in
it says whether it is fast. The unpacking `even, odd = pair_of_arrays` instead of two indices gives slices that may have
gaps, and the program becomes several times slower.

To try: look into `next_generation.inspect_asm()` for zmm or ymm registers, for `vpternlog` (any function of three bits)
and `vpopcnt`; that unpacking; a loop per line; one line per turn; arrays that begin anywhere.
"""

import numpy as np
from numba import njit

from variants import match, match_jit
from variants.match_jit import jit

WORD = 64
VECTOR = 8  # words of the widest vectors there are

word = np.uint64  # constants have to be words too: a word and a signed number make a float
NONE, ONE, TWO, FOUR, LAST = word(0), word(1), word(2), word(4), word(WORD - 1)
PAIRS, NIBBLES, BYTES = word(0x5555555555555555), word(0x3333333333333333), word(0x0F0F0F0F0F0F0F0F)
ADD_BYTES, TOP_BYTE = word(0x0101010101010101), word(56)

# For what is called once per generation: passing arrays takes longer than one would think, each is nine arguments.
jit_inline = njit(nogil=True, error_model="numpy", forceinline=True)


def new_runs(size):
    """Return four runs of words, uint64 of shape (4, size), zero; word 1 of each begins a cache line.

    Of a board these are its even and its odd lines of all live cells, then of team 1's.
    """
    memory = np.zeros(4 * size + VECTOR, np.uint64)
    start = (-memory.ctypes.data // memory.itemsize - 1) % VECTOR
    return memory[start : start + 4 * size].reshape(4, size)


@jit
def find_column(x, width, pitch):
    """Return where column x is: its line in the run of the even or of the odd ones, where it begins, which bit.

    The run of odd lines begins with the line left of line 0; that of even lines ends with the one right of the last.
    """
    bit, i = divmod(x, width)
    return i % 2, (i + 1) // 2 * pitch, word(bit)


@jit
def set_cells(runs, cells, columns, width, pitch):
    """Set the bits of cells, y * columns + x, and of their copies, where the bands begin again at column 0."""
    for cell in cells:
        y, x = divmod(cell, columns)
        while x < WORD * width:
            run, start, bit = find_column(x, width, pitch)
            runs[run, start + 1 + y] |= ONE << bit
            x += columns


@jit
def set_masks(masks, rows, columns, width, pitch):
    """Set where ties go to team 2, even and odd lines, then every cell once, without copies; without halo."""
    for i in range(width):
        odd = once = NONE
        for bit in range(WORD):
            x = bit * width + i
            if x % columns % 2:
                odd |= ONE << word(bit)
            if x < columns:
                once |= ONE << word(bit)
        for k in range(rows):
            at = i // 2 * pitch + 1 + k
            masks[i % 2, at] = ~odd if k % 2 else odd
            masks[2 + i % 2, at] = once


@jit
def move_up(to, line, other, bit):
    """Move the cells of a line one band on; into the first band comes a bit of another line."""
    for k in range(to.size):
        to[k] = line[k] << ONE | other[k] >> bit & ONE


@jit
def move_down(to, line, other, bit):
    """Move the cells of a line one band back; into the last band comes a bit of another line."""
    for k in range(to.size):
        to[k] = line[k] >> ONE | other[k] >> bit << LAST


@jit_inline
def renew_halo(runs, rows, pitch, before, after):
    """Renew the lines beside the first and the last one, then the words above and below all lines."""
    last = runs.shape[1] - VECTOR - pitch
    for plane in range(0, 4, 2):
        # From row 0 on, again at cache lines; this spoils the word above the next line, which is yet to be renewed.
        even, odd = runs[plane, 1:], runs[plane + 1, 1:]
        run, start, bit = before
        move_up(odd[:pitch], odd[last:], runs[plane + run, start + 1 :], bit)
        run, start, bit = after
        move_down(even[last : last + pitch], even, runs[plane + run, start + 1 :], bit)
    for above in range(0, last + 1, pitch):
        for run in range(4):
            runs[run, above] = runs[run, above + rows]
            runs[run, above + rows + 1] = runs[run, above + 1]


@jit
def choose(which, a, b):
    """Return the bits of a where `which` is set, and those of b elsewhere."""
    return (a ^ b) & which ^ b


@jit
def add_column(line, k):
    """Return what the rule needs of word k + 1 and those above and below it.

    These are sum and carry of the three, the sum without the middle one, the upper one, the middle one.
    """
    above, middle, below = line[k], line[k + 1], line[k + 2]
    ends = above ^ below
    return ends ^ middle, choose(ends, middle, above), ends, above, middle


@jit
def apply_rule(left, here, right, left1, here1, right1, ties_of_team2):
    """Return a word of live cells and one of team 1's, from the columns of all live cells and those of team 1."""
    sum_left, carry_left, _, _, _ = left
    _, _, ends, above, cell = here
    sum_right, carry_right, _, _, _ = right
    sides = sum_left ^ sum_right
    odd = sides ^ ends
    carry = choose(sides, ends, sum_left)
    # There are two or three neighbors if a single carry is set: of all four an odd number, of three not two or more.
    first_two = carry_left ^ above & ~ends
    single = (first_two ^ carry_right ^ carry) & ~choose(first_two, carry_right, carry_left)
    alive = single & (odd | cell)

    # A cell is team 1's if two of its neighbors are. Where ties are its own, an extra one above or below joins the
    # one that it has in a tie. Of a living cell's carries, no two are set then, so "or" and "xor" are the same.
    sum_left, carry_left, _, _, _ = left1
    _, _, ends, above, _ = here1
    sum_right, carry_right, _, _, _ = right1
    extra = ~(odd | ties_of_team2)
    both = choose(ends, extra, above)
    carry = choose(sum_left ^ sum_right, ends ^ extra, sum_left)
    return alive, alive & (carry_left ^ carry_right ^ both ^ carry)


@jit
def count_bits(bits):
    """Return how many bits of a word are set."""
    bits -= bits >> ONE & PAIRS
    bits = (bits & NIBBLES) + (bits >> TWO & NIBBLES)
    return np.int64((bits + (bits >> FOUR) & BYTES) * ADD_BYTES >> TOP_BYTE)


@jit_inline
def next_generation(runs, following, masks, pitch):
    """Play a generation, two lines per turn; return the number of live cells and of team 1's."""
    left, even, odd, right = runs[1], runs[0], runs[1, pitch:], runs[0, pitch:]
    left1, even1, odd1, right1 = runs[3], runs[2], runs[3, pitch:], runs[2, pitch:]
    next_even, next_odd, next_even1, next_odd1 = following[0], following[1, pitch:], following[2], following[3, pitch:]
    ties_even, ties_odd, once_even, once_odd = masks[0], masks[1], masks[2], masks[3]
    count = count1 = 0
    for k in range(ties_even.size - VECTOR):
        a, b, c, d = add_column(left, k), add_column(even, k), add_column(odd, k), add_column(right, k)
        a1, b1, c1, d1 = add_column(left1, k), add_column(even1, k), add_column(odd1, k), add_column(right1, k)
        once_b, once_c = once_even[k + 1], once_odd[k + 1]
        alive_b, team1_b = apply_rule(a, b, c, a1, b1, c1, ties_even[k + 1])
        alive_c, team1_c = apply_rule(b, c, d, b1, c1, d1, ties_odd[k + 1])
        next_even[k + 1], next_even1[k + 1] = alive_b, team1_b
        next_odd[k + 1], next_odd1[k + 1] = alive_c, team1_c
        count += count_bits(alive_b & once_b) + count_bits(alive_c & once_c)
        count1 += count_bits(team1_b & once_b) + count_bits(team1_c & once_c)
    return count, count1


@jit
def play_stretch(n, runs, following, masks, rows, columns, width, pitch, window):
    """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
    before = find_column(columns - 1, width, pitch)
    after = find_column(WORD * width % columns, width, pitch)
    count = count1 = 0
    for played in range(1, n + 1):
        renew_halo(runs, rows, pitch, before, after)
        count, count1 = next_generation(runs, following, masks, pitch)
        runs, following = following, runs
        if match_jit.is_won(window, count1, count - count1):
            return played, count1, count - count1, True
    return n, count1, count - count1, False


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    cells1, cells2 = match.parse(s1, s2, rows, columns)
    pairs = -(-columns // (2 * WORD))
    pitch = -(-(rows + 2) // VECTOR) * VECTOR
    width = 2 * pairs
    runs, following = (new_runs((pairs + 1) * pitch + VECTOR) for _ in range(2))
    masks = new_runs(pairs * pitch + VECTOR)
    set_cells(runs[:2], np.array(cells1 + cells2, int), columns, width, pitch)
    set_cells(runs[2:], np.array(cells1, int), columns, width, pitch)
    set_masks(masks, rows, columns, width, pitch)
    counts = len(cells1), len(cells2)
    window = match_jit.start_victory(*counts)

    def advance(n):
        nonlocal runs, following
        result = play_stretch(n, runs, following, masks, rows, columns, width, pitch, window)
        if result[0] % 2:
            runs, following = following, runs
        return result

    return match.play_stretches(advance, counts, time_limit_s, checkpoint_callback)
