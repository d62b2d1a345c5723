"""Clean rooms: a folder with all that an agent gets to see, and whether only program.py was changed in it.

A room is a git repository of its own with one commit. Nothing about it has to be remembered: what it held in the
beginning are this repository's own files, so a room is judged by comparing it with them, and its history with its
first commit.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autoresearch import bench
from ladder.availability import ROOT
from ladder.errors import LadderError

SOURCE = Path(bench.__file__).resolve().parent
PROGRAM = "program.py"
FILES = ("bench.py", PROGRAM, "program.md", "requirements.txt")
CHARTS = ("results.svg", "results.png", "comparison.svg", "comparison.png")
# What else may lie in a room: the log, what program.md has the agent write, and what `ladder analyze` draws.
LEFT_BEHIND = ("results.tsv", "run.log", "idea.txt", "kept.py", "__pycache__", *CHARTS)

IGNORED = "".join(f"{name}{'/' if name == '__pycache__' else ''}\n" for name in LEFT_BEHIND)
PROMPT = """\
Read program.md in this folder from beginning to end, then do what it says. You may begin without asking: this is
the confirmation that its setup asks for. Stop when its plateau plan is through, and end with the report that it asks
for."""
NOTE = f"""\
# A room for an agent

This note is for the human who starts the agent. The agent needs the other four files: `program.md` is its brief,
`program.py` the program that it makes faster, `bench.py` measures and checks it, `requirements.txt` names the
libraries that it may use.

**Before.** `python3` has to be version 3.11 or newer, with the libraries of `requirements.txt` and nothing else. Keep
its environment outside of this folder, and put it first on PATH:

```bash
python3 -m venv ../room-venv
../room-venv/bin/pip install --quiet -r requirements.txt
export PATH="$(realpath ../room-venv/bin):$PATH"
```

The agent needs a shell in this folder, leave to edit, commit and run `python3` and `git` without asking, and commands
that may take ten minutes. It should be able to read this folder and its interpreter and nothing else of yours, and
have no network apart from the way to its model. Two cores, and nothing else running on the machine, make its
measurements worth something.

**The first prompt.**

> {PROMPT.replace(chr(10), chr(10) + "> ")}

To be asked before it begins, leave the second sentence out.

**Meanwhile.** `tail -n 5 results.tsv` shows its last experiments. Don't edit anything here: whatever is changed apart
from `program.py` makes the run void.

