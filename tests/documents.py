"""How tests read the documentation: its blocks of commands, its links, and a copy of the project to run commands in.

What a reader types stands in fenced blocks of bash, sh or console, or in indented lines that begin with a command. A
comment on the line before a block says what isn't to be expected of it:

    <!-- long: 5 minutes -->                 it takes that long; run only with the slow tests
    <!-- not run: it starts an agent -->     it can't be run by a test, and why

and two kinds of blocks are not commands, but what a reader is told to write:

    <!-- file: variants/mine.py -->          a new file, or a new content of an old one
    <!-- patch -->                           a change, in the form of a diff
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import textwrap
import venv
from pathlib import Path
from typing import NamedTuple

from ladder.availability import ROOT

SHELLS = ("bash", "sh", "console")
OTHER_LANGUAGES = ("c", "cython", "diff", "python", "text")
COMMANDS = re.compile(r"(\.venv/bin/\S+|cd|cp|git|ladder|make|objdump|pypy3|pytest|pytest-benchmark|python3?|sed)\b")
MARKER = re.compile(r"<!-- (?:(long): (\d+) minutes?|(not run): \S.*|(file): (\S+)|(patch)) -->")
PLACEHOLDER = re.compile(r"\{\{.*?\}\}", re.DOTALL)
TEMPLATE = ROOT / "ladder" / "lessons_template.md"  # docs/lessons.md is made of it
GENERATED = {ROOT / "docs" / "lessons.md": TEMPLATE}
DOCUMENTS = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - set(GENERATED)), TEMPLATE]


class Block(NamedTuple):
    """A block of a document: where it begins, its language ("" for an indented one), its text, what is said of it."""

    document: Path
    line: int
    language: str
    text: str
    kind: str  # "commands", "long", "not run", "file", "patch" or "other"
    detail: str  # the minutes, the path

    @property
    def place(self) -> str:
        return f"{self.document.relative_to(ROOT)}:{self.line}"


def find_blocks(document: Path) -> list[Block]:
    """All blocks of a document, fenced or indented."""
    text = document.read_text(encoding="utf-8")
    fenced = r"^(?P<indent> *)```(?P<language>\S*)\n(?P<fenced>.*?)^(?P=indent)```$"
    indented = r"(?<=\n\n)(?P<indented>(?:    [^\n]*\n|\n(?=    ))+)"
    blocks = []
    for found in re.finditer(f"{fenced}|{indented}", text, re.MULTILINE | re.DOTALL):
        content = textwrap.dedent(found["fenced"] if found["indented"] is None else found["indented"])
        before = text[: found.start()].rstrip().rpartition("\n")[2].strip()
        kind, detail = classify(found["language"], content, MARKER.fullmatch(before))
        line = text.count("\n", 0, found.start()) + 1
        blocks.append(
            Block(document, line, found["language"] or "", strip_prompts(content, found["language"]), kind, detail)
        )
    return blocks


def classify(language: str | None, content: str, marker: re.Match[str] | None) -> tuple[str, str]:
    if marker:
        kind = marker[1] or marker[3] or marker[4] or marker[6]
        return kind, marker[2] or marker[5] or ""
    is_command = language in SHELLS if language is not None else COMMANDS.match(content)
    return ("commands" if is_command else "other"), ""


def strip_prompts(content: str, language: str | None) -> str:
    """What is typed: of a console's lines those after the prompt."""
    if language != "console":
        return content
    return "".join(line[2:] + "\n" for line in content.splitlines() if line.startswith("$ "))


def prose(document: Path) -> str:
    """What people wrote and nobody filled in: no fenced code, no generated sections, no placeholders."""
    text = document.read_text(encoding="utf-8")
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<!-- ladder report: begin -->.*<!-- ladder report: end -->", "", text, flags=re.DOTALL)
    return PLACEHOLDER.sub("", text)


def find_links(text: str) -> list[str]:
    """The targets of all links and pictures."""
    text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(text: str) -> set[str]:
    """What a link may name behind a #: the headings, as hosts of Markdown write them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def project_files() -> list[str]:
    """What belongs to the project: under git, or not ignored by it; no environments, whatever their names."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return listed.strip("\0").split("\0")


class Checkout:
    """A copy of the project with an environment of its own, where commands can be run that leave something behind.

    The environment takes its libraries from the one that runs the tests, so that nothing is downloaded; what is
    compiled is copied along. HOME and the folder that holds the copy are empty in the beginning.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        for name in [*project_files(), *(f"variants/{path.name}" for path in ROOT.glob("variants/*.so"))]:
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.root / name)
        self.tools = self.root / ".venv" / "bin"
        self.make_environment()
        self.shell("git init -q && git add --all && git commit -q -m copy", 60)

    def make_environment(self) -> None:
        venv.create(self.root / ".venv", symlinks=True)
        (site,) = self.root.glob(".venv/lib/*/site-packages")
        (site / "project.pth").write_text(f"{self.root}\n{sysconfig.get_path('purelib')}\n")
        old = Path(sys.executable).parent
        for tool in old.iterdir():
            new = self.tools / tool.name
            if new.exists() or tool.is_dir():
                continue
            content = tool.read_bytes()
            if content.startswith(b"#!"):
                new.write_bytes(content.replace(str(old).encode(), str(self.tools).encode()))
                new.chmod(0o755)
            else:
                new.symlink_to(tool.resolve())
        for stamp in "installed", "compiled":
            (self.root / ".venv" / stamp).touch()  # newer than all sources, so that make needn't install

    def shell(self, command: str, limit_s: float) -> tuple[str, int]:
        """Run commands as a reader would who has activated the environment, until one fails: output, exit status."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "PYTEST_", "VIRTUAL_ENV", "PYTHONPATH", "COV_"))
        }
        identity = {f"GIT_{role}_{what}": "reader" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        process = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=self.root,
            env={
                **kept,
                **identity,
                "HOME": str(self.home),
                "PATH": f"{self.tools}{os.pathsep}{os.environ['PATH']}",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_CONFIG_NOSYSTEM": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=limit_s)[0], process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C would; the tools put their own processes away
            try:
                return f"{process.communicate(timeout=20)[0]}\nnot done after {limit_s:.0f} s", 124
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return f"{process.communicate()[0]}\nnot done after {limit_s:.0f} s, and deaf", 124

    def rooms(self) -> list[Path]:
        """The rooms made by `ladder export` in which no agent has worked yet."""
        found = [*self.root.parent.glob("*/program.md"), *self.home.rglob("program.md")]
        return [path.parent for path in found if not (path.parent / "results.tsv").exists()]

    def work_in(self, room: Path) -> None:
        """Stand in for the agent: an experiment that was kept, and the log that it leaves."""
        program = room / "program.py"
        program.write_text(program.read_text(encoding="utf-8").replace('"""', '"""A ', 1), encoding="utf-8")
        command = (
            f"cd '{room}' && git tag baseline && git commit -q -a -m 'say what it is' && git tag kept && "
            "printf 'commit\\tgenerations_per_s\\tstatus\\tdescription\\n' > results.tsv && "
            'printf "%s\\t%s\\n" "$(git rev-parse --short=7 baseline)" "70.1\tkeep\tbaseline" '
            '"$(git rev-parse --short=7 kept)" "71.2\tkeep\tsay what it is" >> results.tsv'
        )
        output, status = self.shell(command, 60)
        assert status == 0, output
