/* How lines of cells are played, written once for vectors of every width.
 *
 * simd_avx512.h, simd_avx2.h and simd_portable.h include this file. Each first defines the type VEC and the logic on
 * it, COUNTER for live cells, FN(name), which makes a name its own, and TARGET, which lets a function use its
 * instructions. Arguments called shape, is_ragged and edge are constants wherever these functions are inlined.
 */

/* Of three cells, one above the other, in every tile: sum + 2 carry are alive. */
typedef struct {
    VEC sum, carry;
    VEC cell;                    /* the cell in the middle, */
    VEC ends, both;              /* and above ^ below, above & below: its neighbors in this column */
    VEC sum1, carry1;            /* the same for team 1 */
    VEC ends1, both1, above1;
} FN(Column);

/* A line of every tile and those around it; team 1's cells lie `width` vectors behind those of both teams. */
typedef struct {
    const VEC *above, *line, *below;
    const VEC *around;           /* what topmost tiles see above them, bottommost below, if the board is ragged */
    VEC *next;                   /* where the line goes */
    const VEC *ties[2];          /* the tiles in which team 1 takes ties, in even and odd columns; if ragged, in all */
    const VEC *own;
    int64_t width;
} FN(Line);

typedef struct {
    COUNTER all, team1;
} FN(Count);

TARGET INLINE VEC FN(above_top)(const Tiles *tiles, const FN(Line) *at, int is_ragged, int64_t j)
{
    VEC above = FN(from_above)(tiles, at->above[j]);
    if (is_ragged)
        above = SELECT(LOAD(tiles->topmost), FN(from_above)(tiles, at->around[j]), above);
    return above;
}

TARGET INLINE VEC FN(below_bottom)(const Tiles *tiles, const FN(Line) *at, int is_ragged, int64_t j)
{
    VEC below = FN(from_below)(tiles, at->below[j]);
    if (is_ragged)
        below = SELECT(LOAD(tiles->bottommost), FN(from_below)(tiles, at->around[j]), below);
    return below;
}

TARGET INLINE FN(Column) FN(column)(const Tiles *tiles, const FN(Line) *at, int is_ragged, int edge, int64_t j)
{
    FN(Column) column;
    const int64_t j1 = at->width + j;
    VEC above = edge == TOP ? FN(above_top)(tiles, at, is_ragged, j) : at->above[j];
    VEC above1 = edge == TOP ? FN(above_top)(tiles, at, is_ragged, j1) : at->above[j1];
    VEC below = edge == BOTTOM ? FN(below_bottom)(tiles, at, is_ragged, j) : at->below[j];
    VEC below1 = edge == BOTTOM ? FN(below_bottom)(tiles, at, is_ragged, j1) : at->below[j1];
    VEC cell1 = at->line[j1];
    column.cell = at->line[j];
    column.ends = XOR(above, below);
    column.both = AND(above, below);
    column.sum = XOR(column.ends, column.cell);
    column.carry = MAJORITY_BY(column.ends, column.both, above, column.cell);
    column.ends1 = XOR(above1, below1);
    column.both1 = AND(above1, below1);
    column.sum1 = XOR(column.ends1, cell1);
    column.carry1 = MAJORITY_BY(column.ends1, column.both1, above1, cell1);
    column.above1 = above1;
    return column;
}

