# cython: boundscheck=False, wraparound=False, cdivision=True
"""cython_simd: tiles across AVX-512 or AVX2 vectors, chosen at run time.

The parent shapes its loops so that a compiler can vectorise them, and takes what the compiler makes of it. Here every
instruction is chosen by hand: the headers simd_*.h beside this file are C, written in intrinsics, functions that stand
for one instruction each. Two things are gained.

Vectors hold nothing but tiles. The board is cut into as many equal tiles as a vector has bits, or nearly as many, and
bit t of vector (i, j) is row i, column j of tile t. So a cell's eight neighbors are the same bit of the eight vectors
around: no bit is ever shifted, no halo is kept, and no word knows of the words beside it. Only along the edges of the
tiles a vector has to move by one tile. That is a rotation of 16-bit words for left and right, and one permutation of
words for above and below; left and right move sums that are already made of three cells, in place of the cells.

And the circuit is written for the instructions. AVX-512 computes any function of three bits at once: a majority, a
choice, "one but not more". Half of them such, half plain logic, some twenty instructions play 512 cells, and four more
count the live ones. AVX2 has plain logic on 256 bits, and needs nearly twice as many for half the cells.

simd_tiles.h cuts a board in one of two ways, whichever needs fewer vectors:

- TILED, 16 tiles side by side, rows of tiles on top of each other: boards that fit into the cache.
- STRIPS, tiles as tall as the board, hundreds of them side by side: large boards. A generation of those would be a
  journey of all cells from memory through the processor and back, and the processor would mostly wait. But line i can
  go on to the next generation as soon as line i + 1 has come. So several generations follow each other down the board,
  a few lines apart, in one pass; of those in between, the latest lines stay in the cache, and the others are forgotten.

Few boards divide into such tiles. Elsewhere tiles are RAGGED, they reach beyond the board and hold copies of what lies
on its other side. Copies live the same life and aren't counted. Only the ends of lines and the counts take longer.

simd_lines.h, the circuit and the passes, is written once, in terms that simd_avx512.h, simd_avx2.h and simd_portable.h
define in their instructions. GCC and Clang let single functions use what the processor may not have, so all three are
in the module, and at import it takes the fastest that this processor supports: `simd_path`. LADDER_SIMD=avx512, avx2
or portable in the environment forces one, and fails where it isn't supported. Other compilers and processors get the
portable one, plain C, whose vectors have 128 bits where the compiler knows how, and 64 elsewhere.

What it costs: five headers that only their author reads with ease, in a language for one vendor's processors. Another
rule is another circuit. Every path has to be tested, and each machine only tests those that it supports.

To try: all three paths; 150 x 240 against 151 x 241; MOST_GENERATIONS = 1 on 8192 x 8192; counting left out, for what
it takes. And a circuit of fewer instructions. One that sums up all nine cells, and allows for the middle one at the
end, makes do with three less, nearly all of them ternary. Where this was written it was slower: that processor can't
read three operands from its registers for every instruction, and a mix of two and three wins.
"""

include "simd_board.pxi"


cdef int64_t most_bands():
    return 1


cdef void play_pass(Tiles* tiles, int64_t generations) noexcept nogil:
    play_band(tiles, 0, generations)
