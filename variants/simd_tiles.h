/* A board of bits, cut into equal tiles, the same cell of every tile in one vector.
 *
 * Where bits lie as the cells do, a cell's left and right neighbors are bits of the same word, and every step shifts.
 * Here bit t of vector (i, j) is row i, column j of tile t. Its neighbors are bit t of the eight vectors around (i, j):
 * whole vectors, loaded as they are. Only at the edges of the tiles does a vector have to move by one tile.
 *
 *   TILED   16 tiles side by side, as many rows of them as a vector has 16-bit words: boards that fit into the cache
 *   STRIPS  tiles as tall as the board, side by side, as many as a vector has bits: large boards
 *
 * Either is RAGGED where the tiles reach beyond the board. There it begins again: the last tiles hold copies of its
 * first columns or rows. A copy has the same neighbors as its original, so it lives the same life; it isn't counted.
 *
 * A board is kept as lines: line i is row i of every tile, first all live cells, then team 1's.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

enum { TILED, STRIPS };
enum { WHOLE, RAGGED };
enum { INNER = 0, TOP = 1, BOTTOM = 2 };   /* lines of a tile: those above, below the others lie in other tiles */
enum {
    ACROSS = 16,            /* tiles side by side on a board that is TILED */
    MOST_GENERATIONS = 16,  /* of a pass */
    LINES_KEPT = 8,         /* of each generation of a pass but the last; a power of 2 */
    LINES_AT_ONCE = LINES_KEPT - 2,
    CACHE = 1 << 18,        /* bytes that stay in a core's cache along with what passes through */
    HUGE_PAGE = 1 << 21
};
static const int64_t MOST_CELLS = (int64_t)1 << 50;   /* no size computed from them overflows */

/* Lines played by one thread: where it keeps lines of generations in between, and what it has counted in each
 * generation of a pass: live cells of team 1 and of team 2. */
typedef struct {
    int64_t first, end;
    void *kept;
    int64_t counts[MOST_GENERATIONS][2];
} Band;

/* A column of vectors, and the tile in it. */
typedef struct {
    int64_t column, tile;
} Place;

typedef struct Path Path;

typedef struct {
    const Path *path;
    int64_t rows, columns;
    int shape, is_ragged;
    int64_t width, height;      /* cells of a tile */
    int64_t across, down;       /* tiles from left to right and from top to bottom */
    int64_t bottom_height;      /* rows of the bottom tiles before the board begins again */
    Place before_first;         /* where the column left of the first tile is */
    Place behind_last;          /* where the column right of the last tile is */
    int64_t generations;        /* of a pass */
    int64_t bands;
    Band *band;
    void *boards[2], *block;
    void *ties;                 /* vectors of tiles in which team 1 takes a tie; see set_tables */
    void *own;                  /* vectors of tiles whose cell is no copy, if the board is ragged */
    uint64_t used[8], leftmost[8], rightmost[8], topmost[8], bottommost[8];   /* vectors of tiles */
    uint16_t words_above[32], words_below[32];         /* which 16-bit word to take: that of the tiles above, below */
    uint8_t bytes_above[2][32], bytes_below[2][32];    /* the same as bytes of either half, of 128 bits */
} Tiles;

/* An instruction set. */
struct Path {
    const char *name;
    int64_t bits;
    int (*is_supported)(void);
    void (*play)(const Tiles *, Band *, int64_t);
};

#include "simd_portable.h"
static int is_supported_portable(void) { return 1; }

#if defined(__x86_64__) && (defined(__clang__) || __GNUC__ >= 9)
#include "simd_avx512.h"
#include "simd_avx2.h"
static int is_supported_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq");
}
static int is_supported_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"); }
#define X86_PATHS {"avx512", 512, is_supported_avx512, play_avx512}, {"avx2", 256, is_supported_avx2, play_avx2},
#else
#define X86_PATHS
#endif

/* The fastest comes first. */
static const Path PATHS[] = {X86_PATHS {"portable", PORTABLE_BITS, is_supported_portable, play_portable}};
enum { PATH_COUNT = sizeof PATHS / sizeof *PATHS };

static int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

static void set_bit(uint64_t *vector, int64_t bit) { vector[bit / 64] |= (uint64_t)1 << bit % 64; }

/* Whichever shape needs less work, in vectors. At its ends a line costs about as much as 2 vectors more, and tiles that
 * don't fit into the cache wait for what is outside, while strips don't. */
static void set_shape(Tiles *tiles)
{
    const int64_t bits = tiles->path->bits, least = divide_up(tiles->rows, bits / ACROSS);
    const int64_t width = divide_up(tiles->columns, ACROSS), height = least > 2 ? least : 2;
    const int64_t strip = divide_up(tiles->columns, bits);
    const int64_t size = height * width * bits / 2;   /* of two boards in bytes */
    const int64_t cost = (size <= 4 * CACHE ? 1 : 2) * height * (width + 2);
    if (cost <= tiles->rows * (strip + 2)) {
        tiles->shape = TILED;
        tiles->width = width;
        tiles->height = height;
        tiles->across = ACROSS;
        tiles->down = divide_up(tiles->rows, height);
    } else {
        tiles->shape = STRIPS;
        tiles->width = strip;
        tiles->height = tiles->rows;
        tiles->across = bits;
        tiles->down = 1;
    }
}

