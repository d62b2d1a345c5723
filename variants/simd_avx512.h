/* Vectors of 512 bits, with any function of three bits as a single instruction. */

#include <immintrin.h>

#define FN(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx512vpopcntdq")))
#define VEC __m512i
#define LOAD(address) _mm512_loadu_si512(address)
#define XOR(a, b) _mm512_xor_si512(a, b)
#define AND(a, b) _mm512_and_si512(a, b)
#define OR(a, b) _mm512_or_si512(a, b)
#define ANDNOT(a, b) _mm512_andnot_si512(a, b) /* ~a & b */
#define AND_OR(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xE0) /* a & (b | c) */
#define OR3(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xFE)
#define MAJORITY(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0xE8)
/* The majority of a, b, c where both sum and carry of a and b are at hand: c where they differ, else either. */
#define MAJORITY_BY(a_xor_b, a_and_b, a, c) _mm512_ternarylogic_epi64(a_xor_b, a, c, 0xAC)
#define NONE_OF_THREE(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x01)
#define ONE_OF_THREE(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x16)
#define ONE_OF_FOUR(a, b, c, d) SELECT(d, NONE_OF_THREE(a, b, c), ONE_OF_THREE(a, b, c))
#define SELECT(mask, a, b) _mm512_ternarylogic_epi64(mask, a, b, 0xCA) /* a where mask is set, else b */
/* Every 64-bit word by n places. */
#define SHIFT_UP(a, n) _mm512_sll_epi64(a, _mm_cvtsi64_si128(n))
#define SHIFT_DOWN(a, n) _mm512_srl_epi64(a, _mm_cvtsi64_si128(n))
/* All bits one place up or down, around the ends. */
#define ROTATE_UP(a) _mm512_shldi_epi64(a, _mm512_alignr_epi64(a, a, 7), 1)
#define ROTATE_DOWN(a) _mm512_shrdi_epi64(a, _mm512_alignr_epi64(a, a, 1), 1)
/* One 64-bit word of it, everywhere. */
#define BROADCAST(a, word) _mm512_permutexvar_epi64(_mm512_set1_epi64(word), a)

#define COUNTER __m512i
#define COUNT_NONE _mm512_setzero_si512()
#define COUNT(counter, a) (counter = _mm512_add_epi64(counter, _mm512_popcnt_epi64(a)))
#define TOTAL(counter) _mm512_reduce_add_epi64(counter)

/* On a board that is TILED: 16 tiles to a 16-bit word from left to right, and word by word from top to bottom. */
TARGET INLINE VEC FN(from_left)(VEC a) { return _mm512_shldi_epi16(a, a, 1); }
TARGET INLINE VEC FN(from_right)(VEC a) { return _mm512_shrdi_epi16(a, a, 1); }
TARGET INLINE VEC FN(from_above)(const Tiles *tiles, VEC a)
{
    return _mm512_permutexvar_epi16(LOAD(tiles->words_above), a);
}
TARGET INLINE VEC FN(from_below)(const Tiles *tiles, VEC a)
{
    return _mm512_permutexvar_epi16(LOAD(tiles->words_below), a);
}

#include "simd_lines.h"

#undef NONE_OF_THREE
#undef ONE_OF_THREE
