"""Which cheats come through when a defence of the referee is taken away: prints the table of docs/referee.md.

    .venv/bin/python tests/defences.py                        all of them: half an hour
    .venv/bin/python tests/defences.py audit "a late match"   or some

Every cheat names in its docstring what stops it. Here each defence in turn is replaced by nothing, and the cheats that
name it are tried again, in this process. Some defences have no switch: a referee that doesn't own the clock is another
one.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple
from unittest import mock

TESTS = Path(__file__).resolve().parent
sys.path += [str(TESTS), str(TESTS.parent)]

from refereeing import BENCH  # noqa: E402
from test_cheats import CHEATS, copy_room, judge, read_fields  # noqa: E402

from autoresearch import bench  # noqa: E402


class Defence(NamedTuple):
    """What it is, in words, and what to put in the place of which names of bench.py to be without it."""

    about: str
    patches: dict


def nothing(*_):
    return None


def same_boards(workload, key, index, generations=0, make_task=bench.make_task):
    return make_task(workload, b"always the same", index % 3, generations)


def early_match(stream):
    return next(match for match in bench.gate_matches(stream) if match[0].name == "early")


def random_order(timing):
    return bench.secrets.SystemRandom().sample(list(timing.answers), len(timing.answers))


DEFENCES = {
    "form of the answers": Defence(
        "an answer begins at 0, increases, reports what was asked for and ends where it says", {"check_form": nothing}
    ),
    "fresh boards in the gate": Defence(
        "boards of all shapes, with the oracle's truth, before anything is timed",
        {"gate_boards": lambda stream: iter(())},
    ),
    "short matches in the gate": Defence(
        "matches that are won early, late, by extinction or never", {"gate_matches": lambda stream: iter(())}
    ),
    "boards that never come twice": Defence("every timed board is new", {"make_task": same_boards}),
    "a secret key": Defence(
        "boards come from a cryptographic stream that only the parent knows",
        {"secrets.token_bytes": lambda size: b"seed 7"},
    ),
    "audit": Defence(
        "the oracle plays timed matches again, chosen when all answers are in",
        {"audit": lambda timing, limit_s: 3, "replay": lambda child, timing, limit_s: 0},
    ),
    "the quickest are audited": Defence(
        "half of the audited matches are those that were answered quickest", {"choose_matches": random_order}
    ),
    "matches are played twice": Defence(
        "a match has to end where the program's own counts of every generation end it",
        {"replay": lambda child, timing, limit_s: 0},
    ),
    "the long gate": Defence(
        "the published match, to its victory", {"DOMINO": bench.make_board(set(), set(), 9, 9, "")}
    ),
    "a late match": Defence("a match nobody knows that is decided after generation 5000", {"late_board": early_match}),
    "the number of each match": Defence(
        "an answer carries a number that is drawn with its match", {"secrets.token_hex": lambda size: "0" * 16}
    ),
    "frozen off the clock": Defence(
        "the program is stopped while nothing is timed, and while its rival plays",
        {"Child._freeze": nothing, "Child.check_still": nothing},
    ),
    "CPU time while stopped": Defence("a stopped program has used no CPU time", {"Child.check_still": nothing}),
    "confined calls": Defence("seccomp: no processes, cores, priorities, sockets", {"filter_calls": lambda: None}),
    "confined files": Defence(
        "Landlock: no files outside of a folder, no signals, no other process's memory",
        {"open_ruleset": lambda folder: -1},
    ),
    "files are looked at": Defence(
        "program, referee and the program's folder stay as they are",
        {"Program.check_unchanged": nothing, "Child.seal": nothing},
    ),
}
# What can't be taken away one by one: where there is no other way to referee, or the test would never end.
FIXED = {
    "a prefix that fits": "who was faster than its warm-up made believe is timed on longer matches",
    "captured output": "what the program prints is kept apart, and shown indented",
    "clean import path": "the referee imports nothing from beside it or from where it is called",
    "CPU time is charged": "time charged is CPU time per core, if that is more than wall time",
    "early exit is a crash": "only an answer on the pipe is an answer",
    "limits": "on time, memory and output",
    "one answer for one match": "nothing may be left on the pipe",
    "one board at a time": "the next board is sent when the last one is answered",
    "the parent's clock": "time is taken in another process",
    "the parent's heartbeat": "a pause of the machine is what the parent itself misses, not what the program says",
    "truth and boards stay with the parent": "the program's process holds the board that it plays, and no other",
}
TRIES = 3  # some defences are a matter of chance
TOGETHER = (
    ("confined calls", "confined files"),
    ("confined files", "files are looked at"),
    ("the long gate", "a late match"),
)


@contextlib.contextmanager
def without(names):
    """The referee without some of its defences."""
    with contextlib.ExitStack() as stack:
        for name in names:
            for target, replacement in DEFENCES[name].patches.items():
                where, _, attribute = target.rpartition(".")
                owner = getattr(bench, where) if where else bench
                stack.enter_context(mock.patch.object(owner, attribute, replacement))
        yield


def comes_through(name, names):
    """Whether a cheat comes to an outcome that it mustn't, or changes the referee's file or its own unnoticed.

    It is tried in a process of its own, with a referee of its own, whose path is among the arguments: some look there.
    """
    fields = read_fields(name)
    with tempfile.TemporaryDirectory() as folder:
        room = copy_room(Path(folder))
        bench_py = room / "autoresearch" / "bench.py"
        bench_py.parent.mkdir()
        shutil.copy(BENCH, bench_py)
        path = room / "cheats" / f"{name}.py"
        done = subprocess.run(
            [sys.executable, __file__, "--try", str(path), str(bench_py), *names],
            env={**os.environ, "PYTHONPATH": str(room)},
            capture_output=True,
            text=True,
            check=False,
        )
        pairs = ((bench_py, BENCH), (path, TESTS / "cheats" / path.name))
        untouched = all(copy.read_bytes() == original.read_bytes() for copy, original in pairs)
    clean_up()
    outcome = "killed" if done.returncode < 0 else done.stdout.split()[-1]
    return outcome not in fields["Outcome"].split(", ") or (not untouched and outcome != "tampered")


def clean_up():
    """Remove what cheats leave behind where nothing keeps them from it."""
    for place in ("/dev/shm", tempfile.gettempdir()):
        for pattern in ("notes-*", "remembered-matches"):
            for path in Path(place).glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def try_cheat(path, names):
    """Be the process in which a cheat is tried; print its outcome."""
    options = read_fields(path.stem)["Run with"].replace("--as-command", "").split()
    with without(names), mock.patch.object(bench, "GATE_LIMIT_S", 10.0):
        print(judge(path, options, path.parent.parent.parent).replace(" ", "-"))


def main(chosen):
    """Print a row for each defence, and for some that stand in for each other."""
    rows = [(name,) for name in chosen] or [*((name,) for name in DEFENCES), *TOGETHER]
    stopped = {name: set(read_fields(name)["Stopped by"].split(", ")) for name in CHEATS}
    print("| without | that is | cheats that name it | come through |\n|---|---|---|---|")
    for names in rows:
        tried = [name for name in CHEATS if set(names) <= stopped[name]]
        survivors = [name for name in tried if any(comes_through(name, names) for _ in range(TRIES))]
        about = "; ".join(DEFENCES[name].about for name in names) if len(names) == 1 else "both at once"
        print(f"| {' and '.join(names)} | {about} | {len(tried)} | {', '.join(survivors) or 'none'} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--try"]:
        try_cheat(Path(sys.argv[2]), sys.argv[4:])
    else:
        main(sys.argv[1:])