/* Where the board ends among the tiles. */
static void set_ends(Tiles *tiles)
{
    const int64_t last = tiles->columns - 1, next = tiles->across * tiles->width % tiles->columns;
    tiles->before_first.column = last % tiles->width;
    tiles->before_first.tile = last / tiles->width;
    tiles->behind_last.column = next % tiles->width;
    tiles->behind_last.tile = next / tiles->width;
    tiles->bottom_height = tiles->rows - (tiles->down - 1) * tiles->height;
    tiles->is_ragged = tiles->across * tiles->width != tiles->columns || tiles->bottom_height != tiles->height;
}

static void set_edges(Tiles *tiles)
{
    const int64_t last = tiles->across - 1, bottom = tiles->down - 1;
    for (int64_t t = 0; t < tiles->across * tiles->down; t++) {
        set_bit(tiles->used, t);
        if (t % tiles->across == 0)
            set_bit(tiles->leftmost, t);
        if (t % tiles->across == last)
            set_bit(tiles->rightmost, t);
        if (t / tiles->across == 0)
            set_bit(tiles->topmost, t);
        if (t / tiles->across == bottom)
            set_bit(tiles->bottommost, t);
    }
}

/* How to move a vector by a row of tiles. Words without tiles stay empty. */
static void set_moves(Tiles *tiles)
{
    for (int64_t word = 0; word < 32; word++) {
        const int64_t down = tiles->down, is_used = word < down;
        tiles->words_above[word] = (uint16_t)(is_used ? (word + down - 1) % down : word);
        tiles->words_below[word] = (uint16_t)(is_used ? (word + 1) % down : word);
    }
}

static void set_bytes(uint8_t bytes[2][32], const uint16_t *words)
{
    for (int to = 0; to < 32; to++) {
        const int word = words[to / 2], is_other_half = word / 8 != to / 16;
        bytes[is_other_half][to] = (uint8_t)(2 * (word % 8) + to % 2);
        bytes[!is_other_half][to] = 0x80;   /* clears the byte */
    }
}

/* Ties of even and of odd lines, then those of lines where the bottom tiles have begun again; own tiles of lines before
 * and since. Columns of a whole board differ by parity only, as its lines do: the ties of one are enough. */
static void set_tables(Tiles *tiles)
{
    const int64_t words = tiles->path->bits / 64, width = tiles->is_ragged ? tiles->width : 1, size = width * words;
    uint64_t *ties = tiles->ties, *own = tiles->own;
    for (int64_t a = 0; a < tiles->across; a++)
        for (int64_t j = 0; j < width; j++) {
            const int64_t x = a * tiles->width + j, is_odd = x % tiles->columns % 2;
            for (int64_t d = 0; d < tiles->down; d++) {
                if (d * tiles->height % 2 == is_odd)
                    set_bit(ties + j * words, d * tiles->across + a);
                if (tiles->is_ragged && x < tiles->columns)
                    set_bit(own + j * words, d * tiles->across + a);
            }
        }
    for (int64_t i = 0; i < size; i++) {
        ties[size + i] = ties[i] ^ tiles->used[i % words];
        ties[2 * size + i] = tiles->rows % 2 ? ties[i] ^ tiles->bottommost[i % words] : ties[i];
        ties[3 * size + i] = ties[2 * size + i] ^ tiles->used[i % words];
        if (tiles->is_ragged)
            own[size + i] = own[i] & ~tiles->bottommost[i % words];
    }
}

/* How many generations to play in one pass over strips: 1 if the board fits into the cache. A board that doesn't has
 * more lines than a pass has generations. */
static int64_t choose_generations(int64_t height, int64_t line_size)
{
    const int64_t generations = 1 + CACHE / (LINES_KEPT * line_size);
    if (height * line_size <= CACHE)
        return 1;
    return generations < MOST_GENERATIONS ? generations : MOST_GENERATIONS;
}

/* How many bands to share the lines out to: a board in the cache is played faster than threads meet. What a band plays
 * beyond its ends is to be little. */
static int64_t choose_bands(const Tiles *tiles, int64_t line_size, int64_t most)
{
    const int64_t least_height = tiles->generations > 1 ? 4 * (tiles->generations - 1) : 1;
    if (tiles->shape == TILED || tiles->height * line_size <= CACHE || tiles->height < 2 * least_height)
        return 1;
    return most < tiles->height / least_height ? most : tiles->height / least_height;
}

static int64_t round_up(int64_t size) { return divide_up(size, 64) * 64; }

