#!/usr/bin/env python3
"""The referee: how many generations per second does program.py play, and are they the right ones?

    python3 autoresearch/bench.py                           measure program.py for three minutes
    python3 autoresearch/bench.py --against best.py         and tell whether it is faster than best.py

This process, the parent, owns the clock, the boards and the truth. The program runs in a child process that
gets one board at a time and answers with live counts. A run goes through five stages:

    gate       known and fresh boards of many shapes, every answer compared with the truth
    timing     boards that nobody has seen before, on the clock
    long gate  the published match as far as the program's speed allows, to its victory if possible
    audit      some of the timed matches, chosen only now, played again by a slow and simple oracle
    compare    with --against: both programs alternate on the same boards in pairs of fresh processes

Only a run that survives them all prints a metric. Nothing here may be edited by whoever edits program.py.

Everything is standard library. Other tools import this file as a module; they use `Program`, `Child`, `Cores`,
`Workload`, `gate`, `warm_up`, `measure`, `long_gate`, `audit`, `compare` and `Failure`.
"""

import sys

if __name__ == "__main__" and not sys.flags.isolated:
    # A random.py beside this file, or one on PYTHONPATH's empty entry, must not stand in for the library's.
    sys.path[:] = [entry for entry in sys.path[1:] if entry]

import argparse
import contextlib
import hashlib
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
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Sequence, Set, Tuple

LINUX = sys.platform.startswith("linux") and os.path.isdir("/proc/self")
if LINUX:
    import ctypes
    import fcntl

ROWS, COLUMNS = 150, 240
EPISODE = 1000  # generations of a timed match, at most
BATCH_S = 0.25  # the clock runs over about this much play, then the child is stopped and inspected
LATE_S = 0.5  # a heartbeat of the parent that comes later than this means that the machine was suspended
ANSWER_BYTES = 1 << 20
OUTPUT_BYTES = 16 << 20
IMPORT_LIMIT_S = 120.0
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


# ---- verdicts ----------------------------------------------------------------------------------------------


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
    """The program worked off the clock, left its cores, changed files of the run or forged an answer."""

    verdict, exit_code = "tampered", 5


# ---- the oracle: plain, slow and obviously right -----------------------------------------------------------


class Board(NamedTuple):
    """A start: one JSON text per team (row -> columns), the size of the torus, and what to call it."""

    s1: str
    s2: str
    rows: int
    columns: int
    name: str


Cells = Set[Tuple[int, int]]
Counts = Tuple[int, int]


def read_cells(text: str, rows: int, columns: int) -> Cells:
    return {(x % columns, int(y) % rows) for row in json.loads(text) for y, xs in row.items() for x in xs}


def next_generation(team1: Cells, team2: Cells, rows: int, columns: int) -> Tuple[Cells, Cells]:
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


def oracle(board: Board) -> Iterator[Tuple[int, Counts, bool]]:
    """Play a match: yield generation, live counts and whether it is won there; end after the victory."""
    rows, columns = board.rows, board.columns
    team1, team2 = read_cells(board.s1, rows, columns), read_cells(board.s2, rows, columns)
    generation, shares, means, won = 0, [], [0.0, 0.0, 0.0], False
    while not won:
        c1, c2 = len(team1), len(team2)
        shares.append(100 * max(c1, c2) / (c1 + c2 + 1e-12))
        if generation >= 280:
            removed = means[0]
            means = [means[1], means[2], sum(shares[-280:]) / 280]
            stable = about_equal(means[0], means[1]) and about_equal(means[1], means[2])
            level = any(about_equal(mean, 50.0) for mean in means)
            won = removed != 0 and c1 != c2 and (c1 == 0 or c2 == 0 or (stable and not level))
        yield generation, (c1, c2), won
        team1, team2 = next_generation(team1, team2, rows, columns)
        generation += 1


class Truth(NamedTuple):
    """Known live counts by generation, and the generation of the victory if it is among those looked at."""

    counts: Dict[int, Counts]
    victory: Optional[int]


def find_truth(board: Board, limit: int) -> Truth:
    counts: Dict[int, Counts] = {}
    for generation, pair, won in oracle(board):
        counts[generation] = pair
        if won or generation == limit:
            return Truth(counts, generation if won else None)
    raise AssertionError("the oracle never ends")


# ---- boards ------------------------------------------------------------------------------------------------


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
    texts = []
    for team in (team1, team2):
        by_row: Dict[int, List[int]] = {}
        for x, y in team:
            by_row.setdefault(y, []).append(x)
        texts.append(json.dumps([{str(y): sorted(by_row[y])} for y in sorted(by_row)], separators=(",", ":")))
    return Board(texts[0], texts[1], rows, columns, name)


def find_pieces(cells: Cells) -> List[Cells]:
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
GLIDER = ((1, 0), (2, 1), (0, 2), (1, 2), (2, 2))


def move(piece: Sequence[Tuple[int, int]], dx: int, dy: int) -> Cells:
    return {(x + dx, y + dy) for x, y in piece}


def domino_like(stream: Stream) -> Board:
    """Domino Party with each piece shifted a little on its own; 1 in 8 is a sleeper."""
    if stream.randrange(8) == 0:
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
                if stream.randrange(2):
                    shape = tuple((y, x) for x, y in shape)
                x, y = min(piece)
                team |= move(shape, x + stream.randrange(7) - 3, y + stream.randrange(7) - 3)
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


