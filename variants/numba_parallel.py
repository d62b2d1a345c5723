"""numba_parallel: rows shared out over threads.

After each generation a thread needs its neighbors' rows, so all would have to wait for each other. In numba that takes
the end of a parallel loop and the start of another, and meanwhile one thread alone could play up to a few million
cells. So threads wait only after several generations, a pass. The rows are cut into tiles, and to its own rows a tile
gets a margin: copies of as many rows above and below as a pass has generations. Then it is played as if it were a
board. Its outermost rows are wrong after one generation, those beside them after two; when its own rows would be next,
the pass is over, and the margins are copied anew. Nothing is counted in them.

Wide margins mean few launches, but rows that are played twice. `plan` takes the number of generations for which both
together cost least, and no more threads than have enough rows for it. For a board of 150 x 240 that is one: there,
starting threads takes longer than playing dozens of generations, so it stays one tile, and this rung plays it as its
parent does. One core works, the others idle; nothing is lost and nothing gained.

On boards larger than the cache, where the parent waits for memory, tiles render a second service. There are more of
them than threads, each so small that it stays in the cache for a whole pass, and memory is met once per pass instead
of once per generation. This helps a single thread too.

What it costs: margins, three times the compilation if the board is shared, and a program that guesses what a launch
takes and how large a cache is. All threads wait for the slowest one, so a machine that is busy otherwise makes them as
slow as its busiest core.

To try: 1024 x 1024 and 8192 x 8192 with NUMBA_NUM_THREADS=1, 2, 4; LAUNCH = 18_000, for which `plan` shares 150 x 240
too, and LAUNCH = 0, a launch per generation; a CACHE larger than any board; NUMBA_THREADING_LAYER=workqueue.
"""

from itertools import pairwise
from math import isqrt

import numpy as np
from numba import get_num_threads, njit, prange

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
jit_threads = njit(nogil=True, error_model="numpy", parallel=True)

LAUNCH = 4_000_000  # cells that a thread plays in the time that it takes to start threads and to wait for them
CACHE = 2**21  # bytes of a tile, now and a generation later, so that it stays in the cache


