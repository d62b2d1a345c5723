"""bench.py as a command: every verdict with its exit status, every bad input with its one clear line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from refereeing import BENCH, HONEST, run_command

from autoresearch import bench

ENTRY = "def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):\n"
METRIC = ["total_generations", "total_walltime", "generations_per_s", "ci95", "episodes", "checkpoints"]


def read_block(done):
    """The lines of the block by key; the program's own words, which are indented, are left out."""
    assert done.stdout.startswith("---\n"), done
    lines = [line for line in done.stdout.splitlines()[1:] if not line.startswith(" ")]
    return dict(re.fullmatch(r"(\w+): +(.*)", line).groups() for line in lines)


@pytest.fixture
def write(tmp_path):
    """Write a program, either whole or as the body of run_benchmark that follows some lines."""

    def write(body, head="", name="program.py"):
        path = tmp_path / name
        body = body.replace("\n", "\n    ")
        path.write_bytes((f"{head}\n{ENTRY}    {body}\n" if body else head).encode())
        return path

    return write


# Verdict, words of its reason, body of run_benchmark, lines before it.
BAD_PROGRAMS = {
    "never calls the callback": ("wrong", "never called the callback", "return 10**12", ""),
    "is wrong": ("wrong", "generation 0: counts 1 1, expected 60 60", "checkpoint_callback(0, 1, 1)\nreturn 0", ""),
    "plays on": (
        "wrong",
        "when told to stop",
        "g = 0\nwhile g < 300:\n    checkpoint_callback(g, 60, 60)\n    g += 1\nreturn g - 1",
        "",
    ),
    "reports more cells than there are": ("wrong", "fit the board", "checkpoint_callback(0, 9**9, 0)\nreturn 0", ""),
    "reports a huge number": ("wrong", "more than 30 digits", "checkpoint_callback(0, 9**99, 0)\nreturn 0", ""),
    "exits": ("crash", "exited with status 0", "os._exit(0)", "import os"),
    "kills itself": ("crash", "killed by signal 9", "os.kill(os.getpid(), 9)", "import os"),
    "raises SystemExit": ("crash", "SystemExit", "raise SystemExit(0)", ""),
    "raises": ("crash", "ZeroDivisionError", "return 1 / 0", ""),
    "raises in the import": ("crash", "ModuleNotFoundError", "", "import no_such_module"),
    "returns a float": ("crash", "TypeError", "checkpoint_callback(0, 60, 60)\nreturn 0.5", ""),
    "has a syntax error": ("crash", "SyntaxError", "", "def run_benchmark(:\n"),
    "has no run_benchmark": ("crash", "no function run_benchmark", "", "x = 1\n"),
    "has a NUL byte": ("crash", "null bytes", "", "x = 1\0\n"),
    "is empty": ("crash", "no function run_benchmark", "", "\n"),
    "floods stdout": ("crash", "printed more than", "while True:\n    print('x' * 100000)", ""),
    "starts a process": ("crash", "PermissionError", "os.fork()", "import os"),
    "asks for input": ("crash", "EOFError", "input()", ""),
    "recurses": ("crash", "RecursionError", "return run_benchmark(s1, s2, rows, columns, 1, None)", ""),
}


@pytest.mark.parametrize("what", BAD_PROGRAMS)
def test_bad_program(what, write, tmp_path):
    verdict, words, body, head = BAD_PROGRAMS[what]
    target = tmp_path / "result.json"
    done = run_command("--program", write(body, head), "--budget", 1, "--json", target)
    block = read_block(done)
    assert block["verdict"] == verdict
    assert done.returncode == {"wrong": 1, "crash": 3}[verdict]
    assert words in block["reason"]
    assert not set(block) & set(METRIC)
    result = json.loads(target.read_text())
    assert result["verdict"] == verdict
    assert words in result["reason"]
    assert all(result[key] is None for key in METRIC)


def test_hang_is_a_timeout(write):
    done = run_command("--program", write("while True: pass"), "--budget", 1)
    assert read_block(done)["verdict"] == "timeout"
    assert done.returncode == 4


def test_forged_answer_is_tampering(write):
    body = "os.write(sys._getframe(1).f_locals['answers'], b'[1, 2, 3]\\n')\nreturn 0"
    done = run_command("--program", write(body, "import os, sys"), "--budget", 1)
    assert read_block(done)["verdict"] == "tampered"
    assert done.returncode == 5