def scatter(stream: Stream, shapes: Sequence[Sequence[Tuple[int, int]]], name: str, pitch: int = 10) -> Board:
    """The same number of shapes for both teams, on a grid so wide that they never meet. Nobody wins: 50 : 50."""
    places = [(x, y) for y in range(0, ROWS, pitch) for x in range(0, COLUMNS, pitch)]
    chosen = stream.sample(places, 24)
    dx, dy = stream.randrange(COLUMNS), stream.randrange(ROWS)
    teams: List[Cells] = [set(), set()]
    for i, (x, y) in enumerate(chosen):
        shape = shapes[i // 2 % len(shapes)]
        teams[i % 2] |= move(shape, x + dx, y + dy)
    return make_board(teams[0], teams[1], ROWS, COLUMNS, name)


def gliders(stream: Stream) -> Board:
    """Few cells that always move: 24 gliders with one heading."""
    return scatter(stream, (GLIDER,), "gliders")


def ash(stream: Stream) -> Board:
    """What soups leave behind: 12 blocks and 12 blinkers."""
    return scatter(stream, (SLEEPY[4], SLEEPY[1]), "ash")


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
    schedule: Tuple[int, ...]


def make_task(workload: Workload, key: bytes, index: int, generations: int = 0) -> Task:
    """The timed match of that index: the same key always gives the same one."""
    stream = Stream(key, index)
    last = generations or workload.generations
    inside = {stream.randrange(1, last) for _ in range(2)} if last > 1 else set()
    return Task(workload.make(stream), tuple(sorted(inside | {last})))


# ---- the child's side --------------------------------------------------------------------------------------


class Checkpoints:
    """What the program calls: says which generation is wanted next, keeps the counts of those that were."""

    def __init__(self, schedule: Sequence[int]) -> None:
        self.schedule = schedule
        self.position = 0
        self.next_generation = 0
        self.reports: List[Tuple[int, int, int]] = []
        self.latest = (-1, 0, 0)

    def __call__(self, generation: int, team1_cells: int, team2_cells: int) -> bool:
        # Exact ints, whatever kind of integer the program counts with; a float is an error here.
        latest = (operator.index(generation), operator.index(team1_cells), operator.index(team2_cells))
        if latest[0] >= self.next_generation or latest[0] <= self.latest[0]:
            self.reports.append(latest)
            while self.position < len(self.schedule) and self.schedule[self.position] <= latest[0]:
                self.position += 1
            if self.position < len(self.schedule):
                self.next_generation = self.schedule[self.position]
            else:
                self.next_generation = latest[0] + 1
        self.latest = latest
        return self.position < len(self.schedule)

    def all_reports(self) -> List[Tuple[int, int, int]]:
        if self.reports and self.reports[-1] != self.latest:
            return self.reports + [self.latest]
        return self.reports


def load_program(path: str, name: str, root: str, source: Optional[bytes]) -> Callable[..., int]:
    """Import the program from the source that the parent has read, or as a compiled module; return its entry."""
    import importlib
    import importlib.util

    if root:
        sys.path.insert(0, root)
    if source is None:
        module = importlib.import_module(name)
    else:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        exec(compile(source, path, "exec"), module.__dict__)
    if not callable(getattr(module, "run_benchmark", None)):
        raise AttributeError(f"{path} defines no function run_benchmark")
    return module.run_benchmark


def describe_error() -> str:
    import traceback

    return traceback.format_exc()[-8000:]


def serve(tasks: int, answers: int) -> None:
    """Be the child: import one program, then play each board that comes down the pipe and answer."""
    buffer = b""

    def receive(size: Optional[int] = None) -> bytes:
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

    nonce, path, name, root, size = json.loads(receive())
    try:
        run_benchmark = load_program(path, name, root, None if size is None else receive(size))
    except BaseException:
        send([nonce, None, describe_error()])
        return
    send([nonce, "%s %s" % (platform.python_implementation(), platform.python_version()), []])
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


# ---- the parent's side: programs, cores, processes ---------------------------------------------------------


class Program:
    """A file that is to be measured: a .py, or a .pyx whose compiled module lies beside it.

    Raises Usage where it is missing, unreadable or, compiled, older than its sources.
    """

    def __init__(self, path: str, python: str = sys.executable) -> None:
        self.path = Path(path).absolute()
        executable = shutil.which(python)
        if executable is None:
            raise Usage(f"python {python!r}: not found, expected an executable")
        self.python = executable
        try:
            self.source = self.path.read_bytes()
        except OSError as error:
            raise Usage(f"program {path}: {error.strerror}") from None
        if self.path.suffix not in (".py", ".pyx"):
            raise Usage(f"program {path}: expected a .py or .pyx file")
        self.compiled = self.path.suffix == ".pyx"
        folders = []
        folder = self.path.parent
        while (folder / "__init__.py").exists():
            folders.insert(0, folder.name)
            folder = folder.parent
        self.name = ".".join(folders + [self.path.stem])
        self.root = str(folder) if folders or self.compiled else ""
        self.files = {self.path: self.source}
        if self.compiled:
            self._find_module()

    def _find_module(self) -> None:
        modules = [p for p in self.path.parent.glob(self.path.stem + ".*") if p.suffix in (".so", ".pyd")]
        if not modules:
            raise Usage(f"program {self.path}: no compiled module beside it: run make")
        for module in modules:
            data = module.read_bytes()
            stamp = re.search(rb"escape-ladder-sources ([^ ]+) ([0-9a-f]{64})", data)
            if stamp is None or stamp[2].decode() != self._hash_sources(stamp[1].decode().split(":")):
                raise Usage(f"program {self.path}: {module.name} is stale: run make")
            self.files[module] = data

    def _hash_sources(self, names: List[str]) -> Optional[str]:
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


OWN_SOURCE = Path(__file__).read_bytes()


def own_folder() -> Path:
    """A folder of this user's for locks and for the folders of runs, swept of what killed runs left there."""
    folder = Path(tempfile.gettempdir()) / ("escape-ladder-%d" % (os.getuid() if hasattr(os, "getuid") else 0))
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise Usage(f"temporary folder {folder}: {error.strerror}") from None
    if hasattr(os, "getuid") and owner != os.getuid():
        raise Usage(f"temporary folder {folder}: belongs to another user")
    for run in folder.glob("run-*"):
        if LINUX and not os.path.isdir("/proc/" + run.name.split("-")[1]):
            shutil.rmtree(run, ignore_errors=True)
    return folder


class Cores:
    """A context that pins this process, and children started in it, to cores that no other run uses."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.before: Set[int] = set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set()
        self.chosen: Set[int] = set()
        self.pinned = False
        self._locks: List[int] = []
        available = len(self.before) or os.cpu_count() or 1
        if not 1 <= count <= available:
            raise Usage(f"cores {count}: expected 1 to {available}")

    def __enter__(self) -> "Cores":
        if not (LINUX and self.before):
            return self
        folder = own_folder()
        for core in sorted(self.before, reverse=True):
            lock = os.open(folder / f"core-{core}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(lock)
                continue
            self._locks.append(lock)
            self.chosen.add(core)
            if len(self.chosen) == self.count:
                os.sched_setaffinity(0, self.chosen)
                self.pinned = True
                return self
        # Every core is taken by another run: sharing them is honest, if slower, and is said in the output.
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
    def part(self, count: int) -> Iterator["Cores"]:
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


def scan_processes() -> Dict[int, Tuple[int, str, int]]:
    """Every process: its parent, its state, and the CPU ticks of children that it has waited for."""
    found = {}
    for entry in os.listdir("/proc") if LINUX else []:
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            found[int(entry)] = (int(fields[1]), fields[0].decode(), int(fields[13]) + int(fields[14]))
    return found


def cpu_ns(pid: int) -> int:
    """CPU time of all threads of a process, from the clock that the kernel keeps for each process."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


class Clocked(NamedTuple):
    """One batch of matches on the clock. `charged_s` = max(wall, CPU / cores)."""

    episodes: int
    generations: int
    wall_s: float
    cpu_s: float
    charged_s: float
    suspended: bool


class Answer(NamedTuple):
    """What a program said about one match: the generation it returned, and (generation, count1, count2)..."""

    reached: int
    reports: List[List[int]]


class Child:
    """A process that has imported a program and plays boards; it runs only while a call of `play` waits for it.

    Use it as a context. `import_s` is the time to import the program, `output` the tail of what it printed.
    Errors are Failures: Crash, Timeout, Tampered, Wrong.
    """

    _pids: Set[int] = set()

    def __init__(self, program: Program, cores: Optional[Cores] = None, memory_mb: Optional[int] = None) -> None:
        self.program = program
        self.cores = cores.count if cores else 1
        self.affinity = set(cores.chosen) if cores else set()
        self.memory_mb = memory_mb or physical_memory_mb() // 2
        self.peak_memory_mb = 0.0
        self.output = b""
        self.printed = 0
        self.import_s = 0.0
        self.interpreter = ""
        self.process: Optional[subprocess.Popen] = None
        self._tree: List[int] = []
        self._stopped_cpu: Dict[int, int] = {}
        self._late = False

    def __enter__(self) -> "Child":
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
        self.folder = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=own_folder()))
        for name in ("work", "home", "tmp"):
            (self.folder / name).mkdir()
        if LINUX:
            # Processes that the program leaves behind become ours, so that none can work on unseen.
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        self._others = {pid for pid, (parent, _, _) in scan_processes().items() if parent == os.getpid()}
        task_end, self._task = os.pipe()
        self._answer, answer_end = os.pipe()
        self._output, output_end = os.pipe()
        command = [self.program.python, "-I", "-B", os.path.abspath(__file__), "--serve"]
        self.process = subprocess.Popen(
            command + [str(task_end), str(answer_end)],
            stdin=subprocess.DEVNULL,
            stdout=output_end,
            stderr=output_end,
            cwd=self.folder / "work",
            env=self._environment(),
            pass_fds=(task_end, answer_end),
            start_new_session=True,
            preexec_fn=die_with_parent if LINUX else None,
        )
        Child._pids.add(self.process.pid)
        self._tree = [self.process.pid]
        for end in (task_end, answer_end, output_end):
            os.close(end)
        for end in (self._task, self._answer, self._output):
            os.set_blocking(end, False)
        self._poll = select.poll()
        self._poll.register(self._answer, select.POLLIN)
        self._poll.register(self._output, select.POLLIN)
        nonce = secrets.token_hex(8)
        source = b"" if self.program.compiled else self.program.source
        size = None if self.program.compiled else len(source)
        header = [nonce, str(self.program.path), self.program.name, self.program.root, size]
        begin = time.perf_counter()
        line = self._exchange(json.dumps(header).encode() + b"\n" + source, begin + IMPORT_LIMIT_S)
        self.import_s = time.perf_counter() - begin
        self.interpreter = str(decode_answer(line, nonce)[1])
        self._stop()

    def _environment(self) -> Dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG") or k.startswith("LADDER_")}
        cores = str(self.cores)
        threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        return {
            **kept,
            **dict.fromkeys(threads, cores),
            "OMP_WAIT_POLICY": "passive",
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "NUMBA_CACHE_DIR": str(self.folder / "tmp"),
        }

    def close(self) -> None:
        """Kill the child and everything it started, and remove its folder."""
        if self.process is None:
            return
        for _ in range(100):
            tree = self._find_tree()
            for pid in tree:
                send_signal(pid, signal.SIGKILL)
            if len(tree) <= 1:
                break
        send_signal(self.process.pid, signal.SIGKILL)
        self.process.wait()
        Child._pids.discard(self.process.pid)
        for pid in self._find_orphans():
            send_signal(pid, signal.SIGKILL)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                continue
        for end in (self._task, self._answer, self._output):
            os.close(end)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.process = None

    def _find_orphans(self) -> Set[int]:
        mine = {pid for pid, (parent, _, _) in scan_processes().items() if parent == os.getpid()}
        return mine - self._others - Child._pids

    def _find_tree(self) -> List[int]:
        assert self.process is not None
        processes = scan_processes()
        tree = [self.process.pid]
        for pid in tree:
            tree += [other for other, (parent, _, _) in processes.items() if parent == pid]
        return tree

    def _stop(self) -> None:
        """Freeze the whole tree, so that nothing happens off the clock; note its CPU time; look at its habits."""
        assert self.process is not None
        if not hasattr(signal, "SIGSTOP"):
            return
        send_signal(self.process.pid, signal.SIGSTOP)
        if not LINUX:
            return
        deadline = time.perf_counter() + 5
        while True:
            self._tree = self._find_tree()
            for pid in self._tree:
                send_signal(pid, signal.SIGSTOP)
            if all(is_frozen(pid) for pid in self._tree) and self._find_tree() == self._tree:
                break
            if time.perf_counter() > deadline:
                raise Tampered("a process of the program doesn't stop when told to")
            time.sleep(0.0002)
        if self._find_orphans():
            raise Tampered("the program left a process behind that outlived its parent")
        for pid in self._tree:
            if self.affinity and not thread_cores(pid) <= self.affinity:
                raise Tampered(f"the program moved to other cores than {sorted(self.affinity)}")
        self._stopped_cpu = {pid: cpu_ns(pid) for pid in self._tree}
        self._watch_memory()

    def _resume(self) -> None:
        if not hasattr(signal, "SIGCONT"):
            return
        if LINUX and {pid: cpu_ns(pid) for pid in self._tree} != self._stopped_cpu:
            raise Tampered("the program used CPU time while it was stopped")
        for pid in self._tree:
            send_signal(pid, signal.SIGCONT)

    def _tree_cpu_ns(self) -> int:
        processes = scan_processes()
        tick = 10**9 // os.sysconf("SC_CLK_TCK") if LINUX else 0
        return sum(cpu_ns(pid) + processes.get(pid, (0, "", 0))[2] * tick for pid in self._tree)

    def _watch_memory(self) -> None:
        total = 0.0
        for pid in self._tree:
            try:
                with open(f"/proc/{pid}/statm") as file:
                    total += int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
            except OSError:
                continue
        self.peak_memory_mb = max(self.peak_memory_mb, total)
        if total > self.memory_mb:
            raise Crash(f"the program takes {total:.0f} MB of memory, more than {self.memory_mb} MB")

    def _drain_output(self) -> None:
        try:
            part = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return
        if not part:
            self._poll.unregister(self._output)
        self.printed += len(part)
        self.output = (self.output + part)[-8000:]
        if self.printed > OUTPUT_BYTES:
            raise Crash(f"the program printed more than {OUTPUT_BYTES >> 20} MB")

    def _wait(self, deadline: float) -> bool:
        """Wait for an answer for a tenth of a second at most; look after output, memory and the clock."""
        before = time.perf_counter()
        events = self._poll.poll(100)
        now = time.perf_counter()
        if now - before > 0.1 + LATE_S:
            self._late = True
        ready = False
        for end, _ in events:
            if end == self._output:
                self._drain_output()
            else:
                ready = True
        if not ready:
            if not events:
                self._watch_memory()
            if now > deadline:
                raise Timeout("the program did not answer in time")
        return ready

    def _exchange(self, message: bytes, deadline: float) -> bytes:
        """Send a message, return the line that answers it."""
        try:
            sent = os.write(self._task, message)
            rest = memoryview(message)[sent:]
            while rest:
                if not self._wait_to_send(deadline):
                    continue
                rest = rest[os.write(self._task, rest) :]
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

    def _wait_to_send(self, deadline: float) -> bool:
        if time.perf_counter() > deadline:
            raise Timeout("the program did not take a board in time")
        return bool(select.select([], [self._task], [], 0.1)[1])

    def _exited(self) -> Crash:
        assert self.process is not None
        try:
            status = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Crash("the program closed its end of the pipe", traceback=self._tail())
        how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
        return Crash(f"the program {how} instead of answering", traceback=self._tail())

    def _tail(self) -> str:
        while True:
            before = self.printed
            self._drain_output()
            if self.printed == before:
                return self.output.decode("utf-8", "replace")

    def play(
        self, tasks: Sequence[Task], limit_s: float, time_limit_s: Optional[float] = None
    ) -> Tuple[List[Answer], Clocked]:
        """Play matches one after another on the clock, within `limit_s` seconds together.

        The program is told `time_limit_s`, by default one that it can't reach. The answers have the right form
        (see `check_form`); whether they are true is for `check_truth`.
        """
        told_s = 10 * limit_s if time_limit_s is None else time_limit_s
        nonces = [secrets.token_hex(8) for _ in tasks]
        messages = []
        for nonce, (board, schedule) in zip(nonces, tasks):
            header = [nonce, board.rows, board.columns, told_s, schedule, len(board.s1), len(board.s2)]
            messages.append((json.dumps(header) + "\n" + board.s1 + board.s2).encode("ascii"))
        lines = []
        exchange = self._exchange
        self._late = False
        cpu_before = self._tree_cpu_ns()
        begin = time.perf_counter()
        deadline = begin + limit_s
        self._resume()
        for message in messages:
            lines.append(exchange(message, deadline))
        wall_s = time.perf_counter() - begin
        self._stop()
        if select.select([self._answer], [], [], 0)[0]:
            raise Tampered("the program wrote into the referee's pipe")
        cpu_s = max(0, self._tree_cpu_ns() - cpu_before) / 1e9
        answers = []
        for line, nonce, task in zip(lines, nonces, tasks):
            _, reached, reports = decode_answer(line, nonce)
            answer = Answer(reached, reports)
            check_form(task, answer)
            answers.append(answer)
        generations = sum(answer.reached for answer in answers)
        charged = max(wall_s, cpu_s / self.cores)
        return answers, Clocked(len(tasks), generations, wall_s, cpu_s, charged, self._late)


