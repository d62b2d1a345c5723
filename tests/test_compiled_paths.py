"""The paths that compiled rungs take by the machine or the board: instruction sets, tiles for threads, vectors.

What cython_simd and cython_openmp choose from is tried in test_simd.py.
"""

import importlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys

import pytest
from playing import ROOT, load_rung, play, random_board, skip_unless_available

from autoresearch import bench

SHAPES = [(3, 3), (3, 200), (200, 3), (16, 17), (63, 65), (64, 64), (65, 63), (9, 513), (130, 31)]

# Its own process: the instruction set is chosen at import.
SCRIPT = """
import importlib, json, sys
from playing import play, random_board
rung = importlib.import_module("variants." + sys.argv[1])
boards = [random_board(rows, rows, columns) for rows, columns in json.loads(sys.argv[2])]
reports = [play(sys.argv[1], board, [1, 2, 9, 40]).reports for board in boards]
print(json.dumps([rung.simd_path, reports]))
"""


def run_on_path(name, wanted):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "LADDER_SIMD": wanted}
    command = [sys.executable, "-c", SCRIPT, name, json.dumps(SHAPES)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("wanted", ["", "avx512", "avx2", "portable"])
@pytest.mark.parametrize("name", ["cython_bitplane", "cython_typed", "cython_frontier"])
def test_every_instruction_set_plays_the_same_game(name, wanted):
    skip_unless_available(name)
    done = run_on_path(name, wanted)
    if done.returncode and "that this machine supports" in done.stderr:
        assert wanted not in ("", "portable")
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    taken, played = json.loads(done.stdout)
    if wanted == "portable" or (wanted and name == "cython_bitplane"):  # the others take AVX2, or what there is
        assert taken == wanted
    for (rows, columns), reports in zip(SHAPES, played, strict=True):
        truth = bench.find_truth(random_board(rows, rows, columns), 40)
        assert [tuple(report) for report in reports] == [(g, *truth.counts[g]) for g in (0, 1, 2, 9, 40)]


# ---- numba_parallel on a shared board ------------------------------------------------------------------------------


@pytest.fixture(params=[(0, 2**21), (200, 2**9), (40, 2**8)], ids=["pass of 1", "short passes", "small caches"])
def shared_parallel(request, monkeypatch):
    """numba_parallel with costs for which it cuts small boards into many tiles, three threads whatever the cores."""
    load_rung("numba_parallel")
    rung = importlib.import_module("variants.numba_parallel")
    monkeypatch.setattr(rung, "LAUNCH", request.param[0])
    monkeypatch.setattr(rung, "CACHE", request.param[1])
    monkeypatch.setattr(rung, "get_num_threads", lambda: 3)
    return rung


@pytest.mark.parametrize(("rows", "columns"), [(97, 3), (120, 40), (151, 131), (240, 7)])
def test_a_board_shared_out_is_the_same_board(shared_parallel, rows, columns):
    tiles, _, _ = shared_parallel.plan(rows, columns, 3)
    assert tiles > 1
    board = random_board(rows, rows, columns)
    truth = bench.find_truth(board, 45)
    for schedule in ([45], [1, 2, 3, 7, 30, 45]):
        reports = play("numba_parallel", board, schedule).reports
        assert reports == [(g, *truth.counts[g]) for g in (0, *schedule)]


def test_a_board_shared_out_is_won_when_it_is_won(shared_parallel):
    """Blocks stand still, so the share is constant and the match is won at 283, within a pass or a stretch."""
    team1 = {(x + dx, y + dy) for x in (-1, 12) for y in (-1, 49, 80, 99) for dx in (0, 1) for dy in (0, 1)}
    team2 = {(x + 5, y) for x, y in team1 if y < 60}
    board = bench.make_board(team1, team2, 120, 24, "blocks")
    assert shared_parallel.plan(120, 24, 3)[0] > 1
    for schedule in ([1000], [100, 282, 1000]):
        assert play("numba_parallel", board, schedule).reports[-1] == (283, len(team1), len(team2))


# ---- vectors, not left to luck -------------------------------------------------------------------------------------


def widest_registers():
    """The vector registers of this processor, by the name that assembly has for them."""
    binding = pytest.importorskip("llvmlite.binding")
    features = binding.get_host_cpu_features()
    if platform.machine() != "x86_64" or not features.get("avx2"):
        pytest.skip("no x86_64 processor with AVX2")
    # Below AVX-512 VPOPCNTDQ numba's own choice of width may be 256 bits.
    return ("zmm",) if features.get("avx512vpopcntdq") else ("ymm", "zmm")


@pytest.mark.parametrize("name", ["numba_bitplane", "numba_parallel"])
def test_numba_compiles_the_circuit_to_vectors(name):
    registers = widest_registers()
    play(name, random_board(1, 30, 40), [1])
    rung = importlib.import_module(f"variants.{name}")
    (assembly,) = rung.next_generation.inspect_asm().values()
    logic = re.findall(r"vpternlogq?.*%(zmm|ymm|xmm)|vp(?:and|xor|or|andn)q?\s.*%(zmm|ymm|xmm)", assembly)
    wide = [a or b for a, b in logic if (a or b) in registers]
    assert len(wide) > 60, f"{len(wide)} wide logic instructions"  # two lines, two teams: some 40 operations each


@pytest.mark.parametrize(
    ("name", "function", "registers"),
    [
        ("cython_bitplane", "play_avx512", "zmm"),
        ("cython_bitplane", "play_avx2", "ymm"),
        ("cython_simd", "avx512", "zmm"),
        ("cython_simd", "avx2", "ymm"),
    ],
)
def test_c_compiles_the_circuit_to_vectors(name, function, registers):
    skip_unless_available(name)
    if platform.machine() != "x86_64" or shutil.which("objdump") is None:
        pytest.skip("needs objdump, and a module for x86_64")
    module = importlib.import_module(f"variants.{name}")
    assembly = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", module.__file__], capture_output=True, text=True, check=True
    ).stdout
    widest = 0
    for part in re.split(r"\n(?=[0-9a-f]+ <)", assembly):
        head = part.partition("\n")[0]
        if function in head:
            operations = re.findall(rf"vp(?:ternlog|and|or|xor|andn)[dq]?\s[^\n]*%{registers}", part)
            widest = max(widest, len(operations))
    # No circuit of the rule is known that takes less than 20 (see docs/ceiling.md).
    assert widest >= 20, f"{widest} logic instructions on {registers} in {function}"
