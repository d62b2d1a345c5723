"""Takes two seconds to be imported, as programs with large libraries do.

Speed: as the honest program
"""

import time

from honest import run_benchmark  # noqa: F401

time.sleep(2)