def test_traceback_of_the_program_follows_the_block(write):
    done = run_command("--program", write("return undefined_name", "# a comment"), "--budget", 1)
    tail = done.stdout.partition("verdict:")[2].splitlines()[1:]
    assert tail[0] == "    Traceback (most recent call last):"
    assert 'program.py", line 3, in run_benchmark' in tail[1]
    assert tail[2] == "        return undefined_name"
    assert tail[-1].startswith("    NameError: ")


def test_wrong_rule_is_reproducible(write):
    text = HONEST.read_text()
    wrong = text.replace("tie = odd1 & ~odd & self.checker", "tie = 0")
    assert wrong != text
    done = run_command("--program", write("", wrong), "--budget", 1)
    block = read_block(done)
    assert (done.returncode, block["verdict"]) == (1, "wrong")
    board = bench.Board(**json.loads(block["board"]))
    generation = int(block["generation"])
    truth = bench.find_truth(board, generation)
    assert json.loads(block["expected"]) == list(truth.counts[generation])
    assert json.loads(block["actual"]) != json.loads(block["expected"])
    delta = [a - b for a, b in zip(json.loads(block["actual"]), json.loads(block["expected"]), strict=True)]
    assert json.loads(block["delta"]) == delta
    assert int(block["last_good"]) < generation


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A run that is ok: the finished process and its result."""
    target = tmp_path_factory.mktemp("with a space") / "result é.json"
    done = run_command("--program", HONEST, "--budget", 2, "--json", target)
    return done, json.loads(target.read_text())


def test_ok(good):
    done, result = good
    block = read_block(done)
    assert (done.returncode, block["verdict"]) == (0, "ok")
    assert list(block) == [*bench.KEYS, "verdict"]
    assert float(block["generations_per_s"]) == pytest.approx(result["generations_per_s"])
    assert result["generations_per_s"] == pytest.approx(
        result["total_generations"] / result["total_walltime"], rel=0.01
    )
    low, high = map(float, block["ci95"].split())
    assert low < result["generations_per_s"] < high
    assert block["checkpoints"].startswith("ok through")


def test_json_has_the_keys_of_the_block_and_the_environment(good):
    _, result = good
    assert set(bench.KEYS) <= set(result)
    assert result["trusted"] is True
    assert result["verdict"] == "ok"
    assert result["workload"] == "domino"
    assert set(result["environment"]) >= {
        "cpu",
        "cores",
        "pinned",
        "unprotected",
        "memory_mb",
        "system",
        "bench_sha256",
    }
    assert result["interpreter"] == f"{sys.implementation.name.replace('cp', 'CP')} {sys.version.split()[0]}"


def test_seed_repeats_a_run_and_marks_it(tmp_path):
    target = tmp_path / "result.json"
    done = run_command("--program", HONEST, "--budget", 1, "--seed", 5, "--json", target)
    assert read_block(done)["trusted"] == "no (the boards came from --seed)"
    result = json.loads(target.read_text())
    assert (result["seed"], result["trusted"]) == (5, False)


def test_default_program_runs_on_the_plain_interpreter():
    done = run_command("--budget", 1, python=getattr(sys, "_base_executable", sys.executable))
    block = read_block(done)
    assert block["verdict"] == "ok"
    assert re.fullmatch(r"1 \(1 audited\) of \d+ generations: too slow for whole ones", block["episodes"])
    assert block["ci95"] == "n/a"


def test_against_a_slower_program(write, tmp_path):
    slower = HONEST.read_text().replace("match.step()", "match.step()\n        (match.all * match.all) & 1")
    target = tmp_path / "result.json"
    options = ["--budget", 1, "--blocks", 6, "--against"]
    done = run_command("--program", HONEST, *options, write("", slower), "--json", target)
    block = read_block(done)
    assert block["comparison"] == "faster", done
    assert list(block)[-6:] == ["against", "ratio", "ratio_ci95", "blocks", "comparison", "verdict"]
    comparison = json.loads(target.read_text())["comparison"]
    assert len(comparison["block_ratios"]) == 6
    assert comparison["low"] <= comparison["ratio"] <= comparison["high"]


def test_a_rival_that_fails_is_a_usage_error(write):
    done = run_command("--program", HONEST, "--budget", 1, "--against", write("return 10**12"))
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("bench.py: ")]
    assert "against" in line
    assert "never called the callback" in line
    assert done.stdout == ""


# Options, and words of the line that they have to give.
BAD_OPTIONS = {
    "missing program": (["--program", "none.py"], "none.py: No such file"),
    "program is a folder": (["--program", "folder.py"], "folder.py: not a regular file"),
    "program is a device": (["--program", "/dev/null"], "expected a .py or .pyx file"),
    "program of another kind": (["--program", "result.json"], "expected a .py or .pyx file"),
    "program not compiled": (["--program", "lone.pyx"], "no compiled module beside it: run make"),
    "program of no name": (["--program", ""], "expected a .py or .pyx file"),
    "missing rival": (["--against", "none.py"], "none.py: No such file"),
    "missing interpreter": (["--python", "no-such-python"], "'no-such-python': not found"),
    "interpreter that is none": (["--python", "true"], "doesn't start as Python"),
    "budget of text": (["--budget", "fast"], "--budget: 'fast': expected a number"),
    "no budget": (["--budget", "0"], "--budget: '0': expected a number from 1"),
    "nan": (["--budget", "nan"], "--budget: 'nan'"),
    "no end": (["--budget", "inf"], "--budget: 'inf'"),
    "no cores": (["--cores", "0"], "--cores: '0': expected a whole number"),
    "too many cores": (["--cores", "9999"], "cores 9999: expected 1 to"),
    "few blocks": (["--blocks", "3"], "--blocks: '3': expected a whole number from 6 to 200"),
    "negative margin": (["--margin", "-1"], "--margin: '-1'"),
    "unknown workload": (["--workload", "chess"], "chess"),
    "seed of text": (["--seed", "x"], "--seed"),
    "unknown option": (["--fast"], "--fast"),
    "abbreviated option": (["--prog", "program.py"], "--prog"),
    "surplus argument": (["program.py"], "program.py"),
    "no value": (["--budget"], "--budget: expected one argument"),
    "json into nowhere": (["--json", "none/result.json"], "none/result.json: No such file"),
    "json is a folder": (["--json", "folder.py"], "folder.py: Is a directory"),
    "json of no name": (["--json", ""], "json"),
    "json over the program": (["--program", "program.py", "--json", "program.py"], "is a program or the referee"),
    "a line break": (["--program", "two\nlines.py"], "two lines.py: No such file"),
}


def test_long_gate_has_time_for_boards_that_are_played_slower_than_the_timed_ones():
    done = run_command("--workload", "ash", "--budget", 5)
    assert read_block(done)["verdict"] == "ok"


DIGS = """

