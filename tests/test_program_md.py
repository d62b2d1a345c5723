"""The agent's brief can be followed to the letter: every command in it runs as it is written, in this order."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
from brief import BLOCKS, COLUMNS, EXAMPLE, FILES, FOLDER, bench_arguments, block_keys, replace, shorten

from autoresearch import bench

COMPARED = ["against", "ratio", "ratio_ci95", "blocks", "comparison"]

# What the brief's examples say where an agent puts its own words.
EXAMPLES = {
    "description": "colors in a dict",
    "hypothesis": "get_color scans two row lists for every live neighbor; a look-up instead should give 1.3x",
    "status": '"keep"',
    "learned": "1.3x as expected: the scans for colors were a quarter of the time",
}

FASTER = (
    (
        """
        if self.is_alive(x, y, self.team1_cells):
            return 1
        if self.is_alive(x, y, self.team2_cells):
            return 2
        return 0
""",
        """
        return self.colors.get((x, y), 0)
""",
    ),
    (
        """
        for row in self.all_cells:
            if row[0] in near_rows:
                for nx in row[1:]:
                    if nx in near_columns and (nx != x or row[0] != y):
                        dead.remove(str(nx) + "," + str(row[0]))
                        if self.get_color(nx, row[0]) == 1:
                            team1 += 1
                        else:
                            team2 += 1
""",
        """
        for ny in near_rows:
            for nx in near_columns:
                color = self.get_color(nx, ny)
                if color and (nx != x or ny != y):
                    dead.remove(str(nx) + "," + str(ny))
                    team1 += color == 1
                    team2 += color == 2
""",
    ),
    (
        """
        alive_next = []
        dead_neighbors = {}
""",
        """
        teams = ((1, self.team1_cells), (2, self.team2_cells))
        self.colors = {(x, row[0]): team for team, cells in teams for row in cells for x in row[1:]}
        alive_next = []
        dead_neighbors = {}
""",
    ),
)
CALL = "                team1, team2, dead = self.get_neighbors(x, y)\n"
SLOWER = ((CALL, "                self.get_neighbors(x, y)\n" + CALL),)
CRASHING = (("self.generation += 1\n", "self.generation += one\n"),)


class Room:
    """The brief's four files in a git history of their own, and a shell in which its commands are run."""

    def __init__(self, repository, inside=""):
        self.folder = repository / inside
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copy(FOLDER / name, self.folder / name)
        tools = str(Path(sys.executable).parent)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": tools + os.pathsep + os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        self.ran = set()
        self.shell(f"git init -q -b main {shlex.quote(str(repository))}")
        self.shell("git config user.name agent && git config user.email agent@localhost")
        self.shell("git add --all && git commit -q -m start")

    def shell(self, command):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run(self, name, **replaced):
        """Run a block of the brief; `replaced` are the texts in quotes that it tells the agent to replace."""
        block = BLOCKS[name]
        for old, new in replaced.items():
            block = replace(block, EXAMPLES[old], new)
        self.ran.add(name)
        return self.shell(shorten(block))

    def edit(self, *changes):
        path = self.folder / "program.py"
        text = path.read_text()
        for old, new in changes:
            text = replace(text, old, new)
        path.write_text(text)

    def read(self, name):
        return (self.folder / name).read_text()

    def rows(self):
        lines = self.read("results.tsv").split("\n")
        assert lines.pop() == ""
        return [line.split("\t") for line in lines]

    def set_up(self):
        assert version("numpy") in self.run("interpreter")
        self.run("setup")
        assert re.fullmatch(r"autoresearch/\d{8}\n", self.shell("git branch --show-current"))
        printed = self.run("baseline")
        assert re.fullmatch(r"exit status 0\ngenerations_per_s: +\d+\.\d+\nverdict: +ok\n", printed)
        self.run("log baseline")
        assert self.read("kept.py") == (FOLDER / "program.py").read_text()

    def look(self):
        """Step 1 of the loop: nothing is changed, and the commit is the kept one."""
        printed = self.run("look")
        assert re.match(r"[0-9a-f]+ \(.*tag: kept\b.*\) ", printed)
        assert printed.endswith(self.read("results.tsv"))


def check_rows(room, statuses):
    """results.tsv has the documented columns, true hashes, and a number exactly where there is a metric."""
    head, *rows = room.rows()
    assert head == COLUMNS
    assert [row[2] for row in rows] == statuses
    for row in rows:
        assert len(row) == len(COLUMNS)
        assert re.fullmatch(r"[0-9a-f]{7}", row[0])
        assert room.shell(f"git cat-file -t {row[0]}") == "commit\n"
        if row[2] in ("keep", "discard"):
            assert float(row[1]) > 0
        else:
            assert row[1] == ""
    assert len({row[0] for row in rows}) == len(rows)
    assert room.shell("git status --porcelain") == ""


