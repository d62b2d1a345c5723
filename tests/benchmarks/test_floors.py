"""The regression gate, `make regress`: every rung keeps its floor.

All rungs are measured in one session, when the first test asks; a rung below its floor is measured a second time.
"""

import sys

import pytest

from ladder.availability import BY_NAME, why_unavailable
from ladder.errors import LadderError
from ladder.floors import find_mismatches, find_regressions, load_floors, measure_ratios

try:
    FLOORS = load_floors().floors
except LadderError as error:
    FLOORS, REASON = {}, str(error)
else:
    REASON = ""


def say(text):
    sys.stderr.write(f"{text}\n")


@pytest.fixture(scope="session")
def regressions():
    known = {
        name: floor for name, floor in FLOORS.items() if name in BY_NAME and why_unavailable(BY_NAME[name]) is None
    }
    return find_regressions(known, lambda names: measure_ratios(known, names, say=say))


def test_every_rung_has_a_floor_and_every_floor_a_rung():
    assert not REASON
    assert find_mismatches(FLOORS) == []


@pytest.mark.parametrize("name", [name for name in FLOORS if name in BY_NAME])
def test_keeps_its_floor(name, regressions):
    reason = why_unavailable(BY_NAME[name])
    if reason:
        pytest.skip(f"{name} is unavailable here: {reason}")
    if name in regressions:
        pytest.fail(regressions[name], pytrace=False)