def decode_answer(line: bytes, nonce: str) -> Tuple[str, Any, Any]:
    """Read an answer; a program's exception becomes a Crash, anything that serve() doesn't write is Tampered."""
    try:
        answer = json.loads(line)
        known, reached, reports = answer
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
    if not well_formed or type(reached) not in (int, str):
        raise Tampered("an answer is not of the referee's form")
    return known, reached, reports


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def send_signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def is_frozen(pid: int) -> bool:
    """Whether every thread of a process is stopped or dead."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as file:
                if file.read().rpartition(b")")[2].split()[0] not in (b"T", b"t", b"Z", b"X"):
                    return False
    except OSError:
        return True
    return True


def thread_cores(pid: int) -> Set[int]:
    cores: Set[int] = set()
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            cores |= os.sched_getaffinity(int(thread))
    except OSError:
        pass
    return cores


def physical_memory_mb() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (ValueError, OSError, AttributeError):
        return 8192


# ---- checks ------------------------------------------------------------------------------------------------


def check_form(task: Task, answer: Answer) -> None:
    """Check what needs no truth: starts at 0, increases, reports what was asked, ends where it says it does."""
    board, schedule = task
    previous = -1
    for generation, count1, count2 in answer.reports:
        if generation <= previous or (previous < 0 and generation != 0):
            expected = "generation 0 first" if previous < 0 else f"one after {previous}"
            raise wrong(task, f"reported generation {generation}, expected {expected}")
        if not (count1 >= 0 and count2 >= 0 and count1 + count2 <= board.rows * board.columns):
            raise wrong(task, f"generation {generation}: counts {count1} {count2} don't fit the board")
        previous = generation
    if previous < 0:
        raise wrong(task, f"never called the callback and returned {str(answer.reached)[:40]}")
    if answer.reached != previous:
        raise wrong(task, f"returned {str(answer.reached)[:40]}, but reported {previous} as its last generation")
    if previous > schedule[-1]:
        raise wrong(task, f"played on to {previous} when told to stop at {schedule[-1]}")
    reported = {report[0] for report in answer.reports}
    for generation in schedule:
        if generation < previous and generation not in reported:
            raise wrong(task, f"did not report generation {generation}, which it was asked for")


def check_truth(task: Task, answer: Answer, truth: Truth) -> None:
    """Compare every report with the truth, and the end of the match with where it had to end."""
    good: Optional[int] = None
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


def wrong(task: Task, reason: str, good: Optional[int] = None) -> Wrong:
    return Wrong(reason, last_good=good, board=task.board._asdict())


# ---- the gates ---------------------------------------------------------------------------------------------


def gate_boards(stream: Stream) -> Iterator[Tuple[Board, int]]:
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
    # Cells across both edges of a board of the timed size: wrapping right only in part shows within few steps.
    edge = soup(stream, 12, 14, 0.45)
    cells = [read_cells(text, 12, 14) for text in (edge.s1, edge.s2)]
    yield make_board(move(tuple(cells[0]), -7, -6), move(tuple(cells[1]), -7, -6), ROWS, COLUMNS, "wrapping"), 16
    yield make_board(set(), set(), 5, 7, "empty"), 5


def gate(child: Child, stream: Stream, limit_s: float) -> None:
    """Play the published match to generation 100 and fresh boards of many shapes; check every report.

    The program may take `limit_s` seconds for all of it. Raises a Failure at the first thing that is not right.
    """
    deadline = time.perf_counter() + limit_s

    def play(board: Board, schedule: Sequence[int], truth: Truth) -> None:
        nonlocal deadline
        task = Task(board, tuple(schedule))
        try:
            answers, clocked = child.play([task], max(1.0, deadline - time.perf_counter()))
        except Timeout:
            raise Timeout(f"the gate was not passed in {limit_s:.0f} s", board=board._asdict()) from None
        if clocked.suspended:
            deadline += clocked.wall_s
        check_truth(task, answers[0], truth)

    early = [generation for generation in DOMINO_CHECKPOINTS if 0 < generation <= 100]
    play(DOMINO, early, Truth(DOMINO_CHECKPOINTS, None))
    for board, generations in gate_boards(stream):
        deadline, truth = pause(deadline, lambda: find_truth(board, generations))
        # Every generation at first, then leaps: a program that only counts when it is asked must still be right.
        leaps = {stream.randrange(6, generations) for _ in range(2)} if generations > 6 else set()
        play(board, sorted({1, 2, 3, 4, generations} | leaps), truth)
    for make in (sleeping_board, level_board):
        deadline, (board, limit, truth) = pause(deadline, lambda: make(stream))
        play(board, sorted({stream.randrange(100, 279), limit}), truth)
    check_time_limit(child, stream)


def pause(deadline: float, work: Callable[[], Any]) -> Tuple[float, Any]:
    """Do the referee's own work, and move a deadline of the program's by the time that it took."""
    begin = time.perf_counter()
    result = work()
    return deadline + time.perf_counter() - begin, result


def sleeping_board(stream: Stream) -> Tuple[Board, int, Truth]:
    """A small board that is won within 900 generations, and not at the first that could be."""
    while True:
        board = soup(stream, stream.randrange(16, 25), stream.randrange(16, 25), 0.3, stream.choice((0.3, 0.7)))
        truth = find_truth(board, 900)
        if truth.victory is not None and truth.victory > 290:
            return board._replace(name="short match"), FAR, truth


def level_board(stream: Stream) -> Tuple[Board, int, Truth]:
    """A still life of both teams with equal counts: stable for ever, and never won."""
    rows, columns = stream.randrange(12, 20), stream.randrange(12, 20)
    block = SLEEPY[4]
    x, y = stream.randrange(columns), stream.randrange(rows)
    board = make_board(move(block, x, y), move(block, x + 6, y + 6), rows, columns, "level")
    return board, 300, find_truth(board, 300)


def check_time_limit(child: Child, stream: Stream) -> None:
    """A match that nobody wins and no checkpoint ends: the program has to honour its time limit."""
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

    A fast program plays all 20 checkpoints and the victory, and an everlasting board with random checkpoints;
    its limit is three times what its rate implies.
    """
    end, counts = DOMINO_VICTORY
    allowed_s = budget_s / 2
    schedule = [generation for generation in DOMINO_CHECKPOINTS if generation > 0]
    if end / rate <= allowed_s:
        schedule, last = schedule + [FAR], end
        truth = Truth({**DOMINO_CHECKPOINTS, end: counts}, end)
        reached = "ok through 5000, victory at %d" % end
    else:
        schedule = [generation for generation in schedule if generation / rate <= allowed_s or generation <= 100]
        last = schedule[-1]
        truth = Truth(DOMINO_CHECKPOINTS, None)
        reached = "ok through %d (too slow for the victory at %d)" % (last, end)
    task = Task(DOMINO, tuple(schedule))
    limit_s = max(5.0, 3 * last / rate)
    try:
        answers, _ = child.play([task], limit_s)
    except Timeout:
        raise Timeout(
            f"the published match to {last} took over {limit_s:.1f} s, three times what the measured rate implies"
        ) from None
    check_truth(task, answers[0], truth)
    return reached


