"""Wrong versions of one right program, each a small change of its text: the gate kills every one."""

import pytest
from refereeing import HONEST

from autoresearch import bench

SOURCE = HONEST.read_text()
KEY = b"mutants"

# What changes, and into what.
MUTANTS = {
    "born with 2": ("(odd | self.all)", "(odd | ~odd)"),
    "born with 3 only, nobody survives with 2": ("two_or_three & (odd | self.all)", "two_or_three & odd"),
    "survives with 2 only": ("(odd | self.all)", "((odd & ~self.all) | (~odd & self.all))"),
    "6 and 7 count as 2 and 3": ("& ~((a & b) | (c & d))", "& self.full"),
    "survivors keep their color": (
        "self.team1 = alive & (most | tie)",
        "self.team1 = (alive & self.all & self.team1) | (alive & ~self.all & (most | tie))",
    ),
    "newborn cells get the color of the minority": ("alive & (most | tie)", "alive & (~(most | tie) | self.all)"),
    "every tie goes to team 1": ("tie = odd1 & ~odd & self.checker", "tie = odd1 & ~odd"),
    "every tie goes to team 2": ("tie = odd1 & ~odd & self.checker", "tie = 0"),
    "the other squares of the checkerboard": ("~odd & self.checker", "~odd & ~self.checker"),
    "stripes instead of a checkerboard": ("odd_row if y % 2 else row", "row"),
    "one lone neighbor of team 1 decides": ("odd1 & ~odd & self.checker", "odd1 & self.checker"),
    "no wrap to the left": (" | (board & self.last) >> (self.columns - 1)", ""),
    "no wrap to the right": (" | (board & self.first) << (self.columns - 1)", ""),
    "no wrap to the top": (" | (board << (self.size - self.columns)) & self.full", ""),
    "no wrap to the bottom": (" | board >> (self.size - self.columns)", ""),
    "rows run on into the next": (
        "(board & ~self.last) << 1 | (board & self.last) >> (self.columns - 1)",
        "(board << 1) & self.full | board >> (self.size - 1)",
    ),
    "a neighbor counted twice": ("above ^ below ^ beside, (", "above ^ below ^ beside ^ beside2, ("),
    "the cell among its own neighbors": (
        "beside, beside2 = left ^ right, left & right",
        "beside, beside2 = left ^ right ^ board, left & right",
    ),
    "rows and columns mixed up": (
        "int(y) % self.rows * self.columns + x % self.columns",
        "int(y) % self.rows + x % self.columns * self.rows",
    ),
    "negative rows cut off": ("int(y) % self.rows", "max(0, int(y)) % self.rows"),
    "teams swapped in the count": ("count1 = self.team1", "count1 = (self.all & ~self.team1)"),
    "all cells counted as team 2": ("self.all.bit_count() - count1", "self.all.bit_count()"),
    "a window of 279": ("WINDOW = 280", "WINDOW = 279"),
    "a window of 281": ("WINDOW = 280", "WINDOW = 281"),
    "won before the third mean": ("if removed == 0 or count1", "if before == 0 or count1"),
    "two means instead of three": ("is_close(before, middle) and ", ""),
    "a tolerance of one in a thousand": ("< 1e-8", "< 1e-3"),
    "equal counts win": ("removed == 0 or count1 == count2", "removed == 0"),
    "a dead team plays on": ("if count1 == 0 or count2 == 0:", "if count1 == count2 == 0:"),
    "an empty team loses before its time": ("if removed == 0 or", "if (removed == 0 and count1 * count2 > 0) or"),
    "the share of team 1 instead of the larger": ("100 * max(count1, count2)", "100 * count1"),
    "generation 0 is not in the window": ("victory.is_won(*counts) or", "(generation and victory.is_won(*counts)) or"),
    "won a generation late": (
        "is_close(before, middle) and is_close(middle, now)",
        "is_close(removed, before) and is_close(before, middle)",
    ),
    "reports on the way only": (
        "if generation >= callback.next_generation or ended:",
        "if generation >= callback.next_generation:",
    ),
    "stops a generation early": ("match.step()\n        generation += 1", "match.step()\n        generation += 2"),
    "ignores the callback": ("ended |= not callback(generation, *counts)", "callback(generation, *counts)"),
    "ignores the limit": (" or time.monotonic() > deadline", ""),
}


VERDICTS = {"negative rows cut off": "crash", "ignores the limit": "timeout"}


def mutate(old, new):
    assert SOURCE.count(old) >= 1, f"{old!r} is not in {HONEST.name}"
    return SOURCE.replace(old, new)


def find_death(path):
    """Where the gate stops a program; None where it passes."""
    with bench.Child(bench.Program(str(path))) as child:
        try:
            bench.gate(child, bench.Stream(KEY), 30.0)
        except bench.Failure as failure:
            board = failure.details.get("board")
            where = f"{board['name']} {board['rows']} x {board['columns']}: " if board else ""
            return failure.verdict, where + failure.reason
    return None


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_killed(name, tmp_path, record_property):
    path = tmp_path / "mutant.py"
    path.write_text(mutate(*MUTANTS[name]))
    death = find_death(path)
    assert death is not None, "it passed the gate"
    record_property("mutant", (name, *death))
    assert death[0] in VERDICTS.get(name, "wrong")


def test_the_original_lives():
    assert find_death(HONEST) is None


def test_there_are_enough():
    assert len(MUTANTS) >= 15