def test_shortening_changes_budget_and_blocks_only():
    runs = 0
    for block in BLOCKS.values():
        for documented, short in zip(bench_arguments(block), bench_arguments(shorten(block)), strict=True):
            before, after = vars(bench.parse_arguments(documented)), vars(bench.parse_arguments(short))
            assert {key for key in before if before[key] != after[key]} == {"budget", "blocks"}
            runs += 1
        assert re.sub(" --budget 1 --blocks 6", "", shorten(block)) == re.sub(r"(bench\.py) --budget \d+", r"\1", block)
    assert runs == 3


def test_setup_stops_where_something_is_not_as_it_has_to_be(tmp_path):
    room = Room(tmp_path)

    def refuse():
        with pytest.raises(AssertionError):
            room.run("setup")
        assert room.shell("git branch --show-current") == "main\n"

    room.edit(("import json\n", "import json\n\n"))
    refuse()
    room.shell("git checkout -q program.py")
    room.run("setup")
    room.shell("git checkout -q main")
    room.shell("git branch -q -m autoresearch/$(date +%Y%m%d) other")
    assert room.shell("git status --porcelain") == ""
    refuse()  # results.tsv of an earlier run, which git ignores
    (room.folder / "results.tsv").unlink()
    room.shell("git branch -q -m other autoresearch/$(date +%Y%m%d)")
    refuse()


def loop_to_a_keep_and_a_crash(folder):
    room = Room(folder)
    room.set_up()
    assert block_keys(room.read("run.log")) == [key for key in block_keys(EXAMPLE) if key not in COMPARED]

    room.look()
    room.run("idea")
    room.edit(*FASTER)
    assert room.run("measure") == "exit status 0\n"
    assert block_keys(room.read("run.log")) == block_keys(EXAMPLE)
    result = dict(line.split(None, 1) for line in room.run("read").splitlines())
    assert set(result) == {"generations_per_s:", "ratio:", "ratio_ci95:", "comparison:", "verdict:"}
    assert (result["comparison:"], result["verdict:"]) == ("faster", "ok")
    room.run("log")
    room.run("keep")
    kept = room.read("program.py")
    assert room.read("kept.py") == kept

    room.look()
    room.run("idea", description="one more", hypothesis="a counter that isn't there")
    room.edit(*CRASHING)
    assert room.run("try") == "exit status 3\n"
    room.shell(BLOCKS["measure"].splitlines()[0])  # as step 3 says: commit it, and take that try for its run
    assert re.search(r"reason: .*NameError.*\nverdict: +crash\n", room.run("read"))
    assert "Traceback" in room.shell("tail -n 50 run.log")
    room.run("log", status='"crash"', learned="there is no such counter")
    room.run("reset")
    assert room.read("program.py") == room.read("kept.py") == kept
    room.look()

    check_rows(room, ["keep", "keep", "crash"])
    assert room.rows()[2][3:] == [
        EXAMPLES["description"], "macro", "data structure", EXAMPLES["hypothesis"], EXAMPLES["learned"]
    ]  # fmt: skip
    assert room.ran == set(BLOCKS) - {"profile"}


def loop_to_a_discard(folder):
    (folder / "other.txt").write_text("not the agent's\n")
    room = Room(folder, "autoresearch")
    room.set_up()
    assert "get_neighbors" in room.run("profile")

    room.look()
    room.run("idea", description="touch rows before use", hypothesis="what lies in the cache is read faster")
    room.edit(*SLOWER)
    assert room.run("measure") == "exit status 0\n"
    assert re.search(r"comparison: +slower\nverdict: +ok\n", room.run("read"))
    room.run("log", status='"discard"', learned="the interpreter is the limit, not the memory")
    room.run("reset")
    assert room.read("program.py") == room.read("kept.py") == (FOLDER / "program.py").read_text()
    room.look()

    check_rows(room, ["keep", "discard"])
    assert room.ran == set(BLOCKS) - {"keep", "try"}


def test_loop(tmp_path):
    """From setup to a kept, a crashed and a discarded experiment, in a room of its own and in a larger repository."""
    (tmp_path / "a repository").mkdir()
    with ThreadPoolExecutor() as pool:
        loops = (
            pool.submit(loop_to_a_keep_and_a_crash, tmp_path / "a room"),
            pool.submit(loop_to_a_discard, tmp_path / "a repository"),
        )
    for loop in loops:
        loop.result()
