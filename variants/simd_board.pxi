# What cython_simd and cython_openmp share: the choice of an instruction set, and a board in tiles with the match played
# on it. Whoever includes this defines most_bands() and play_pass().

import os

from libc.stdint cimport int64_t

from variants.victory cimport Victory, is_won, start_victory

from variants import match


cdef extern from "simd_tiles.h" nogil:
    enum:
        TILED
        MOST_GENERATIONS
        PATH_COUNT
    ctypedef struct Path:
        const char* name
        bint (*is_supported)()
    ctypedef struct Tiles:
        int shape
        bint is_ragged
        int64_t generations
        int64_t bands
    const Path* PATHS
    Tiles* new_tiles(const Path* path, int64_t rows, int64_t columns, int64_t most_bands)
    void free_tiles(Tiles* tiles)
    void set_cell(Tiles* tiles, int64_t x, int64_t y, bint is_team1)
    void play_band(const Tiles* tiles, int64_t band, int64_t generations)
    void finish_pass(Tiles* tiles, int64_t generations, int64_t (*counts)[2])


cdef const Path* choose_path(str wanted) except NULL:
    """Return the instruction set of this name, or if it is empty, the fastest one that this machine supports."""
    cdef Py_ssize_t i
    names = []
    for i in range(PATH_COUNT):
        name = PATHS[i].name.decode()
        if PATHS[i].is_supported():
            if wanted in ("", name):
                return &PATHS[i]
            names.append(name)
    raise RuntimeError(f"LADDER_SIMD={wanted}: expected one that this machine supports: {', '.join(names)}")


cdef const Path* path = choose_path(os.environ.get("LADDER_SIMD", ""))
simd_path = path.name.decode()


cdef class Board:
    """A board in tiles, and the match played on it."""

    cdef Tiles* tiles
    cdef Victory victory
    cdef readonly tuple counts

    def __cinit__(self, s1, s2, Py_ssize_t rows, Py_ssize_t columns):
        cells1, cells2 = match.parse(s1, s2, rows, columns)
        self.tiles = new_tiles(path, rows, columns, most_bands())
        if not self.tiles:
            raise MemoryError(f"board {rows} x {columns}: not enough memory")
        for team, cells in ((1, cells1), (2, cells2)):
            self.set_cells(cells, columns, team == 1)
        self.counts = len(cells1), len(cells2)
        start_victory(&self.victory, len(cells1), len(cells2))

    def __dealloc__(self):
        free_tiles(self.tiles)

    cdef set_cells(self, list cells, Py_ssize_t columns, bint is_team1):
        cdef Py_ssize_t cell
        for cell in cells:
            set_cell(self.tiles, cell % columns, cell // columns, is_team1)

    @property
    def layout(self):
        """How the board is cut, as simd_tiles.h calls it."""
        shape = "TILED" if self.tiles.shape == TILED else "STRIPS"
        return f"{shape}, RAGGED" if self.tiles.is_ragged else shape

    def advance(self, Py_ssize_t n):
        """Play n generations, or fewer where one decides the match: (played, count1, count2, won)."""
        cdef int64_t[MOST_GENERATIONS][2] counts
        cdef Py_ssize_t played = 0, generations, g = 0
        cdef bint won = False
        with nogil:
            while played < n and not won:
                generations = min(n - played, self.tiles.generations)
                play_pass(self.tiles, generations)
                finish_pass(self.tiles, generations, counts)
                for g in range(generations):
                    played += 1
                    won = is_won(&self.victory, counts[g][0], counts[g][1])
                    if won:
                        break
        return played, counts[g][0], counts[g][1], won


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    """Play one match; return the generation reached. See the contract in autoresearch/program.py."""
    board = Board(s1, s2, rows, columns)
    return match.play_stretches(board.advance, board.counts, time_limit_s, checkpoint_callback)
