# cython: language_level=3
"""The peak of Boolean arithmetic on one core: independent logic instructions on registers, as wide as there are.

It is what bounds a program that keeps a cell in a bit, however well it is written (see docs/ceiling.md).
"""

import time

from libc.stdint cimport int64_t, uint64_t


cdef extern from *:
    """
    #include <stdint.h>

    /* Twelve chains keep every logic unit busy, whatever the latency of an instruction. The empty assembly makes the
     * compiler believe that the registers are looked at, so that it drops nothing. */
    #define CHAINS(STEP) \\
        STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) STEP(8) STEP(9) STEP(10) STEP(11)

    #define STEP_WORD(i) a[i] ^= b; __asm__ volatile("" : "+r"(a[i]));
    static uint64_t logic_portable(int64_t rounds)
    {
        uint64_t a[12] = {0}, b = (uint64_t)rounds;
        for (int64_t r = 0; r < rounds; r++) {
            CHAINS(STEP_WORD)
        }
        return a[0];
    }

    #if defined(__x86_64__) && (defined(__clang__) || __GNUC__ >= 9)
    #include <immintrin.h>
    #define STEP_AVX2(i) a[i] = _mm256_xor_si256(a[i], b); __asm__ volatile("" : "+x"(a[i]));
    __attribute__((target("avx2"))) static uint64_t logic_avx2(int64_t rounds)
    {
        __m256i a[12] = {0}, b = _mm256_set1_epi64x(rounds);
        for (int64_t r = 0; r < rounds; r++) {
            CHAINS(STEP_AVX2)
        }
        return (uint64_t)_mm256_extract_epi64(a[0], 0);
    }
    #define STEP_AVX512(i) a[i] = _mm512_ternarylogic_epi64(a[i], b, c, 0x96); __asm__ volatile("" : "+v"(a[i]));
    __attribute__((target("avx512f"))) static uint64_t logic_avx512(int64_t rounds)
    {
        __m512i a[12] = {0}, b = _mm512_set1_epi64(rounds), c = _mm512_set1_epi64(~rounds);
        for (int64_t r = 0; r < rounds; r++) {
            CHAINS(STEP_AVX512)
        }
        return (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(a[0]));
    }
    #else
    #define logic_avx2 logic_portable
    #define logic_avx512 logic_portable
    #endif
    """
    uint64_t logic_portable(int64_t rounds) nogil
    uint64_t logic_avx2(int64_t rounds) nogil
    uint64_t logic_avx512(int64_t rounds) nogil


CHAINS = 12
BITS = {"avx512": 512, "avx2": 256, "portable": 64}


def logic_instructions_per_s(str path, double seconds=0.3):
    """Logic instructions per second on this core, of the width that `path` (avx512, avx2 or portable) stands for.

    The best of many short readings: a peak is what is reached when nothing disturbs. Raises ValueError for other paths.
    """
    if path not in BITS:
        raise ValueError(f"path {path!r}: expected one of {', '.join(BITS)}")
    cdef int64_t rounds = 100000
    cdef uint64_t ignored = 0
    best = 0.0
    end = time.perf_counter() + seconds
    while True:
        begin = time.perf_counter()
        if path == "avx512":
            ignored ^= logic_avx512(rounds)
        elif path == "avx2":
            ignored ^= logic_avx2(rounds)
        else:
            ignored ^= logic_portable(rounds)
        now = time.perf_counter()
        best = max(best, CHAINS * rounds / (now - begin))
        if now > end:
            return best
