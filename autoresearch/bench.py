#!/usr/bin/env python3
"""The referee: how many generations per second does program.py play, and are they the right ones?

    python3 autoresearch/bench.py                           measure program.py for three minutes
    python3 autoresearch/bench.py --against best.py         and tell whether it is faster than best.py

This process, the parent, owns the clock, the boards and the truth. The program runs in a child process that can
write no files, start no processes and leave no core; it gets one board at a time and answers with live counts. A run
goes through these stages:

    gate       known and fresh boards of many shapes, every answer compared with the truth
    timing     boards that nobody has seen before, on the clock
    long gate  the published match as far as the program's speed allows, and a match that nobody has seen
    audit      some of the timed matches, chosen only now, played again: by the program, and by a slow, plain oracle
    compare    with --against: both programs alternate on the same boards in pairs of fresh processes

Only a run that survives them all prints a metric. Nothing here may be edited by whoever edits program.py.

The file in its order: what runs in the child; verdicts; the oracle; boards; programs, cores and the child seen from
the parent; checks and gates; timing and audit; statistics and comparison; the command.

Everything is standard library. Other tools import this file as a module; they use `Program`, `Child`, `Cores`,
`Workload`, `gate`, `warm_up`, `measure`, `long_gate`, `replay`, `audit`, `compare` and `Failure`.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.isolated:
    # A random.py beside this file, or one in the folder where it is called, must not stand in for the library's.
    sys.path[:] = [entry for entry in sys.path[1:] if entry]

import argparse
import contextlib
import functools
import gc
import hashlib
import heapq
import io
import itertools
import json
import math
import operator
import os
import platform
import random
import re
import secrets
import select
import shutil
import signal
import statistics
import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

LINUX = sys.platform.startswith("linux") and os.path.isdir("/proc/self")
if LINUX:
    import ctypes
    import fcntl

    LIBC = ctypes.CDLL(None, use_errno=True)

ROWS, COLUMNS = 150, 240
EPISODE = 1000  # generations of a timed match, at most
BATCH_S = 0.25  # the clock runs over about this much play, then the child is stopped and inspected
BEAT_S = 0.1  # how often the parent looks around while it waits
LATE_S = 0.5  # a look that comes later than it should by this means that the machine was suspended
DISCARDED = 5  # batches that may be dropped for it: a cap, so that a program can't drop its bad matches that way
AUDITED, LEAST_AUDITED, REPLAYED = 20, 3, 100  # matches
ANSWER_BYTES = 1 << 18
OUTPUT_BYTES = 16 << 20
START_LIMIT_S, IMPORT_LIMIT_S, GATE_LIMIT_S = 30.0, 120.0, 30.0  # a JIT compiler works for seconds in the gate
FAR = 10**15  # a generation that no match reaches

DOMINO_TEAM1 = (
    '[{"68":[74,75]},{"69":[13,14,48,75,76,111,112]},{"70":[12,13,22,47,48,75,110,111]},'
    '{"71":[13,21,22,48,49,101,102,111]},{"72":[22,23,38,39,102,103]},{"73":[39,40,66,102]},{"74":[39,65,66]},'
    '{"75":[66,67]},{"76":[30,31]},{"77":[29,30,85,86,94]},{"78":[30,58,84,85,94,95]},{"79":[57,58,85,93,94]},'
    '{"80":[58,59]}]'
)
DOMINO_TEAM2 = (
    '[{"70":[138]},{"71":[137,138]},{"72":[129,130,138,139,191,192,208,209]},'
    '{"73":[128,129,164,165,181,182,190,191,201,209,210,228]},'
    '{"74":[129,165,166,173,174,182,183,191,200,201,209,227,228]},'
    '{"75":[146,147,156,165,172,173,182,201,202,228,229]},{"76":[147,148,155,156,173]},{"77":[147,156,157,218]},'
    '{"78":[217,218]},{"79":[218,219]}]'
)
# fmt: off
DOMINO_CHECKPOINTS = {
    0: (60, 60), 1: (72, 72), 2: (84, 84), 3: (108, 108), 4: (96, 96), 5: (108, 108), 60: (301, 365), 100: (291, 428),
    200: (175, 391), 300: (125, 514), 400: (120, 461), 500: (120, 497), 600: (150, 507), 700: (196, 495),
    800: (127, 587), 900: (120, 594), 1000: (120, 440), 2000: (93, 967), 3000: (92, 1130), 5000: (259, 921),
}
# fmt: on
DOMINO_VICTORY = (20274, (139, 850))


# ---- the child: the only part of this file that runs beside the program


class Checkpoints:
    """What the program calls: says which generation is wanted next, keeps the counts of those that were."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.schedule = schedule
        self.position = 0
        self.next_generation = 0
        self.reports: list[tuple[int, int, int]] = []
        self.latest = (-1, 0, 0)

    def __call__(self, generation: int, team1_cells: int, team2_cells: int) -> bool:
        # Exact ints, whatever kind of integer the program counts with; a float is an error here.
        latest = (operator.index(generation), operator.index(team1_cells), operator.index(team2_cells))
        wanted = latest[0] >= self.next_generation or latest[0] <= self.latest[0]
        self.latest = latest
        if self.position >= len(self.schedule):
            return False
        if wanted:
            self.reports.append(latest)
            while self.position < len(self.schedule) and self.schedule[self.position] <= latest[0]:
                self.position += 1
            ended = self.position == len(self.schedule)
            self.next_generation = latest[0] + 1 if ended else self.schedule[self.position]
        return self.position < len(self.schedule)

    def all_reports(self) -> list[tuple[int, int, int]]:
        """The reports that were asked for, those that came out of order, and the last one."""
        last = [self.latest] if self.reports and self.reports[-1] != self.latest else []
        return self.reports + last


def load_program(path: str, name: str, root: str, source: bytes | None) -> Callable[..., int]:
    """Import the program from the source that the parent has read, or as a compiled module; return its entry."""
    import importlib.util  # noqa: PLC0415 (only the child needs it)

    if root:
        sys.path.insert(0, root)
    if source is None:
        module = importlib.import_module(name)
    else:
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        sys.modules[name] = module
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    if not callable(getattr(module, "run_benchmark", None)):
        raise AttributeError(f"{path} defines no function run_benchmark")
    entry: Callable[..., int] = module.run_benchmark
    return entry


def describe_error() -> str:
    """The traceback of the current exception, without the frames of this file."""
    import traceback  # noqa: PLC0415 (it takes time, and mostly nobody needs it)

    kind, error, trace = sys.exc_info()
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    return "".join(traceback.format_exception(kind, error, trace))[-8000:]


def serve(tasks: int, answers: int) -> None:
    """Be the child: import one program, then play each board that comes down the pipe and answer."""
    buffer = b""

    def receive(size: int | None = None) -> bytes:
        """Take `size` bytes, or a line, off the pipe."""
        nonlocal buffer
        parts, have = [buffer], len(buffer)
        while have < size if size is not None else b"\n" not in parts[-1]:
            part = os.read(tasks, 1 << 16)
            if not part:
                os._exit(0)  # the parent is gone
            parts.append(part)
            have += len(part)
        data = b"".join(parts)
        cut = data.index(b"\n") + 1 if size is None else size
        buffer = data[cut:]
        return data[:cut]

    def send(answer: object) -> None:
        data = json.dumps(answer).encode() + b"\n"
        while data:
            data = data[os.write(answers, data) :]

    send(["", f"{platform.python_implementation()} {platform.python_version()}", []])
    nonce, path, name, root, size = json.loads(receive())
    try:
        run_benchmark = load_program(path, name, root, None if size is None else receive(size))
    except BaseException:
        send([nonce, None, describe_error()])
        return
    send([nonce, 0, []])
    while True:
        nonce, rows, columns, limit_s, schedule, size1, size2 = json.loads(receive())
        text = receive(size1 + size2).decode("ascii")
        callback = Checkpoints(schedule)
        try:
            reached = operator.index(run_benchmark(text[:size1], text[size1:], rows, columns, limit_s, callback))
        except BaseException:
            send([nonce, None, describe_error()])
            return
        send([nonce, reached, callback.all_reports()])


# ---- verdicts


class Failure(Exception):
    """A run that ends without a metric; `details` are the lines printed beside the reason."""

    verdict = "failure"
    exit_code = 1

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Wrong(Failure):
    """The program's answers are not the truth."""

    verdict, exit_code = "wrong", 1


class Usage(Failure):
    """The command or a file that it names is unusable."""

    verdict, exit_code = "usage", 2


class Crash(Failure):
    """The program raised, exited, or took more memory than it may."""

    verdict, exit_code = "crash", 3


class Timeout(Failure):
    """The program did not answer in time."""

    verdict, exit_code = "timeout", 4


class Tampered(Failure):
    """The program worked off the clock, changed files of the run or forged an answer."""

    verdict, exit_code = "tampered", 5


# ---- the oracle: plain, slow and obviously right


class Board(NamedTuple):
    """A start: one JSON text per team (row -> columns), the size of the torus, and what to call it."""

    s1: str
    s2: str
    rows: int
    columns: int
    name: str


Cells = set[tuple[int, int]]
Counts = tuple[int, int]


def read_cells(text: str, rows: int, columns: int) -> Cells:
    return {(x % columns, int(y) % rows) for row in json.loads(text) for y, xs in row.items() for x in xs}


def next_generation(team1: Cells, team2: Cells, rows: int, columns: int) -> tuple[Cells, Cells]:
    """Apply the rule once, as it is written down: B3/S23, color by majority of the live neighbors."""
    near1, near2 = (
        Counter(
            ((x + dx) % columns, (y + dy) % rows)
            for x, y in team
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if dx != 0 or dy != 0
        )
        for team in (team1, team2)
    )
    next1, next2 = set(), set()
    for cell in near1.keys() | near2.keys():
        n1, n2 = near1[cell], near2[cell]
        if n1 + n2 == 3 or (n1 + n2 == 2 and (cell in team1 or cell in team2)):
            x, y = cell
            if n1 > n2 or (n1 == n2 and x % 2 == y % 2):
                next1.add(cell)
            else:
                next2.add(cell)
    return next1, next2


