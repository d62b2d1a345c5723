"""What befalls a run from outside: killed at any stage, full disks, closed pipes, a stopped machine."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from refereeing import BENCH, HONEST, run_command

from autoresearch import bench

pytestmark = pytest.mark.skipif(not bench.LINUX, reason="needs /proc")

# Stages, and what a run has said when it gets there.
STAGES = {
    "start": "",
    "gate": "",
    "timing": "timing:",
    "long gate": "timing:",
    "audit": "long gate:",
    "compare": "audit:",
}


PAUSES = {"gate": 0.3, "timing": 0.3, "long gate": 1.2, "compare": 1.0}


def find_children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.01)


class Run:
    """A run of bench.py as a command that can be caught at a stage."""

    def __init__(self, folder, *options):
        self.json = folder / "result.json"
        self.log = folder / "run.log"
        command = [sys.executable, str(BENCH), "--program", str(HONEST), "--json", str(self.json), *options]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def catch(self, stage):
        """Wait for a stage; return the processes that are there."""
        wait_for(lambda: STAGES[stage] in self.log.read_text())
        wait_for(lambda: len(find_children(self.process.pid)) == (2 if stage == "compare" else 1) or stage == "audit")
        if stage in PAUSES:
            time.sleep(PAUSES[stage])
        return find_children(self.process.pid)

    def end(self):
        self.process.wait(timeout=60)
        return self.log.read_text()


def own_runs():
    return {path.name for path in bench.own_folder().glob("run-*")}


@pytest.mark.parametrize("stage", STAGES)
def test_kill_of_the_parent_leaves_nobody(stage, tmp_path):
    options = ["--budget", "1"] + (["--against", str(HONEST)] if stage == "compare" else [])
    with Run(tmp_path, *options) as run:
        children = run.catch(stage)
        run.process.kill()
        run.process.wait()
        wait_for(lambda: not any(map(is_alive, children)))
        left = {name for name in own_runs() if name.split("-")[1] == str(run.process.pid)}
    assert json.loads(run.json.read_text())["verdict"] == "running", "whole, and no result"
    assert "verdict:" not in run.log.read_text()
    assert not left & own_runs(), "the next run sweeps what is left"


def test_the_next_run_works(tmp_path):
    with Run(tmp_path, "--budget", "1") as run:
        run.catch("gate")
        run.process.kill()
    done = run_command("--program", HONEST, "--budget", 1)
    assert done.returncode == 0, done


@pytest.mark.parametrize("stage", ["gate", "timing", "compare"])
def test_kill_of_the_child_is_a_crash(stage, tmp_path):
    options = ["--budget", "2"] + (["--against", str(HONEST)] if stage == "compare" else [])
    with Run(tmp_path, *options) as run:
        for child in run.catch(stage):
            os.kill(child, signal.SIGKILL)
        printed = run.end()
    assert run.process.returncode in (3, 2 if stage == "compare" else 3), printed
    assert "killed by signal 9" in printed
    assert "Traceback" not in printed
    assert json.loads(run.json.read_text())["verdict"] in ("crash", "usage")


def test_stop_of_the_whole_run_is_noticed(tmp_path):
    """The parent's heart misses a beat; the batch is discarded, so a pause costs nothing."""
    with Run(tmp_path, "--budget", "3") as run:
        run.catch("timing")
        os.kill(run.process.pid, signal.SIGSTOP)
        time.sleep(1.5)
        os.kill(run.process.pid, signal.SIGCONT)
        printed = run.end()
    assert run.process.returncode == 0, printed
    result = json.loads(run.json.read_text())
    assert result["discarded"] >= 1
    assert f"{result['discarded']} batches discarded: the machine was suspended" in printed


