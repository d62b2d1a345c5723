"""Which rungs this machine can play, and why not the others."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from autoresearch import bench
from ladder.errors import LadderError
from variants import RUNGS, Rung

ROOT = Path(__file__).resolve().parent.parent
BY_NAME = {rung.name: rung for rung in RUNGS}


def rung_program(rung: Rung) -> bench.Program:
    """The referee's handle of a rung. Raises bench.Usage where the rung can't be played here."""
    if rung.interpreter and shutil.which(rung.interpreter) is None:
        raise bench.Usage(f"{rung.interpreter} is not installed")
    for module in rung.requires:
        if module != "compiled" and importlib.util.find_spec(module) is None:
            raise bench.Usage(f"{module} is not installed")
    return bench.Program(str(ROOT / rung.source), rung.interpreter or sys.executable)


def why_unavailable(rung: Rung) -> str | None:
    """The reason why a rung can't be played here; None where it can."""
    try:
        rung_program(rung)
    except bench.Usage as failure:
        return failure.reason.replace(f"{ROOT}/", "").removeprefix(f"program {rung.source}: ")
    return None


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_cores(cores: int | None, default: int) -> int:
    """The number of cores that was asked for, or a default. Raises LadderError where there are not so many."""
    if cores is not None and cores > usable_cores():
        raise LadderError(f"cores {cores}: expected 1 to {usable_cores()}")
    return cores or min(default, usable_cores())


def find_rungs(text: str) -> list[Rung]:
    """Parse a comma-separated list of rung names, or `all`, into table order. Raises LadderError for unknown names."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return list(RUNGS)
    for name in names:
        if name not in BY_NAME:
            raise LadderError(f"rung {name!r}: expected one of {', '.join(BY_NAME)}, or all")
    if not names:
        raise LadderError(f"rungs {text!r}: expected at least one of {', '.join(BY_NAME)}, or all")
    return [rung for rung in RUNGS if rung.name in names]
