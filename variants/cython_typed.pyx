# cython: boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""cython_typed: the plain loops, compiled ahead of time.

What numba does at the first call, a C compiler does at installation. Cython translates Python with declared types
to C: where all types in a line are known, and nothing has to be checked, it becomes the line of C that one would
have written. A typed memoryview is an array whose element type and layout are declared, so that an index is an
address. `nogil` says that a function doesn't touch Python objects, and Cython refuses to compile one that does.

The loops are those of `numba_dense`, and so is the byte that answers both questions about the neighbors. In C it is
easier to see what the processor waits for, hence three differences:

- Sums are made across a row first, then down. The parent does it the other way round, and loads three adjacent sums
  from where it has just stored some. Most of these loads need parts of two stores, and have to wait until both are in
  the cache. Here such loads come from the board, stored long ago, and sums are loaded just as they were stored.
- With the sums of the row above and of its own at hand, a row can be overwritten: one board instead of two.
- C is compiled for every processor of a kind, on a PC for vectors of 128 bits. So the loops are compiled once more,
  for AVX2 with its 256, and what the processor has is asked at import. Vectors of 512 bits don't make them faster:
  what takes the time is loading and storing.

The rest is about leaving the compiler no excuse. `restrict` tells it what numba finds out at run time, that the
arrays of a loop don't overlap. Of two nested conditions one is a mask, the negative of a comparison, which is 0 or 1;
as two conditional expressions, GCC makes branches of them. And how far it is from a cell to the next, `beside`, isn't
said, though everybody knows that it is 1: compilers that know load a cell once and keep it for the next two iterations,
which then depend on each other, and some of them give up.

What it costs: a compiler at installation; a language between two others, with traps of both (-7 % 3 is 2, or -1
where a directive asks for C); and code that is fast only because somebody looked at what had become of it.

To try: `cython -a`, which colors the lines that still call Python; `objdump -d` of the module, for ymm and xmm
registers; LADDER_SIMD=portable; no `restrict`; in `play_row`, `(... if ... else ...) if ... else 0`, or `int near`.
"""

import os

from variants.victory cimport Victory, is_won, start_victory

from variants import match


cdef extern from *:
    """
    #if defined(__GNUC__) && defined(__x86_64__)
    #define FOR_AVX2 __attribute__((target("avx2")))
    #define HAS_AVX2 __builtin_cpu_supports("avx2")
    #else
    #define FOR_AVX2
    #define HAS_AVX2 0
    #endif
    #if defined(__GNUC__)
    #define ALWAYS_INLINE __attribute__((always_inline))
    #else
    #define ALWAYS_INLINE
    #endif
    """
    bint HAS_AVX2
    # Attributes of a function, as if they belonged to the type that it returns.
    ctypedef void for_avx2 "FOR_AVX2 void"
    ctypedef void inlined "ALWAYS_INLINE void"
    ctypedef const signed char* read_only "const signed char *CYTHON_RESTRICT"
    ctypedef signed char* changing "signed char *CYTHON_RESTRICT"
    ctypedef unsigned char* counting "unsigned char *CYTHON_RESTRICT"


cdef enum:
    TEAM1 = 8 + 1
    TEAM2 = -8 + 1
    VECTOR = 64  # bytes of a cache line, the width of all vectors or a multiple of it
    BATCH = 15   # rows whose live cells, per column and team, can be counted in half a byte


cdef class Board:
    """A board of bytes within a border of copies, rows padded to whole vectors, and the match played on it."""

    cdef signed char[:, ::1] board, sums, ties
    cdef unsigned char[::1] live
    cdef Py_ssize_t columns
    cdef Victory victory
    cdef readonly tuple counts

    def __init__(self, s1, s2, Py_ssize_t rows, Py_ssize_t columns):
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        cdef Py_ssize_t width = (columns + 2 + VECTOR - 1) // VECTOR * VECTOR
        cdef Py_ssize_t x, y
        self.columns = columns
        self.board = new_array(rows + 2, width)
        self.sums = new_array(2, width)
        self.ties = new_array(2, width)
        self.live = bytearray(width)
        for y in range(2):
            for x in range(width):
                self.ties[y, x] = 0 if x % 2 == y else 8  # to team 2, as if it were one neighbor ahead
        self.set_cells(cells1, TEAM1)
        self.set_cells(cells2, TEAM2)
        self.counts = len(cells1), len(cells2)
        start_victory(&self.victory, len(cells1), len(cells2))

    cdef set_cells(self, list cells, signed char team):
        cdef Py_ssize_t cell
        for cell in cells:
            self.board[cell // self.columns + 1, cell % self.columns + 1] = team

    def advance(self, Py_ssize_t n):
        """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
        cdef Py_ssize_t played = 0, count = 0, count2 = 0
        cdef bint won = False
        with nogil:
            while played < n and not won:
                count = count2 = 0
                play_generation(self, &count, &count2)
                played += 1
                won = is_won(&self.victory, count - count2, count2)
        return played, count - count2, count2, won


