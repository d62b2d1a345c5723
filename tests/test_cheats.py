"""Every program in cheats/ comes to the outcome that its docstring names, and to no other."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from refereeing import BENCH, HONEST, SEED, TESTS, is_no_faster, referee, run_command

from autoresearch import bench

CHEATS = sorted(path.stem for path in (TESTS / "cheats").glob("*.py") if path.stem != "__init__")
FIELDS = ("Stopped by", "Outcome", "Run with")


def read_fields(name):
    """The last lines of a cheat's docstring: what stops it, what outcomes are acceptable, how to run it."""
    text = ast.get_docstring(ast.parse((TESTS / "cheats" / f"{name}.py").read_text()))
    found = dict(line.split(": ", 1) for line in text.splitlines() if line.partition(":")[0] in FIELDS)
    return {field: found.get(field, "") for field in FIELDS}


def copy_room(folder):
    """Copy the cheats and the referee: what a cheat manages to write hits the copy."""
    room = folder / "room"
    shutil.copytree(TESTS / "cheats", room / "cheats", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (HONEST, TESTS / "waking.py", BENCH):
        shutil.copy(path, room)
    return room


@pytest.fixture
def room(tmp_path):
    return copy_room(tmp_path)


def compare_with(rival, path):
    """The outcome of a short comparison: a verdict, or `worthless` where it doesn't make the cheat faster."""
    programs = bench.Program(str(path)), bench.Program(str(rival))
    with bench.Cores(1) as cores:
        try:
            found = bench.compare(*programs, cores, bench.WORKLOADS["domino"], blocks=6, margin=0.1, turn_s=0.15)
        except bench.Failure as failure:
            # It may be the rival that is caught, where the two work together.
            return "tampered" if "tampered" in failure.reason else failure.verdict
    return "faster than it is" if found.verdict == "faster" else "worthless"


def run_as_command(path):
    """The verdict and the rate of a run in a process of its own."""
    done = run_command("--program", path, "--budget", 1, bench_py=path.parent.parent / "bench.py")
    if done.returncode < 0:
        return "killed", 0.0
    lines = dict(re.findall(r"^(\w+): +(\S+)", done.stdout, re.MULTILINE))
    return lines["verdict"], float(lines.get("generations_per_s", 0))


def judge(path, options, folder):
    """The outcome of a cheat in a room: a verdict, `worthless`, or what must not be."""
    room = path.parent.parent
    if options[:1] == ["--against"]:
        return compare_with(room / options[1], path)
    if options == ["--as-command"]:
        verdict, rate = run_as_command(path)
    else:
        seed = None if options == ["--seed", "none"] else SEED
        result = referee(path, *(options if seed else ()), tmp_path=folder, seed=seed)
        verdict, rate = result["verdict"], result["generations_per_s"]
    if verdict == "ok":
        return "worthless" if is_no_faster(path, rate, room / "honest.py") else "faster than it is"
    return verdict


@pytest.mark.parametrize("name", CHEATS)
def test_cheat(name, room, tmp_path, monkeypatch, record_property):
    monkeypatch.setattr(bench, "physical_memory_mb", lambda: 1500)
    monkeypatch.setattr(bench, "GATE_LIMIT_S", 10.0)
    fields = read_fields(name)
    outcome = judge(room / "cheats" / f"{name}.py", fields["Run with"].split(), tmp_path)
    record_property("cheat", (name, outcome, fields["Stopped by"]))
    assert outcome in fields["Outcome"].split(", ")
    assert (room / "bench.py").read_bytes() == BENCH.read_bytes()
    assert {path.name for path in room.glob("*.py")} == {"bench.py", "honest.py", "waking.py"}


def test_there_are_enough_and_all_are_described():
    assert len(CHEATS) >= 25
    for name in CHEATS:
        fields = read_fields(name)
        assert fields["Stopped by"], name
        assert set(fields["Outcome"].split(", ")) <= {"worthless", "wrong", "crash", "timeout", "tampered", "killed"}, (
            name
        )


def test_nothing_that_a_cheat_prints_passes_for_a_metric(room):
    done = run_command("--program", room / "cheats" / "prints_block.py", "--budget", 1)
    assert done.returncode == 3
    lines = done.stdout.splitlines() + done.stderr.splitlines()
    assert any("generations_per_s" in line for line in lines), "the program's own words are shown"
    assert not [line for line in lines if line.startswith("generations_per_s")]
    assert [line for line in lines if line.startswith("verdict:")] == ["verdict:            crash"]


def test_nothing_is_left_behind():
    assert [path for path in Path("/dev/shm").glob("*") if path.name.startswith(("notes-", "remembered-"))] == []