def test_discards_are_capped():
    """Who could stop the referee at will would drop its bad matches; after five of them they count."""
    timing = bench.Timing(bench.WORKLOADS["domino"], b"k")

    class Sleeping:
        def play(self, tasks, limit_s):
            answers = [bench.Answer(1000, [[0, 60, 60], [1000, 1, 1]]) for _ in tasks]
            return answers, bench.Clocked(len(tasks), 1000, 1.0, 1.0, 1.0, True, (1.0,) * len(tasks))

    for _ in range(bench.DISCARDED + 3):
        timing.play(Sleeping(), 1, 1.0)
    assert (timing.discarded, len(timing.batches)) == (bench.DISCARDED, 3)


def test_two_runs_at_once(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    with Run(folders[0], "--budget", "1") as first, Run(folders[1], "--budget", "1") as second:
        printed = [run.end() for run in (first, second)]
        assert [run.process.returncode for run in (first, second)] == [0, 0], printed
    pinned = [json.loads(run.json.read_text())["environment"]["pinned"] for run in (first, second)]
    assert pinned[0] != pinned[1] or pinned == ["no", "no"]


NO_CAPTURE = {"capture_output": False}
QUICK = "def run_benchmark(*_):\n    return 0\n"  # a verdict after a second


@pytest.fixture
def quick(tmp_path):
    path = tmp_path / "quick.py"
    path.write_text(QUICK)
    return path


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_full_disk_under_stdout(quick):
    with open("/dev/full", "w") as full:
        done = run_command("--program", quick, "--budget", 1, stdout=full, stderr=subprocess.PIPE, **NO_CAPTURE)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "bench.py: stdout: No space left on device"
    assert "Traceback" not in done.stderr


def test_closed_stdout_and_stderr(quick):
    command = f'exec "{sys.executable}" "{BENCH}" --program "{quick}" --budget 1 >&- 2>&-'
    assert subprocess.run(["bash", "-c", command], timeout=60, check=False).returncode == 1


def test_reader_that_goes_away(quick):
    command = f'"{sys.executable}" "{BENCH}" --program "{quick}" --budget 1 | true; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], timeout=60, check=False, capture_output=True, text=True)
    assert done.stdout == "1\n"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_closed_stdin(quick):
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" "{BENCH}" --program "{quick}" --budget 1 <&-'],
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert re.search(r"^verdict: +wrong$", done.stdout, re.MULTILINE), done


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="needs root and mount")
def test_full_disk_under_the_result(tmp_path, quick):
    small = tmp_path / "small"
    small.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], check=False, capture_output=True)
    if mount.returncode:
        pytest.skip("can't mount here")
    try:
        (small / "result.json").write_text('{"verdict": "old"}\n')
        with contextlib.suppress(OSError):
            (small / "filler").write_bytes(b"x" * (1 << 20))
        done = run_command("--program", quick, "--budget", 1, "--json", small / "result.json")
        assert done.returncode == 2
        assert re.fullmatch(r"bench\.py: json .*: No space left on device\n", done.stderr)
        assert json.loads((small / "result.json").read_text()) == {"verdict": "old"}, "whole, and the old one"
        assert sorted(path.name for path in small.iterdir()) == ["filler", "result.json"]
    finally:
        subprocess.run(["umount", small], check=False)


def test_no_temporary_folder(tmp_path):
    """A file stands where the referee's own folder should be."""
    name = bench.own_folder().name
    (tmp_path / name).write_text("")
    done = run_command("--program", HONEST, "--budget", 1, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert re.fullmatch(r"bench\.py: temporary folder.*\n", done.stderr)


def test_result_into_a_device(quick):
    done = run_command("--program", quick, "--budget", 1, "--json", "/dev/null")
    assert done.returncode == 1
    assert Path("/dev/null").is_char_device()


def test_clock_set_back(monkeypatch):
    """Nothing is measured with the clock of the calendar."""
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with bench.Child(bench.Program(str(HONEST))) as child:
        _, clocked = child.play([bench.make_task(bench.WORKLOADS["domino"], b"k", 0, 50)], 30)
    assert clocked.wall_s > 0
    source = BENCH.read_text()
    assert set(re.findall(r"\btime\.(\w+)\(", source)) <= {
        "perf_counter",
        "sleep",
        "clock_gettime_ns",
        "strftime",
        "gmtime",
    }
