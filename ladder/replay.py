"""A scripted agent in a clean room. It runs the commands of program.md as they are written, in their order.

Its ideas are data; what becomes of them isn't. Whether an experiment is kept, reset or ends in a failure, is decided by
the exit status and the comparison, as program.md's table says. So a replay proves the whole loop, without a model.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ladder.brief import fill, read_blocks, shorten
from ladder.errors import LadderError
from ladder.export import PROGRAM, check_room, export_room, git
from ladder.ideas import Idea
from ladder.stats import format_factor

STATUSES = {1: "wrong", 3: "crash", 4: "timeout", 5: "wrong", 124: "timeout"}
GIVEN_UP_S = 20.0  # an interrupted referee needs a moment to put its processes away


class Shell:
    """Runs commands in a room, as an agent's shell would, and nothing of them is left when it is interrupted."""

    def __init__(self, room: Path, watch: Callable[[], None]) -> None:
        self.room = room
        self.watch = watch
        tools = Path(sys.executable).parent
        if not (tools / "python3").exists():
            raise LadderError(f"no python3 in {tools}: program.md calls the interpreter by that name")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self.environment = {
            **kept,
            "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def run(self, command: str, check: bool = True) -> str:
        """Run a command; `watch` is called while it runs. Raises LadderError where it fails, unless told not to."""
        try:
            process = subprocess.Popen(
                ["bash", "-c", command],
                cwd=self.room,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        except OSError as error:
            raise LadderError(f"can't run bash: {error.strerror}") from None
        try:
            while True:
                try:
                    output, errors = process.communicate(timeout=0.3)
                    break
                except subprocess.TimeoutExpired:
                    self.watch()
        finally:
            end_tree(process)
        if check and process.returncode != 0:
            reason = (errors.strip() or f"exit status {process.returncode}").splitlines()[-1]
            raise LadderError(f"{self.room}: {command.splitlines()[0]}: {reason}")
        return output


def end_tree(process: subprocess.Popen[str]) -> None:
    """End a process that still runs, and everything that it has started."""
    if process.poll() is not None:
        return
    found = [psutil.Process(process.pid)]
    with suppress(psutil.Error):
        found += found[0].children(recursive=True)
    for member in found:
        with suppress(psutil.Error):
            member.terminate()
    for member in psutil.wait_procs(found, timeout=GIVEN_UP_S)[1]:
        with suppress(psutil.Error):
            member.kill()
    process.communicate()


class Agent:
    """Goes through program.md in a room. `say` takes lines about the progress, `watch` is called while it waits."""

    def __init__(
        self,
        room: Path,
        budget_s: float,
        blocks: int | None,
        say: Callable[[str], None],
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self.room = room
        self.budget_s = budget_s
        self.blocks = blocks
        self.say = say
        self.shell = Shell(room, watch)
        self.commands = read_blocks((room / "program.md").read_text(encoding="utf-8"))

    def run(self, name: str, *words: str, check: bool = True) -> str:
        """Run a block of program.md with words in place of its examples."""
        return self.shell.run(shorten(fill(self.commands[name], *words), self.budget_s, self.blocks), check)

    def bench(self, name: str) -> int:
        """Run a block that ends with the referee; return its exit status."""
        found = re.search(r"exit status (\d+)", self.run(name, check=False))
        status = int(found[1]) if found else 2
        if status not in (0, *STATUSES):
            last = ((self.room / "run.log").read_text(errors="replace").strip() or "no output").splitlines()[-1]
            raise LadderError(f"{self.room}: {last}")
        return status

    def set_up(self) -> None:
        self.run("interpreter")
        self.run("setup")

    def measure_baseline(self) -> None:
        self.say("baseline: measuring")
        status = self.bench("baseline")
        if status != 0:
            raise LadderError(f"{self.room}: the baseline failed with exit status {status}, see run.log")
        self.run("log baseline")

    def experiment(self, idea: Idea, place: str) -> str:
        """Take an idea through steps 1 to 7 of the loop; return the status that was logged."""
        self.look()
        self.run("idea", idea.description, idea.track, idea.category, idea.hypothesis)
        program = self.room / PROGRAM
        program.write_text(idea.edit(program.read_text(encoding="utf-8")), encoding="utf-8")
        self.say(f"{place}, {idea.description}: trying")
        status = self.bench("try")
        if status == 0:
            self.say(f"{place}, {idea.description}: measuring against the kept version")
            status = self.bench("measure")
        else:
            # The idea is broken: it is committed, and that try was its run.
            self.shell.run(self.commands["measure"].splitlines()[0])
        result = self.read(status)
        outcome = decide(status, result)
        self.run("log", outcome, find_lesson(idea, outcome, result))
        self.run("keep" if outcome == "keep" else "reset")
        ratio = f" (ratio {result['ratio']})" if "ratio" in result else ""
        self.say(f"{place}, {idea.description}: {outcome}{ratio}")
        return outcome

    def look(self) -> None:
        """Step 1: where an experiment was cut short, go back to the kept version."""
        first = (self.run("look").splitlines() or [""])[0]
        if not re.match(r"[0-9a-f]+ \(HEAD\b.*\btag: kept\b", first):
            self.run("reset")

    def read(self, status: int) -> dict[str, str]:
        if status == 124:  # killed before it could print a block
            return {}
        pairs = (line.partition(":") for line in self.run("read").splitlines())
        return {key: value.strip() for key, _, value in pairs}

    def resume(self, ideas: Sequence[Idea]) -> int:
        """Get the room ready for the next idea; return how many have been logged."""
        log = self.room / "results.tsv"
        if not log.exists():
            if git(self.room, "branch", "--show-current").decode().strip() != "main":
                raise LadderError(f"{self.room}: was cut short before its log was begun: remove it")
            self.set_up()
        rows = [line.split("\t") for line in log.read_text(encoding="utf-8").splitlines()[1:]]
        if not rows:
            self.measure_baseline()
            return 0
        done = [row[3] for row in rows[1:]]
        if done != [idea.description for idea in ideas[: len(done)]]:
            raise LadderError(f"{self.room}: holds another run: name another folder, or give --quick as that run did")
        if rows[-1][2] == "keep" and rows[-1][0] == git(self.room, "rev-parse", "--short=7", "HEAD").decode().strip():
            self.run("keep")
        self.look()
        return len(done)


def decide(status: int, result: dict[str, str]) -> str:
    """The status to log, by program.md's table; an idea of the script is never kept for being simpler."""
    if status != 0:
        return STATUSES[status]
    return "keep" if result["comparison"] == "faster" else "discard"


def find_lesson(idea: Idea, outcome: str, result: dict[str, str]) -> str:
    """What was learned, which depends on what came out."""
    ratio = f"{format_factor(float(result['ratio']))}x" if "ratio" in result else ""
    if outcome == idea.expected:
        text = f"{ratio}: {idea.learned}" if ratio else idea.learned
    else:
        text = f"expected {idea.expected}, but {ratio or result.get('reason', outcome)}"
    return " ".join(text.split())


def replay(
    room: Path,
    ideas: Sequence[Idea],
    budget_s: float,
    blocks: int | None,
    say: Callable[[str], None],
    watch: Callable[[], None] = lambda: None,
) -> None:
    """Make a room, or go on in one that was cut short, and take all ideas through the loop there."""
    if (room / ".git").exists():
        check_room(room)
        say(f"going on in {room}")
    else:
        export_room(room)
        say(f"room: {room}")
    agent = Agent(room, budget_s, blocks, say, watch)
    done = agent.resume(ideas)
    for number, idea in enumerate(ideas[done:], done + 1):
        agent.experiment(idea, f"experiment {number} of {len(ideas)}")
