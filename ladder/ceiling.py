"""What the machine's logic units would allow a program that keeps a cell in a bit; derived in docs/ceiling.md."""

import importlib

from autoresearch import bench
from ladder.results import Results

# By instruction set: bits of a vector, and the logic instructions with which cython_simd's circuit, the smallest on the
# ladder, plays that many cells for a generation. AVX-512 has instructions for any function of three bits.
VECTORS = {"avx512": (512, 20), "avx2": (256, 36), "portable": (64, 36)}


def measure_peak(path: str | None) -> float | None:
    """Logic instructions per second of one core, in vectors of that path; None where nothing is compiled."""
    if path is None:
        return None
    try:
        peak = importlib.import_module("ladder.peak")
    except ImportError:
        return None
    return float(peak.logic_instructions_per_s(path))


def ceiling_rate(results: Results) -> float | None:
    """Generations per second on 150 x 240 cells if all logic units did the circuit's work and nothing else."""
    peak = results.environment.get("logic_instructions_per_s")
    path = results.environment.get("simd_path")
    if not peak or path not in VECTORS:
        return None
    bits, instructions = VECTORS[path]
    return float(peak) / (instructions * bench.ROWS * bench.COLUMNS / bits)
