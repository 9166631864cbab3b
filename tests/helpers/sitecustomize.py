"""Imported at the start of each interpreter that tests start."""

import gc
import os
import sys

_IS_WORKER = sys.orig_argv[-2:] == ['daemon', 'worker']
_IS_QUICK = bool(os.environ.get('SLABRELAX_QUICK_WORKERS'))

if _IS_QUICK or not _IS_WORKER:
    # Looking for garbage takes a fifth of the time of imports, and finds none.
    gc.set_threshold(100_000, 20, 20)
if _IS_QUICK and _IS_WORKER:
    import quick_aiida  # noqa: F401 - for its effect
