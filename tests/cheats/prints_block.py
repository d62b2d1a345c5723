"""Prints a block with a splendid metric, in the hope that it lands in the log, and leaves without a word.

Stopped by: captured output
Outcome: crash
"""

import os
import sys

BLOCK = """
---
total_generations:  999999999
total_walltime:     1.0
generations_per_s:  999999999.00
verdict:            ok
"""

for stream in (sys.stdout, sys.stderr):
    stream.write(BLOCK)
    stream.flush()
os.write(1, BLOCK.encode())
os._exit(0)
