"""The regression gate: no rung may fall below its floor, a recorded ratio to another rung less a margin.

Absolute times don't hold between machines, nor from one hour to the next; the ratio of two rungs measured side by side
does, on similar hosts. So every rung has an anchor, one that works alike: noise that both have in common cancels.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from autoresearch import bench
from ladder import results as records
from ladder.availability import BY_NAME, rung_program, why_unavailable
from ladder.errors import LadderError
from ladder.measure import Entrant, Session
from ladder.results import Batch, Results
from ladder.stats import Ratio, format_factor, speed_up
from ladder.workloads import WORKLOADS
from variants import RUNGS, Rung

PATH = records.FOLDER / "floors.json"
MARGIN = 0.15
# Who the anchors themselves are compared with: one that feels the number of live cells, as row_list does, and one that
# doesn't, as numpy_slices doesn't.
ANCHORS = {"row_list": "tuple_keys", "numpy_slices": "numpy_roll"}
SPARSE_BELOW = 30.0  # rungs slower than this, over row_list, feel the number of live cells, as row_list does


class Floor(msgspec.Struct, frozen=True):
    """`floor` is the least that a rung's ratio to its anchor may be; `recorded` is what it was."""

    anchor: str
    recorded: float
    floor: float


class Floors(msgspec.Struct):
    """All floors, and where they come from."""

    source: str
    margin: float
    cpu: str
    floors: dict[str, Floor]


def choose_anchor(name: str, gain: float) -> str:
    """Who a rung is compared with: row_list where both are slow, else numpy_slices."""
    return ANCHORS.get(name) or ("row_list" if gain < SPARSE_BELOW else "numpy_slices")


def make_floors(results: Results, source: str, margin: float) -> Floors:
    """Set the floors from a recorded run. Raises LadderError where a rung was not measured in it."""
    floors = {}
    for rung in RUNGS:
        gain = speed_up(results.batches, rung.name, "row_list", "domino")
        anchor = choose_anchor(rung.name, gain.value if gain else 1.0)
        ratio = speed_up(results.batches, rung.name, anchor, "domino")
        if gain is None or ratio is None:
            raise LadderError(f"{source}: rung {rung.name} or its anchor {anchor} was not measured on domino")
        floors[rung.name] = Floor(anchor, round(ratio.value, 6), round(ratio.value * (1 - margin), 6))
    return Floors(source, margin, str(results.environment.get("cpu")), floors)


def save_floors(floors: Floors) -> None:
    records.write_atomically(PATH, records.format_json(floors))


def load_floors() -> Floors:
    """Read the floors. Raises LadderError where they are missing or damaged."""
    try:
        return msgspec.json.decode(PATH.read_bytes(), type=Floors)
    except OSError as error:
        raise LadderError(f"floors {PATH}: {error.strerror}; make them with `ladder floors --update`") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LadderError(f"floors {PATH}: damaged: {error}") from None


def find_mismatches(floors: Mapping[str, Floor], rungs: Sequence[Rung] = RUNGS) -> list[str]:
    """Rungs without a floor, floors without a rung, anchors that are none."""
    names = {rung.name for rung in rungs}
    found = [f"rung {name} has no floor: measure it with `ladder run`, then `ladder floors --update`" for name in names]
    found = [line for name, line in zip(names, found, strict=True) if name not in floors]
    found += [
        f"floor {name} has no rung: was it renamed? `ladder floors --update`" for name in floors if name not in names
    ]
    found += [f"floor {n}: anchor {f.anchor} is no rung" for n, f in floors.items() if f.anchor not in names]
    return sorted(found)


def measure_ratios(
    floors: Mapping[str, Floor],
    names: Sequence[str],
    blocks: int = 8,
    slot_s: float = 0.2,
    programs: Callable[[Rung], bench.Program] = rung_program,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Ratio | str]:
    """Measure rungs and their anchors side by side; return each one's ratio to its anchor, or why there is none."""
    playing = {*names, *(floors[name].anchor for name in names)}
    outcomes: dict[str, str] = {}
    entrants = []
    for rung in RUNGS:
        if rung.name not in playing:
            continue
        reason = why_unavailable(rung)
        if reason:
            outcomes[rung.name] = f"unavailable: {reason}"
        else:
            entrants.append(Entrant(rung.name, programs(rung)))

    def drop(name: str, workload: str, status: str, reason: str) -> None:
        outcomes[name] = f"{status}: {reason}"

    batches: list[Batch] = []
    with Session(entrants, [WORKLOADS["domino"]], slot_s, drop, say) as session:
        session.admit_all(1.0)
        for block in range(blocks):
            say(f"block {block + 1} of {blocks}")
            batches += session.play_block(session.workloads[0], block)
    ratios: dict[str, Ratio | str] = {}
    for name in names:
        ratio = speed_up(batches, name, floors[name].anchor, "domino")
        anchor = floors[name].anchor
        ratios[name] = outcomes.get(name) or (ratio if ratio else f"its anchor {anchor}: {outcomes.get(anchor)}")
    return ratios


def is_below(ratio: Ratio, floor: Floor) -> bool:
    """Whether the whole interval lies below the floor."""
    return ratio.high < floor.floor


def describe_regression(name: str, floor: Floor, first: Ratio, second: Ratio) -> str:
    lost = 1 - second.value / floor.recorded
    return (
        f"{name} has lost {lost:.0%} against {floor.anchor}: {format_factor(second.value)} times as fast "
        f"(95% interval {format_factor(second.low)} to {format_factor(second.high)}, before that "
        f"{format_factor(first.low)} to {format_factor(first.high)}), recorded {format_factor(floor.recorded)}, "
        f"floor {format_factor(floor.floor)}; for rungs: {BY_NAME[name].source}"
    )


def find_regressions(
    floors: Mapping[str, Floor], measure: Callable[[Sequence[str]], dict[str, Ratio | str]]
) -> dict[str, str]:
    """What is wrong with which rung: below its floor twice in a row, in processes of their own, or not measurable."""
    first = measure(list(floors))
    suspects = [name for name, ratio in first.items() if isinstance(ratio, Ratio) and is_below(ratio, floors[name])]
    second = measure(suspects) if suspects else {}
    found = {name: ratio for name, ratio in {**first, **second}.items() if isinstance(ratio, str)}
    for name in suspects:
        before, after = first[name], second[name]
        if isinstance(before, Ratio) and isinstance(after, Ratio) and is_below(after, floors[name]):
            found[name] = describe_regression(name, floors[name], before, after)
    return found
