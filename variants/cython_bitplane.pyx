# cython: cdivision=True
"""cython_bitplane: words in C, vectorised by the compiler.

numba compiles for the machine that it runs on. C is compiled for every machine of a kind, and on a PC that means
vectors of 128 bits. The loops below are plain ones over words of 64 bits, but they are compiled three times, twice
with permission to use more: AVX2 has vectors of 256 bits; AVX-512 has vectors of 512 bits, logic of three operands in
one instruction, and an instruction that counts the bits of each word. Which of them the processor has is asked at
import. Other processors and compilers get the plain version, with vectors as wide as the compiler dares.

A loop can be vectorised if its turns don't depend on each other, and well if what meets in an operation lies side by
side. In the parent's bands, neighbors to the left and right are whole words somewhere else, but those above and below
are the word before and the word after, so vectors of them straddle cache lines. Here the board is cut in the other
direction too, into 64 x 8 tiles. Bit b of word l is the same cell of tile (b, l), and eight words, one line, are that
cell of all tiles: four vectors, two, or one. All eight neighbors of a line are whole lines now. Only beyond the edges
of a tile lies a halo of lines that have to be made, once in a generation, from those at the opposite edges, moved by
one bit or by one word.

Tiles are of equal size. So the last ones may reach beyond the board; there they contain copies of the cells on its
other side, which live the same life and aren't counted. Hence every shape of board goes through the same loop.

The rest is what compilers want to be told, and what became of it can be read in the assembly:

- `restrict`: nothing is written where something is read. GCC gives up here if it has to test that itself.
- A carry, which is a majority, is written as a choice: of three bits the last one if the first two differ, else the
  first. In AVX-512 that is one instruction less than the textbook's two ands and an or.
- One loop does everything for a column, its count of live cells included.
- All stays in the first cache: a generation overwrites the one before, two columns to the right of it, and the next
  one goes back to the left.

What it costs: the compiler is spoken to by attributes, which Cython doesn't know and passes on as names of types. And
the speed is that of the compiler at hand. Much that AVX-512 does in one instruction still takes two; cython_simd names
the instructions that it wants.

To try: `objdump -d` of the module, for zmm, ymm and vpternlogq; LADDER_SIMD=avx2 and =portable, which force a version;
without `restrict`; a carry as `both | ends & middle`; a pitch of 21 lines, with which loads may be taken for those of
something about to be stored, since the addresses end alike: it is slow in some processes and not in others.
"""

import os

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc, free

from variants.victory cimport Victory, is_won, start_victory

from variants import match


cdef extern from *:
    """
    #if defined(__GNUC__) && defined(__x86_64__)
    #define FOR_AVX512 __attribute__((target("avx512f,avx512vpopcntdq")))
    #define FOR_AVX2 __attribute__((target("avx2")))
    #define HAS_AVX512 (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
    #define HAS_AVX2 __builtin_cpu_supports("avx2")
    #else
    #define FOR_AVX512
    #define FOR_AVX2
    #define HAS_AVX512 0
    #define HAS_AVX2 0
    #endif
    #if defined(__GNUC__)
    #define ALWAYS_INLINE __attribute__((always_inline))
    #else
    #define ALWAYS_INLINE
    #endif
    """
    bint HAS_AVX512, HAS_AVX2
    # Attributes of a function, as if they belonged to the type that it returns.
    ctypedef void for_avx512 "FOR_AVX512 void"
    ctypedef void for_avx2 "FOR_AVX2 void"
    ctypedef void inlined "ALWAYS_INLINE void"
    ctypedef const uint64_t* read_only "const uint64_t *CYTHON_RESTRICT"
    ctypedef uint64_t* write_only "uint64_t *CYTHON_RESTRICT"


cdef enum:
    BITS = 64         # of a word: tiles side by side
    LANES = 8         # words of a line: tiles on top of each other
    SHIFT = 2         # columns by which a generation is moved
    MOST_LINES = 127  # whose live cells can be counted in 16 bits


# Of three cells, one above the other: sum + 2 carry are alive, without the middle one ends + 2 both.
cdef struct Three:
    uint64_t sum, carry, ends, both


cdef struct Counts:
    int64_t alive, team1


# Where a row or a column of the board is: in which tile, and at which place there.
cdef struct Place:
    Py_ssize_t tile, offset


cdef inline Place find_place(Py_ssize_t position, Py_ssize_t size) noexcept nogil:
    cdef Place place
    place.tile = position // size
    place.offset = position % size
    return place