def plan(rows, columns, threads):
    """Return into how many tiles to cut the rows, how many threads share them, and the generations of a pass."""
    # A pass of g generations costs a launch, and each of them 2 * g rows more. That is least where both cost the same.
    generations = isqrt(LAUNCH // (2 * columns)) + 1
    most = max(1, rows // (8 * generations))
    shares = min(threads, most)
    tiles_per_share = min(-(-rows * columns // (2 * CACHE * shares)), most // shares)
    return tiles_per_share * shares, shares, generations


def new_runs(tiles, size):
    """Return four runs of words for each tile, uint64 of shape (tiles, 4, size), zero; word 1 begins a cache line.

    Of a board these are its even and its odd lines of all live cells, then of team 1's.
    """
    memory = np.zeros(tiles * 4 * size + VECTOR, np.uint64)
    start = (-memory.ctypes.data // memory.itemsize - 1) % VECTOR
    return memory[start : start + tiles * 4 * size].reshape(tiles, 4, size)


@jit
def find_column(x, width, pitch):
    """Return where column x is: its line in the run of the even or of the odd ones, where it begins, which bit.

    The run of odd lines begins with the line left of line 0; that of even lines ends with the one right of the last.
    """
    bit, i = divmod(x, width)
    return i % 2, (i + 1) // 2 * pitch, word(bit)


@jit
def set_cells(tiles, plane, cells, firsts, margin, columns, width, pitch):
    """Set the bits of cells, y * columns + x, and of their copies, where the bands begin again at column 0."""
    for cell in cells:
        y, x = divmod(cell, columns)
        tile = 0
        while firsts[tile + 1] <= y:
            tile += 1
        while x < WORD * width:
            run, start, bit = find_column(x, width, pitch)
            tiles[tile, plane + run, start + 1 + margin + y - firsts[tile]] |= ONE << bit
            x += columns


@jit
def set_masks(masks, first, own, margin, rows, columns, width, pitch):
    """Set where ties go to team 2, even and odd lines, then every own cell once, without copies; without halo."""
    for i in range(width):
        odd = once = NONE
        for bit in range(WORD):
            x = bit * width + i
            if x % columns % 2:
                odd |= ONE << word(bit)
            if x < columns:
                once |= ONE << word(bit)
        for k in range(own + 2 * margin):
            at = i // 2 * pitch + 1 + k
            masks[i % 2, at] = ~odd if (first - margin + k) % rows % 2 else odd
            masks[2 + i % 2, at] = once if margin <= k < margin + own else NONE


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
def copy_rows(to, to_row, source, source_row, count, pitch):
    """Copy `count` rows from one tile to another."""
    for run in range(4):
        first = run % 2 * pitch + 1
        for start in range(first, first + to.shape[1] - VECTOR - pitch, pitch):
            for k in range(count):
                to[run, start + to_row + k] = source[run, start + source_row + k]


@jit
def renew_margins(tiles, tile, firsts, margin, pitch):
    """Copy what lies above and below a tile from its neighbors' own rows."""
    above, below = (tile - 1) % len(tiles), (tile + 1) % len(tiles)
    own, own_above = firsts[tile + 1] - firsts[tile], firsts[above + 1] - firsts[above]
    for neighbor, to_row, source_row in ((above, 0, own_above), (below, margin + own, margin)):
        copy_rows(tiles[tile], to_row, tiles[neighbor], source_row, margin, pitch)


@jit
def play_tile(n, runs, following, spare, masks, rows, before, after, pitch, live):
    """Play n generations of a tile as if it were a board, and add up its own live cells in each of them."""
    to, other = (following, spare) if n % 2 else (spare, following)
    for generation in range(n):
        renew_halo(runs, rows, pitch, before, after)
        count, count1 = next_generation(runs, to, masks, pitch)
        runs, to, other = to, other, to
        live[generation, 0] += count1
        live[generation, 1] += count - count1


@jit
def play_share(share, n, tiles, following, spares, masks, firsts, margin, before, after, pitch, live):
    """Play n generations, at most the margin, of one thread's tiles. In `tiles` nobody changes a tile's own rows."""
    live[share] = 0
    for tile in range(len(tiles) * share // len(spares), len(tiles) * (share + 1) // len(spares)):
        renew_margins(tiles, tile, firsts, margin, pitch)
        rows = firsts[tile + 1] - firsts[tile] + 2 * margin
        runs = tiles[tile]
        play_tile(n, runs, following[tile], spares[share], masks[tile], rows, before, after, pitch, live[share])


@jit_threads
def play_pass(n, tiles, following, spares, masks, firsts, margin, before, after, pitch, live):
    for share in prange(len(spares)):
        play_share(np.int64(share), n, tiles, following, spares, masks, firsts, margin, before, after, pitch, live)


@jit
def play_shared(n, tiles, following, spares, masks, firsts, margin, columns, width, pitch, live, window):
    """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
    before = find_column(columns - 1, width, pitch)
    after = find_column(WORD * width % columns, width, pitch)
    played = count1 = count2 = 0
    while played < n:
        generations = min(n - played, margin)
        play_pass(generations, tiles, following, spares, masks, firsts, margin, before, after, pitch, live)
        tiles, following = following, tiles
        for generation in range(generations):
            played += 1
            count1, count2 = live[0, generation]
            for share in range(1, len(live)):
                count1 += live[share, generation, 0]
                count2 += live[share, generation, 1]
            if match_jit.is_won(window, count1, count2):
                return played, count1, count2, True
    return played, count1, count2, False


@jit
def play_alone(n, runs, following, masks, rows, columns, width, pitch, window):
    """Do the same for a board that is a single tile."""
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
    tile_count, shares, generations = plan(rows, columns, get_num_threads())
    margin = generations if tile_count > 1 else 0
    bounds = [rows * tile // tile_count for tile in range(tile_count + 1)]
    firsts = np.array(bounds)
    most_rows = -(-rows // tile_count) + 2 * margin
    pairs = -(-columns // (2 * WORD))
    pitch = -(-(most_rows + 2) // VECTOR) * VECTOR
    width = 2 * pairs
    tiles, following, spares = (
        new_runs(count, (pairs + 1) * pitch + VECTOR) for count in (tile_count, tile_count, shares)
    )
    masks = new_runs(tile_count, pairs * pitch + VECTOR)
    set_cells(tiles, 0, np.array(cells1 + cells2, int), firsts, margin, columns, width, pitch)
    set_cells(tiles, 2, np.array(cells1, int), firsts, margin, columns, width, pitch)
    for tile, (first, end) in enumerate(pairwise(bounds)):
        set_masks(masks[tile], first, end - first, margin, rows, columns, width, pitch)
    counts = len(cells1), len(cells2)
    window = match_jit.start_victory(*counts)
    live = np.empty((shares, generations, 2), int)

    def advance_alone(n):
        nonlocal tiles, following
        result = play_alone(n, tiles[0], following[0], masks[0], rows, columns, width, pitch, window)
        if result[0] % 2:
            tiles, following = following, tiles
        return result

    def advance_shared(n):
        nonlocal tiles, following
        result = play_shared(n, tiles, following, spares, masks, firsts, margin, columns, width, pitch, live, window)
        if -(-n // margin) % 2:
            tiles, following = following, tiles
        return result

    advance = advance_alone if tile_count == 1 else advance_shared
    return match.play_stretches(advance, counts, time_limit_s, checkpoint_callback)
