"""The lesson of one rung: what its docstring teaches, how it differs from its parent, what was gained."""

import ast
import difflib
import re

from ladder.availability import BY_NAME, ROOT
from ladder.results import Results
from ladder.stats import Ratio, speed_up
from variants import Rung


def rung_source(rung: Rung) -> str:
    return (ROOT / rung.source).read_text(encoding="utf-8")


def rung_docstring(rung: Rung) -> str:
    """The docstring of a rung's file, also of a .pyx, which Python can't parse."""
    source = rung_source(rung)
    if rung.source.endswith(".py"):
        return ast.get_docstring(ast.parse(source)) or ""
    found = re.search(r'^"""(.*?)"""', source, re.DOTALL | re.MULTILINE)
    return found[1].strip() if found else ""


def without_docstring(source: str) -> list[str]:
    """The lines of a rung's code: the docstring teaches, the diff is about the rest."""
    return re.sub(r'^"""(.*?)"""\n+', "", source, count=1, flags=re.DOTALL | re.MULTILINE).splitlines(keepends=True)


def rung_diff(rung: Rung) -> str:
    """What changes in code from the parent to this rung, as a unified diff; empty for the first rung."""
    if rung.parent is None:
        return ""
    parent = BY_NAME[rung.parent]
    if parent.source == rung.source:
        return ""
    before, after = without_docstring(rung_source(parent)), without_docstring(rung_source(rung))
    return "".join(difflib.unified_diff(before, after, parent.source, rung.source))


def measured_gains(rung: Rung, results: Results) -> dict[str, dict[str, Ratio]]:
    """By workload: the gain over the parent and the speed-up over row_list, where they were measured."""
    gains: dict[str, dict[str, Ratio]] = {}
    for workload in results.plan.workloads:
        for other in dict.fromkeys((rung.parent, "row_list")):
            ratio = speed_up(results.batches, rung.name, other, workload) if other and other != rung.name else None
            if ratio and other:
                gains.setdefault(workload, {})[other] = ratio
    return gains
