from ladder.results import Results


def write_lessons(results: Results) -> str:
    return ""