for _ in range(1200):
    os.mkdir("d")
    os.chdir("d")
"""


def test_folders_too_deep_for_python_harm_nobody_else(write, tmp_path):
    honest = write("", HONEST.read_text())
    digger = write("", f"import os\n{HONEST.read_text()}{DIGS}", "digger.py")
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    try:
        done = run_command("--program", digger, "--budget", 1, env=environment)
        assert read_block(done)["verdict"] in ("tampered", "ok")  # later Pythons can look through them
        assert "Traceback" not in done.stderr
        assert read_block(run_command("--program", honest, "--budget", 1, env=environment))["verdict"] == "ok"
    finally:
        subprocess.run(["rm", "-rf", *tmp_path.glob("escape-ladder-*")], check=True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="it takes root to lose root's powers")
def test_root_loses_its_powers_where_a_container_has_taken_some_already(write):
    """Asked to keep what isn't there any more, Linux refuses the whole change."""
    grab = "import os\ntry:\n    os.chown('.', 1, 1)\nexcept PermissionError:\n    pass\nelse:\n    raise OSError\n"
    program = write("", grab + HONEST.read_text())
    drop = "import ctypes, os, sys; ctypes.CDLL(None).prctl(24, 2, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", drop, sys.executable, str(BENCH), "--program", str(program), "--budget", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert read_block(done)["verdict"] == "ok"


