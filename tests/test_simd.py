"""cython_simd and cython_openmp on each of their instruction sets, one process for each, forced by LADDER_SIMD.

Boards lie around the sizes of a word, a vector and a tile, in each of the layouts. The oracle knows the small ones,
dense rungs, which have nothing in common with these, the large.
"""

import json
import os
import random
import subprocess
import sys
from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from playing import FAR, ROOT, Recorder, play, random_board, random_schedule, skip_unless_available

from autoresearch import bench

PATHS = {"avx512": 512, "avx2": 256, "portable": 128}  # bits of a vector; portable: or 64, if the compiler is not GNU C
RUNGS = ("cython_simd", "cython_openmp")
LAYOUTS = ("TILED", "TILED, RAGGED", "STRIPS", "STRIPS, RAGGED")

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

# Its own process: the instruction set is chosen at import. One line of JSON per match, both ways.
SERVER = """
import importlib, json, sys
from playing import Recorder
rung = importlib.import_module("variants." + sys.argv[1])
print(json.dumps(rung.simd_path), flush=True)
for line in sys.stdin:
    *board, schedule = json.loads(line)
    layout = rung.Board(*board).layout
    recorder = Recorder(schedule)
    reached = rung.run_benchmark(*board, 600.0, recorder)
    print(json.dumps([layout, reached, recorder.reports]), flush=True)
"""


