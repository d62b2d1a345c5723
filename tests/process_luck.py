"""How much of a rung's speed is the luck of its process: why `ladder run` gives every rung several. Prints a table.

    .venv/bin/python tests/process_luck.py          10 processes of each rung, 4 blocks in each: some minutes

The rungs play side by side as in `ladder run`; everybody gets a fresh process after some blocks. A rung's figure is the
logarithm of its rate, less the mean of all rungs' in the block: the machine's drift, which all have in common, cancels.
Its variance is split, by the usual analysis of variance of one factor, into what differs from block to block within a
process and what differs from process to process.
"""

import argparse
import math
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ladder.availability import find_rungs, rung_program, why_unavailable  # noqa: E402
from ladder.measure import Entrant, Session  # noqa: E402
from ladder.workloads import WORKLOADS  # noqa: E402

RUNGS = "row_list,tuple_keys,flat_grid,bigint,numpy_slices,numba_bitplane,cython_typed,cython_simd"
DOMINO = WORKLOADS["domino"]


def measure(names, processes, blocks, slot_s):
    """The figures of each rung: a list for each process, of one number for each block."""
    entrants = []
    for rung in find_rungs(names):
        reason = why_unavailable(rung)
        if reason:
            print(f"{rung.name}: unavailable: {reason}", file=sys.stderr)
        else:
            entrants.append(Entrant(rung.name, rung_program(rung)))
    if len(entrants) < 2:
        sys.exit(f"rungs {names}: expected at least two that can be played here")
    figures = {entrant.name: [] for entrant in entrants}

    def fail(name, workload, status, reason):
        sys.exit(f"{name}: {status}: {reason}")

    def say(text):
        print(text, file=sys.stderr, flush=True)

    with Session(entrants, [DOMINO], slot_s, fail, say) as session:
        session.admit_all(1.0)
        for process in range(processes):
            if process:
                session.renew(0.4)
            for lists in figures.values():
                lists.append([])
            for block in range(blocks):
                batches = session.play_block(DOMINO, process * blocks + block)
                logs = {batch.rung: math.log(batch.rate) for batch in batches}
                mean = statistics.mean(logs.values())
                for name, log in logs.items():
                    figures[name][-1].append(log - mean)
    return figures


def split_spread(groups):
    """Standard deviations of groups of equal size: within them, and of what they have beyond that in common."""
    within = statistics.mean(statistics.variance(group) for group in groups)
    between = statistics.variance(statistics.mean(group) for group in groups) - within / len(groups[0])
    return math.sqrt(within), math.sqrt(max(0.0, between))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rungs", default=RUNGS, help="separated by commas (default: eight of all kinds)")
    parser.add_argument("--processes", type=int, default=10, help="of each rung, one after the other (default: 10)")
    parser.add_argument("--blocks", type=int, default=4, help="that each process lives (default: 4)")
    parser.add_argument("--turn", type=float, default=0.3, help="seconds of a turn (default: 0.3, as `ladder run`)")
    options = parser.parse_args()
    if options.processes < 2 or options.blocks < 2:
        parser.error("expected at least 2 processes and 2 blocks")
    figures = measure(options.rungs, options.processes, options.blocks, options.turn)
    print("| rung | from block to block | from process to process | slowest process | fastest process |")
    print("|---|--:|--:|--:|--:|")
    for name, groups in figures.items():
        within, between = split_spread(groups)
        middle = statistics.mean(x for group in groups for x in group)
        means = sorted(math.exp(statistics.mean(group) - middle) for group in groups)
        print(f"| {name} | {within:.1%} | {between:.1%} | {means[0]:.3f} | {means[-1]:.3f} |")


if __name__ == "__main__":
    main()