/* The rule for the cells in the middle of three columns. */
TARGET INLINE void FN(rule)(const FN(Column) *left, const FN(Column) *middle, const FN(Column) *right, VEC ties,
                            VEC *alive, VEC *team1)
{
    /* Of a cell's neighbors, odd + 2 * (the number of carries set) are alive: 2 or 3 if a single carry is set. */
    VEC sides = XOR(left->sum, right->sum);
    VEC odd = XOR(sides, middle->ends);
    VEC carry = MAJORITY_BY(sides, AND(left->sum, right->sum), left->sum, middle->ends);
    VEC two_or_three = ONE_OF_FOUR(left->carry, right->carry, middle->both, carry);
    *alive = AND_OR(two_or_three, odd, middle->cell);

    /* It goes to team 1 where two of them are of that team. Where it has two in all, and team 1 takes the ties, one is
     * enough: as if another were in the middle. */
    VEC extra = ANDNOT(odd, ties);
    VEC ends1 = XOR(middle->ends1, extra);
    VEC both1 = MAJORITY_BY(middle->ends1, middle->both1, middle->above1, extra);
    VEC carry1 = MAJORITY(left->sum1, right->sum1, ends1);
    *team1 = AND_OR(*alive, OR3(left->carry1, right->carry1, both1), carry1);
}

/* What lies left of the tiles' first column: their last one, moved one tile on; if ragged, `before` for the first. */
TARGET INLINE VEC FN(left_of)(const Tiles *tiles, int shape, int is_ragged, VEC last, VEC before)
{
    VEC left = shape == TILED ? FN(from_left)(last) : ROTATE_UP(last);
    if (!is_ragged)
        return left;
    if (shape == STRIPS)
        before = BROADCAST(before, tiles->before_first.tile / 64);
    return SELECT(LOAD(tiles->leftmost), SHIFT_DOWN(before, tiles->before_first.tile % 64), left);
}

/* What lies right of their last column: their first one, moved one tile back; if ragged, `behind` for the last. */
TARGET INLINE VEC FN(right_of)(const Tiles *tiles, int shape, int is_ragged, VEC first, VEC behind)
{
    VEC right = shape == TILED ? FN(from_right)(first) : ROTATE_DOWN(first);
    const int64_t top_bit = shape == TILED ? ACROSS - 1 : 63;
    if (!is_ragged)
        return right;
    if (shape == STRIPS)
        behind = BROADCAST(behind, tiles->behind_last.tile / 64);
    return SELECT(LOAD(tiles->rightmost), SHIFT_UP(behind, top_bit - tiles->behind_last.tile % 64), right);
}

/* Play the cells of column j, and count those alive. */
TARGET INLINE void FN(play_column)(const FN(Line) *at, int is_ragged, int64_t j, const FN(Column) *left,
                                   const FN(Column) *middle, const FN(Column) *right, FN(Count) *count)
{
    VEC alive, team1;
    FN(rule)(left, middle, right, is_ragged ? at->ties[0][j] : *at->ties[j & 1], &alive, &team1);
    at->next[j] = alive;
    at->next[at->width + j] = team1;
    if (is_ragged) {
        alive = AND(alive, at->own[j]);
        team1 = AND(team1, at->own[j]);
    }
    COUNT(count->all, alive);
    COUNT(count->team1, team1);
}

TARGET INLINE void FN(play_line)(const Tiles *tiles, const FN(Line) *at, int shape, int is_ragged, int edge,
                                 FN(Count) *count)
{
    const int64_t width = at->width;
    FN(Column) left = FN(column)(tiles, at, is_ragged, edge, width - 1), before = left;
    FN(Column) middle = FN(column)(tiles, at, is_ragged, edge, 0), behind = middle, right = middle;
    FN(Count) live = *count;
    if (is_ragged) {
        before = FN(column)(tiles, at, is_ragged, edge, tiles->before_first.column);
        behind = FN(column)(tiles, at, is_ragged, edge, tiles->behind_last.column);
    }
    left.sum = FN(left_of)(tiles, shape, is_ragged, left.sum, before.sum);
    left.carry = FN(left_of)(tiles, shape, is_ragged, left.carry, before.carry);
    left.sum1 = FN(left_of)(tiles, shape, is_ragged, left.sum1, before.sum1);
    left.carry1 = FN(left_of)(tiles, shape, is_ragged, left.carry1, before.carry1);
    behind.sum = FN(right_of)(tiles, shape, is_ragged, middle.sum, behind.sum);
    behind.carry = FN(right_of)(tiles, shape, is_ragged, middle.carry, behind.carry);
    behind.sum1 = FN(right_of)(tiles, shape, is_ragged, middle.sum1, behind.sum1);
    behind.carry1 = FN(right_of)(tiles, shape, is_ragged, middle.carry1, behind.carry1);
    for (int64_t j = 0; j < width - 1; j++) {
        right = FN(column)(tiles, at, is_ragged, edge, j + 1);
        FN(play_column)(at, is_ragged, j, &left, &middle, &right, &live);
        left = middle;
        middle = right;
    }
    FN(play_column)(at, is_ragged, width - 1, &left, &middle, &behind, &live);
    *count = live;
}