/* Zeroed memory, from a multiple of 64 bytes on. `block` is what has to be freed. */
static void *new_memory(int64_t size, void **block)
{
    int64_t align = 64;
#if defined(MADV_HUGEPAGE)
    if (size >= 4 * HUGE_PAGE)
        align = HUGE_PAGE;
#endif
    *block = malloc((size_t)(size + align));
    if (!*block)
        return NULL;
    char *memory = (char *)(((uintptr_t)*block + align - 1) & ~(uintptr_t)(align - 1));
#if defined(MADV_HUGEPAGE)
    if (align == HUGE_PAGE)
        madvise(memory, (size_t)size, MADV_HUGEPAGE); /* for fewer look-ups of addresses; it is no matter if it fails */
#endif
    return memset(memory, 0, (size_t)size);
}

static void share_out(Tiles *tiles, char *kept, int64_t kept_size)
{
    for (int64_t i = 0; i < tiles->bands; i++) {
        tiles->band[i].first = tiles->height * i / tiles->bands;
        tiles->band[i].end = tiles->height * (i + 1) / tiles->bands;
        tiles->band[i].kept = kept + i * kept_size;
    }
}

/* An empty board of at least 3 x 3, its rows shared out to at most so many bands; NULL if memory doesn't suffice. */
static Tiles *new_tiles(const Path *path, int64_t rows, int64_t columns, int64_t most_bands)
{
    Tiles tiles = {0};
    if (rows > MOST_CELLS / columns)
        return NULL;
    tiles.path = path;
    tiles.rows = rows;
    tiles.columns = columns;
    set_shape(&tiles);
    set_ends(&tiles);
    set_edges(&tiles);
    set_moves(&tiles);
    set_bytes(tiles.bytes_above, tiles.words_above);
    set_bytes(tiles.bytes_below, tiles.words_below);

    const int64_t vector = path->bits / 8, line = 2 * tiles.width * vector;
    tiles.generations = tiles.shape == TILED ? MOST_GENERATIONS : choose_generations(tiles.height, line);
    tiles.bands = choose_bands(&tiles, line, most_bands);
    const int64_t head = round_up(sizeof tiles), bands = round_up(tiles.bands * (int64_t)sizeof(Band));
    const int64_t board = round_up(tiles.height * line);
    const int64_t ties = round_up(4 * vector * (tiles.is_ragged ? tiles.width : 1));
    const int64_t own = round_up(2 * vector * (tiles.is_ragged ? tiles.width : 0));
    const int64_t kept = tiles.shape == TILED ? 0 : round_up((tiles.generations - 1) * LINES_KEPT * line);
    char *memory = new_memory(head + bands + 2 * board + ties + own + tiles.bands * kept, &tiles.block), *at = memory;
    if (!memory)
        return NULL;
    tiles.band = (Band *)(at += head);
    tiles.boards[0] = at += bands;
    tiles.boards[1] = at += board;
    tiles.ties = at += board;
    tiles.own = at += ties;
    share_out(&tiles, at += own, kept);
    set_tables(&tiles);
    return memcpy(memory, &tiles, sizeof tiles);
}

static void free_tiles(Tiles *tiles)
{
    if (tiles)
        free(tiles->block);
}

/* Bring a cell to life, and its copies. */
static void set_cell(Tiles *tiles, int64_t x, int64_t y, int is_team1)
{
    const int64_t words = tiles->path->bits / 64, plane = tiles->width * words;
    for (int64_t v = y; v < tiles->down * tiles->height; v += tiles->rows)
        for (int64_t u = x; u < tiles->across * tiles->width; u += tiles->columns) {
            const int64_t tile = v / tiles->height * tiles->across + u / tiles->width;
            uint64_t *line = (uint64_t *)tiles->boards[0] + v % tiles->height * 2 * plane;
            set_bit(line + u % tiles->width * words, tile);
            if (is_team1)
                set_bit(line + plane + u % tiles->width * words, tile);
        }
}

/* Play a band's part of a pass of so many generations, at most tiles->generations. */
static void play_band(const Tiles *tiles, int64_t band, int64_t generations)
{
    tiles->path->play(tiles, tiles->band + band, generations);
}

/* Once all bands are played: make theirs the board, and sum up what they counted. */
static void finish_pass(Tiles *tiles, int64_t generations, int64_t (*counts)[2])
{
    memset(counts, 0, (size_t)generations * sizeof *counts);
    for (int64_t i = 0; i < tiles->bands; i++)
        for (int64_t g = 0; g < generations; g++) {
            counts[g][0] += tiles->band[i].counts[g][0];
            counts[g][1] += tiles->band[i].counts[g][1];
        }
    if (tiles->shape != TILED || generations % 2) {
        void *played = tiles->boards[1];
        tiles->boards[1] = tiles->boards[0];
        tiles->boards[0] = played;
    }
}