# ---- timing and audit --------------------------------------------------------------------------------------


class Timing(NamedTuple):
    """Everything that was measured: the batches, and the answer to each task by its index."""

    workload: Workload
    key: bytes
    generations: int
    batches: List[Clocked]
    answers: Dict[int, Answer]
    discarded: int

    def task(self, index: int) -> Task:
        return make_task(self.workload, self.key, index, self.generations)

    @property
    def total_generations(self) -> int:
        return sum(batch.generations for batch in self.batches)

    @property
    def charged_s(self) -> float:
        return sum(batch.charged_s for batch in self.batches)

    @property
    def rate(self) -> float:
        return self.total_generations / self.charged_s


def warm_up(child: Child, workload: Workload, key: bytes, limit_s: float) -> Tuple[float, float]:
    """Play untimed matches up to the timed size, so that JITs and caches have settled.

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
    return spent_s, generation_s * workload.generations


def measure(child: Child, workload: Workload, key: bytes, budget_s: float, estimate_s: float) -> Timing:
    """Play new boards for `budget_s` seconds of charged time in whole episodes, at least one.

    A program that can't play one episode within the budget plays the part of it that fits. `estimate_s` is what
    an episode probably takes.
    """
    generations = workload.generations
    if estimate_s > budget_s:
        generations = max(1, int(generations * budget_s / estimate_s))
        estimate_s = budget_s
    timing = Timing(workload, key, generations, [], {}, 0)
    index, charged_s = 0, 0.0
    while not timing.batches or charged_s + estimate_s <= budget_s:
        count = max(1, int(min(BATCH_S, budget_s - charged_s) / estimate_s))
        indices = range(index, index + count)
        index += count
        answers, clocked = child.play([timing.task(i) for i in indices], 10 + 10 * count * estimate_s)
        if clocked.suspended and timing.discarded < 5:
            # The machine slept while the clock ran. Capped, so that a program can't drop its bad matches by it.
            timing = timing._replace(discarded=timing.discarded + 1)
            continue
        timing.answers.update(zip(indices, answers))
        timing.batches.append(clocked)
        charged_s += clocked.charged_s
        estimate_s = charged_s / len(timing.answers)
    return timing


def audit(timing: Timing, limit_s: float) -> int:
    """Play some of the timed matches again with the oracle, now that all answers are in; return how many.

    They are drawn at random, a sleeper among them: up to 20, within `limit_s` seconds, but never fewer than 3.
    """
    deadline = time.perf_counter() + limit_s
    order = list(timing.answers)
    secrets.SystemRandom().shuffle(order)
    for place, index in enumerate(order[:100]):
        if timing.task(index).board.name == "sleeper":
            order.insert(0, order.pop(place))
            break
    audited = 0
    for index in order[:20]:
        if audited >= 3 and time.perf_counter() > deadline:
            break
        task = timing.task(index)
        check_truth(task, timing.answers[index], find_truth(task.board, task.schedule[-1]))
        audited += 1
    return audited


# ---- statistics and comparison -----------------------------------------------------------------------------


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


def rate_interval(batches: Sequence[Clocked]) -> Optional[Tuple[float, float]]:
    """A 95% interval for the rate from the spread of its batches within this run; None below 3 batches."""
    rates = [math.log(batch.generations / batch.charged_s) for batch in batches if batch.generations]
    if len(rates) < 3:
        return None
    middle = statistics.mean(rates)
    half = t_quantile(len(rates) - 1) * statistics.stdev(rates) / math.sqrt(len(rates))
    return math.exp(middle - half), math.exp(middle + half)


def hodges_lehmann(values: Sequence[float], confidence: float = 0.95) -> Tuple[float, float, float]:
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
    block_ratios: List[float]
    margin: float


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
) -> Comparison:
    """Is `program` faster than `rival`? Both play the same boards in pairs of fresh processes.

    A process has its own luck with memory layout, so the unit is a pair of them. In each block they play two
    sets of boards, A B B A or B A A B, drawn at random; no process sees a board twice. A turn takes the slower
    one about a second. A rival that fails is a Usage error.
    """
    size: Optional[Tuple[int, int]] = None  # episodes per turn, generations per episode
    block_ratios: List[float] = []
    discarded = 0
    while len(block_ratios) < blocks:
        key = new_key()
        with Child(program, cores) as child_a, Child(rival, cores) as child_b:
            estimates = []
            for child, blamed in ((child_a, None), (child_b, rival)):
                with blame(blamed):
                    estimates.append(warm_up(child, workload, new_key(), 1.0)[1])
            if size is None:
                slower_s = max(estimates)
                generations = max(1, int(workload.generations * min(1.0, 1 / slower_s)))
                size = max(1, round(1 / slower_s)), generations
            episodes, generations = size
            orders = [(0, 1), (1, 0)]
            secrets.SystemRandom().shuffle(orders)
            ratios, suspended = [], False
            for turn, order in enumerate(orders):
                tasks = [make_task(workload, key, turn * episodes + i, generations) for i in range(episodes)]
                answers: List[List[Answer]] = [[], []]
                seconds = [0.0, 0.0]
                for i in order:
                    with blame(rival if i else None):
                        answers[i], clocked = (child_a, child_b)[i].play(tasks, 10 + 10 * episodes * estimates[i])
                    seconds[i] = clocked.charged_s
                    suspended |= clocked.suspended
                check_both(tasks, answers, rival, audited=len(block_ratios) < 3)
                ratios.append(seconds[1] / seconds[0])
        if suspended and discarded < 5:
            discarded += 1
            continue
        block_ratios.append(math.sqrt(ratios[0] * ratios[1]))
        progress(f"block {len(block_ratios)} of {blocks}: ratio {block_ratios[-1]:.4g}")
    program.check_unchanged()
    rival.check_unchanged()
    return decide(block_ratios, margin)


@contextlib.contextmanager
def blame(rival: Optional[Program]) -> Iterator[None]:
    """Where it is the rival that fails, the comparison is unusable rather than the program wrong."""
    try:
        yield
    except Failure as failure:
        if rival is None or isinstance(failure, Usage):
            raise
        raise Usage(f"against {rival.path}: {failure.verdict}: {failure.reason}") from None


def check_both(tasks: Sequence[Task], answers: Sequence[Sequence[Answer]], rival: Program, audited: bool) -> None:
    """Have the oracle judge a match on which the two disagree; where they agree, one at random if `audited`."""
    differing = [i for i, pair in enumerate(zip(*answers)) if pair[0] != pair[1]]
    if differing or audited:
        i = differing[0] if differing else secrets.randbelow(len(tasks))
        truth = find_truth(tasks[i].board, tasks[i].schedule[-1])
        check_truth(tasks[i], answers[0][i], truth)
        with blame(rival):
            check_truth(tasks[i], answers[1][i], truth)


# ---- the command -------------------------------------------------------------------------------------------


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
    add(
        "--margin",
        metavar="M",
        type=number(float, 0, 1),
        default=0.01,
        help="smallest gain that counts (default: 0.01)",
    )
    add("--seed", metavar="N", type=int, help="repeat a run's boards; the result is then marked as untrusted")
    add("--json", metavar="FILE", help="write the result and the environment to FILE")
    return parser.parse_args(arguments)


def describe_host(cores: Cores) -> Dict[str, Any]:
    cpu = platform.processor()
    if LINUX:
        models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
        cpu = models[0] if models else cpu
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": cpu,
        "cores": os.cpu_count(),
        "pinned": str(cores),
        "memory_mb": physical_memory_mb(),
        "system": platform.platform(),
        "referee": "%s %s" % (platform.python_implementation(), platform.python_version()),
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


def run(options: argparse.Namespace, result: Dict[str, Any], say: Callable[[str], None]) -> None:
    """Take a program through all stages; fill in `result`. Raises a Failure where it doesn't pass one."""
    program = Program(options.program, options.python)
    result["program_sha256"] = hashlib.sha256(program.source).hexdigest()
    rival = Program(options.against, options.python) if options.against else None
    workload = WORKLOADS[options.workload]
    master = secrets.token_bytes(32) if options.seed is None else b"seed %d" % options.seed
    keys = (hashlib.sha256(master + b"%d" % i).digest() for i in range(10**6))
    gate_limit_s = max(10.0, options.budget / 3)
    with Cores(options.cores) as cores:
        result["environment"] = describe_host(cores)
        if not cores.pinned:
            say("pinned: no (this system can't, or every core is taken by another run)")
        with Child(program, cores) as child:
            result.update(interpreter=child.interpreter, import_s=round(child.import_s, 3))
            gate(child, Stream(next(keys)), gate_limit_s)
            say("gate: ok")
            warmup_s, estimate_s = warm_up(child, workload, next(keys), min(options.budget / 4, 30.0))
            result["warmup_s"] = round(warmup_s, 3)
            say(f"timing: {options.budget:g} s, about {workload.generations / estimate_s:.5g} generations/s")
            timing = measure(child, workload, next(keys), options.budget, estimate_s)
            checkpoints = long_gate(child, timing.rate, options.budget, Stream(next(keys)))
            result["peak_memory_mb"] = round(child.peak_memory_mb, 1)
            say(f"long gate: {checkpoints}")
        audited = audit(timing, options.budget / 4)
        say(f"audit: {audited} episodes ok")
        program.check_unchanged()
        interval = rate_interval(timing.batches)
        measured = {
            "total_generations": timing.total_generations,
            "total_walltime": round(timing.charged_s, 3),
            "generations_per_s": round(timing.rate, 2),
            "ci95": [round(bound, 2) for bound in interval] if interval else None,
            "episodes": len(timing.answers),
            "audited": audited,
            "discarded": timing.discarded,
            "checkpoints": checkpoints,
        }
        if rival is not None:
            with Child(rival, cores) as child, blame(rival):
                gate(child, Stream(next(keys)), gate_limit_s)
            comparison = compare(
                program, rival, cores, workload, options.blocks, options.margin, lambda: next(keys), say
            )
            result["against"] = str(options.against)
            result["comparison"] = comparison._asdict()
        result.update(measured, verdict="ok")


