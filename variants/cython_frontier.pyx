# cython: cdivision=True
"""cython_frontier: the list of live cells in C, eight at a time.

The plan is the parent's: live cells add themselves to their neighbors, and whoever has been reached is looked at and
cleared. What C adds is that eight bytes are also one number. numba indexes arrays of bytes, one byte at a time; here
a word of 64 bits is eight cells of a row, and the list is one of words in which anything lives. As no byte ever
exceeds 255, a single addition adds eight cells, and a shift by eight bits moves them by one column.

Three loops play a generation, each about one thing:

- Every live word is added to the word above, to itself and to the one below. Whoever was zero before has just been
  reached, and is listed. So columns are added up, the rows will be when looked at, and no branch goes now this way,
  now that: the end of the list moves by 0 or 1.
- For the words reached, what decides is copied side by side, and then decided. This is the only part that vectors
  are good for, and it pays to serve it to them: the same arithmetic on the words where they are takes longer, though
  it copies nothing.
- The results are stored where they belong, the sums are cleared, and words that aren't empty are listed.

A word beside three live cells in a column may get a cell without having been reached: rare, and seen to separately.
Words of a column lie one behind the other in memory, so that those reached together are in few cache lines.

Around the board lie copies of its opposite edges. A word at an edge, when it has something to live in it, renews its
copies, so this costs by the live cell as well. The last word of a row may contain cells that aren't part of the
board; they are never born.

What it costs: code twice the parent's length, and cells that are neither objects nor elements of an array, but digits
of a number. A crowded board is still better played without a list: see cython_typed.

To try: the workloads soup and gliders; words of a row one behind the other; LADDER_SIMD=portable; a branch where a
list's end moves; one loop over the words reached in place of the last two.
"""

import os

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free

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
    #define EACH_BYTE 0x0101010101010101u
    #define EVEN_BYTES 0x0001000100010001u
    #define REACHED 0x80000000u
    #define COLUMNS_AT_SIDES 0x0F0000000000000Fu
    """
    bint HAS_AVX2
    # Attributes of a function, as if they belonged to the type that it returns.
    ctypedef void for_avx2 "FOR_AVX2 void"
    ctypedef void inlined "ALWAYS_INLINE void"
    ctypedef const uint64_t* read_only "const uint64_t *CYTHON_RESTRICT"
    ctypedef uint64_t* write_only "uint64_t *CYTHON_RESTRICT"
    uint64_t EACH_BYTE, EVEN_BYTES
    uint64_t REACHED  # in a word without cells: a sum that isn't zero, yet no neighbor
    uint64_t COLUMNS_AT_SIDES


cdef enum:
    ALIVE = 0x01
    TEAM1 = 0x10  # added to ALIVE, so that a sum counts neighbors in its lower half, those of team 1 in the upper
    TEAM1_AT = 4
    BATCH = 128   # words decided at a time; their live cells can be counted by column in a byte

# What a word's rules say beside ALIVE and TEAM1: at which edge of the board it is.
cdef enum:
    FIRST = 0x02
    LAST = 0x04
    TOP = 0x08
    BOTTOM = 0x20
    EDGES = FIRST + LAST + TOP + BOTTOM


# Eight cells, the first one in the lowest byte.
cdef struct Word:
    uint64_t cells  # ALIVE, perhaps with TEAM1, or 0
    uint64_t sums   # of the cells of this word, of the one above and of the one below
    uint64_t rules  # ALIVE where a cell of the board is, TEAM1 where that team takes a tie; edges


# What decides about the words reached, side by side.
cdef struct Batch:
    uint64_t[BATCH] sums, sums_beside, cells, rules


cdef class Board:
    """A board in words, and the match played on it."""

    cdef Word* words
    cdef Word** live      # the words with live cells
    cdef Word** reached   # those and the ones above and below them
    cdef Word** special   # of these, the ones at an edge, or with three cells in a column at one of their sides
    cdef uint64_t* decided  # the next cells of the words reached
    cdef Py_ssize_t rows, columns, width, pitch, live_count
    cdef Batch batch
    cdef Victory victory
    cdef readonly tuple counts

    def __cinit__(self, s1, s2, Py_ssize_t rows, Py_ssize_t columns):
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        self.rows = rows
        self.columns = columns
        self.width = (columns + 7) // 8
        # Around the board lie copies, and what these reach. The first word of a row is in column 2, line 2.
        self.pitch = rows + 4
        cdef size_t size = self.pitch * (self.width + 4)
        self.words = <Word*> calloc(size, sizeof(Word))
        self.live = <Word**> calloc(size + 1, sizeof(Word*))
        self.reached = <Word**> calloc(size + 1, sizeof(Word*))
        self.special = <Word**> calloc(size + 1, sizeof(Word*))
        self.decided = <uint64_t*> calloc(size, sizeof(uint64_t))
        if not (self.words and self.live and self.reached and self.special and self.decided):
            raise MemoryError(f"board {rows} x {columns}")
        self.set_rules()
        self.set_cells(cells1, ALIVE + TEAM1)
        self.set_cells(cells2, ALIVE)
        self.list_live_words()
        self.counts = len(cells1), len(cells2)
        start_victory(&self.victory, len(cells1), len(cells2))

    def __dealloc__(self):
        free(self.words)
        free(self.live)
        free(self.reached)
        free(self.special)
        free(self.decided)

    cdef Word* find_word(self, Py_ssize_t column, Py_ssize_t y) noexcept:
        return self.words + (column + 2) * self.pitch + y + 2

    cdef set_rules(self):
        cdef uint64_t last_cells = ~<uint64_t> 0 >> (8 * self.width - self.columns) * 8
        cdef Py_ssize_t column, y
        for column in range(self.width):
            for y in range(self.rows):
                self.find_word(column, y).rules = EACH_BYTE | EVEN_BYTES << TEAM1_AT + y % 2 * 8
        for y in range(self.rows):
            self.find_word(self.width - 1, y).rules &= last_cells
            self.find_word(self.width - 1, y).rules |= LAST
            self.find_word(0, y).rules |= FIRST
        for column in range(-1, self.width + 1):
            self.find_word(column, 0).rules |= TOP
            self.find_word(column, self.rows - 1).rules |= BOTTOM

    cdef set_cells(self, list cells, uint64_t value):
        cdef Py_ssize_t cell, x
        for cell in cells:
            x = cell % self.columns
            self.find_word(x // 8, cell // self.columns).cells |= value << x % 8 * 8

    cdef list_live_words(self):
        cdef Py_ssize_t special_count = 0, k
        cdef Word* word
        for k in range(self.pitch * (self.width + 4)):
            word = self.words + k
            if word.cells:
                self.live[self.live_count] = word
                self.live_count += 1
                if word.rules & EDGES:
                    self.special[special_count] = word
                    special_count += 1
        renew_copies(self, special_count)

    def advance(self, Py_ssize_t n):
        """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
        cdef Py_ssize_t played = 0, reached_count, count = 0, count1 = 0
        cdef bint won = False
        with nogil:
            while played < n and not won:
                reached_count = add_columns(self)
                count = count1 = 0
                decide_all(self, reached_count, &count, &count1)
                renew_copies(self, store(self, reached_count))
                played += 1
                won = is_won(&self.victory, count1, count - count1)
        return played, count1, count - count1, won


