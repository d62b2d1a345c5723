"""What the machine's logic units would allow the top rung, if nothing else took any time."""

from ladder.results import Results


def ceiling_rate(results: Results) -> float | None:
    return None