cdef class Board:
    """A board in tiles, and the match played on it.

    It is kept by columns of a tile, each a column of lines for all live cells, then one for team 1's; in memory a
    column of lines begins `pitch` words after the one before.
    """

    cdef uint64_t* memory
    cdef uint64_t* cells  # the first line of the first column
    cdef uint64_t* odd_rows  # for each line, whether its cells are in odd rows
    cdef uint64_t* odd_columns  # for each column, which tiles have an odd column of the board there
    cdef uint64_t* once  # for each column, which tiles have no copies there
    cdef Py_ssize_t rows, columns, width, height, pitch, step
    cdef Place before_first_row, after_last_row, before_first_column, after_last_column
    cdef Victory victory
    cdef readonly tuple counts

    def __cinit__(self, s1, s2, Py_ssize_t rows, Py_ssize_t columns):
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        # Transposed, a board lives the same life. One of the two ways may need fewer lines.
        cdef bint is_turned = count_lines(columns, rows) < count_lines(rows, columns)
        if is_turned:
            rows, columns = columns, rows
        self.rows = rows
        self.columns = columns
        self.width = divide_up(columns, BITS)
        self.height = divide_up(rows, LANES)
        self.before_first_row = find_place(rows - 1, self.height)
        self.after_last_row = find_place(LANES * self.height % rows, self.height)
        self.before_first_column = find_place(columns - 1, self.width)
        self.after_last_column = find_place(BITS * self.width % columns, self.width)
        self.allocate()
        self.set_masks()
        self.set_cells(cells1, is_turned, True)
        self.set_cells(cells2, is_turned, False)
        self.counts = len(cells1), len(cells2)
        start_victory(&self.victory, len(cells1), len(cells2))

    def __dealloc__(self):
        free(self.memory)

    cdef allocate(self):
        # With an odd multiple of eight lines, the same line of the next seven columns is far away modulo 4096 bytes.
        # Processors compare only that much of two addresses when they look whether a load has to wait for a store.
        self.pitch = (divide_up(self.height + 2, 8) | 1) * 8 * LANES
        cdef Py_ssize_t columns = 2 * (self.width + 2 + SHIFT)
        cdef Py_ssize_t words = columns * self.pitch + LANES * self.height + 2 * self.width
        self.memory = <uint64_t*> calloc(words + LANES, sizeof(uint64_t))
        if not self.memory:
            raise MemoryError(f"board {self.rows} x {self.columns}")
        # A line is a cache line.
        cdef uint64_t* aligned = self.memory + (-<size_t> self.memory // sizeof(uint64_t)) % LANES
        self.cells = aligned + 2 * self.pitch + LANES
        self.step = 2 * SHIFT * self.pitch
        self.odd_rows = aligned + columns * self.pitch
        self.odd_columns = self.odd_rows + LANES * self.height
        self.once = self.odd_columns + self.width

    cdef set_masks(self):
        cdef Py_ssize_t x, y
        cdef Place place
        for x in range(BITS * self.width):
            place = find_place(x, self.width)
            self.odd_columns[place.offset] |= <uint64_t> (x % self.columns % 2) << place.tile
            self.once[place.offset] |= <uint64_t> (x < self.columns) << place.tile
        for y in range(LANES * self.height):
            place = find_place(y, self.height)
            self.odd_rows[place.offset * LANES + place.tile] = -<uint64_t> (y % self.rows % 2)

    cdef set_cells(self, list cells, bint is_turned, bint is_team1):
        cdef Py_ssize_t cell, x, y, first_x
        cdef Py_ssize_t board_columns = self.rows if is_turned else self.columns
        for cell in cells:
            first_x, y = cell % board_columns, cell // board_columns
            if is_turned:
                first_x, y = y, first_x
            while y < LANES * self.height:
                x = first_x
                while x < BITS * self.width:
                    self.set_cell(find_place(x, self.width), find_place(y, self.height), is_team1)
                    x += self.columns
                y += self.rows

    cdef void set_cell(self, Place x, Place y, bint is_team1) noexcept:
        cdef uint64_t* column = self.cells + 2 * x.offset * self.pitch
        cdef uint64_t bit = <uint64_t> 1 << x.tile
        column[y.offset * LANES + y.tile] |= bit
        if is_team1:
            column[self.pitch + y.offset * LANES + y.tile] |= bit

    def advance(self, Py_ssize_t n):
        """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
        cdef Py_ssize_t played = 0
        cdef Counts counts
        cdef bint won = False
        with nogil:
            while played < n and not won:
                play_generation(self, &counts)
                played += 1
                won = is_won(&self.victory, counts.team1, counts.alive - counts.team1)
        return played, counts.team1, counts.alive - counts.team1, won


cdef inline Py_ssize_t divide_up(Py_ssize_t size, Py_ssize_t parts) noexcept:
    return (size + parts - 1) // parts


cdef inline Py_ssize_t count_lines(Py_ssize_t rows, Py_ssize_t columns) noexcept:
    return divide_up(columns, BITS) * divide_up(rows, LANES)


cdef inline inlined move_right(
    write_only to, read_only column, read_only other, Py_ssize_t bit, Py_ssize_t lines
) noexcept nogil:
    """Move the cells of a column one tile to the right; into the first tile comes a bit of another column."""
    cdef Py_ssize_t n
    for n in range(lines * LANES):
        to[n] = column[n] << 1 | other[n] >> bit & 1


cdef inline inlined move_left(
    write_only to, read_only column, read_only other, Py_ssize_t bit, Py_ssize_t lines
) noexcept nogil:
    """Move the cells of a column one tile to the left; into the last tile comes a bit of another column."""
    cdef Py_ssize_t n
    for n in range(lines * LANES):
        to[n] = column[n] >> 1 | other[n] >> bit << BITS - 1


cdef inline inlined move_words(uint64_t* to, uint64_t* words, Py_ssize_t lane, uint64_t word) noexcept nogil:
    """Copy eight words to a line, but set its word `lane` to `word`; in two steps, as the first may be overlapping."""
    cdef uint64_t[LANES] line
    cdef Py_ssize_t n
    for n in range(LANES):
        line[n] = words[n] if n != lane else word
    for n in range(LANES):
        to[n] = line[n]


cdef inline inlined renew_halo(Board self) noexcept nogil:
    cdef Py_ssize_t pitch = self.pitch, height = self.height, plane
    cdef Place before = self.before_first_column, after = self.after_last_column
    cdef uint64_t* column
    cdef uint64_t* last
    for plane in range(2):
        column = self.cells + plane * pitch
        last = column + 2 * (self.width - 1) * pitch
        move_right(column - 2 * pitch, last, column + 2 * before.offset * pitch, before.tile, height)
        move_left(last + 2 * pitch, column, column + 2 * after.offset * pitch, after.tile, height)
    before, after = self.before_first_row, self.after_last_row
    for plane in range(-2, 2 * self.width + 2):
        column = self.cells + plane * pitch
        last = column + (height - 1) * LANES
        move_words(column - LANES, last - 1, 0, column[before.offset * LANES + before.tile])
        move_words(last + LANES, column + 1, LANES - 1, column[after.offset * LANES + after.tile])


cdef inline uint64_t choose(uint64_t which, uint64_t a, uint64_t b) noexcept nogil:
    """The bits of a where `which` is set, those of b elsewhere."""
    return (a ^ b) & which ^ b


cdef inline inlined add(uint64_t above, uint64_t middle, uint64_t below, Three* three) noexcept nogil:
    three.ends = above ^ below
    three.both = above & below
    three.sum = three.ends ^ middle
    three.carry = choose(three.ends, middle, above)


cdef inline inlined find_alive(
    Three* left, Three* here, Three* right, uint64_t cell, uint64_t* alive, uint64_t* odd
) noexcept nogil:
    """Find which cells are alive next, and which have an odd number of neighbors."""
    cdef uint64_t sides = left.sum ^ right.sum
    cdef uint64_t carry = choose(sides, here.ends, left.sum)
    odd[0] = sides ^ here.ends
    # There are two or three neighbors if one of four carries is set: an odd number, but not two of the first three.
    cdef uint64_t first_two = left.carry ^ here.both
    cdef uint64_t single = (first_two ^ right.carry ^ carry) & ~choose(first_two, right.carry, left.carry)
    alive[0] = single & (odd[0] | cell)


cdef inline inlined find_team1(
    Three* left, Three* here, Three* right, uint64_t alive, uint64_t ties, uint64_t* team1
) noexcept nogil:
    """Find which cells are alive and have at least two neighbors of team 1, or one where it takes the tie."""
    cdef uint64_t sides = left.sum ^ right.sum
    cdef uint64_t carry = choose(sides, here.ends, left.sum)
    team1[0] = alive & (ties & (sides ^ here.ends) | carry | here.both | left.carry | right.carry)


cdef inline uint64_t count_bits(uint64_t bits, bint is_instruction) noexcept nogil:
    """Return how many bits of a word are set, as four sums if there is no instruction for it.

    Where there is one, compilers know what the pattern with the product means.
    """
    bits -= bits >> 1 & <uint64_t> 0x5555555555555555
    bits = (bits & <uint64_t> 0x3333333333333333) + (bits >> 2 & <uint64_t> 0x3333333333333333)
    bits = bits + (bits >> 4) & <uint64_t> 0x0F0F0F0F0F0F0F0F
    if is_instruction:
        return bits * <uint64_t> 0x0101010101010101 >> 56
    return (bits & <uint64_t> 0x00FF00FF00FF00FF) + (bits >> 8 & <uint64_t> 0x00FF00FF00FF00FF)


cdef inline uint64_t add_sums(uint64_t sums, bint is_instruction) noexcept nogil:
    return sums if is_instruction else sums * <uint64_t> 0x0001000100010001 >> 48


cdef inline inlined play_lines(
    read_only left,
    read_only left1,
    read_only here,
    read_only here1,
    read_only right,
    read_only right1,
    write_only following,
    write_only following1,
    read_only odd_rows,
    Py_ssize_t lines,
    uint64_t odd_columns,
    uint64_t once,
    bint counts_bits,
    Counts* counts,
) noexcept nogil:
    """Play so many lines of a column, in both planes, and add up their live cells."""
    cdef Py_ssize_t n
    cdef uint64_t alive, team1, odd, sums = 0, sums1 = 0
    cdef Three a, b, c
    for n in range(lines * LANES):
        add(left[n - LANES], left[n], left[n + LANES], &a)
        add(here[n - LANES], here[n], here[n + LANES], &b)
        add(right[n - LANES], right[n], right[n + LANES], &c)
        find_alive(&a, &b, &c, here[n], &alive, &odd)
        add(left1[n - LANES], left1[n], left1[n + LANES], &a)
        add(here1[n - LANES], here1[n], here1[n + LANES], &b)
        add(right1[n - LANES], right1[n], right1[n + LANES], &c)
        find_team1(&a, &b, &c, alive, ~odd & ~(odd_columns ^ odd_rows[n]), &team1)
        following[n] = alive
        following1[n] = team1
        sums += count_bits(alive & once, counts_bits)
        sums1 += count_bits(team1 & once, counts_bits)
    counts.alive += add_sums(sums, counts_bits)
    counts.team1 += add_sums(sums1, counts_bits)


cdef inline inlined play_board(Board self, bint counts_bits, Counts* counts) noexcept nogil:
    cdef Py_ssize_t pitch = self.pitch, step = self.step, i, k, top, lines
    cdef uint64_t* column
    renew_halo(self)
    counts.alive = counts.team1 = 0
    for k in range(self.width):
        # A column may be overwritten once both its neighbors are played.
        i = k if step < 0 else self.width - 1 - k
        top = 0
        while top < self.height:
            lines = min(self.height - top, <Py_ssize_t> MOST_LINES)
            column = self.cells + 2 * i * pitch + top * LANES
            play_lines(
                column - 2 * pitch, column - pitch, column, column + pitch, column + 2 * pitch, column + 3 * pitch,
                column + step, column + step + pitch, self.odd_rows + top * LANES, lines, self.odd_columns[i],
                self.once[i], counts_bits, counts,
            )
            top += lines
    self.cells += step
    self.step = -step
    leave_out_copies(self, counts)


cdef inline inlined leave_out_copies(Board self, Counts* counts) noexcept nogil:
    """Subtract the live cells in rows that are copies; there are at most seven."""
    cdef Py_ssize_t y, i
    cdef uint64_t* word
    cdef Place place
    for y in range(self.rows, LANES * self.height):
        place = find_place(y, self.height)
        word = self.cells + place.offset * LANES + place.tile
        for i in range(self.width):
            counts.alive -= count_bits(word[2 * i * self.pitch] & self.once[i], True)
            counts.team1 -= count_bits(word[(2 * i + 1) * self.pitch] & self.once[i], True)


cdef for_avx512 play_avx512(Board self, Counts* counts) noexcept nogil:
    play_board(self, True, counts)


cdef for_avx2 play_avx2(Board self, Counts* counts) noexcept nogil:
    play_board(self, False, counts)


cdef void play_portable(Board self, Counts* counts) noexcept nogil:
    play_board(self, False, counts)


ctypedef void (*play_t)(Board self, Counts* counts) noexcept nogil
cdef play_t play_generation
wanted = os.environ.get("LADDER_SIMD", "")
if wanted in {"", "avx512"} and HAS_AVX512:
    play_generation, simd_path = <play_t> play_avx512, "avx512"
elif wanted in {"", "avx2"} and HAS_AVX2:
    play_generation, simd_path = <play_t> play_avx2, "avx2"
elif wanted in {"", "portable"}:
    play_generation, simd_path = play_portable, "portable"
else:
    raise RuntimeError(
        f"LADDER_SIMD={wanted!r}: expected avx512, avx2 or portable, and one that this machine supports"
    )


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = Board(s1, s2, rows, columns)
    return match.play_stretches(board.advance, board.counts, time_limit_s, checkpoint_callback)
