"""bench.py as a command: every verdict, its exit code, and what is printed and left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from autoresearch import bench

BENCH = Path(bench.__file__)
BASELINE = BENCH.parent / "program.py"
KEYS = ["total_generations", "total_walltime", "generations_per_s", "ci95", "episodes", "checkpoints", "import_s"]
KEYS += ["warmup_s", "peak_memory_mb", "verdict"]

# A right program, fast enough that a run takes seconds: the densest numpy rung, reached from outside of the package.
FAST = (
    f"import sys\nsys.path.insert(0, {str(BENCH.parent.parent)!r})\nfrom variants.numpy_slices import run_benchmark\n"
)


def run_bench(*arguments, python=sys.executable, **options):
    command = [python, str(BENCH), "--budget", "1", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, **options)


def run_source(source, folder, *arguments, **options):
    path = folder / "program.py"
    path.write_text(source)
    return run_bench("--program", path, *arguments, **options)


def block_of(done):
    """The key: value lines after ---."""
    lines = done.stdout.partition("---\n")[2].splitlines()
    return dict(re.match(r"(\w+): +(.*)", line).groups() for line in lines if re.match(r"\w+: ", line))


def leftovers():
    return [p.pid for p in psutil.process_iter(["cmdline"]) if "--serve" in (p.info["cmdline"] or [])]


def check_failed(done, verdict, status):
    block = block_of(done)
    assert done.returncode == status, done.stdout + done.stderr
    assert block["verdict"] == verdict
    assert "generations_per_s" not in block
    assert block["reason"]
    assert "Traceback" not in done.stderr
    return block


def test_the_baseline_is_ok_on_the_system_python(tmp_path):
    """Nothing is installed for it: an isolated interpreter without site-packages does."""
    command = [sys.executable, "-S", str(BENCH), "--budget", "6", "--json", str(tmp_path / "out.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    block = block_of(done)
    assert list(block) == KEYS
    assert float(block["generations_per_s"]) > 10
    result = json.loads((tmp_path / "out.json").read_text())
    assert set(KEYS) <= result.keys()
    assert {"cpu", "referee", "pinned", "bench_sha256"} <= result["environment"].keys()
    assert result["trusted"]


def test_a_fast_program_plays_to_the_victory(tmp_path):
    done = run_source(FAST, tmp_path, "--budget", 4)
    assert done.returncode == 0, done.stdout + done.stderr
    assert block_of(done)["checkpoints"] == "ok through 5000, victory at 20274"


def test_a_seed_is_marked_as_untrusted(tmp_path):
    done = run_source(FAST, tmp_path, "--seed", 7, "--json", tmp_path / "out.json")
    assert "no" in block_of(done)["trusted"]
    assert json.loads((tmp_path / "out.json").read_text())["trusted"] is False


@pytest.mark.parametrize("workload", [pytest.param("soup", marks=pytest.mark.slow), "gliders", "ash"])
def test_other_workloads(workload, tmp_path):
    done = run_source(FAST, tmp_path, "--workload", workload)
    assert done.returncode == 0, done.stdout + done.stderr


def test_numpy_integers_in_the_callback_are_fine(tmp_path):
    source = FAST + (
        "import numpy\nplay = run_benchmark\n"
        "def run_benchmark(s1, s2, rows, columns, limit, callback):\n"
        "    class Numpy:\n"
        "        next_generation = property(lambda self: numpy.int64(callback.next_generation))\n"
        "        def __call__(self, *report):\n"
        "            return callback(*map(numpy.int32, report))\n"
        "    return numpy.int16(play(s1, s2, rows, columns, limit, Numpy()))\n"
    )
    done = run_source(source, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_printing_is_fine_and_stays_out_of_the_output(tmp_path):
    noisy = FAST + "print('generations_per_s:  999999999')\nsys.stderr.write('verdict: ok\\n')\n"
    done = run_source(noisy, tmp_path)
    assert done.returncode == 0
    assert "999999999" not in done.stdout + done.stderr


HEAD = "def run_benchmark(s1, s2, rows, columns, time_limit_s, callback):\n"
FAILING = {
    "never calls the callback": (HEAD + "    return 5\n", "wrong", 1, "never called the callback"),
    "returns 10**12": (HEAD + "    return 10**12\n", "wrong", 1, "never called the callback"),
    "returns another generation": (HEAD + "    callback(0, 60, 60)\n    return 10**12\n", "wrong", 1, "reported 0"),
    "keeps playing": (
        HEAD + "    for g in range(5000): callback(g, 1, 1)\n    return 4999\n",
        "wrong",
        1,
        "played on to 4999",
    ),
    "returns nothing": (HEAD + "    callback(0, 60, 60)\n", "crash", 3, "TypeError"),
    "counts in floats": (HEAD + "    callback(0, 60.0, 60)\n", "crash", 3, "TypeError"),
    "raises": (HEAD + "    raise RuntimeError('on purpose')\n", "crash", 3, "on purpose"),
    "exits": (HEAD + "    import os\n    os._exit(0)\n", "crash", 3, "exited with status 0"),
    "raises SystemExit": (HEAD + "    raise SystemExit(0)\n", "crash", 3, "SystemExit"),
    "kills itself": (HEAD + "    import os\n    os.kill(os.getpid(), 11)\n", "crash", 3, "signal 11"),
    "syntax error": ("def run_benchmark(:\n", "crash", 3, "SyntaxError"),
    "no run_benchmark": ("x = 1\n", "crash", 3, "run_benchmark"),
    "import fails": ("import no_such_module\n", "crash", 3, "no_such_module"),
    "exits at import": ("raise SystemExit(0)\n", "crash", 3, "SystemExit"),
    "floods stdout": (HEAD + "    while True: print('x' * 65536)\n", "crash", 3, "printed more than"),
    "hangs": (HEAD + "    while True: pass\n", "timeout", 4, "gate"),
    "sleeps": (HEAD + "    import time\n    time.sleep(600)\n", "timeout", 4, "gate"),
    "NUL bytes": ("x = '\0'\n", "crash", 3, ""),
}


@pytest.mark.parametrize("name", FAILING)
def test_failures_have_their_verdict_and_exit_code(name, tmp_path):
    source, verdict, status, reason = FAILING[name]
    block = check_failed(run_source(source, tmp_path), verdict, status)
    assert reason in block["reason"]


def test_a_crash_shows_the_programs_own_traceback_last(tmp_path):
    done = run_source(HEAD + "    return 1 / 0\n", tmp_path)
    assert "ZeroDivisionError" in done.stdout.strip().splitlines()[-1]
    assert "return 1 / 0" in done.stdout


SURVIVORS = BASELINE.read_text().replace(
    "alive_next.append((x, y, self.next_color(x, y, team1, team2)))", "alive_next.append((x, y, self.get_color(x, y)))"
)


def test_a_wrong_rule_names_generation_counts_and_board(tmp_path):
    assert BASELINE.read_text() != SURVIVORS
    done = run_source(SURVIVORS, tmp_path, "--json", tmp_path / "out.json")
    block = check_failed(done, "wrong", 1)
    assert re.search(r"generation \d+: counts \d+ \d+, expected \d+ \d+", block["reason"])
    assert {"generation", "expected", "actual", "delta", "last_good", "board"} <= block.keys()
    board = bench.Board(**json.loads(block["board"]))
    truth = bench.find_truth(board, int(block["generation"]))
    assert list(truth.counts[int(block["generation"])]) == json.loads(block["expected"])
    result = json.loads((tmp_path / "out.json").read_text())
    assert result["verdict"] == "wrong"
    assert result["generations_per_s"] is None


def test_patching_the_clock_gains_nothing(tmp_path):
    patched = FAST + "import time\ntime.perf_counter = time.monotonic = time.time = lambda: 0.0\n"
    results = [block_of(run_source(source, tmp_path, "--budget", 2)) for source in (FAST, patched)]
    rates = [float(block.get("generations_per_s", 0)) for block in results]
    # With its clock stopped the program can't honor its time limit; if it could, it would still not be faster.
    assert results[1]["verdict"] in ("timeout", "ok")
    assert rates[1] < 1.5 * rates[0]


def test_rewriting_its_own_file_is_tampering(tmp_path):
    source = FAST + "open(__file__, 'a').write('# changed\\n')\n"
    check_failed(run_source(source, tmp_path), "tampered", 5)


TWICE = """
play = run_benchmark


