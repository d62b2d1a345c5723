"""What the whole suite shares: how it hears Ctrl-C, and the tables that end it."""

import signal

# A suite that a shell has started in the background ignores SIGINT, and so would all programs that it starts: the tests
# that interrupt them would wait in vain.
signal.signal(signal.SIGINT, signal.default_int_handler)

TABLES = {
    "cheat": ("cheat", "outcome", "stopped by"),
    "control": ("honest program", "verdict", "beside itself"),
    "mutant": ("mutant", "verdict", "killed at"),
}


def pytest_terminal_summary(terminalreporter):
    """Show what tests recorded by `record_property(kind, row)`, one table per kind."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, [])]
    for kind, head in TABLES.items():
        rows = sorted(tuple(row) for report in reports for name, row in report.user_properties if name == kind)
        if not rows:
            continue
        widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
        terminalreporter.write_sep("-", f"{len(rows)} x {head[0]}")
        for row in [head, *rows]:
            cells = (str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.write_line("  ".join(cells).rstrip())
