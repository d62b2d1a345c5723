"""The totals of both teams are plain Conway Life on a torus, so an independent engine can check them: Golly's."""

import re
import shutil
import subprocess

import pytest
from playing import play, random_board

from autoresearch import bench

BGOLLY = shutil.which("bgolly")
pytestmark = pytest.mark.skipif(BGOLLY is None, reason="bgolly is not installed (Debian: golly)")


def write_rle(board, path):
    """Write both teams as one pattern on a torus, run by run, in the format that Golly reads."""
    cells = bench.read_cells(board.s1, board.rows, board.columns) | bench.read_cells(
        board.s2, board.rows, board.columns
    )
    lines = ["".join("o" if (x, y) in cells else "b" for x in range(board.columns)) for y in range(board.rows)]
    header = f"x = {board.columns}, y = {board.rows}, rule = B3/S23:T{board.columns},{board.rows}\n"
    path.write_text(header + "$\n".join(lines) + "!\n")


def count_rle(text):
    """How many cells live in a pattern that Golly wrote."""
    body = "".join(line for line in text.splitlines() if not line.startswith(("#", "x")))
    return sum(int(run or 1) for run in re.findall(r"(\d*)o", body))


def golly_population(board, generations, folder):
    write_rle(board, folder / "start.rle")
    command = [BGOLLY, "-m", str(generations), "-o", str(folder / "end.rle"), str(folder / "start.rle")]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)
    return count_rle((folder / "end.rle").read_text())


@pytest.mark.parametrize("generations", [1, 60, 1000, 5000])
def test_published_totals(generations, tmp_path):
    assert golly_population(bench.DOMINO, generations, tmp_path) == sum(bench.DOMINO_CHECKPOINTS[generations])


def test_published_victory_totals(tmp_path):
    generation, counts = bench.DOMINO_VICTORY
    assert golly_population(bench.DOMINO, generation, tmp_path) == sum(counts)


@pytest.mark.parametrize("name", ["numpy_slices", "cython_simd"])
@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (5, 64), (37, 41), (150, 240), (200, 513)])
def test_random_totals(name, rows, columns, tmp_path):
    board = random_board(rows * columns, rows, columns)
    counts = play(name, board, [100]).counts[100]
    assert golly_population(board, 100, tmp_path) == sum(counts)