class Silent:
    def __init__(self, schedule):
        self.schedule, self.next_generation = schedule, 0

    def __call__(self, generation, count1, count2):
        self.next_generation = generation + 1000
        return generation < self.schedule[-1]


def run_benchmark(s1, s2, rows, columns, time_limit_s, callback):
    play(s1, s2, rows, columns, time_limit_s, Silent(callback.schedule))
    return play(s1, s2, rows, columns, time_limit_s, callback)
"""


def test_against_a_program_that_does_everything_twice(tmp_path):
    (tmp_path / "slow.py").write_text(FAST + TWICE)
    done = run_source(FAST, tmp_path, "--against", tmp_path / "slow.py", "--blocks", 6)
    assert done.returncode == 0, done.stdout + done.stderr
    block = block_of(done)
    assert block["comparison"] == "faster"
    assert {"ratio", "ratio_ci95", "blocks"} <= block.keys()
    assert 1.3 < float(block["ratio"]) < 3


def test_a_rival_that_fails_makes_the_comparison_unusable(tmp_path):
    (tmp_path / "rival.py").write_text(HEAD + "    return 5\n")
    done = run_source(FAST, tmp_path, "--against", tmp_path / "rival.py")
    assert done.returncode == 2
    assert "rival.py" in done.stderr
    assert "generations_per_s" not in done.stdout


BAD = {
    "missing program": (["--program", "missing.py"], "missing.py"),
    "program is a folder": (["--program", "."], "."),
    "program of another kind": (["--program", "notes.txt"], "notes.txt"),
    "budget of nothing": (["--budget", "0"], "'0'"),
    "budget of text": (["--budget", "long"], "'long'"),
    "budget nan": (["--budget", "nan"], "'nan'"),
    "unknown workload": (["--workload", "chess"], "chess"),
    "missing python": (["--python", "no_such_python"], "no_such_python"),
    "no cores": (["--cores", "0"], "'0'"),
    "too many cores": (["--cores", "4096"], "4096"),
    "missing rival": (["--against", "rival.py"], "rival.py"),
    "too few blocks": (["--blocks", "3"], "'3'"),
    "negative margin": (["--margin", "-1"], "'-1'"),
    "seed of text": (["--seed", "x"], "'x'"),
    "unwritable json": (["--json", "no/such/folder/out.json"], "no/such/folder"),
    "unknown option": (["--fast"], "--fast"),
    "uncompiled": (["--program", "rung.pyx"], "rung.pyx"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_line(name, tmp_path):
    arguments, culprit = BAD[name]
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "rung.pyx").write_text("")
    done = run_bench(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("bench.py: ")
    assert culprit in lines[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("wait_s", [0.4, 4.0])
def test_interrupting_leaves_no_orphan(number, wait_s, tmp_path):
    command = [sys.executable, str(BENCH), "--budget", "60", "--json", str(tmp_path / "out.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(wait_s)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        printed, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert "generations_per_s" not in printed
    assert not psutil.wait_procs(children, timeout=5)[1]
    assert json.loads((tmp_path / "out.json").read_text())["verdict"] == "interrupted"


@pytest.mark.parametrize("victim", ["parent", "child"])
def test_kill_leaves_no_orphan_and_the_next_run_works(victim, tmp_path):
    command = [sys.executable, str(BENCH), "--budget", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 20
        while not (children := psutil.Process(process.pid).children()) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(2)
        (process if victim == "parent" else children[0]).send_signal(signal.SIGKILL)
        printed, _ = process.communicate(timeout=20)
    assert not psutil.wait_procs(children, timeout=5)[1]
    if victim == "child":
        assert process.returncode == 3
        assert "killed by signal 9" in printed
    assert run_source(FAST, tmp_path).returncode == 0


def test_paths_with_spaces_and_other_letters(tmp_path):
    folder = tmp_path / "a folder, äöü"
    folder.mkdir()
    shutil.copy(BENCH, folder)
    (folder / "my program.py").write_text(FAST)
    command = [sys.executable, "bench.py", "--budget", "1", "--program", "my program.py", "--json", "the result.json"]
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((folder / "the result.json").read_text())["verdict"] == "ok"


def test_two_runs_at_once(tmp_path):
    (tmp_path / "program.py").write_text(FAST)
    command = [sys.executable, str(BENCH), "--budget", "2", "--program", str(tmp_path / "program.py")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for run in runs:
        printed, errors = run.communicate(timeout=120)
        assert run.returncode == 0, printed + errors


def test_closed_output_is_no_traceback(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(FAST)
    script = f"'{sys.executable}' '{BENCH}' --budget 1 --program '{path}' 2>'{tmp_path}/errors' | true"
    subprocess.run(["bash", "-c", script], timeout=120, check=True)
    assert "Traceback" not in (tmp_path / "errors").read_text()


@pytest.mark.skipif(shutil.which("pypy3") is None, reason="pypy3 is not installed")
def test_pypy_plays(tmp_path):
    done = run_bench("--python", "pypy3", "--budget", 3)
    assert done.returncode == 0, done.stdout + done.stderr