def about_equal(a: float, b: float) -> bool:
    return abs(a - b) / max(abs(a), abs(b), 1e-12) < 1e-8


class Victory:
    """The test for victory, fed with the counts of every generation, the first one included."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.means = [0.0, 0.0, 0.0]

    def is_won(self, c1: int, c2: int) -> bool:
        """Take the next generation's counts; return whether that generation decides the match."""
        self.shares.append(100 * max(c1, c2) / (c1 + c2 + 1e-12))
        if len(self.shares) <= 280:
            return False
        removed = self.means[0]
        self.means = [self.means[1], self.means[2], sum(self.shares[-280:]) / 280]
        if removed == 0 or c1 == c2:
            return False
        stable = about_equal(self.means[0], self.means[1]) and about_equal(self.means[1], self.means[2])
        level = any(about_equal(mean, 50.0) for mean in self.means)
        return c1 == 0 or c2 == 0 or (stable and not level)


def oracle(board: Board) -> Iterator[tuple[int, Counts, bool]]:
    """Play a match: yield generation, live counts and whether it is won there; end after the victory."""
    rows, columns = board.rows, board.columns
    team1, team2 = read_cells(board.s1, rows, columns), read_cells(board.s2, rows, columns)
    victory, generation, won = Victory(), 0, False
    while not won:
        won = victory.is_won(len(team1), len(team2))
        yield generation, (len(team1), len(team2)), won
        team1, team2 = next_generation(team1, team2, rows, columns)
        generation += 1


class Truth(NamedTuple):
    """Known live counts by generation, and the generation of the victory if it is among those looked at."""

    counts: dict[int, Counts]
    victory: int | None


@functools.lru_cache(maxsize=64)  # for tools that take many programs through the same gate
def find_truth(board: Board, limit: int) -> Truth:
    """Have the oracle play a board to its victory, or to the generation `limit`."""
    counts: dict[int, Counts] = {}
    for generation, pair, won in oracle(board):
        counts[generation] = pair
        if won or generation == limit:
            return Truth(counts, generation if won else None)
    raise AssertionError("the oracle never ends")


# ---- boards


class Stream(random.Random):
    """Random numbers from SHA-256 in counter mode: whoever saw all of them so far can't compute the next."""

    def __init__(self, key: bytes, *labels: object) -> None:
        self.key = hashlib.sha256(key + repr(labels).encode()).digest()
        self.counter = self.pool = self.pool_bits = 0
        super().__init__()

    def seed(self, *_: Any) -> None:
        """The key is the only seed."""

    def getrandbits(self, k: int) -> int:
        while self.pool_bits < k:
            block = hashlib.sha256(self.key + self.counter.to_bytes(8, "big")).digest()
            self.pool |= int.from_bytes(block, "big") << self.pool_bits
            self.pool_bits += 256
            self.counter += 1
        value = self.pool & ((1 << k) - 1)
        self.pool >>= k
        self.pool_bits -= k
        return value

    def random(self) -> float:
        return self.getrandbits(53) * 2.0**-53


def make_board(team1: Cells, team2: Cells, rows: int, columns: int, name: str) -> Board:
    """Write cells down as a board: coordinates wrapped, rows and columns sorted, a cell of both is team 1's."""
    team1 = {(x % columns, y % rows) for x, y in team1}
    team2 = {(x % columns, y % rows) for x, y in team2} - team1
    return Board(write_cells(team1), write_cells(team2), rows, columns, name)


def write_cells(cells: Cells) -> str:
    by_row: dict[int, list[int]] = {}
    for x, y in cells:
        by_row.setdefault(y, []).append(x)
    return json.dumps([{str(y): sorted(by_row[y])} for y in sorted(by_row)], separators=(",", ":"))


def find_pieces(cells: Cells) -> list[Cells]:
    """Split cells into groups that touch, corners included."""
    left, pieces = set(cells), []
    while left:
        queue = [left.pop()]
        piece = set(queue)
        for x, y in queue:
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & left
            left -= near
            piece |= near
            queue += near
        pieces.append(piece)
    return sorted(pieces, key=min)


DOMINO = Board(DOMINO_TEAM1, DOMINO_TEAM2, ROWS, COLUMNS, "Domino Party")
DOMINO_PIECES = tuple(find_pieces(read_cells(text, ROWS, COLUMNS)) for text in (DOMINO_TEAM1, DOMINO_TEAM2))

# Cells that come to rest within a few generations: a T, rows of 3, 4 and 5, a block, a bend and a stair.
SLEEPY = (
    ((0, 0), (1, 0), (2, 0), (1, 1)),
    ((0, 0), (1, 0), (2, 0)),
    ((0, 0), (1, 0), (2, 0), (3, 0)),
    ((0, 0), (1, 0), (2, 0), (3, 0), (4, 0)),
    ((0, 0), (1, 0), (0, 1), (1, 1)),
    ((0, 0), (1, 0), (0, 1)),
    ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2)),
)
BLINKER, BLOCK = SLEEPY[1], SLEEPY[4]
GLIDER = ((1, 0), (2, 1), (0, 2), (1, 2), (2, 2))
BEEHIVE = ((1, 0), (2, 0), (0, 1), (3, 1), (1, 2), (2, 2))
BOAT = ((0, 0), (1, 0), (0, 1), (2, 1), (1, 2))


def move(piece: Sequence[tuple[int, int]] | Cells, dx: int, dy: int) -> Cells:
    return {(x + dx, y + dy) for x, y in piece}


def domino_like(stream: Stream, sleeping: bool | None = None) -> Board:
    """Domino Party with each piece shifted a little on its own; 1 in 8 is a sleeper, where it isn't said which."""
    if sleeping if sleeping is not None else stream.randrange(8) == 0:
        return sleeper(stream)
    taken: Cells = set()
    teams = []
    for pieces in DOMINO_PIECES:
        team: Cells = set()
        for piece in pieces:
            moved = move(piece, stream.randrange(7) - 3, stream.randrange(7) - 3)
            while moved & taken:
                moved = move(piece, stream.randrange(7) - 3, stream.randrange(7) - 3)
            taken |= moved
            team |= moved
        teams.append(team)
    return make_board(teams[0], teams[1], ROWS, COLUMNS, "domino-like")


def sleeper(stream: Stream) -> Board:
    """A board that mostly is won inside an episode, so that a program has to watch for victory."""
    teams = []
    for pieces in DOMINO_PIECES:
        team: Cells = set()
        for piece in pieces:
            if stream.randrange(3):
                shape = stream.choice(SLEEPY)
                flipped = [(y, x) for x, y in shape] if stream.randrange(2) else shape
                x, y = min(piece)
                team |= move(flipped, x + stream.randrange(7) - 3, y + stream.randrange(7) - 3)
        teams.append(team)
    return make_board(teams[0], teams[1], ROWS, COLUMNS, "sleeper")


def soup(
    stream: Stream, rows: int = ROWS, columns: int = COLUMNS, density: float = 0.375, share1: float = 0.5
) -> Board:
    """Every cell alive with the same probability, and then of team 1 with the probability `share1`."""
    team1: Cells = set()
    team2: Cells = set()
    for y in range(rows):
        for x in range(columns):
            if stream.random() < density:
                (team1 if stream.random() < share1 else team2).add((x, y))
    return make_board(team1, team2, rows, columns, "soup")


