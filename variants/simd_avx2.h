/* Vectors of 256 bits: logic of two operands, no count of bits. */

#include <immintrin.h>

#define FN(name) name##_avx2
#define TARGET __attribute__((target("avx2,popcnt")))
#define VEC __m256i
#define LOAD(address) _mm256_loadu_si256((const __m256i *)(address))
#define XOR(a, b) _mm256_xor_si256(a, b)
#define AND(a, b) _mm256_and_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define ANDNOT(a, b) _mm256_andnot_si256(a, b) /* ~a & b */
#define AND_OR(a, b, c) AND(a, OR(b, c))
#define OR3(a, b, c) OR(OR(a, b), c)
#define MAJORITY(a, b, c) OR(AND(a, b), AND(OR(a, b), c))
#define MAJORITY_BY(a_xor_b, a_and_b, a, c) OR(a_and_b, AND(a_xor_b, c))
#define ONE_OF_FOUR(a, b, c, d) ANDNOT(OR(AND(a, b), AND(c, d)), XOR(XOR(a, b), XOR(c, d)))
#define SELECT(mask, a, b) OR(AND(mask, a), ANDNOT(mask, b)) /* a where mask is set, else b */
/* Every 64-bit word by n places. */
#define SHIFT_UP(a, n) _mm256_sll_epi64(a, _mm_cvtsi64_si128(n))
#define SHIFT_DOWN(a, n) _mm256_srl_epi64(a, _mm_cvtsi64_si128(n))
/* All bits one place up or down, around the ends. */
#define ROTATE_UP(a) OR(_mm256_slli_epi64(a, 1), _mm256_srli_epi64(_mm256_permute4x64_epi64(a, 0x93), 63))
#define ROTATE_DOWN(a) OR(_mm256_srli_epi64(a, 1), _mm256_slli_epi64(_mm256_permute4x64_epi64(a, 0x39), 63))
/* One 64-bit word of it, everywhere. */
#define BROADCAST(a, word) _mm256_permutevar8x32_epi32(a, _mm256_set1_epi64x(2 * (word) | (2 * (word) + 1) << 32))

#define COUNTER int64_t
#define COUNT_NONE 0
#define COUNT(counter, a) (counter += FN(count)(a))
#define TOTAL(counter) (counter)

TARGET INLINE int64_t FN(count)(VEC a)
{
    return _mm_popcnt_u64((uint64_t)_mm256_extract_epi64(a, 0)) + _mm_popcnt_u64((uint64_t)_mm256_extract_epi64(a, 1)) +
           _mm_popcnt_u64((uint64_t)_mm256_extract_epi64(a, 2)) + _mm_popcnt_u64((uint64_t)_mm256_extract_epi64(a, 3));
}

/* On a board that is TILED: 16 tiles to a 16-bit word from left to right, and word by word from top to bottom. */
TARGET INLINE VEC FN(from_left)(VEC a) { return OR(_mm256_slli_epi16(a, 1), _mm256_srli_epi16(a, 15)); }
TARGET INLINE VEC FN(from_right)(VEC a) { return OR(_mm256_srli_epi16(a, 1), _mm256_slli_epi16(a, 15)); }
TARGET INLINE VEC FN(move)(const uint8_t bytes[2][32], VEC a)
{
    VEC halves_swapped = _mm256_permute4x64_epi64(a, 0x4E);
    return OR(_mm256_shuffle_epi8(a, LOAD(bytes[0])), _mm256_shuffle_epi8(halves_swapped, LOAD(bytes[1])));
}
TARGET INLINE VEC FN(from_above)(const Tiles *tiles, VEC a) { return FN(move)(tiles->bytes_above, a); }
TARGET INLINE VEC FN(from_below)(const Tiles *tiles, VEC a) { return FN(move)(tiles->bytes_below, a); }

#include "simd_lines.h"