/* Line i, but for where it and its surroundings are. */
TARGET INLINE FN(Line) FN(line)(const Tiles *tiles, int is_ragged, int64_t i)
{
    const VEC *ties = (const VEC *)tiles->ties, *own = (const VEC *)tiles->own;
    FN(Line) at = {.ties = {ties + (i & 1), ties + (~i & 1)}, .width = tiles->width};
    if (is_ragged) {
        const int64_t has_begun_again = i >= tiles->bottom_height;
        at.ties[0] = ties + (2 * has_begun_again + (i & 1)) * tiles->width;
        at.own = own + has_begun_again * tiles->width;
    }
    return at;
}

/* Tiles on top of each other, a generation at a time. */
TARGET INLINE void FN(play_tiled)(const Tiles *tiles, Band *band, int64_t generations, int is_ragged)
{
    const int64_t size = 2 * tiles->width, last = tiles->height - 1, bottom_height = tiles->bottom_height;
    for (int64_t g = 0; g < generations; g++) {
        const VEC *from = (const VEC *)tiles->boards[g & 1];
        VEC *to = (VEC *)tiles->boards[~g & 1];
        FN(Count) count = {COUNT_NONE, COUNT_NONE};
        FN(Line) at = FN(line)(tiles, is_ragged, 0);
        at.above = from + last * size, at.line = from, at.below = from + size, at.next = to;
        at.around = from + (bottom_height - 1) * size;
        FN(play_line)(tiles, &at, TILED, is_ragged, TOP, &count);
        for (int64_t i = 1; i < last; i++) {
            at = FN(line)(tiles, is_ragged, i);
            at.line = from + i * size, at.above = at.line - size, at.below = at.line + size, at.next = to + i * size;
            FN(play_line)(tiles, &at, TILED, is_ragged, INNER, &count);
        }
        at = FN(line)(tiles, is_ragged, last);
        at.line = from + last * size, at.above = at.line - size, at.below = from, at.next = to + last * size;
        at.around = from + (last + 1 - bottom_height) * size;
        FN(play_line)(tiles, &at, TILED, is_ragged, BOTTOM, &count);
        band->counts[g][0] = TOTAL(count.team1);
        band->counts[g][1] = TOTAL(count.all) - band->counts[g][0];
    }
}

/* Ask for share `index` of `shares` of some lines, so that they have come from memory when they are needed. */
TARGET INLINE void FN(fetch)(const Tiles *tiles, const VEC *board, int64_t first, int64_t index, int64_t shares)
{
#if defined(__GNUC__)
    const int64_t line = 2 * tiles->width * (int64_t)sizeof(VEC), size = LINES_AT_ONCE * line;
    if (first >= 0 && first + LINES_AT_ONCE <= tiles->height)
        for (int64_t at = size * index / shares / 64 * 64; at < size * (index + 1) / shares; at += 64)
            __builtin_prefetch((const char *)(board + first * 2 * tiles->width) + at);
#endif
}