**Afterwards.** `git reset -q --hard kept` goes back to the last version that it kept. Then judge the room with the
command that made it, with `judge` in place of `export`. Among other things it compares every file but `program.py`, and
the history, with what was exported.
"""


def exported_files() -> dict[str, bytes]:
    """What a room holds in the beginning, by name. Raises LadderError where this repository lacks a file."""
    try:
        files = {name: (SOURCE / name).read_bytes() for name in FILES}
    except OSError as error:
        raise LadderError(f"can't read {error.filename}: {error.strerror}") from None
    return {**files, "README.md": NOTE.encode(), ".gitignore": IGNORED.encode()}


def git(folder: Path, *arguments: str) -> bytes:
    """Run git on the repository that lies in a folder, whatever the user's settings are. Raises LadderError."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment.update(GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", GIT_NO_REPLACE_OBJECTS="1", LC_ALL="C")
    command = ["git", f"--git-dir={folder / '.git'}", f"--work-tree={folder}", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise LadderError(f"can't run git: {error.strerror}") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
        raise LadderError(f"git {arguments[0]} in {folder}: {lines[-1]}")
    return done.stdout


def export_room(room: Path) -> None:
    """Make a room in a folder that is empty or doesn't exist yet.

    Raises LadderError where that can't be; then nothing has been made.
    """
    room = room.resolve()
    if room == ROOT or ROOT in room.parents:
        raise LadderError(f"{room} lies in this repository, where an agent would find everything: name one outside")
    files = exported_files()
    with staging_folder(room) as stage:
        for name, content in files.items():
            (stage / name).write_bytes(content)
        start_history(stage)


@contextmanager
def staging_folder(room: Path) -> Iterator[Path]:
    """A folder whose content becomes the room's at the end, all of it or, after an error, nothing."""
    existed = room.exists()
    try:
        if existed and any(room.iterdir()):
            raise LadderError(f"{room} is not empty: name an empty folder, or a new one")
        missing = [folder for folder in room.parents if not folder.exists()]
        stage = (room if existed else room.parent) / f".{room.name}.{os.getpid()}"
        moved: list[Path] = []
        try:
            stage.mkdir(parents=True)
            yield stage
            if existed:
                # The folder stays the one that it is, since somebody may stand in it. Without .git it's no room yet.
                moved = [room / path.name for path in sorted(stage.iterdir(), reverse=True)]
                for path in moved:
                    (stage / path.name).rename(path)
            else:
                stage.rename(room)
                missing = []
        except BaseException:
            for path in moved:
                remove(path)
            raise
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            for folder in missing:
                with suppress(OSError):
                    folder.rmdir()
    except OSError as error:
        raise LadderError(f"can't make a room in {room}: {error.strerror}") from None


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def start_history(room: Path) -> None:
    """Make the one commit, and settings with which an agent can commit on any machine."""
    git(room, "init", "--quiet", "--template=", "--initial-branch=main")
    settings = {"user.name": "agent", "user.email": "agent@localhost", "commit.gpgsign": "false"}
    for name, value in {**settings, "tag.gpgsign": "false", "core.autocrlf": "false"}.items():
        git(room, "config", name, value)
    git(room, "add", "--all")
    git(room, "commit", "--quiet", "-m", "Start")


def check_room(room: Path) -> None:
    """Make sure that nothing but program.py was changed in a room, neither in its files nor in its history.

    Files that program.md has the agent write are allowed where git doesn't follow them. Raises LadderError, which
    names what was changed.
    """
    room = room.resolve()
    if not (room / ".git").is_dir():
        raise LadderError(f"{room}: not a room made by `ladder export`: no git repository of its own")
    first = find_first_commit(room)
    files = exported_files()
    committed = read_commit(room, first)
    check_files(room, files, committed)
    check_first_commit(room, files, committed)
    check_history(room, first)


def find_first_commit(room: Path) -> str:
    commits = git(room, "rev-list", "--max-parents=0", "HEAD").decode().split()
    if len(commits) != 1:
        raise LadderError(f"{room}: its history has {len(commits)} beginnings, expected 1")
    return commits[0]


def read_commit(room: Path, commit: str) -> dict[str, bytes]:
    """The files of a commit, by name."""
    names = [os.fsdecode(name) for name in git(room, "ls-tree", "-r", "-z", "--name-only", commit).split(b"\0") if name]
    return {name: git(room, "cat-file", "blob", f"{commit}:{name}") for name in names}


def check_files(room: Path, files: dict[str, bytes], committed: dict[str, bytes]) -> None:
    """The files that lie in the room now."""
    for name, content in files.items():
        path = room / name
        if path.is_symlink() or not path.is_file():
            raise LadderError(f"{room}: {name} is missing, or not a plain file")
        if name != PROGRAM and path.read_bytes() != content:
            if committed.get(name) == path.read_bytes():
                raise LadderError(f"{room}: {name} is not this repository's: exported from another version of it?")
            raise LadderError(f"{room}: {name} was changed")
    known = {*files, *LEFT_BEHIND, ".git"}
    extra = sorted(path.name for path in room.iterdir() if path.name not in known)
    if extra:
        raise LadderError(f"{room}: more than was exported: {', '.join(extra)}")


def check_first_commit(room: Path, files: dict[str, bytes], committed: dict[str, bytes]) -> None:
    for name in sorted(files.keys() | committed.keys()):
        if files.get(name) != committed.get(name):
            raise LadderError(f"{room}: {name} of the first commit is not what was exported")


def check_history(room: Path, first: str) -> None:
    """All commits on the way to HEAD."""
    # Merges are compared with each of their parents, so that none can bring in a file unseen.
    arguments = ("log", "-m", "--no-renames", "--name-only", "-z", "--format=", f"{first}..HEAD")
    changed = {os.fsdecode(name.strip()) for name in git(room, *arguments).split(b"\0")} - {"", PROGRAM}
    if changed:
        raise LadderError(f"{room}: commits changed {', '.join(sorted(changed))}, expected {PROGRAM} alone")
