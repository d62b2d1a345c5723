/* Plain C, for every other processor: vectors of 128 bits, which nearly all have, where the compiler knows how to write
 * that; else words of 64 bits. */

#if defined(__GNUC__) && defined(__SIZEOF_INT128__)
#define PORTABLE_BITS 128
typedef uint64_t Vector __attribute__((vector_size(16), may_alias));
typedef uint64_t Unaligned __attribute__((vector_size(16), may_alias, aligned(8)));
typedef unsigned __int128 Bits;
INLINE Bits to_bits(Vector a) { return (Bits)a[1] << 64 | a[0]; }
INLINE Vector to_vector(Bits a) { return (Vector){(uint64_t)a, (uint64_t)(a >> 64)}; }
#define BROADCAST(a, word) ((Vector){(a)[word], (a)[word]})
#define COUNT_NONE {0, 0}
#define TOTAL(counter) ((int64_t)((counter)[0] + (counter)[1]))
#else
#define PORTABLE_BITS 64
typedef uint64_t Vector, Unaligned, Bits;
INLINE Bits to_bits(Vector a) { return a; }
INLINE Vector to_vector(Bits a) { return a; }
#define BROADCAST(a, word) (a)
#define COUNT_NONE 0
#define TOTAL(counter) ((int64_t)(counter))
#endif

#define FN(name) name##_portable
#define TARGET
#define VEC Vector
#define LOAD(address) ((Vector)*(const Unaligned *)(address))
#define XOR(a, b) ((a) ^ (b))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define ANDNOT(a, b) (~(a) & (b))
#define AND_OR(a, b, c) ((a) & ((b) | (c)))
#define OR3(a, b, c) ((a) | (b) | (c))
#define MAJORITY(a, b, c) (((a) & (b)) | (((a) | (b)) & (c)))
#define MAJORITY_BY(a_xor_b, a_and_b, a, c) ((a_and_b) | ((a_xor_b) & (c)))
#define ONE_OF_FOUR(a, b, c, d) (((a) ^ (b) ^ (c) ^ (d)) & ~(((a) & (b)) | ((c) & (d))))
#define SELECT(mask, a, b) (((mask) & (a)) | (~(mask) & (b))) /* a where mask is set, else b */
/* Every 64-bit word by n places. */
#define SHIFT_UP(a, n) ((a) << (n))
#define SHIFT_DOWN(a, n) ((a) >> (n))
/* All bits one place up or down, around the ends. */
#define ROTATE_UP(a) to_vector(to_bits(a) << 1 | to_bits(a) >> (PORTABLE_BITS - 1))
#define ROTATE_DOWN(a) to_vector(to_bits(a) >> 1 | to_bits(a) << (PORTABLE_BITS - 1))

#define COUNTER Vector
#define COUNT(counter, a) (counter += FN(count)(a))

/* How many bits are set in every 64-bit word: first in pairs, then in fours, bytes and so on. */
INLINE VEC FN(count)(VEC a)
{
    a -= a >> 1 & 0x5555555555555555u;
    a = (a & 0x3333333333333333u) + (a >> 2 & 0x3333333333333333u);
    a = (a + (a >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    a += a >> 8;
    a += a >> 16;
    a += a >> 32;
    return a & 0x7F;
}

/* On a board that is TILED: 16 tiles to a 16-bit word from left to right, and word by word from top to bottom. */
INLINE VEC FN(from_left)(VEC a) { return (a & 0x7FFF7FFF7FFF7FFFu) << 1 | (a >> 15 & 0x0001000100010001u); }
INLINE VEC FN(from_right)(VEC a) { return (a >> 1 & 0x7FFF7FFF7FFF7FFFu) | (a & 0x0001000100010001u) << 15; }
INLINE VEC FN(from_above)(const Tiles *tiles, VEC a)
{
    const Bits bits = to_bits(a);
    return to_vector(bits << 16 | bits >> 16 * (tiles->down - 1)) & LOAD(tiles->used);
}
INLINE VEC FN(from_below)(const Tiles *tiles, VEC a)
{
    const Bits bits = to_bits(a);
    return to_vector(bits >> 16 | bits << 16 * (tiles->down - 1)) & LOAD(tiles->used);
}

#include "simd_lines.h"