def print_block(result: Dict[str, Any]) -> None:
    lines: Dict[str, Any] = {}
    if result["verdict"] == "ok":
        interval = result["ci95"]
        lines = {key: result[key] for key in KEYS}
        lines["ci95"] = "{:.2f} {:.2f}".format(*interval) if interval else "n/a"
        lines["episodes"] = f"{result['episodes']} ({result['audited']} audited)"
        if result["discarded"]:
            lines["episodes"] += f", {result['discarded']} batches discarded: the machine was suspended"
        if not result["trusted"]:
            lines["trusted"] = "no (the boards came from --seed)"
        if result.get("comparison"):
            comparison = result["comparison"]
            lines["against"] = result["against"]
            lines["ratio"] = f"{comparison['ratio']:.4f}"
            lines["ratio_ci95"] = f"{comparison['low']:.4f} {comparison['high']:.4f}"
            lines["blocks"] = len(comparison["block_ratios"])
            lines["comparison"] = comparison["verdict"]
    else:
        lines["reason"] = result["reason"]
        for key, value in result["details"].items():
            if key != "traceback" and value is not None:
                lines[key] = json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value
    lines["verdict"] = result["verdict"]
    print("---")
    for key, value in lines.items():
        print(f"{key + ':':<19} {value}")
    if result.get("details", {}).get("traceback"):
        print(result["details"]["traceback"].rstrip())


def write_json(path: str, result: Dict[str, Any]) -> None:
    """Write the result in one piece: a reader, or a full disk, never sees half of it."""
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(result, indent=2) + "\n")
        os.replace(temporary, target)
    except OSError as error:
        raise Usage(f"json {path}: {error.strerror}") from None
    finally:
        if temporary.exists():
            temporary.unlink()


def main(arguments: Sequence[str]) -> int:
    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def terminate(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    result: Dict[str, Any] = dict.fromkeys((*KEYS, "audited", "discarded", "comparison"))
    try:
        options = parse_arguments(arguments)
        if options.json:
            write_json(options.json, {**result, "verdict": "running"})
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
    except KeyboardInterrupt:
        result.update(verdict="interrupted", reason="interrupted", details={})
        exit_code = 130
    try:
        if options.json:
            write_json(options.json, result)
    except Usage as failure:
        say(f"bench.py: {failure.reason}")
        exit_code = exit_code or failure.exit_code
    if exit_code in (2, 130):
        say(f"bench.py: {result['reason']}")
    else:
        try:
            print_block(result)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever was to read it is gone; the exit status still tells. Python must not try again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_code


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