cdef new_array(Py_ssize_t rows, Py_ssize_t columns):
    """Return an array of signed bytes, all 0, that begins with a vector and may be read one byte beyond its ends."""
    memory = memoryview(bytearray(rows * columns + 3 * VECTOR))
    cdef unsigned char[::1] view = memory
    cdef size_t start = VECTOR + -<size_t> &view[0] % VECTOR
    return memory[start : start + rows * columns].cast("b", (rows, columns))


cdef inline inlined renew_border(signed char[:, ::1] board, Py_ssize_t columns) noexcept nogil:
    cdef Py_ssize_t rows = board.shape[0] - 2, y
    for y in range(1, rows + 1):
        board[y, 0] = board[y, columns]
        board[y, columns + 1] = board[y, 1]
    board[0] = board[rows]
    board[rows + 1] = board[1]


cdef inline inlined add_across(
    read_only row, changing sums, Py_ssize_t vectors, Py_ssize_t beside
) noexcept nogil:
    cdef Py_ssize_t x
    for x in range(vectors * VECTOR):
        sums[x] = row[x - beside] + row[x] + row[x + beside]


cdef inline inlined play_row(
    changing row,
    read_only below,
    read_only sums,
    changing sums_above,
    read_only ties,
    counting live,
    Py_ssize_t vectors,
    Py_ssize_t beside,
) noexcept nogil:
    """Play a row, add its cells to `live`, team 2's also in units of 16, and replace the sums by those below."""
    cdef Py_ssize_t x
    cdef signed char cell, near, sums_below, is_alive
    for x in range(vectors * VECTOR):
        cell = row[x]
        sums_below = below[x - beside] + below[x] + below[x + beside]
        near = sums_above[x] + sums[x] + sums_below - cell
        sums_above[x] = sums_below
        # Only 3, or 2 with the cell's own lowest bit, makes 3: B3/S23 in one comparison.
        is_alive = -((near | cell) & 7 == 3)
        cell = is_alive & (TEAM1 if near >= ties[x] else TEAM2)
        row[x] = cell
        live[x] += cell & 0x11


cdef inline inlined count_cells(
    counting live, Py_ssize_t columns, Py_ssize_t* count, Py_ssize_t* count2
) noexcept nogil:
    """Add up how many cells, how many of team 2, `live` has gathered in the board's columns, and clear it."""
    cdef Py_ssize_t x
    cdef unsigned int total = 0, total2 = 0
    for x in range(1, columns + 1):
        total += live[x] & 15
        total2 += live[x] >> 4
        live[x] = 0
    count[0] += total
    count2[0] += total2


cdef inline inlined play(
    signed char[:, ::1] board,
    signed char[:, ::1] sums,
    signed char[:, ::1] ties,
    unsigned char[::1] live,
    Py_ssize_t columns,
    Py_ssize_t* count,
    Py_ssize_t* count2,
) noexcept nogil:
    cdef Py_ssize_t rows = board.shape[0] - 2, vectors = board.shape[1] // VECTOR, y
    cdef Py_ssize_t beside = board.strides[1]  # 1, but the docstring says why the compiler isn't told
    renew_border(board, columns)
    add_across(&board[0, 0], &sums[1, 0], vectors, beside)
    add_across(&board[1, 0], &sums[0, 0], vectors, beside)
    for y in range(1, rows + 1):
        play_row(
            &board[y, 0],
            &board[y + 1, 0],
            &sums[(y + 1) % 2, 0],
            &sums[y % 2, 0],
            &ties[y % 2, 0],
            &live[0],
            vectors,
            beside,
        )
        if y % BATCH == 0 or y == rows:
            count_cells(&live[0], columns, count, count2)


cdef for_avx2 play_avx2(Board self, Py_ssize_t* count, Py_ssize_t* count2) noexcept nogil:
    play(self.board, self.sums, self.ties, self.live, self.columns, count, count2)


cdef void play_portable(Board self, Py_ssize_t* count, Py_ssize_t* count2) noexcept nogil:
    play(self.board, self.sums, self.ties, self.live, self.columns, count, count2)


ctypedef void (*play_t)(Board self, Py_ssize_t* count, Py_ssize_t* count2) noexcept nogil
cdef play_t play_generation
if HAS_AVX2 and os.environ.get("LADDER_SIMD") != "portable":  # there is no third version, for AVX-512
    play_generation, simd_path = <play_t> play_avx2, "avx2"
else:
    play_generation, simd_path = play_portable, "portable"


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = Board(s1, s2, rows, columns)
    return match.play_stretches(board.advance, board.counts, time_limit_s, checkpoint_callback)