def scatter(stream: Stream, shapes: Sequence[Sequence[tuple[int, int]]], name: str, pitch: int = 10) -> Board:
    """The same number of shapes for both teams, on a grid so wide that they never meet. Nobody wins: 50 : 50."""
    places = [(x, y) for y in range(0, ROWS, pitch) for x in range(0, COLUMNS, pitch)]
    chosen = stream.sample(places, 24)
    dx, dy = stream.randrange(COLUMNS), stream.randrange(ROWS)
    teams: list[Cells] = [set(), set()]
    for i, (x, y) in enumerate(chosen):
        shape = shapes[i // 2 % len(shapes)]
        teams[i % 2] |= move(shape, x + dx, y + dy)
    return make_board(teams[0], teams[1], ROWS, COLUMNS, name)


def gliders(stream: Stream) -> Board:
    """Few cells that always move: 24 gliders with one heading."""
    return scatter(stream, (GLIDER,), "gliders")


def ash(stream: Stream) -> Board:
    """What soups leave behind: 12 blocks and 12 blinkers."""
    return scatter(stream, (BLOCK, BLINKER), "ash")


class Workload(NamedTuple):
    """Timed boards of one kind: how to draw one, and the generations of an episode."""

    name: str
    make: Callable[[Stream], Board]
    generations: int


WORKLOADS = {
    "domino": Workload("domino", domino_like, EPISODE),
    "soup": Workload("soup", soup, 200),
    "gliders": Workload("gliders", gliders, EPISODE),
    "ash": Workload("ash", ash, EPISODE),
}


class Task(NamedTuple):
    """A board to play, and the generations to be reported; the last of them ends the match."""

    board: Board
    schedule: tuple[int, ...]


def make_task(workload: Workload, key: bytes, index: int, generations: int = 0) -> Task:
    """The timed match of that index: the same key always gives the same one."""
    stream = Stream(key, index)
    last = generations or workload.generations
    inside = {stream.randrange(1, last) for _ in range(2)} if last > 1 else set()
    if workload.make is domino_like:
        # One sleeper in eight, not so many by chance: it would shift the rate. None in parts of matches.
        place = Stream(key, "sleeper", index // 8).randrange(1, 8)
        board = domino_like(stream, sleeping=last == workload.generations and index % 8 == place)
    else:
        board = workload.make(stream)
    return Task(board, tuple(sorted(inside | {last})))


# ---- programs and cores

OWN_SOURCE = Path(__file__).read_bytes()
# The child is started from this copy. Even who can write to bench.py changes nothing in a run that has begun.
CHILD_SOURCE = (
    b"from __future__ import annotations\nimport json, operator, os, platform, sys\n# "
    + next(part for part in OWN_SOURCE.split(b"\n# ---- ") if part.startswith(b"the child"))
    + b"\nserve(int(sys.argv[1]), int(sys.argv[2]))\n"
)
START = "import sys; exec(compile(sys.stdin.buffer.read(), 'bench.py', 'exec'))"


class Program:
    """A file that is to be measured: a .py, or a .pyx whose compiled module lies beside it.

    Raises Usage where it is missing, unreadable or, compiled, older than its sources.
    """

    def __init__(self, path: str, python: str = sys.executable) -> None:
        self.path = Path(path).absolute()
        executable = shutil.which(python)
        if executable is None:
            raise Usage(f"python {python!r}: not found, expected an executable")
        self.python = os.path.abspath(executable)  # it starts in another folder; a link is how it finds its libraries
        if self.path.suffix not in (".py", ".pyx"):
            raise Usage(f"program {path}: expected a .py or .pyx file")
        try:
            if self.path.exists() and not self.path.is_file():
                raise Usage(f"program {path}: not a regular file")
            self.source = self.path.read_bytes()
        except OSError as error:
            raise Usage(f"program {path}: {error.strerror}") from None
        self.compiled = self.path.suffix == ".pyx"
        folders: list[str] = []
        folder = self.path.parent
        while (folder / "__init__.py").exists():
            folders.insert(0, folder.name)
            folder = folder.parent
        # A file that stands alone gets a name that no library has.
        self.name = ".".join([*folders, self.path.stem]) if folders or self.compiled else "program"
        self.root = str(folder) if folders or self.compiled else ""
        self.files = {self.path: self.source}
        if self.compiled:
            self._find_module()

    def _find_module(self) -> None:
        modules = [p for p in self.path.parent.glob(self.path.stem + ".*") if p.suffix in (".so", ".pyd")]
        if not modules:
            raise Usage(f"program {self.path}: no compiled module beside it: run make install")
        for module in modules:
            data = module.read_bytes()
            stamp = re.search(rb"escape-ladder-sources ([^ ]+) ([0-9a-f]{64})", data)
            if stamp is None or stamp[2].decode() != self._hash_sources(stamp[1].decode().split(":")):
                raise Usage(f"program {self.path}: {module.name} is stale: run make install")
            self.files[module] = data

    def _hash_sources(self, names: list[str]) -> str | None:
        digest = hashlib.sha256()
        for name in names:
            try:
                data = (self.path.parent / name).read_bytes()
            except OSError:
                return None
            digest.update(name.encode() + b"\0" + data + b"\0")
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Stop a program that rewrites itself, or this file, between being read and being measured."""
        for path, data in [(Path(__file__), OWN_SOURCE), *self.files.items()]:
            try:
                same = path.read_bytes() == data
            except OSError:
                same = False
            if not same:
                raise Tampered(f"{path} changed during the run")


def own_folder() -> Path:
    """A folder of this user's for locks and for the folders of runs, swept of what killed runs left there."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    try:
        folder = Path(tempfile.gettempdir()) / f"escape-ladder-{user}"
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat().st_uid
    except OSError as error:
        raise Usage(f"temporary folder: {error.strerror or error}") from None
    if owner not in (user, 0):
        raise Usage(f"temporary folder {folder}: belongs to another user")
    for run in folder.glob("run-*"):
        if LINUX and not os.path.isdir("/proc/" + run.name.split("-")[1]):
            remove_folder(run)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove what is left of a run, as far as that goes: a program may have left folders too deep for Python."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


class Cores:
    """A context that pins this process, and children started in it, to cores that no other run uses."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.before: set[int] = set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()
        self.chosen: set[int] = set()
        self.pinned = False
        self._locks: list[int] = []
        available = len(self.before) or os.cpu_count() or 1
        if not 1 <= count <= available:
            raise Usage(f"cores {count}: expected 1 to {available}")

    def __enter__(self) -> Cores:
        if not (LINUX and self.before):
            return self
        folder = own_folder()
        for core in sorted(self.before, reverse=True):
            try:
                lock = os.open(folder / f"core-{core}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise Usage(f"temporary folder {folder}: {error.strerror}") from None
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            self._locks.append(lock)
            self.chosen.add(core)
            if len(self.chosen) == self.count:
                try:
                    os.sched_setaffinity(0, self.chosen)
                except OSError:  # some sandboxes forbid it
                    break
                self.pinned = True
                return self
        # No core of one's own, or no leave to take one: sharing them is honest, if slower, and is said in the output.
        self._release()
        return self

    def _release(self) -> None:
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()
        self.chosen.clear()

    def __exit__(self, *_: object) -> None:
        if self.pinned:
            os.sched_setaffinity(0, self.before)
        self.pinned = False
        self._release()

    @contextlib.contextmanager
    def part(self, count: int) -> Iterator[Cores]:
        """A context that pins this process, and children started in it, to the first `count` of these cores."""
        part = Cores.__new__(Cores)
        part.count, part.before, part._locks = count, self.before, []
        part.pinned, part.chosen = self.pinned, set(sorted(self.chosen)[:count])
        if not part.pinned:
            yield part
            return
        os.sched_setaffinity(0, part.chosen)
        try:
            yield part
        finally:
            os.sched_setaffinity(0, self.chosen)

    def __str__(self) -> str:
        return "core " + " ".join(map(str, sorted(self.chosen))) if self.pinned else "no"


# ---- confinement: what the kernel keeps a program from, by Linux system call

# What always fails, by its number on x86_64 and on aarch64.
FORBIDDEN = (
    # No helpers that live on, work unseen or were never paid for: fork, vfork (the other is clone).
    *((57, None), (58, None)),
    # No cores or priority of its own choice, nor for the rival: sched_setaffinity, sched_setscheduler,
    # sched_setparam, sched_setattr, setpriority.
    *((203, 122), (144, 119), (142, 118), (314, 274), (141, 140)),
    # No looking into the parent or the rival: ptrace, process_vm_readv, process_vm_writev.
    *((101, 117), (310, 270), (311, 271)),
    # No network, and nothing that another process finds later: socket, shmget, semget, msgget, mq_open, add_key,
    # request_key, keyctl.
    *((41, 198), (29, 194), (64, 190), (68, 186), (240, 180), (248, 217), (249, 218), (250, 219)),
    # No way around all this: io_uring_setup, unshare, setns.
    *((425, 425), (272, 97), (308, 268)),
)
# By machine: its column above, the number by which seccomp knows it, clone, prlimit64.
MACHINES = {"x86_64": (0, 0xC000003E, 56, 302), "aarch64": (1, 0xC00000B7, 220, 261)}
CLONE3 = 435
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
WRITE_FILE = 1 << 1
WRITING = WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # and to remove, and to make whatever it be


def filter_calls() -> bytes | None:
    """A seccomp program that fails the forbidden calls, every clone that isn't a thread, and foreign limits."""
    if platform.machine() not in MACHINES:
        return None
    column, architecture, clone, prlimit64 = MACHINES[platform.machine()]
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, deny, unknown = 0x7FFF0000, 0x00050001, 0x00050026  # EPERM; ENOSYS, upon which libc uses clone
    steps = [(load, 0, 0, 4), (equal, 1, 0, architecture), (end, 0, 0, deny), (load, 0, 0, 0)]
    steps += [(at_least, 0, 1, 0x40000000), (end, 0, 0, deny), (equal, 0, 1, CLONE3), (end, 0, 0, unknown)]
    for numbers in FORBIDDEN:
        call = numbers[column]
        steps += [] if call is None else [(equal, 0, 1, call), (end, 0, 0, deny)]
    for call, test in ((clone, (any_bit, 0, 1, 0x10000)), (prlimit64, (equal, 0, 1, 0))):  # CLONE_THREAD; oneself
        steps += [(equal, 0, 4, call), (load, 0, 0, 16), test, (end, 0, 0, allow), (end, 0, 0, deny)]
    steps.append((end, 0, 0, allow))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def landlock_version() -> int:
    return max(0, LIBC.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)) if LINUX else 0


def open_ruleset(folder: Path) -> int:
    """A Landlock ruleset: write below `folder` and to /dev/null only, signal nobody outside; -1 where unknown."""
    version = landlock_version()
    if version == 0:
        return -1
    files = WRITING | (1 << 13 if version >= 2 else 0) | (1 << 14 if version >= 3 else 0)  # refer, truncate
    network = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0  # abstract sockets, signals
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = int(LIBC.syscall(LANDLOCK_CREATE, struct.pack("QQQ", files, network, scoped), ctypes.c_size_t(size), 0))
    for path, rights in ((folder, files), (Path(os.devnull), WRITE_FILE)):
        beneath = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        LIBC.syscall(LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", rights, beneath), 0)
        os.close(beneath)
    return ruleset


def confine(ruleset: int, calls: bytes | None) -> Callable[[], None]:
    """What a child does before it becomes the interpreter. It can't be undone, and threads inherit it."""
    program = ctypes.create_string_buffer(calls) if calls else None
    header = struct.pack("HP", len(calls) // 8, ctypes.addressof(program)) if calls and program else b""
    # Version 3, this process; in case it is root, all sets are emptied but for access to files of other users, and of
    # that nothing is asked that a container has taken away: then all would be refused, and everything kept.
    held = re.search(rb"\nCapPrm:\t(\w+)", read_status(os.getpid()))
    kept = int(held[1], 16) & 6 if held else 0
    capabilities = struct.pack("II", 0x20080522, 0), struct.pack("IIIIII", kept, kept, 0, 0, 0, 0)

    def act() -> None:
        LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: it doesn't outlive the parent, even a killed one
        LIBC.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        if ruleset >= 0:
            LIBC.syscall(LANDLOCK_RESTRICT, ruleset, 0)
        LIBC.capset(*capabilities)
        if program:
            LIBC.prctl(22, 2, header, 0, 0)  # PR_SET_SECCOMP

    return act


def find_missing_protection(pid: int) -> list[str]:
    """What a child can do because this system doesn't keep it from that; nothing on Linux 6.12 and common machines."""
    missing = []
    if b"\nSeccomp:\t2" not in read_status(pid):
        missing.append("starting processes (needs seccomp, and Linux on x86_64 or aarch64)")
    version = landlock_version()
    if version == 0:
        missing.append("writing files (needs Landlock, Linux 5.13)")
    if version < 6:
        missing.append("sending signals (needs Landlock 6, Linux 6.12)")
    return missing


def read_status(pid: int) -> bytes:
    """What Linux tells about a process, line by line; nothing elsewhere, and of a process that is gone."""
    try:
        return Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return b""


# ---- the child, seen from the parent


class Clocked(NamedTuple):
    """One batch of matches on the clock. `charged_s` = max(wall, CPU / cores); `seconds` is the wall time of each."""

    episodes: int
    generations: int
    wall_s: float
    cpu_s: float
    charged_s: float
    suspended: bool
    seconds: tuple[float, ...] = ()


class Answer(NamedTuple):
    """What a program said about one match: the generation it returned, and (generation, count1, count2)..."""

    reached: int
    reports: list[list[int]]


class Child:
    """A process that has imported a program and plays boards; it runs only while a call of `play` waits for it.

    Use it as a context. `import_s` is the time to import the program, `output` the tail of what it printed, and
    `unprotected` what this system can't keep the program from doing.
    Errors are Failures: Crash, Timeout, Tampered, Wrong; Usage where the interpreter doesn't start. On Linux the
    process dies with the thread that entered the context.
    """

    def __init__(self, program: Program, cores: Cores | None = None, memory_mb: int | None = None) -> None:
        self.program = program
        self.cores = cores.count if cores else 1
        self.memory_mb = memory_mb or physical_memory_mb() // 2
        self.peak_memory_mb = 0.0
        self.output = b""
        self.printed = 0
        self.import_s = 0.0
        self.interpreter = ""
        self.unprotected: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.folder: Path | None = None
        self._ends: list[int] = []
        self._poll = select.poll()
        self._frozen_ns: int | None = None
        self._sealed: set[object] | None = None
        self._beat = self._watched = 0.0
        self._late = False

    def __enter__(self) -> Child:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        self.program.check_unchanged()
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=own_folder()))
            for name in ("work", "home", "tmp"):
                (self.folder / name).mkdir()
        except OSError as error:
            raise Usage(f"temporary folder: {error.strerror}") from None
        self.process = self._spawn(self.folder)
        with contextlib.suppress(OSError):
            # Where memory runs out, the kernel is to kill the program and not the referee.
            Path(f"/proc/{self.process.pid}/oom_score_adj").write_text("1000")
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(CHILD_SOURCE)
            self.process.stdin.close()
        try:
            hello = self._exchange(b"", time.perf_counter() + START_LIMIT_S)
            self.interpreter = str(decode_answer(hello, "")[0])
        except Failure:
            raise Usage(f"python {self.program.python}: doesn't start as Python 3.9 or newer") from None
        self.unprotected = find_missing_protection(self.process.pid)
        self._import()
        self._freeze()

    def _spawn(self, folder: Path) -> subprocess.Popen[bytes]:
        task_end, self._task = os.pipe()
        self._answer, answer_end = os.pipe()
        self._output, output_end = os.pipe()
        self._ends = [self._task, self._answer, self._output]
        for end in self._ends:
            os.set_blocking(end, False)
        self._poll.register(self._answer, select.POLLIN)
        self._poll.register(self._output, select.POLLIN)
        prepare, ruleset = None, -1
        if LINUX:
            LIBC.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: no process of the same user reads or writes our memory
            ruleset = open_ruleset(folder)
            prepare = confine(ruleset, filter_calls())
        try:
            return subprocess.Popen(
                [self.program.python, "-I", "-B", "-c", START, str(task_end), str(answer_end)],
                stdin=subprocess.PIPE,
                stdout=output_end,
                stderr=output_end,
                cwd=folder / "work",
                env=self._environment(folder),
                pass_fds=(task_end, answer_end),
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 (it makes but system calls, so threads are no danger)
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Usage(f"python {self.program.python}: {getattr(error, 'strerror', None) or error}") from None
        finally:
            for end in (task_end, answer_end, output_end, *([ruleset] if ruleset >= 0 else [])):
                os.close(end)

    def _environment(self, folder: Path) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG") or k.startswith("LADDER_")}
        threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        return {
            **kept,
            **dict.fromkeys(threads, str(self.cores)),
            "OMP_WAIT_POLICY": "passive",
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "NUMBA_CACHE_DIR": str(folder / "tmp"),
        }

    def _import(self) -> None:
        program, nonce = self.program, secrets.token_hex(8)
        source = b"" if program.compiled else program.source
        size = None if program.compiled else len(source)
        header = json.dumps([nonce, str(program.path), program.name, program.root, size]).encode() + b"\n"
        begin = time.perf_counter()
        decode_answer(self._exchange(header + source, begin + IMPORT_LIMIT_S), nonce)
        self.import_s = time.perf_counter() - begin

    def close(self) -> None:
        """Kill the child, with whatever it may have started where nothing kept it from that; remove its folder."""
        process, self.process = self.process, None
        if process is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
        for end in self._ends:
            os.close(end)
        self._ends = []
        if self.folder is not None:
            remove_folder(self.folder)

    def _freeze(self) -> None:
        """Stop every thread, so that nothing happens off the clock; note the CPU time used so far."""
        assert self.process is not None
        if not hasattr(signal, "SIGSTOP"):
            return
        send_signal(self.process.pid, signal.SIGSTOP)
        deadline = time.perf_counter() + 30  # on a crowded machine a thread may take seconds to notice
        while LINUX and not is_frozen(self.process.pid):
            if time.perf_counter() > deadline:
                raise Tampered("the program doesn't stop when told to")
            time.sleep(0.0002)
            send_signal(self.process.pid, signal.SIGSTOP)  # a timer may have woken it in between
        if not LINUX:
            return
        self._frozen_ns = self._settled_cpu_ns(deadline)
        self._watch_memory()

    def _settled_cpu_ns(self, deadline: float) -> int:
        """The CPU time once it stands still: on another core, a thread counts as stopped a moment before it is."""
        assert self.process is not None
        used_ns, before_ns = cpu_ns(self.process.pid), -1
        while used_ns != before_ns and time.perf_counter() < deadline:
            time.sleep(0.0001)
            before_ns, used_ns = used_ns, cpu_ns(self.process.pid)
        return used_ns

    def check_still(self) -> None:
        """See that the program has not worked since it was stopped: a timer of its own could have woken it."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise self._exited()
        if self._frozen_ns is not None and cpu_ns(self.process.pid) != self._frozen_ns:
            raise Tampered("the program used CPU time while it was stopped")

    def _resume(self) -> None:
        assert self.process is not None
        if hasattr(signal, "SIGCONT"):
            send_signal(self.process.pid, signal.SIGCONT)

    def seal(self) -> None:
        """From now on a file that appears, changes or goes in the program's folder is tampering.

        Under --against, the rival could find there what an accomplice wrote about the same boards.
        """
        self._sealed = self._list_files()

    def _list_files(self) -> set[object]:
        found: set[object] = set()
        try:
            for folder, folders, names in os.walk(self.folder or ""):
                for path in (os.path.join(folder, name) for name in folders + names):
                    with contextlib.suppress(OSError):
                        status = os.lstat(path)
                        found.add((path, status.st_size, status.st_ctime_ns))
        except RecursionError:
            raise Tampered("the program left folders too deep to be looked through") from None
        return found

    def _watch_memory(self) -> None:
        assert self.process is not None
        status = read_status(self.process.pid)
        peak, now = (re.search(rb"%s:\s+(\d+)" % key, status) for key in (b"VmHWM", b"VmRSS"))
        if peak and now:
            self.peak_memory_mb = int(peak[1]) / 1024
            if int(now[1]) / 1024 > self.memory_mb:
                raise Crash(f"the program takes {int(now[1]) >> 10} MB of memory, more than {self.memory_mb} MB")

    def _drain_output(self) -> bool:
        """Take what the program printed off its pipe; return whether there was anything."""
        try:
            part = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return False
        if not part:
            with contextlib.suppress(KeyError):
                self._poll.unregister(self._output)
        self.printed += len(part)
        self.output = (self.output + part)[-8000:]
        if self.printed > OUTPUT_BYTES:
            raise Crash(f"the program printed more than {OUTPUT_BYTES >> 20} MB")
        return bool(part)

    def _wait(self, deadline: float) -> bool:
        """Wait for an answer for a moment at most; look after output, memory and the clock."""
        events = self._poll.poll(1000 * BEAT_S)
        now = time.perf_counter()
        self._late |= now - self._beat > BEAT_S + LATE_S
        self._beat = now
        ready = False
        for end, _ in events:
            if end == self._output:
                self._drain_output()
            else:
                ready = True
        if ready:
            return True
        if now - self._watched > BEAT_S:
            self._watched = now
            self._watch_memory()
        if now > deadline:
            raise Timeout("the program did not answer in time")
        return False

    def _exchange(self, message: bytes, deadline: float) -> bytes:
        """Send a message, return the line that answers it."""
        left = memoryview(message)  # of a large board, copying what is left takes minutes
        try:
            while left:
                try:
                    left = left[os.write(self._task, left) :]
                except BlockingIOError:
                    select.select([], [self._task], [], BEAT_S)
                    if time.perf_counter() > deadline:
                        raise Timeout("the program did not take a board in time") from None
        except BrokenPipeError:
            raise self._exited() from None
        line = b""
        while True:
            if self._wait(deadline):
                part = os.read(self._answer, 1 << 16)
                line += part
                if line.endswith(b"\n"):
                    return line
                if not part:
                    raise self._exited()
                if len(line) > ANSWER_BYTES:
                    raise Tampered(f"an answer is longer than {ANSWER_BYTES} bytes")

    def _exited(self) -> Crash:
        assert self.process is not None
        try:
            status = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Crash("the program closed its end of the pipe", traceback=self._tail())
        how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        return Crash(f"the program {how} instead of answering", traceback=self._tail())

    def _tail(self) -> str:
        while self._drain_output():
            pass
        return self.output.decode("utf-8", "replace")

    def play(
        self, tasks: Sequence[Task], limit_s: float, time_limit_s: float | None = None
    ) -> tuple[list[Answer], Clocked]:
        """Play matches one after another on the clock, within `limit_s` seconds together.

        The program is told `time_limit_s`, by default one that it can't reach. The answers have the right form
        (see `check_form`); whether they are true is for `check_truth`.
        """
        assert self.process is not None
        told_s = 10 * limit_s if time_limit_s is None else time_limit_s
        # A number that nobody can guess on each match: an answer given before its question is no answer.
        nonces = [secrets.token_hex(8) for _ in tasks]
        messages = []
        for nonce, (board, schedule) in zip(nonces, tasks):
            header = [nonce, board.rows, board.columns, told_s, schedule, len(board.s1), len(board.s2)]
            messages.append((json.dumps(header) + "\n" + board.s1 + board.s2).encode("ascii"))
        self.check_still()
        cpu_before = cpu_ns(self.process.pid)
        with no_garbage_collection():
            lines, seconds, wall_s = self._play_on_the_clock(messages, limit_s)
        self._freeze()
        cpu_s = (cpu_ns(self.process.pid) - cpu_before) / 1e9
        if select.select([self._answer], [], [], 0)[0]:
            raise Tampered("the program wrote into the referee's pipe")
        if self._sealed is not None and self._list_files() != self._sealed:
            raise Tampered("the program wrote files during its timed matches")
        answers = []
        for line, nonce, task in zip(lines, nonces, tasks):
            reached, reports = decode_answer(line, nonce)
            answers.append(Answer(reached, reports))
            check_form(task, answers[-1])
        generations = sum(answer.reached for answer in answers)
        charged = max(wall_s, cpu_s / self.cores)
        return answers, Clocked(len(tasks), generations, wall_s, cpu_s, charged, self._late, tuple(seconds))

    def _play_on_the_clock(self, messages: list[bytes], limit_s: float) -> tuple[list[bytes], list[float], float]:
        """Exchange messages for answers, one board at a time: who doesn't answer sees no further board."""
        lines, seconds = [], []
        self._late = False
        begin = previous = self._beat = time.perf_counter()
        self._resume()
        for message in messages:
            lines.append(self._exchange(message, begin + limit_s))
            seconds.append(self._beat - previous)
            previous = self._beat
        return lines, seconds, time.perf_counter() - begin


def decode_answer(line: bytes, nonce: str) -> tuple[Any, list[list[int]]]:
    """Read an answer; a program's exception becomes a Crash, anything that serve() doesn't write is Tampered."""
    try:
        known, reached, reports = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        raise Tampered("an answer is not of the referee's form") from None
    if known != nonce:
        raise Tampered("an answer doesn't carry the number of its match")
    if reached is None and isinstance(reports, str):
        last = reports.strip().rpartition("\n")[2]
        raise Crash(f"the program raised {last}", traceback=reports)
    well_formed = isinstance(reports, list) and all(
        isinstance(report, list) and len(report) == 3 and all(type(number) is int for number in report)
        for report in reports
    )
    if not well_formed or type(reached) is not (int if nonce else str):
        raise Tampered("an answer is not of the referee's form")
    return reached, reports


@contextlib.contextmanager
def no_garbage_collection() -> Iterator[None]:
    """The referee doesn't clean up on the program's time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def send_signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def cpu_ns(pid: int) -> int:
    """CPU time of all threads of a process, from the clock that Linux keeps for each process; 0 elsewhere."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def is_frozen(pid: int) -> bool:
    """Whether every thread of a process is stopped or dead."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as file:
                if file.read().rpartition(b")")[2].split()[0] not in (b"T", b"t", b"Z", b"X"):
                    return False
    except OSError:
        return True
    return True


def physical_memory_mb() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (ValueError, OSError, AttributeError):
        return 8192


# ---- checks


def check_form(task: Task, answer: Answer) -> None:
    """Check what needs no truth: starts at 0, increases, reports what was asked, ends where it says it does."""
    board, schedule = task
    previous = -1
    for generation, count1, count2 in answer.reports:
        if generation <= previous or (previous < 0 and generation != 0):
            expected = "generation 0 first" if previous < 0 else f"one after {previous}"
            raise wrong(task, f"reported generation {short(generation)}, expected {expected}")
        if not (count1 >= 0 and count2 >= 0 and count1 + count2 <= board.rows * board.columns):
            counts = f"{short(count1)} {short(count2)}"
            raise wrong(task, f"generation {short(generation)}: counts {counts} don't fit the board")
        previous = generation
    if previous < 0:
        raise wrong(task, f"never called the callback and returned {short(answer.reached)}")
    if answer.reached != previous:
        raise wrong(task, f"returned {short(answer.reached)}, but reported {short(previous)} as its last generation")
    if previous > schedule[-1]:
        raise wrong(task, f"played on to {short(previous)} when told to stop at {schedule[-1]}")
    reported = {report[0] for report in answer.reports}
    for generation in schedule:
        if generation < previous and generation not in reported:
            raise wrong(task, f"did not report generation {generation}, which it was asked for")


def check_truth(task: Task, answer: Answer, truth: Truth) -> None:
    """Compare every report with the truth, and the end of the match with where it had to end."""
    good: int | None = None
    for generation, count1, count2 in answer.reports:
        if truth.victory is not None and generation > truth.victory:
            raise wrong(task, f"played on to {generation}, but the match is won at {truth.victory}", good)
        known = truth.counts.get(generation)
        if known is None and generation not in task.schedule:
            raise wrong(task, f"stopped at generation {generation}, where nobody has won", good)
        if known is not None and known != (count1, count2):
            raise Wrong(
                f"generation {generation}: counts {count1} {count2}, expected {known[0]} {known[1]}",
                generation=generation,
                expected=list(known),
                actual=[count1, count2],
                delta=[count1 - known[0], count2 - known[1]],
                last_good=good,
                board=task.board._asdict(),
            )
        good = generation
    end = task.schedule[-1] if truth.victory is None else min(truth.victory, task.schedule[-1])
    if answer.reached != end:
        raise wrong(task, f"stopped at generation {answer.reached}, but the match goes on to {end}", good)


def wrong(task: Task, reason: str, good: int | None = None) -> Wrong:
    return Wrong(reason, last_good=good, board=task.board._asdict())


def short(number: int) -> str:
    """A number of the program's, cut to what fits on a line."""
    return str(number) if abs(number) < 10**30 else "a number of more than 30 digits"


# ---- gates


def gate_boards(stream: Stream) -> Iterator[tuple[Board, int]]:
    """Fresh boards of every shape that programs get wrong, and how many generations of each to play."""
    primes = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    odd = range(5, 40, 2)
    yield soup(stream, stream.choice(primes), stream.choice(primes), 0.4), 30
    yield soup(stream, stream.choice(odd), 2 * stream.randrange(4, 20), 0.35), 30
    yield soup(stream, 2 * stream.randrange(4, 20), stream.choice(odd), 0.35), 30
    yield soup(stream, 3, 3, 0.5), 12
    yield soup(stream, 3, stream.randrange(20, 60), 0.4), 20
    yield soup(stream, stream.randrange(20, 60), 3, 0.4), 20
    yield soup(stream, stream.randrange(8, 14), stream.randrange(66, 140), 0.3), 20
    yield soup(stream, 21, 26, 0.85), 12
    yield soup(stream, 22, 25, 0.35, 1.0), 20
    yield soup(stream, 25, 24, 0.35, 0.0), 20
    yield soup(stream, 27, 23, 0.35, 0.15), 20
    # Cells across both edges of a board of the timed size: wrapping right only in part shows within few steps. Half
    # of the coordinates are negative, since those of a start wrap, too.
    edge = soup(stream, 12, 14, 0.45)
    texts = [write_cells(move(read_cells(text, 12, 14), -7, -6)) for text in (edge.s1, edge.s2)]
    yield Board(texts[0], texts[1], ROWS, COLUMNS, "wrapping"), 16


def gate_matches(stream: Stream) -> Iterator[tuple[Board, int, Truth]]:
    """Short matches for the test for victory: a board, the last generation asked for, the truth."""
    yield sleeping_board(stream)
    yield dying_board(stream)
    yield level_board(stream)
    # Won as early as can be, by teams that stand still.
    blocks = [move(BLOCK, 6 * i, stream.randrange(8)) for i in range(3)]
    board = make_board(blocks[0] | blocks[1], blocks[2], 12, 18, "early")
    yield board, 300 + stream.randrange(100), find_truth(board, 300)
    # The same for a team that is alone from the beginning.
    nobody: Cells = set()
    for team1, team2 in ((blocks[0], nobody), (nobody, blocks[0])):
        board = make_board(team1, team2, 9, 10, "alone")
        yield board, 300 + stream.randrange(100), find_truth(board, 300)
    # At rest, but level in every other generation: the first that could be is not the one that is won.
    board = make_board(move(BLOCK, 1, 1) | move(BLOCK, 3, 3), move(BEEHIVE, 10, 2), 9, 18, "beacon and beehive")
    yield board, 300 + stream.randrange(100), find_truth(board, 300)
    # With nothing alive there is no larger team.
    board = make_board(nobody, nobody, 5, 7, "empty")
    yield board, 300, find_truth(board, 300)


def sleeping_board(stream: Stream) -> tuple[Board, int, Truth]:
    """A small board that is won within 900 generations, not at the first that could be, and by teams both alive."""
    while True:
        board = soup(stream, stream.randrange(16, 25), stream.randrange(16, 25), 0.3, stream.choice((0.3, 0.7)))
        truth = find_truth(board, 900)
        if truth.victory is not None and truth.victory > 290 and min(truth.counts[truth.victory]) > 0:
            return board._replace(name="short match"), truth.victory + stream.randrange(10, 100), truth


def dying_board(stream: Stream) -> tuple[Board, int, Truth]:
    """A small board that is won because a team dies out, before the mean of the shares has come to rest."""
    while True:
        board = soup(stream, stream.randrange(12, 18), stream.randrange(12, 18), 0.35, stream.choice((0.15, 0.85)))
        truth = find_truth(board, 320)
        if truth.victory is not None and min(truth.counts[truth.victory]) == 0 < min(truth.counts[10]):
            return board._replace(name="dying team"), truth.victory + stream.randrange(10, 100), truth


def level_board(stream: Stream) -> tuple[Board, int, Truth]:
    """A still life of both teams with equal counts: stable for ever, and never won."""
    rows, columns = stream.randrange(12, 20), stream.randrange(12, 20)
    x, y = stream.randrange(columns), stream.randrange(rows)
    board = make_board(move(BLOCK, x, y), move(BLOCK, x + 6, y + 6), rows, columns, "level")
    return board, 300, find_truth(board, 300)


def late_board(stream: Stream) -> tuple[Board, int, Truth]:
    """A glider of one team that meets a boat of the other after thousands of generations; won some time after."""
    while True:
        rows, columns = stream.randrange(70, 110), stream.randrange(70, 110)
        x, y = stream.randrange(columns), stream.randrange(rows)
        board = make_board(set(GLIDER), move(BOAT, x, y), rows, columns, "late match")
        truth = find_truth(board, 12000)
        if truth.victory is not None and truth.victory > 5300:
            return board, truth.victory + stream.randrange(10, 100), truth


def gate(child: Child, stream: Stream, limit_s: float) -> None:
    """Play the published match to generation 100 and fresh boards of many shapes; check every report.

    The program may take `limit_s` seconds for all of it. Raises a Failure at the first thing that is not right.
    """
    left_s = limit_s

    def play(board: Board, schedule: set[int], truth: Truth) -> None:
        nonlocal left_s
        task = Task(board, tuple(sorted(schedule)))
        try:
            answers, clocked = child.play([task], max(1.0, left_s))
        except Timeout:
            raise Timeout(f"the gate was not passed in {limit_s:.0f} s", board=board._asdict()) from None
        left_s -= 0.0 if clocked.suspended else clocked.wall_s
        check_truth(task, answers[0], truth)

    play(DOMINO, {generation for generation in DOMINO_CHECKPOINTS if 0 < generation <= 100}, DOMINO_TRUTH)
    for board, generations in gate_boards(stream):
        # Every generation at first, then leaps: a program that only counts when it is asked must still be right.
        leaps = {stream.randrange(6, generations) for _ in range(2)}
        play(board, {1, 2, 3, 4, generations} | leaps, find_truth(board, generations))
    for board, last, truth in gate_matches(stream):
        play(board, {stream.randrange(100, 279), last}, truth)
    check_time_limit(child, stream)


DOMINO_TRUTH = Truth({**DOMINO_CHECKPOINTS, DOMINO_VICTORY[0]: DOMINO_VICTORY[1]}, DOMINO_VICTORY[0])


def check_time_limit(child: Child, stream: Stream) -> None:
    """A match that nobody wins and no checkpoint ends: the program has to honor its time limit."""
    board = gliders(stream)
    task = Task(board, (FAR,))
    limit_s = 0.3
    try:
        answers, _ = child.play([task], 10.0, limit_s)
    except Timeout:
        raise Timeout(f"the program ignored its time limit of {limit_s} s", board=board._asdict()) from None
    for generation, count1, count2 in answers[0].reports:
        if (count1, count2) != (60, 60):
            raise wrong(task, f"generation {generation}: counts {count1} {count2}, expected 60 60")


def long_gate(child: Child, rate: float, budget_s: float, stream: Stream) -> str:
    """Play the published match as far as half the budget reaches at that rate; return how far it went.

    A fast program plays all 20 checkpoints and the victory. The limit is three times what the rate implies. As the
    published counts could be recited, a match that nobody has seen follows, won long after an episode's end.
    """
    end, allowed_s = DOMINO_VICTORY[0], budget_s / 2
    schedule = [generation for generation in DOMINO_CHECKPOINTS if generation > 0]
    if end / rate <= allowed_s:
        schedule, last = [*schedule, end + stream.randrange(10, 100)], end
        reached = f"ok through 5000, victory at {end}"
    else:
        schedule = [generation for generation in schedule if generation / rate <= allowed_s or generation <= 100]
        last = schedule[-1]
        reached = f"ok through {last} (too slow for the victory at {end})"
    late, late_end, late_truth = late_board(stream)
    for board, goals, generations, truth in (
        (DOMINO, schedule, last, DOMINO_TRUTH),
        (late, [stream.randrange(2, 100), EPISODE, late_end], max(late_truth.counts), late_truth),
    ):
        task = Task(board, tuple(goals))
        limit_s = max(10.0, 3 * generations / rate)
        try:
            answers, _ = child.play([task], limit_s)
        except Timeout:
            reason = f"{board.name} took over {limit_s:.1f} s to generation {generations}"
            raise Timeout(f"{reason}, three times what the measured rate implies") from None
        check_truth(task, answers[0], truth)
    return reached


# ---- timing and audit


class Timing:
    """Everything that was measured: the batches, and by the index of its match each answer and its pace.

    Answers are kept as text, since there may be hundreds of thousands. A pace is seconds per generation.
    """

    def __init__(self, workload: Workload, key: bytes) -> None:
        self.workload = workload
        self.key = key
        self.generations = workload.generations
        self.batches: list[Clocked] = []
        self.answers: dict[int, str] = {}
        self.paces: dict[int, float] = {}
        self.sleepers: list[int] = []
        self.discarded = 0
        self._next = 0

    def start_over(self, generations: int) -> None:
        """Forget what was played, and play matches of so many generations instead."""
        self.generations = generations
        for kept in (self.batches, self.answers, self.paces, self.sleepers):
            kept.clear()

    def play(self, child: Child, count: int, estimate_s: float) -> None:
        """Play the next `count` matches on the clock."""
        indices = range(self._next, self._next + count)
        self._next += count
        tasks = [self.task(index) for index in indices]
        answers, clocked = child.play(tasks, 10 + 10 * count * estimate_s)
        if clocked.suspended and self.discarded < DISCARDED:
            self.discarded += 1
            return
        self.batches.append(clocked)
        for index, task, answer, seconds in zip(indices, tasks, answers, clocked.seconds):
            self.answers[index] = json.dumps(answer)
            if answer.reached == 0:
                raise wrong(task, "stopped at generation 0, where nobody has won")
            self.paces[index] = seconds / answer.reached
            if task.board.name == "sleeper":
                self.sleepers.append(index)

    def task(self, index: int) -> Task:
        return make_task(self.workload, self.key, index, self.generations)

    def answer(self, index: int) -> Answer:
        return Answer(*json.loads(self.answers[index]))

    @property
    def total_generations(self) -> int:
        return sum(batch.generations for batch in self.batches)

    @property
    def charged_s(self) -> float:
        return sum(batch.charged_s for batch in self.batches)

    @property
    def rate(self) -> float:
        return self.total_generations / self.charged_s


def warm_up(child: Child, workload: Workload, key: bytes, limit_s: float) -> tuple[float, float]:
    """Play untimed matches up to the timed size, so that JITs and caches have settled; then seal the child.

    Returns the seconds taken and an estimate of the seconds per episode. A program too slow for a whole episode
    within `limit_s` plays a part of one.
    """
    begin = time.perf_counter()
    generations, index = min(20, workload.generations), 0
    while True:
        _, clocked = child.play([make_task(workload, key, index, generations)], 60.0 + 10 * limit_s)
        index += 1
        spent_s = time.perf_counter() - begin
        generation_s = clocked.charged_s / max(1, clocked.generations)
        if generations == workload.generations:
            if spent_s >= min(2.0, limit_s):
                break
        else:
            generations = min(5 * generations, workload.generations)
            if spent_s + generations * generation_s > limit_s:
                break
    child.seal()
    return spent_s, generation_s * workload.generations


def measure(child: Child, workload: Workload, key: bytes, budget_s: float, estimate_s: float) -> Timing:
    """Play new boards for `budget_s` seconds of charged time in whole episodes, at least one.

    A program that can't play one episode within the budget plays the part of it that fits. `estimate_s` is what
    an episode probably takes.
    """
    timing = Timing(workload, key)
    while estimate_s > budget_s:
        timing.start_over(max(1, int(workload.generations * budget_s / estimate_s)))
        while not timing.batches:
            timing.play(child, 1, budget_s)
        if timing.charged_s > budget_s / 2:
            return timing
        # It is faster than it seemed. Feigned slowness doesn't get a program off with the first generations, which
        # cost less than later ones.
        estimate_s = workload.generations / timing.rate
    timing.start_over(workload.generations)
    while not timing.batches or timing.charged_s + estimate_s <= budget_s:
        timing.play(child, max(1, int(min(BATCH_S, budget_s - timing.charged_s) / estimate_s)), estimate_s)
        if timing.batches:
            estimate_s = timing.charged_s / len(timing.answers)
    return timing


def replay(child: Child, timing: Timing, limit_s: float) -> int:
    """Have the program play some of the timed matches again and report every generation; return how many.

    Nothing may come out differently, and each match has to end where the test for victory, fed with the program's
    own counts, ends it: so nobody gets by without watching for it. Who is too slow for it in `limit_s` plays none.
    """
    indices = secrets.SystemRandom().sample(list(timing.answers), min(REPLAYED, len(timing.answers)))
    played, spent_s, each_s = 0, 0.0, timing.charged_s / len(timing.answers)
    for index in indices:
        if spent_s + each_s > limit_s:
            break
        task, first = timing.task(index), timing.answer(index)
        every = task._replace(schedule=tuple(range(1, task.schedule[-1] + 1)))
        (again,), clocked = child.play([every], 10 + 20 * each_s)
        spent_s += clocked.wall_s
        each_s = max(each_s, clocked.wall_s)
        counts = {report[0]: report for report in again.reports}
        if first.reached != again.reached or any(counts[report[0]] != report for report in first.reports):
            truth = find_truth(task.board, task.schedule[-1])
            check_truth(task, first, truth)
            check_truth(every, again, truth)
        check_end(every, again)
        played += 1
    return played


def check_end(task: Task, answer: Answer) -> None:
    """Check that a match of which every generation is reported ends where its counts say so."""
    victory = Victory()
    won = [generation for generation, count1, count2 in answer.reports if victory.is_won(count1, count2)]
    end = won[0] if won else task.schedule[-1]
    if answer.reached != end:
        raise wrong(task, f"ended its match at generation {answer.reached}; by its own counts it ends at {end}")


def audit(timing: Timing, limit_s: float) -> int:
    """Play some of the timed matches again with the oracle, now that all answers are in; return how many.

    Up to 20, within `limit_s` seconds, but never fewer than 3.
    """
    deadline = time.perf_counter() + limit_s
    audited = 0
    for index in choose_matches(timing):
        if audited == AUDITED or (audited >= LEAST_AUDITED and time.perf_counter() > deadline):
            break
        task = timing.task(index)
        check_truth(task, timing.answer(index), find_truth(task.board, task.schedule[-1]))
        audited += 1
    return audited


def choose_matches(timing: Timing) -> list[int]:
    """An order in which to audit: a sleeper first, then by turns the quickest and one drawn at random.

    Who makes up answers, even few, gains only by being quick about it, and so comes under the first. Sleepers end
    early, which makes for another pace, so the quickest of them are chosen apart.
    """
    chance = secrets.SystemRandom()
    drawn = list(timing.answers)
    chance.shuffle(drawn)
    sleepers = set(timing.sleepers)
    quickest = heapq.nsmallest(AUDITED, (i for i in drawn if i not in sleepers), key=timing.paces.__getitem__)
    asleep = heapq.nsmallest(AUDITED // 5, timing.sleepers, key=timing.paces.__getitem__)
    rounds = itertools.zip_longest(quickest, asleep, drawn[:AUDITED])
    turns = [index for each in rounds for index in each if index is not None]
    return list(dict.fromkeys(chance.sample(timing.sleepers, min(1, len(sleepers))) + turns))


# ---- statistics and comparison


def t_quantile(degrees: int) -> float:
    """The 97.5% quantile of Student's t, by the Cornish-Fisher expansion; off by 1% at 2 degrees, less above."""
    z, n = statistics.NormalDist().inv_cdf(0.975), degrees
    if n == 1:
        return 12.706
    return (
        z
        + (z**3 + z) / (4 * n)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    )


def rate_interval(batches: Sequence[Clocked]) -> tuple[float, float] | None:
    """A 95% interval for the rate from the spread of its batches within this run; None below 3 batches.

    The rate is a ratio of two sums, so its spread is that of the batches' residuals, here on a log scale. It knows
    nothing of what differs between runs: no decision may rest on it.
    """
    n, total_s = len(batches), sum(batch.charged_s for batch in batches)
    if n < 3:
        return None
    rate = sum(batch.generations for batch in batches) / total_s
    squares = sum((batch.generations - rate * batch.charged_s) ** 2 for batch in batches)
    half = t_quantile(n - 1) * math.sqrt(squares * n / (n - 1)) / (rate * total_s)
    return rate * math.exp(-half), rate * math.exp(half)


def hodges_lehmann(values: Sequence[float], confidence: float = 0.95) -> tuple[float, float, float]:
    """The median of all pairwise means, and its interval from the exact Wilcoxon signed-rank distribution.

    Raises ValueError where there are too few values for an interval of that confidence.
    """
    n = len(values)
    means = sorted((values[i] + values[j]) / 2 for i in range(n) for j in range(i, n))
    ways = [1]  # in how many ways do ranks 1..k, each with a sign, have a positive sum of i?
    for rank in range(1, n + 1):
        ways = [
            (ways[i] if i < len(ways) else 0) + (ways[i - rank] if i >= rank else 0) for i in range(len(ways) + rank)
        ]
    below, cut = ways[0], 0
    while below / 2**n <= (1 - confidence) / 2:
        cut += 1
        below += ways[cut]
    if cut == 0:
        raise ValueError(f"{n} values are too few for an interval of {confidence:.0%}")
    return statistics.median(means), means[cut - 1], means[-cut]


class Comparison(NamedTuple):
    """How much faster a program is than its rival: the ratio of their rates, its 95% interval, the decision."""

    ratio: float
    low: float
    high: float
    verdict: str
    block_ratios: list[float]
    margin: float
    discarded: int = 0  # blocks, as the machine was suspended


def decide(block_ratios: Sequence[float], margin: float) -> Comparison:
    """`faster` or `slower` where the whole interval is beyond 1 by the margin, else `indistinguishable`."""
    ratio, low, high = map(math.exp, hodges_lehmann([math.log(ratio) for ratio in block_ratios]))
    verdict = "faster" if low > 1 + margin else "slower" if high < 1 / (1 + margin) else "indistinguishable"
    return Comparison(ratio, low, high, verdict, list(block_ratios), margin)


def compare(
    program: Program,
    rival: Program,
    cores: Cores,
    workload: Workload,
    blocks: int = 10,
    margin: float = 0.01,
    new_key: Callable[[], bytes] = lambda: secrets.token_bytes(32),
    progress: Callable[[str], None] = lambda text: None,
    turn_s: float = 1.0,
) -> Comparison:
    """Is `program` faster than `rival`? Both play the same boards in pairs of fresh processes.

    A process has its own luck with memory layout, so the unit is a pair of them. In each block they play two
    sets of boards, A B B A or B A A B, drawn at random; no process sees a board twice. A turn takes the slower
    one about `turn_s` seconds. A rival that fails is a Usage error.
    """
    pair = Pair(program, rival, cores, workload, turn_s)
    block_ratios: list[float] = []
    while len(block_ratios) < blocks:
        ratio = pair.play_block(new_key, audited=len(block_ratios) < LEAST_AUDITED)
        if ratio is not None:
            block_ratios.append(ratio)
            progress(f"block {len(block_ratios)} of {blocks}: ratio {ratio:.4g}")
    program.check_unchanged()
    rival.check_unchanged()
    return decide(block_ratios, margin)._replace(discarded=pair.discarded)


class Pair:
    """A program and its rival, and how much they play in a turn."""

    def __init__(self, program: Program, rival: Program, cores: Cores, workload: Workload, turn_s: float) -> None:
        self.programs = (program, rival)
        self.cores = cores
        self.workload = workload
        self.turn_s = turn_s
        self.turn = 0  # generations of a turn
        self.discarded = 0

    def play_block(self, new_key: Callable[[], bytes], audited: bool) -> float | None:
        """Play one block; return how many times as fast as its rival the program was, None where it doesn't count."""
        key = new_key()
        with Child(self.programs[0], self.cores) as child, Child(self.programs[1], self.cores) as other:
            children = (child, other)
            paces = [0.0, 0.0]  # seconds per generation
            for i in (0, 1):
                with blame(self.programs[1] if i else None):
                    _, episode_s = warm_up(children[i], self.workload, new_key(), self.turn_s)
                paces[i] = episode_s / self.workload.generations
            if not self.turn:
                self.turn = max(1, int(self.turn_s / max(paces)))
            orders = [(0, 1), (1, 0)]
            secrets.SystemRandom().shuffle(orders)
            ratios, slowest_s, suspended = [], 0.0, False
            for number, order in enumerate(orders):
                tasks = self._draw(key, number)
                turns = self._take_turns(children, tasks, order, max(paces), audited)
                ratios.append(turns[1].charged_s / turns[0].charged_s)
                slowest_s = max(slowest_s, *(clocked.charged_s for clocked in turns))
                suspended |= any(clocked.suspended for clocked in turns)
        if slowest_s < self.turn_s / 2:
            # Who feigned slowness in the warm-up doesn't get off with less play, nor with cheaper generations.
            self.turn = max(self.turn + 1, int(self.turn * self.turn_s / slowest_s))
            return None
        if suspended and self.discarded < DISCARDED:
            self.discarded += 1
            return None
        return math.sqrt(ratios[0] * ratios[1])

    def _draw(self, key: bytes, number: int) -> list[Task]:
        episodes = max(1, round(self.turn / self.workload.generations))
        generations = min(self.turn, self.workload.generations)
        return [make_task(self.workload, key, number * episodes + i, generations) for i in range(episodes)]

    def _take_turns(
        self, children: Sequence[Child], tasks: list[Task], order: Sequence[int], pace: float, audited: bool
    ) -> list[Clocked]:
        """Let both play the tasks, in that order; return the time of each."""
        played: dict[int, tuple[list[Answer], Clocked]] = {}
        for i in order:
            with blame(self.programs[1] if i else None):
                played[i] = children[i].play(tasks, 10 + 10 * self.turn * pace)
            with blame(None if i else self.programs[1]):
                children[1 - i].check_still()
        check_both(tasks, played[0][0], played[1][0], self.programs[1], audited)
        return [played[0][1], played[1][1]]


@contextlib.contextmanager
def blame(rival: Program | None) -> Iterator[None]:
    """Where it is the rival that fails, the comparison is unusable rather than the program wrong."""
    try:
        yield
    except Failure as failure:
        if rival is None or isinstance(failure, Usage):
            raise
        raise Usage(f"against {rival.path}: {failure.verdict}: {failure.reason}") from None


def check_both(
    tasks: Sequence[Task], answers: Sequence[Answer], others: Sequence[Answer], rival: Program, audited: bool
) -> None:
    """Have the oracle judge a match on which the two disagree; where they agree, one at random if `audited`."""
    differing = [i for i in range(len(tasks)) if answers[i] != others[i]]
    if differing or audited:
        i = differing[0] if differing else secrets.randbelow(len(tasks))
        truth = find_truth(tasks[i].board, tasks[i].schedule[-1])
        check_truth(tasks[i], answers[i], truth)
        with blame(rival):
            check_truth(tasks[i], others[i], truth)


# ---- the command


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Usage(message)


def number(kind: type, low: float, high: float = math.inf) -> Callable[[str], Any]:
    """An argparse type: a number within bounds."""

    def convert(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            bounds = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            what = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"{text!r}: expected {what} {bounds}")
        return value

    return convert


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="bench.py",
        description="Measure how many generations per second a program plays, and check that they are right.",
        epilog="exit status: 0 ok, 1 wrong, 2 usage, 3 crash, 4 timeout, 5 tampered, 130 interrupted",
        allow_abbrev=False,
    )
    add = parser.add_argument
    beside = str(Path(__file__).resolve().parent / "program.py")
    add("--program", metavar="FILE", default=beside, help="what to measure, .py or .pyx (default: program.py here)")
    add("--budget", metavar="S", type=number(float, 1, 1e5), default=180.0, help="seconds on the clock (default: 180)")
    add("--workload", choices=sorted(WORKLOADS), default="domino", help="the timed boards (default: domino)")
    add("--python", metavar="EXE", default=sys.executable, help="interpreter of the program (default: this one)")
    add("--cores", metavar="N", type=number(int, 1), default=1, help="cores that the program may use (default: 1)")
    add("--against", metavar="FILE", help="also tell whether the program is faster than FILE")
    add("--blocks", metavar="N", type=number(int, 6, 200), default=10, help="pairs of processes (default: 10)")
    add("--margin", metavar="M", type=number(float, 0, 1), default=0.01, help="least gain that counts (default: 0.01)")
    add("--seed", metavar="N", type=int, help="repeat a run's boards; the result is then marked as untrusted")
    add("--json", metavar="FILE", help="write the result and the environment to FILE")
    return parser.parse_args(arguments)


def describe_host(cores: Cores) -> dict[str, Any]:
    """The environment of a run, for its record."""
    cpu = platform.processor()
    if LINUX:
        models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(errors="replace"))
        cpu = models[0] if models else cpu
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "pinned": str(cores),
        "memory_mb": physical_memory_mb(),
        "system": platform.platform(),
        "referee": f"{platform.python_implementation()} {platform.python_version()}",
        "bench_sha256": hashlib.sha256(OWN_SOURCE).hexdigest(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


KEYS = (
    "total_generations",
    "total_walltime",
    "generations_per_s",
    "ci95",
    "episodes",
    "checkpoints",
    "import_s",
    "warmup_s",
    "peak_memory_mb",
)


def run(options: argparse.Namespace, result: dict[str, Any], say: Callable[[str], None]) -> None:
    """Take a program through all stages; fill in `result`. Raises a Failure where it doesn't pass one."""
    program = Program(options.program, options.python)
    result["program_sha256"] = hashlib.sha256(program.source).hexdigest()
    rival = Program(options.against, options.python) if options.against else None
    workload = WORKLOADS[options.workload]
    master = secrets.token_bytes(32) if options.seed is None else b"seed %d" % options.seed
    keys = (hashlib.sha256(master + b"%d" % i).digest() for i in itertools.count())
    gate_limit_s = max(GATE_LIMIT_S, options.budget / 3)
    with Cores(options.cores) as cores:
        result["environment"] = describe_host(cores)
        if not cores.pinned:
            say("pinned: no (this system can't, or every core is taken by another run)")
        with Child(program, cores) as child:
            result["environment"]["unprotected"] = child.unprotected
            for what in child.unprotected:
                say(f"unprotected: this system doesn't keep a program from {what}")
            result.update(interpreter=child.interpreter, import_s=round(child.import_s, 3))
            gate(child, Stream(next(keys)), gate_limit_s)
            say("gate: ok")
            warmup_s, estimate_s = warm_up(child, workload, next(keys), min(options.budget / 4, 30.0))
            result["warmup_s"] = round(warmup_s, 3)
            say(f"timing: {options.budget:g} s, about {workload.generations / estimate_s:.5g} generations/s")
            timing = measure(child, workload, next(keys), options.budget, estimate_s)
            rate = timing.rate
            if options.workload != "domino":  # of other boards, which may be played many times as fast
                rate = EPISODE / warm_up(child, WORKLOADS["domino"], next(keys), options.budget / 10)[1]
            checkpoints = long_gate(child, rate, options.budget, Stream(next(keys)))
            result["peak_memory_mb"] = round(child.peak_memory_mb, 1)
            say(f"long gate: {checkpoints}")
            replayed = replay(child, timing, options.budget / 10)
        audited = audit(timing, options.budget / 4)
        say(f"audit: {audited} episodes ok, {replayed} played twice")
        program.check_unchanged()
        interval = rate_interval(timing.batches)
        measured = {
            "total_generations": timing.total_generations,
            "total_walltime": round(timing.charged_s, 3),
            "generations_per_s": round(timing.rate, 2),
            "ci95": [round(bound, 2) for bound in interval] if interval else None,
            "episodes": len(timing.answers),
            "episode_generations": timing.generations,
            "audited": audited,
            "discarded": timing.discarded,
            "checkpoints": checkpoints,
        }
        if rival is not None:
            with Child(rival, cores) as child, blame(rival):
                gate(child, Stream(next(keys)), gate_limit_s)
            blocks, margin = options.blocks, options.margin
            comparison = compare(program, rival, cores, workload, blocks, margin, lambda: next(keys), say)
            result["against"] = str(options.against)
            result["comparison"] = comparison._asdict()
        result.update(measured, verdict="ok")


def describe(result: dict[str, Any]) -> dict[str, Any]:
    """The lines of the block, by key: the metric where the verdict is ok, else the reason."""
    if result["verdict"] != "ok":
        details = {key: value for key, value in result["details"].items() if key != "traceback" and value is not None}
        return {"reason": result["reason"], **details, "verdict": result["verdict"]}
    lines = {key: result[key] for key in KEYS}
    lines["ci95"] = "{:.2f} {:.2f}".format(*result["ci95"]) if result["ci95"] else "n/a"
    lines["episodes"] = f"{result['episodes']} ({result['audited']} audited)"
    if result["episode_generations"] < WORKLOADS[result["workload"]].generations:
        lines["episodes"] += f" of {result['episode_generations']} generations: too slow for whole ones"
    if result["discarded"]:
        lines["episodes"] += f", {result['discarded']} batches discarded: the machine was suspended"
    if not result["trusted"]:
        lines["trusted"] = "no (the boards came from --seed)"
    if result["comparison"]:
        comparison = result["comparison"]
        lines["against"] = result["against"]
        lines["ratio"] = f"{comparison['ratio']:.4f}"
        lines["ratio_ci95"] = f"{comparison['low']:.4f} {comparison['high']:.4f}"
        lines["blocks"] = len(comparison["block_ratios"])
        if comparison["discarded"]:
            lines["blocks"] = f"{lines['blocks']}, {comparison['discarded']} discarded: the machine was suspended"
        lines["comparison"] = comparison["verdict"]
    lines["verdict"] = result["verdict"]
    return lines


def print_block(result: dict[str, Any]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    print("---")
    for key, value in describe(result).items():
        text = json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else one_line(str(value))
        print(f"{key + ':':<19} {text}")
    # Indented, so that nothing that a program printed passes for a line of the block.
    for line in result.get("details", {}).get("traceback", "").rstrip().splitlines():
        print("    " + one_line(line))
    if sys.stdout:
        sys.stdout.flush()


def one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)[:2000]


def write_json(path: str, result: dict[str, Any], sources: Sequence[str | None] = ()) -> None:
    """Write the result in one piece: a reader, or a full disk, never sees half of it."""
    target = Path(path)
    text = json.dumps(result, indent=2) + "\n"
    try:
        if any(source and target.exists() and target.samefile(source) for source in sources):
            raise Usage(f"json {path}: is a program or the referee itself")
        if target.exists() and not target.is_file():
            target.write_text(text)  # a device or a pipe
            return
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            temporary.write_text(text)
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise Usage(f"json {path}: {getattr(error, 'strerror', None) or error}") from None


def say(text: str) -> None:
    """Tell how it goes, on stderr; nobody has to listen."""
    with contextlib.suppress(OSError):
        print(one_line(text), file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Be the command; return its exit status."""
    result: dict[str, Any] = dict.fromkeys((*KEYS, "audited", "discarded", "episode_generations", "comparison"))
    try:
        options = parse_arguments(arguments)
        if options.json is not None:
            write_json(options.json, {**result, "verdict": "running"}, (options.program, options.against, __file__))
    except Usage as failure:
        say(f"bench.py: {failure.reason}")
        return failure.exit_code
    result.update(program=options.program, workload=options.workload, budget_s=options.budget, cores=options.cores)
    result.update(seed=options.seed, trusted=options.seed is None)
    exit_code = 0
    try:
        run(options, result, say)
    except Failure as failure:
        result.update(verdict=failure.verdict, reason=failure.reason, details=failure.details)
        exit_code = failure.exit_code
    except OSError as error:
        result.update(verdict=Usage.verdict, reason=str(error), details={})
        exit_code = Usage.exit_code
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
        result.update(verdict="interrupted", reason="interrupted", details={})
        exit_code = 130
    try:
        if options.json is not None:
            write_json(options.json, result)
    except Usage as failure:
        say(f"bench.py: {failure.reason}")
        exit_code = exit_code or failure.exit_code
    if exit_code in (Usage.exit_code, 130) and result["verdict"] != "ok":
        say(f"bench.py: {result['reason']}")
        return exit_code
    try:
        print_block(result)
    except OSError as error:
        say(f"bench.py: stdout: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered would fail again at exit
        exit_code = exit_code or Usage.exit_code
    return exit_code


def interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # or a pipe to the child would get the number of a closed stream
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)
    sys.exit(main(sys.argv[1:]))
