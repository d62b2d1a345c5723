"""How tests read program.md: its blocks of commands, its tables, and what the commands are shortened to."""

import re
import textwrap
from pathlib import Path

from autoresearch import bench
from ladder import brief
from ladder.brief import read_blocks

FOLDER = Path(bench.__file__).parent
FILES = ("bench.py", "program.py", "program.md", "requirements.txt")
BRIEF = (FOLDER / "program.md").read_text(encoding="utf-8")


def find_blocks(language):
    """The fenced blocks of a language, without the indentation that they have inside of lists."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", BRIEF, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, name, text in found if name == language]


def find_table(first_column):
    """The rows of the table whose head begins with that column, each a list of cells."""
    lines = BRIEF[BRIEF.index(f"| {first_column} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def unquote(cell):
    return cell.strip("`")


BLOCKS = read_blocks(BRIEF)
(EXAMPLE,) = find_blocks("")  # of an output block
COLUMNS = [unquote(row[0]) for row in find_table("column")]


def block_keys(text):
    """The keys of an output block, in their order."""
    return re.findall(r"^(\w+): ", text.partition("---\n")[2], re.MULTILINE)


def shorten(commands):
    """Give every run of the referee the smallest budget and the fewest blocks that it takes, and change nothing else.

    The documented runs take minutes; what they print and how they end doesn't depend on it.
    """
    return brief.shorten(commands, 1, 6)


def bench_arguments(commands):
    """The arguments of each run of the referee, up to where the shell goes on."""
    return [match.split() for match in re.findall(r"python3 bench\.py([^>;|\n`]*)", commands)]


def replace(text, old, new):
    """Replace what has to be there once: a change that changes nothing would make a test that tests nothing."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)
