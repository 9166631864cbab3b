"""What each interpreter imports at its start that tests start."""

import gc
import os
import sys

# Looking for garbage takes a fifth of the time of imports, and finds none.
gc.set_threshold(100_000, 20, 20)

if os.environ.get('SLABRELAX_QUICK_WORKERS') and sys.orig_argv[-2:] == ['daemon', 'worker']:
    import quick_aiida  # noqa: F401 - for its effect