def start(rung, path, **variables):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "LADDER_SIMD": path, **variables}
    return subprocess.Popen(
        [sys.executable, "-c", SERVER, rung],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Player:
    """A rung on a forced path, in a process of its own. Remembers the layouts that its boards had."""

    def __init__(self, process):
        self.process = process
        self.layouts = set()

    def exchange(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return self.receive()

    def receive(self):
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def play(self, board, schedule):
        """Play to the last generation of the schedule; return what was reported, after checking what was returned."""
        layout, reached, reports = self.exchange([board.s1, board.s2, board.rows, board.columns, list(schedule)])
        self.layouts.add(layout)
        assert reached == reports[-1][0]
        return [tuple(report) for report in reports]


@contextmanager
def player_on(rung, path, **variables):
    skip_unless_available(rung)
    process = start(rung, path, **variables)
    try:
        first = process.stdout.readline()
        if not first:
            error = process.stderr.read().strip().splitlines()[-1]
            assert "LADDER_SIMD" in error, error
            assert path != "portable", error
            pytest.skip(error)
        assert json.loads(first) == path
        yield Player(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(params=PATHS, scope="module")
def path(request):
    return request.param


@pytest.fixture(scope="module")
def simd(path):
    with player_on("cython_simd", path) as player:
        yield player


@pytest.fixture(scope="module")
def openmp(path):
    """With three threads, whatever the cores: bands of unequal size."""
    with player_on("cython_openmp", path, OMP_NUM_THREADS="3") as player:
        yield player


def assert_oracle_agrees(player, board, schedule):
    counts = bench.find_truth(board, max(schedule)).counts
    reports = player.play(board, schedule)
    assert reports == [(g, *counts[g]) for g, _, _ in reports]
    assert {g for g, _, _ in reports} >= set(schedule)


# ---- the choice of the path ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize("wanted", ["sse", "AVX2", "avx512 "])
def test_unsupported_path_is_one_clear_line(rung, wanted):
    skip_unless_available(rung)
    process = start(rung, wanted)
    _, error = process.communicate()
    assert process.returncode != 0
    expected = f"RuntimeError: LADDER_SIMD={wanted}: expected one that this machine supports: "
    last = error.splitlines()[-1]
    assert last.startswith(expected)
    assert "portable" in last.removeprefix(expected).split(", ")


@pytest.mark.parametrize("rung", RUNGS)
def test_without_a_wish_the_first_supported_path_is_taken(rung):
    skip_unless_available(rung)
    process = start(rung, "")
    taken, _ = process.communicate()
    with start(rung, "nonsense") as other:
        supported = other.stderr.read().splitlines()[-1].split(": ")[-1].split(", ")
    assert json.loads(taken) == supported[0]


# ---- small boards, against the oracle ------------------------------------------------------------------------------


def around(*sizes):
    return sorted({size + d for size in sizes for d in (-1, 0, 1) if size + d >= 3})


sides = st.one_of(st.integers(3, 12), st.sampled_from(around(16, 32, 48, 64, 128, 256, 512)))


@st.composite
def boards(draw, most_cells=5000):
    rows = draw(sides)
    columns = draw(sides.filter(lambda n: n * rows <= most_cells))
    density = draw(st.sampled_from([0.1, 0.35, 0.6]))
    return random_board(draw(st.integers(0, 2**32)), rows, columns, density, draw(st.sampled_from([0.5, 0.1, 1.0])))


def test_agrees_with_the_oracle(simd):
    @settings(relaxed, max_examples=60)
    @given(boards(), st.integers(0, 2**32))
    def check(board, seed):
        assert_oracle_agrees(simd, board, random_schedule(seed, 12))

    check()


@pytest.mark.parametrize("rows", around(3, 32))
@pytest.mark.parametrize("columns", around(3, 16, 32))
def test_around_a_tile(simd, rows, columns):
    assert_oracle_agrees(simd, random_board(rows, rows, columns), [1, 2, 8])


def test_around_words_and_vectors(simd, path):
    """Few rows make strips of hundreds of columns, many rows make tiles in every 16-bit word of a vector."""
    for size in around(64, 128, PATHS[path], 2 * PATHS[path]):
        assert_oracle_agrees(simd, random_board(size, 3, size), [1, 2, 8])
        assert_oracle_agrees(simd, random_board(size, size, 3), [1, 2, 8])


def test_copies_are_right_in_the_long_run(simd, path):
    """What is wrong at the outer end of many copies takes as many generations to reach a cell that counts."""
    for copies in (40, 70):
        columns = PATHS[path] - copies
        assert_oracle_agrees(simd, random_board(copies, 5, columns), [copies - 1, copies + 10, copies + 60])


def test_full_words(simd):
    """With a block in each 4 x 4 cells all tiles are alike: a vector is all ones or all zeros."""
    cells = {(x, y) for x in range(64) for y in range(128) if x % 4 < 2 and y % 4 < 2}
    board = bench.make_board({(x, y) for x, y in cells if y < 40}, cells, 128, 64, "blocks")
    assert_oracle_agrees(simd, board, [1, 16, 17])


def test_these_boards_had_every_layout(simd, path):
    bits = PATHS[path]
    for rows, columns in [(2 * bits // 16, 32), (2 * bits // 16, 33), (3, 2 * bits), (3, 2 * bits + 1)]:
        assert_oracle_agrees(simd, random_board(columns, rows, columns), [1, 2, 8])
    assert simd.layouts == set(LAYOUTS)


def test_openmp_agrees_with_the_oracle(openmp):
    for rows, columns in [(3, 3), (17, 31), (64, 64), (3, 1024), (3, 1025), (150, 17)]:
        assert_oracle_agrees(openmp, random_board(rows, rows, columns), [1, 2, 12])


# ---- stretches -----------------------------------------------------------------------------------------------------


@cache
def truth_of(rows, columns, last):
    board = random_board(last, rows, columns)
    return board, bench.find_truth(board, last).counts


@pytest.mark.parametrize(("rows", "columns"), [(32, 48), (31, 47), (3, 512), (5, 333)])
def test_splitting_into_stretches_changes_nothing(simd, rows, columns):
    """A pass has up to 16 generations, and an odd number of them leaves the board in the other place."""
    board, counts = truth_of(rows, columns, 70)

    @settings(relaxed, max_examples=15)
    @given(st.sets(st.integers(1, 69)))
    @example(set())
    @example(set(range(1, 70)))
    @example({16, 32, 33, 49})
    def check(cuts):
        schedule = sorted(cuts | {70})
        assert simd.play(board, schedule) == [(g, *counts[g]) for g in [0, *schedule]]

    check()


@cache
def won_matches():
    """Boards that are won at a known generation: by a team that is gone, by a share that stands still."""
    stream = bench.Stream(b"victory")
    gone = bench.make_board({(1, 1), (1, 2), (2, 1), (2, 2)}, set(), 7, 9, "gone")
    found = [(board, bench.find_truth(board, 1000)) for board in (gone, bench.sleeper(stream), bench.sleeper(stream))]
    assert all(truth.victory for _, truth in found)
    return found


@pytest.mark.parametrize("cut", [FAR, 100, 281, 283])
def test_victory_inside_a_stretch(simd, cut):
    for board, truth in won_matches():
        *_, last = simd.play(board, [min(cut, truth.victory - 1), FAR])
        assert last == (truth.victory, *truth.counts[truth.victory])


@pytest.mark.parametrize(("rows", "columns"), [(150, 240), (2048, 2048), (2100, 2047)])
def test_every_generation_counts(simd, openmp, rows, columns):
    """Blocks stand still, so the share is constant and the match is won at 283. A single wrong count shifts that."""
    team1 = {
        (x + dx, y + dy) for x in range(-1, 140, 9) for y in range(-1, rows - 9, 33) for dx in (0, 1) for dy in (0, 1)
    }
    team2 = {(x + 40, y + 5) for x, y in team1 if y < rows // 2}
    board = bench.make_board(team1, team2, rows, columns, "blocks")
    for player in (simd, openmp):
        assert player.play(board, [FAR])[-1] == (283, len(team1), len(team2))


def test_published_match(simd):
    schedule = [generation for generation in bench.DOMINO_CHECKPOINTS if generation > 0]
    reports = simd.play(bench.DOMINO, [*schedule, FAR])
    known = {g: (count1, count2) for g, count1, count2 in reports}
    assert {g: known[g] for g in schedule} == {g: bench.DOMINO_CHECKPOINTS[g] for g in schedule}
    assert reports[-1] == (bench.DOMINO_VICTORY[0], *bench.DOMINO_VICTORY[1])


# ---- large boards, against dense rungs -----------------------------------------------------------------------------


def write(cells):
    """The text of a team whose cells are set in an array of the board's shape."""
    filled = ((y, np.flatnonzero(row)) for y, row in enumerate(cells))
    return json.dumps([{y: row.tolist()} for y, row in filled if row.size])


def large_board(rows, columns, density=0.35):
    """Cells along the edges and across the middle, where bands of lines meet: all that can go wrong, in little text."""
    chance = np.random.default_rng(rows + columns)
    cells = np.zeros((rows, columns), np.uint8)
    y, x = np.arange(rows)[:, None], np.arange(columns)
    near = (np.minimum(y, rows - 1 - y) < 24) | (np.minimum(x, columns - 1 - x) < 24)
    near = near | (abs(y - rows // 3) < 24) | (abs(y - 2 * rows // 3) < 24) | (abs(x - columns // 2) < 24)
    alive = near & (chance.random((rows, columns), np.float32) < density)
    cells[alive] = chance.integers(1, 3, int(alive.sum()))
    return bench.Board(write(cells == 1), write(cells == 2), rows, columns, "large")


@cache
def large_match(dense_rung, rows, columns, last):
    board = large_board(rows, columns)
    return board, play(dense_rung, board, range(1, last + 1)).counts


# Tiles for which the cache is large enough, and passes of up to 16 generations; whole, and beyond that by one each way.
@pytest.mark.parametrize(("rows", "columns"), [(1024, 1024), (1023, 1025), (2049, 2047), (2048, 2048)])
def test_large_boards(simd, openmp, rows, columns):
    board, counts = large_match("numpy_slices", rows, columns, 35)
    chance = random.Random(rows)
    for player in (simd, openmp):
        schedule = sorted({*chance.sample(range(1, 35), 3), 35})
        assert player.play(board, schedule) == [(g, *counts[g]) for g in [0, *schedule]]


@pytest.mark.parametrize("rung", RUNGS)
def test_8192(rung):
    """Passes of one to sixteen generations, in this process and on the path that it takes by itself."""
    board, counts = large_match("numba_dense", 8192, 8192, 18)
    recorder = play(rung, board, [1, 17, 18])
    assert recorder.counts == {g: counts[g] for g in (0, 1, 17, 18)}


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize(("rows", "columns"), [(2**40, 2**40), (3, 2**47), (2**47, 3), (2**62, 3)])
def test_board_beyond_all_memory(rung, rows, columns):
    recorder = Recorder([1])
    with pytest.raises(MemoryError, match=f"board {rows} x {columns}: not enough memory"):
        play(rung, bench.Board("[]", "[]", rows, columns, "huge"), [1])
    assert not recorder.reports
