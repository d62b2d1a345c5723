"""Where commands write: what was asked for to standard output, how it goes on to standard error."""

import sys

from rich.console import Console

PAGE_WIDTH = 140  # where nobody says how wide the page is
output = Console(width=None if sys.stdout.isatty() else PAGE_WIDTH)
progress = Console(stderr=True, width=None if sys.stderr.isatty() else PAGE_WIDTH)
