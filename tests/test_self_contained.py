"""Rungs as programs of one file: they play as the rungs do, and need nothing of this repository."""

import ast
import importlib.util
import subprocess
import sys

import pytest
from playing import Recorder, random_board, random_schedule

from autoresearch import bench
from ladder.availability import BY_NAME, ROOT, why_unavailable
from ladder.errors import LadderError
from ladder.self_contained import find_imports, self_contained
from variants import RUNGS

ALLOWED = {*sys.stdlib_module_names, "numpy", "scipy"}  # what program.md allows
NAMES = [rung.name for rung in RUNGS if rung.tool in ("Python", "numpy", "scipy")]
BOARDS = [
    random_board(1, 9, 14),
    random_board(2, 3, 65, 0.4),
    random_board(3, 20, 3),
    random_board(4, 26, 31, 0.3, 0.8),
]


def skip_unless_available(name):
    reason = why_unavailable(BY_NAME[name])
    if reason:
        pytest.skip(f"{name} is unavailable here: {reason}")


@pytest.fixture(params=NAMES)
def text(request):
    skip_unless_available(request.param)
    return self_contained(BY_NAME[request.param])


def load(text, folder):
    path = folder / "program.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("self_contained_program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_imports_what_an_agent_may(text):
    assert find_imports(ast.parse(text)) <= ALLOWED


def test_plays_right(text, tmp_path):
    program = load(text, tmp_path)
    for seed, board in enumerate(BOARDS):
        truth = bench.find_truth(board, 60)
        recorder = Recorder(random_schedule(seed, max(truth.counts)))
        program.run_benchmark(board.s1, board.s2, board.rows, board.columns, 60.0, recorder)
        assert recorder.counts == {generation: truth.counts[generation] for generation in recorder.counts}
        assert len(recorder.counts) > 1


def test_refuses_what_is_no_board(text, tmp_path):
    program = load(text, tmp_path)
    with pytest.raises(ValueError, match="named twice"):
        program.run_benchmark('[{"1":[1,5]}]', "[]", 4, 4, 1.0, Recorder([5]))


def test_survives_the_referee_where_there_is_nothing_else(tmp_path):
    (tmp_path / "program.py").write_text(self_contained(BY_NAME["numpy_slices"]))
    (tmp_path / "bench.py").write_bytes((ROOT / "autoresearch" / "bench.py").read_bytes())
    command = [sys.executable, "-I", "bench.py", "--budget", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verdict:            ok" in done.stdout


def test_reads_as_if_written_by_hand(text, tmp_path):
    (tmp_path / "program.py").write_text(text)
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    for command in (["format", "--check"], ["check", "--select", "F,E"]):
        done = subprocess.run([*ruff, *command, *settings, str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_baseline_is_so_already():
    assert self_contained(BY_NAME["row_list"]) == (ROOT / "autoresearch" / "program.py").read_text()


def test_refuses_what_it_can_not_do():
    with pytest.raises(LadderError, match="takes more from variants than match"):
        self_contained(BY_NAME["numba_dense"])
