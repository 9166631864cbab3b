"""What each interpreter imports that tests start: workers of a daemon are quick if told to be."""

import os
import sys

if os.environ.get('SLABRELAX_QUICK_WORKERS') and sys.orig_argv[-2:] == ['daemon', 'worker']:
    import quick_aiida  # noqa: F401 - for its effect
