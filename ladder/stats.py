"""Speed-ups and their intervals from paired batches; the estimator is the referee's own."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from autoresearch.bench import hodges_lehmann
from ladder.results import Batch

FEWEST_BLOCKS = 6  # below that, no exact 95% interval exists


class Ratio(NamedTuple):
    """How many times as fast one rung is as another: estimate and 95% interval (nan where the blocks are too few)."""

    value: float
    low: float
    high: float
    blocks: int

    def __str__(self) -> str:
        return format_factor(self.value)

    def inverse(self) -> "Ratio":
        return Ratio(1 / self.value, 1 / self.high, 1 / self.low, self.blocks)

    def excludes_one(self) -> bool:
        return self.low > 1 or self.high < 1


def rates_by_block(batches: Iterable[Batch], rung: str, workload: str) -> dict[int, float]:
    """The generations per second of a rung in each block."""
    return {b.block: b.rate for b in batches if b.rung == rung and b.workload == workload and b.generations}


def compare_rates(rates: dict[int, float], anchor: dict[int, float]) -> Ratio | None:
    """The Hodges-Lehmann estimate of the ratio of two rungs' rates, paired by block; None where no block has both."""
    logs = [math.log(rates[block] / anchor[block]) for block in sorted(rates.keys() & anchor.keys())]
    return ratio_of_logs(logs) if logs else None


def ratio_of_logs(logs: Sequence[float]) -> Ratio:
    if len(logs) >= FEWEST_BLOCKS:
        middle, low, high = hodges_lehmann(logs)
    else:
        pairs = sorted((a + b) / 2 for i, a in enumerate(logs) for b in logs[i:])
        middle = (pairs[(len(pairs) - 1) // 2] + pairs[len(pairs) // 2]) / 2
        low = high = math.nan
    return Ratio(math.exp(middle), math.exp(low), math.exp(high), len(logs))


def speed_up(batches: Sequence[Batch], rung: str, anchor: str, workload: str) -> Ratio | None:
    """How many times as fast `rung` is as `anchor` on a workload; None where no block has both."""
    return compare_rates(rates_by_block(batches, rung, workload), rates_by_block(batches, anchor, workload))


def median_rate(batches: Iterable[Batch], rung: str, workload: str) -> float | None:
    """The median over blocks of the generations per second: for the eye; decisions are made by ratios."""
    rates = sorted(rates_by_block(batches, rung, workload).values())
    return (rates[(len(rates) - 1) // 2] + rates[len(rates) // 2]) / 2 if rates else None


def format_factor(value: float) -> str:
    """A factor to three digits, with commas.

    >>> [format_factor(x) for x in (0.8741, 1.0555, 23.44, 187.6, 12345.6)]
    ['0.874', '1.06', '23.4', '188', '12,300']
    """
    return three_digits(value)


def format_rate(value: float) -> str:
    """Generations per second to three digits, with commas.

    >>> [format_rate(x) for x in (0.02134, 93.27, 48210.0, 2347000.0)]
    ['0.0213', '93.3', '48,200', '2,350,000']
    """
    return three_digits(value)


def three_digits(value: float) -> str:
    """A positive number rounded to three digits, with commas; what isn't positive and finite, as it is."""
    if not 0 < value < math.inf:
        return f"{value:g}"
    rounded = float(f"{value:.2e}")
    return f"{rounded:,.{max(0, 2 - math.floor(math.log10(rounded)))}f}"