/* Line i of generation g of a pass over strips. */
TARGET INLINE FN(Line) FN(strips_line)(const Tiles *tiles, const Band *band, int is_ragged, int64_t i, int64_t g,
                                       int64_t last)
{
    const int64_t size = 2 * tiles->width, height = tiles->height, row = (i + height) % height;
    VEC *kept = (VEC *)band->kept;
    FN(Line) at = FN(line)(tiles, is_ragged, row);
    if (g == 0) {
        const VEC *from = (const VEC *)tiles->boards[0];
        at.above = from + (row > 0 ? row - 1 : height - 1) * size;
        at.line = from + row * size;
        at.below = from + (row + 1 < height ? row + 1 : 0) * size;
    } else {
        const VEC *before = kept + (g - 1) * LINES_KEPT * size;
        at.above = before + ((i - 1) & (LINES_KEPT - 1)) * size;
        at.line = before + (i & (LINES_KEPT - 1)) * size;
        at.below = before + ((i + 1) & (LINES_KEPT - 1)) * size;
    }
    if (g == last)
        at.next = (VEC *)tiles->boards[1] + row * size;
    else
        at.next = kept + (g * LINES_KEPT + (i & (LINES_KEPT - 1))) * size;
    return at;
}

/* Several generations in one pass over a band of strips, so that a board larger than the cache comes from memory only
 * once for all of them. Each generation follows a line behind the one before it, and of all but the last only the
 * latest lines are kept. What they need from beyond the band's ends they play themselves. */
TARGET INLINE void FN(play_strips)(const Tiles *tiles, Band *band, int64_t generations, int is_ragged)
{
    const int64_t last = generations - 1;
    int64_t played[MOST_GENERATIONS];   /* up to which line */
    FN(Count) count[MOST_GENERATIONS], ignored = {COUNT_NONE, COUNT_NONE};
    for (int64_t g = 0; g <= last; g++) {
        played[g] = band->first - (last - g);
        count[g] = ignored;
    }
    while (played[last] < band->end) {
        for (int64_t g = 0; g <= last; g++) {
            int64_t end = band->end + (last - g);
            if (g > 0 && end > played[g - 1] - 1)
                end = played[g - 1] - 1;
            if (end > played[g] + LINES_AT_ONCE)
                end = played[g] + LINES_AT_ONCE;
            if (g > 0) {
                FN(fetch)(tiles, (const VEC *)tiles->boards[0], played[0] + 1, g - 1, last);
                FN(fetch)(tiles, (const VEC *)tiles->boards[1], played[last] + LINES_AT_ONCE, g - 1, last);
            }
            for (int64_t i = played[g]; i < end; i++) {
                FN(Line) at = FN(strips_line)(tiles, band, is_ragged, i, g, last);
                FN(Count) *counted = band->first <= i && i < band->end ? count + g : &ignored;
                FN(play_line)(tiles, &at, STRIPS, is_ragged, INNER, counted);
            }
            if (played[g] < end)
                played[g] = end;
        }
    }
    for (int64_t g = 0; g <= last; g++) {
        band->counts[g][0] = TOTAL(count[g].team1);
        band->counts[g][1] = TOTAL(count[g].all) - band->counts[g][0];
    }
}

TARGET static void FN(play)(const Tiles *tiles, Band *band, int64_t generations)
{
    if (tiles->shape == TILED && !tiles->is_ragged)
        FN(play_tiled)(tiles, band, generations, WHOLE);
    else if (tiles->shape == TILED)
        FN(play_tiled)(tiles, band, generations, RAGGED);
    else if (!tiles->is_ragged)
        FN(play_strips)(tiles, band, generations, WHOLE);
    else
        FN(play_strips)(tiles, band, generations, RAGGED);
}

#undef FN
#undef TARGET
#undef VEC
#undef LOAD
#undef XOR
#undef AND
#undef OR
#undef ANDNOT
#undef AND_OR
#undef OR3
#undef MAJORITY
#undef MAJORITY_BY
#undef ONE_OF_FOUR
#undef SELECT
#undef SHIFT_UP
#undef SHIFT_DOWN
#undef ROTATE_UP
#undef ROTATE_DOWN
#undef BROADCAST
#undef COUNTER
#undef COUNT_NONE
#undef COUNT
#undef TOTAL