cdef Py_ssize_t add_columns(Board self) noexcept nogil:
    """Add the live words to those above and below and to themselves; return how many words are reached."""
    cdef Word** live = self.live
    cdef Word** reached = self.reached
    cdef Word** special = self.special
    cdef Py_ssize_t live_count = self.live_count, reached_count = 0, special_count = 0, k
    cdef Word* word
    cdef uint64_t cells, above, here, below
    for k in range(live_count):
        word = live[k]
        cells = word.cells
        above, here, below = word[-1].sums, word.sums, word[1].sums
        word[-1].sums = above + cells
        word.sums = here + cells
        word[1].sums = below + cells
        reached[reached_count] = word - 1
        reached_count += above == 0
        reached[reached_count] = word
        reached_count += here == 0
        reached[reached_count] = word + 1
        reached_count += below == 0
        if cells & word[-1].cells & word[1].cells & COLUMNS_AT_SIDES:
            special[special_count] = word
            special_count += 1
    for k in range(special_count):
        word = special[k]
        cells = word.cells & word[-1].cells & word[1].cells
        if cells & 0x0F:
            reached_count += reach(word - self.pitch, reached + reached_count)
        if cells >> 56:
            reached_count += reach(word + self.pitch, reached + reached_count)
    return reached_count


cdef inline bint reach(Word* word, Word** end) noexcept nogil:
    """Put a word at the end of a list if it hasn't been reached before; return whether this is so."""
    if word.sums:
        return False
    word.sums = REACHED
    end[0] = word
    return True


cdef void decide_all(Board self, Py_ssize_t reached_count, Py_ssize_t* count, Py_ssize_t* count1) noexcept nogil:
    """Find the next cells of the words reached, and how many live, how many of team 1."""
    cdef Word** reached = self.reached
    cdef Word* word
    cdef Batch* batch = &self.batch
    cdef Py_ssize_t start = 0, size, pitch = self.pitch, k
    while start < reached_count:
        size = min(reached_count - start, <Py_ssize_t> BATCH)
        for k in range(size):
            word = reached[start + k]
            batch.sums[k] = word.sums
            batch.sums_beside[k] = (word - pitch).sums >> 56 | (word + pitch).sums << 56
            batch.cells[k] = word.cells
            batch.rules[k] = word.rules
        decide(batch.sums, batch.sums_beside, batch.cells, batch.rules, self.decided + start, size, count, count1)
        start += size


