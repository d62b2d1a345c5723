"""How often --against is wrong on this machine: prints the table of docs/referee.md.

    .venv/bin/python tests/error_rates.py                 20 comparisons of each kind, an hour
    .venv/bin/python tests/error_rates.py --cores 2       two at a time

Program and rival are bigint, slowed down after every generation by waiting a fixed part of the time that the
generation took; a part of nothing for identical programs. The true ratio is a little off the nominal one, as reading
the board isn't slowed down and the clock takes time too: the median of all estimates tells.
"""

import argparse
import statistics
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from scipy.stats import binomtest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autoresearch import bench  # noqa: E402

SLOWED = """\
import sys
import time

sys.path.insert(0, {root!r})

from variants import match


def slow_down(play):
    def play_slower(step, *others):
        def slower_step():
            begin = time.perf_counter()
            counts = step()
            end = begin + {factor} * (time.perf_counter() - begin)
            while time.perf_counter() < end:
                pass
            return counts

        return play(slower_step, *others)

    return play_slower


match.play = slow_down(match.play)

from variants.bigint import run_benchmark
"""


class Kind(NamedTuple):
    """A comparison: by which factors program and rival are slowed down, the right decision, the blocks."""

    name: str
    factors: tuple[float, float]
    right: str
    blocks: int


KINDS = (
    Kind("identical", (1.0, 1.0), "indistinguishable", 10),
    Kind("identical", (1.0, 1.0), "indistinguishable", 20),
    Kind("3% faster", (1.0, 1.03), "faster", 20),
    Kind("10% slower", (1.1, 1.0), "slower", 10),
)


def write_program(folder, name, factor):
    path = Path(folder) / name
    path.write_text(SLOWED.format(root=str(ROOT), factor=factor), encoding="utf-8")
    return bench.Program(str(path))


def compare(kind, turn_s):
    """Make one comparison of a kind, on a core that nobody else uses."""
    with tempfile.TemporaryDirectory() as folder, bench.Cores(1) as cores:
        program, rival = (
            write_program(folder, name, factor) for name, factor in zip(("a.py", "b.py"), kind.factors, strict=True)
        )
        domino = bench.WORKLOADS["domino"]
        return bench.compare(program, rival, cores, domino, blocks=kind.blocks, turn_s=turn_s)


def row(kind, comparisons):
    """What became of the comparisons of a kind, as a row of a table."""
    right = sum(found.verdict == kind.right for found in comparisons)
    interval = binomtest(right, len(comparisons)).proportion_ci()
    ratios = statistics.median(found.ratio for found in comparisons)
    widths = statistics.median(found.high / found.low - 1 for found in comparisons)
    verdicts = [found.verdict for found in comparisons]
    others = ", ".join(f"{verdicts.count(v)} {v}" for v in sorted(set(verdicts) - {kind.right})) or "none"
    return (
        f"| {kind.name} | {kind.blocks} | {ratios:.3f} | {widths:.1%} | {right} of {len(comparisons)} {kind.right} "
        f"({interval.low:.0%} to {interval.high:.0%}) | {others} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="comparisons of each kind (default: 20)")
    parser.add_argument("--turn", type=float, default=0.25, help="seconds of a turn; bench.py's are 1 (default: 0.25)")
    parser.add_argument("--cores", type=int, default=1, help="comparisons at a time, each on a core (default: 1)")
    options = parser.parse_args()
    found = {kind: [] for kind in KINDS}
    with ProcessPoolExecutor(options.cores) as pool:
        running = {pool.submit(compare, kind, options.turn): kind for _ in range(options.runs) for kind in KINDS}
        try:
            for done in as_completed(running):
                kind, comparison = running[done], done.result()
                found[kind].append(comparison)
                line = f"{kind.name}, {kind.blocks} blocks: {comparison.verdict} {comparison.ratio:.4f}"
                print(f"{line} ({comparison.low:.4f} to {comparison.high:.4f})", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    print("| program against rival | blocks | median ratio | median width | decided rightly | otherwise |")
    print("|---|--:|--:|--:|---|---|")
    for kind, comparisons in found.items():
        if comparisons:
            print(row(kind, comparisons))


if __name__ == "__main__":
    main()
