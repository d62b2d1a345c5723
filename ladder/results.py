"""The record of a run: raw batches and the circumstances, in one versioned file that everything is drawn from."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from autoresearch import bench
from ladder.errors import LadderError

FORMAT = "escape-ladder results"
VERSION = 1
FOLDER = Path(__file__).resolve().parent.parent / "bench_results"
REFERENCE = FOLDER / "reference.json"


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What one rung played in its turn of a block.

    rung         its name; "control" is the A/A control, a second process of the rung that `Plan.control` names
    workload     the kind of boards
    block, slot  which round of the run, and which turn in it
    cores        how many it was given
    generations  played in all
    wall_s       seconds on the referee's clock
    cpu_s        CPU seconds of all its processes and threads
    boards_seed  the hexadecimal key from which the block's boards were drawn
    """

    rung: str
    workload: str
    block: int
    slot: int
    cores: int
    generations: int
    wall_s: float
    cpu_s: float
    boards_seed: str

    @property
    def charged_s(self) -> float:
        return max(self.wall_s, self.cpu_s / self.cores)

    @property
    def rate(self) -> float:
        """Generations per second."""
        return self.generations / self.charged_s


class Outcome(msgspec.Struct, frozen=True):
    """Why a rung has no batches on a workload: `unavailable`, `too slow`, or the referee's verdict against it."""

    rung: str
    workload: str
    status: str
    reason: str


class Plan(msgspec.Struct, frozen=True):
    """What a run is to measure.

    `slot_s` are the seconds of a turn. Every rung gets a fresh process for each workload, and again after
    `blocks_per_process` blocks of it (0: never). `cores` are for rungs that use threads (0: not recorded).
    """

    rungs: list[str]
    workloads: list[str]
    blocks: int
    slot_s: float
    control: str | None
    blocks_per_process: int = 0
    cores: int = 0


class Results(msgspec.Struct):
    """One run. `batch_fields` says what the numbers of a batch mean, for readers other than this program."""

    format: str
    version: int
    created: str
    finished: bool
    plan: Plan
    environment: dict[str, Any]
    outcomes: list[Outcome] = []
    batch_fields: tuple[str, ...] = Batch.__struct_fields__
    batches: list[Batch] = []

    def blocks_done(self, workload: str) -> int:
        return 1 + max((batch.block for batch in self.batches if batch.workload == workload), default=-1)

    def outcome(self, rung: str, workload: str) -> Outcome | None:
        return next((o for o in self.outcomes if o.rung == rung and o.workload == workload), None)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """A context in which nobody else writes a run to this file. Raises LadderError where somebody does already."""
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]
    lock = os.open(bench.own_folder() / f"results-{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LadderError(f"{path}: another run is writing it") from None
        yield
    finally:
        os.close(lock)


def write_atomically(path: Path, text: str) -> None:
    """Write a file in one piece: readers, a crash or a full disk never see half of it. Raises LadderError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise LadderError(f"can't write {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def format_json(found: object) -> str:
    """JSON that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n"


def save(results: Results, path: Path) -> None:
    """Write a run atomically, a batch a line, so that version control shows what changed."""
    head = format_json({**msgspec.to_builtins(results), "batches": []})
    lines = ",\n  ".join(msgspec.json.encode(batch).decode() for batch in results.batches)
    start, _, end = head.rpartition("[]")
    write_atomically(path, f"{start}[\n  {lines}\n ]{end}" if lines else head)


def load(path: Path, kind: str = FORMAT) -> Results:
    """Read a record of some kind. Raises LadderError where the file is missing, damaged, newer, or something else."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise LadderError(f"results {path}: {error.strerror}") from None
    try:
        head = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LadderError(f"results {path}: not JSON, or cut off: {error}") from None
    found = head.get("format") if isinstance(head, dict) else None
    if found != kind:
        raise LadderError(f"results {path}: format {found!r}, expected {kind!r}")
    if head.get("version") != VERSION:
        raise LadderError(f"results {path}: version {head.get('version')!r}, this program reads version {VERSION}")
    try:
        results = msgspec.convert(head, Results)
    except msgspec.ValidationError as error:
        raise LadderError(f"results {path}: damaged: {error}") from None
    for batch in results.batches:
        if not (batch.generations >= 0 and batch.wall_s > 0 and batch.cores >= 1):
            raise LadderError(f"results {path}: damaged: impossible batch {msgspec.to_builtins(batch)}")
    return results