cdef inline inlined decide_batch(
    read_only sums,
    read_only sums_beside,
    read_only cells,
    read_only rules,
    write_only decided,
    Py_ssize_t size,
    Py_ssize_t* count,
    Py_ssize_t* count1,
) noexcept nogil:
    cdef Py_ssize_t k
    cdef uint64_t near, alive, team1, total = 0, total1 = 0
    for k in range(size):
        near = sums[k] + (sums[k] << 8) + (sums[k] >> 8) + sums_beside[k] - cells[k]
        # Only 3, or 2 with the cell itself, makes 3: B3/S23. In bits this is 011, as nothing is above 9.
        alive = near | cells[k]
        alive = alive & alive >> 1 & ~(alive >> 2) & rules[k] & EACH_BYTE
        # Of two or three neighbors, two are of team 1, or one of two, and it takes the tie.
        team1 = (near >> 1 | near & ~(near << TEAM1_AT) & rules[k]) >> TEAM1_AT & alive
        decided[k] = alive | team1 << TEAM1_AT
        total += alive
        total1 += team1
    count[0] += add_bytes(total)
    count1[0] += add_bytes(total1)


cdef inline Py_ssize_t add_bytes(uint64_t bytes) noexcept nogil:
    bytes = (bytes & <uint64_t> 0x00FF00FF00FF00FF) + (bytes >> 8 & <uint64_t> 0x00FF00FF00FF00FF)
    return bytes * EVEN_BYTES >> 48


cdef Py_ssize_t store(Board self, Py_ssize_t reached_count) noexcept nogil:
    """Store what was decided, clear the sums, list who lives; return how many of those are special, at an edge."""
    cdef Word** live = self.live
    cdef Word** reached = self.reached
    cdef Word** special = self.special
    cdef uint64_t* decided = self.decided
    cdef Py_ssize_t live_count = 0, special_count = 0, k
    cdef Word* word
    cdef uint64_t cells
    for k in range(reached_count):
        word = reached[k]
        cells = decided[k]
        word.cells = cells
        word.sums = 0
        live[live_count] = word
        live_count += cells != 0
        if word.rules & EDGES:
            special[special_count] = word
            special_count += cells != 0
    self.live_count = live_count
    return special_count


cdef void renew_copies(Board self, Py_ssize_t special_count) noexcept nogil:
    """Copy what lives in the special words, which are at an edge, to beyond the opposite edge."""
    cdef Py_ssize_t last = self.columns - 1, count = special_count, k
    cdef Word* word
    for k in range(special_count):
        word = self.special[k]
        if word.rules & FIRST:
            count += add_copy(
                self, word + self.columns // 8 * self.pitch, (word.cells & 0xFF) << self.columns % 8 * 8, count
            )
        if word.rules & LAST:
            count += add_copy(self, word - self.width * self.pitch, word.cells >> last % 8 * 8 << 56, count)
    special_count = count
    for k in range(special_count):
        word = self.special[k]
        if word.rules & TOP:
            count += add_copy(self, word + self.rows, word.cells, count)
        if word.rules & BOTTOM:
            count += add_copy(self, word - self.rows, word.cells, count)


cdef inline bint add_copy(Board self, Word* to, uint64_t cells, Py_ssize_t special_count) noexcept nogil:
    """Add cells to a word; if they are its first ones, list it as live and as special, and return true."""
    cdef bint is_first = cells and not to.cells
    if is_first:
        self.live[self.live_count] = to
        self.live_count += 1
        self.special[special_count] = to
    to.cells |= cells
    return is_first


cdef for_avx2 decide_avx2(
    read_only sums,
    read_only sums_beside,
    read_only cells,
    read_only rules,
    write_only decided,
    Py_ssize_t size,
    Py_ssize_t* count,
    Py_ssize_t* count1,
) noexcept nogil:
    decide_batch(sums, sums_beside, cells, rules, decided, size, count, count1)


cdef void decide_portable(
    read_only sums,
    read_only sums_beside,
    read_only cells,
    read_only rules,
    write_only decided,
    Py_ssize_t size,
    Py_ssize_t* count,
    Py_ssize_t* count1,
) noexcept nogil:
    decide_batch(sums, sums_beside, cells, rules, decided, size, count, count1)


ctypedef void (*decide_t)(
    read_only, read_only, read_only, read_only, write_only, Py_ssize_t, Py_ssize_t*, Py_ssize_t*
) noexcept nogil
cdef decide_t decide
if HAS_AVX2 and os.environ.get("LADDER_SIMD") != "portable":  # there is no third version, for AVX-512
    decide, simd_path = <decide_t> decide_avx2, "avx2"
else:
    decide, simd_path = decide_portable, "portable"


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = Board(s1, s2, rows, columns)
    return match.play_stretches(board.advance, board.counts, time_limit_s, checkpoint_callback)
