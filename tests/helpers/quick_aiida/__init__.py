"""What aiida-core does again and again without need, done once in a process that imports this.

The results are the same (``tests/quick_aiida``), and a relaxation takes half of the processor time.
The processes of pytest import this, forked workers, and workers of a daemon for tests in the ring
`daemon` (``sitecustomize``); for those in `promise` and `infrastructure` they run as at a user's.
"""

from . import (  # noqa: F401 - for their effect
    known_rows,
    quick_queries,
    without_cycle_queries,
    without_fsync,
)
