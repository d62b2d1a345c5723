# cython: boundscheck=False, wraparound=False, cdivision=True
"""cython_openmp: threads, for boards larger than the cache.

In cython_simd one thread plays a pass, several generations of all lines from the top of the board to its bottom. Here
the lines are shared out to bands, one for each thread. Between `prange` and the end of its loop each thread plays its
band; then they meet, the counts of all bands are added up, and what they have written becomes the board.

A band needs to see a line beyond each of its ends, in every generation of the pass. It could wait for its neighbor.
Instead it plays those lines as well, one line fewer in each generation: work done twice, but a few lines of hundreds,
and threads meet once in a pass. They share nothing that anyone writes, as all read one board and each writes its own
part of another. And as several generations come out of one journey from memory, threads don't queue up for memory
either. That is why they help here: threads that each wait for memory wait for the same memory.

They don't help a small board. A meeting takes microseconds if all threads are awake and looking out for it, and many
times that if the system has to wake them; on a board of 150 x 240 that is several to hundreds of generations. A rung
that used threads there would be far slower than its parent. So boards that fit into the cache are played by one thread,
as the parent plays them. In between, the pass decides: the longer it takes, the less a meeting matters. And no thread
is free: each takes a core from whoever else would use it, be it another match. Where many boards are to be played, one
process per core is the better use of them.

How many threads there are is up to OMP_NUM_THREADS, or else as many as the process may use cores.

What it costs: OpenMP, a compiler option and a library at run time. Nothing else changes, and the counts are the same
whatever the number of threads.

To measure: the speed-up by 2 threads at 1024, 2048, 4096 and 8192 squared; the last with MOST_GENERATIONS = 1, one
meeting and one journey from memory for every generation; `choose_bands` without its condition, on 150 x 240, with
OMP_WAIT_POLICY=active and =passive; more threads than cores.
"""

cimport openmp
from cython.parallel cimport prange

include "simd_board.pxi"


cdef int64_t most_bands():
    return openmp.omp_get_max_threads()


cdef void play_pass(Tiles* tiles, int64_t generations) noexcept nogil:
    cdef Py_ssize_t band, bands = tiles.bands
    if bands == 1:
        play_band(tiles, 0, generations)
    else:
        for band in prange(bands, schedule="static", num_threads=bands):
            play_band(tiles, band, generations)
