"""program.md as a script: the blocks of commands that an agent is told to run, by what they are for."""

import re
import shlex
import textwrap

from ladder.errors import LadderError

# All blocks of commands, in the order of the text.
NAMES = (
    "interpreter",
    "setup",
    "baseline",
    "log baseline",
    "look",
    "idea",
    "try",
    "measure",
    "read",
    "log",
    "keep",
    "reset",
    "profile",
)
BLOCK = re.compile(r"^( *)```bash\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r'"[^"]*"')
RUN = re.compile(r"(python3 bench\.py)(?: --budget (\d+))?")


def read_blocks(text: str) -> dict[str, str]:
    """The blocks of commands of program.md, by name. Raises LadderError where they aren't the ones known here."""
    blocks = [textwrap.dedent(found[2]) for found in BLOCK.finditer(text)]
    if len(blocks) != len(NAMES):
        raise LadderError(f"program.md has {len(blocks)} blocks of commands, expected {len(NAMES)}: {', '.join(NAMES)}")
    return dict(zip(NAMES, blocks, strict=True))


def fill(block: str, *words: str) -> str:
    """Put words in place of the examples in a block, which are what stands there in quotes without a command.

    >>> fill('printf "%s" "$(date)" "an example" > idea.txt', "it's mine")
    'printf "%s" "$(date)" \\'it\\'"\\'"\\'s mine\\' > idea.txt'
    """
    examples = [found for found in QUOTED.finditer(block) if "$" not in found[0] and "%" not in found[0]]
    if len(examples) != len(words):
        raise LadderError(f"program.md has {len(examples)} examples, expected {len(words)}, in: {block}")
    for found, word in zip(reversed(examples), reversed(words), strict=True):
        block = block[: found.start()] + shlex.quote(word) + block[found.end() :]
    return block


def shorten(block: str, budget_s: float, blocks: int | None) -> str:
    """Give every run of the referee this budget, where program.md has it run for longer, and so many blocks.

    >>> shorten("python3 bench.py --budget 5 > run.log", 1, 6)
    'python3 bench.py --budget 1 --blocks 6 > run.log'
    """

    def replace(found: re.Match[str]) -> str:
        budget = min(budget_s, float(found[2] or budget_s))
        return f"{found[1]} --budget {budget:g}" + (f" --blocks {blocks}" if blocks else "")

    return RUN.sub(replace, block)