GIVES_UP = """

honest, games = run_benchmark, 0


def run_benchmark(s1, s2, rows, columns, time_limit_s, callback):
    global games
    games += 1
    if games <= 100:
        return honest(s1, s2, rows, columns, time_limit_s, callback)
    callback(0, *(sum(len(row) for line in json.loads(s) for row in line.values()) for s in (s1, s2)))
    return 0
"""


def test_who_stops_timed_matches_at_their_start_is_wrong(write):
    done = run_command("--program", write("", HONEST.read_text() + GIVES_UP), "--budget", 5)
    block = read_block(done)
    assert block["verdict"] == "wrong"
    assert "stopped at generation 0" in block["reason"]
    assert "Traceback" not in done.stderr


def test_interpreter_may_be_named_from_where_one_stands(tmp_path):
    """The program starts in a folder of its own, where a relative path would lead nowhere."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    done = run_command("--python", "bin/python", "--program", HONEST, "--budget", 1, cwd=tmp_path)
    assert read_block(done)["verdict"] == "ok"


@pytest.mark.parametrize("what", BAD_OPTIONS)
def test_bad_option_is_one_clear_line(what, tmp_path):
    options, words = BAD_OPTIONS[what]
    (tmp_path / "folder.py").mkdir()
    for name in ("lone.pyx", "program.py"):
        (tmp_path / name).write_text(ENTRY + "    return 0\n")
    done = run_command(*options, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("pinned: no")]
    assert line.startswith("bench.py: ")
    assert words in line
    assert (tmp_path / "program.py").read_text() == ENTRY + "    return 0\n"


def test_help_names_every_exit_status():
    done = run_command("--help")
    assert done.returncode == 0
    for kind in bench.Failure.__subclasses__():
        assert f"{kind.exit_code} {kind.verdict}" in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", ["path with spaces.py", "ünïcode.py", "random.py", "json.py", "bom.py"])
def test_odd_file_names(name, tmp_path):
    path = tmp_path / name
    text = f"import random, json, traceback\nrandom.random(), json.dumps(1)\n{ENTRY}    raise ValueError('naïve')\n"
    path.write_bytes((b"\xef\xbb\xbf" if name == "bom.py" else b"") + text.encode())
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run_command("--program", name, "--budget", 1, cwd=tmp_path, env=environment)
    assert read_block(done)["verdict"] == "crash"
    assert "raised ValueError: na\\xefve" in done.stdout


def test_undecodable_file_name(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.py"
    Path(os.fsdecode(path)).write_text("raise ValueError('caf\\u00e9 \\ud800')\n")
    done = subprocess.run([sys.executable, str(BENCH), "--program", path], capture_output=True, timeout=60, check=False)
    assert done.returncode == 3
    assert b"\nverdict:            crash\n" in done.stdout


def test_module_beside_the_referee_does_not_replace_the_library(tmp_path):
    for name in ("random", "json", "secrets", "typing", "statistics"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('planted')\n")
    (tmp_path / "bench.py").write_bytes(BENCH.read_bytes())
    (tmp_path / "program.py").write_text(ENTRY + "    import random\n    random.random()\n    return 0\n")
    done = run_command("--budget", 1, bench_py=tmp_path / "bench.py", cwd=tmp_path)
    assert (done.returncode, read_block(done)["verdict"]) == (1, "wrong"), done


def test_patched_clock_is_not_the_referees(write, tmp_path):
    head = "import time\nslow = time.perf_counter\ntime.perf_counter = time.time = lambda: slow() / 100\n"
    target = tmp_path / "result.json"
    before = time.monotonic()
    done = run_command("--program", write("", head + HONEST.read_text()), "--budget", 1, "--json", target)
    assert read_block(done)["verdict"] == "ok"
    assert 0.1 < json.loads(target.read_text())["total_walltime"] < time.monotonic() - before


def find_children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(not bench.LINUX, reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_run_leaves_no_orphan(number, write, tmp_path):
    target = tmp_path / "result.json"
    path = write("while True: pass")
    command = [sys.executable, str(BENCH), "--program", str(path), "--json", str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: find_children(process.pid))
        (child,) = find_children(process.pid)
        process.send_signal(number)
        printed, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert printed == ""
    assert errors.splitlines()[-1] == "bench.py: interrupted"
    assert "Traceback" not in errors
    wait_for(lambda: not Path(f"/proc/{child}").exists())
    assert json.loads(target.read_text())["verdict"] == "interrupted"
