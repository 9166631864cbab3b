"""Durable workflows: plain Python functions that survive a kill of the daemon.

Nothing here is about slabs.
"""

from .calls import Handle
from .commands import continue_as_new, now, patched, random, report, side_effect, sleep, uuid
from .concurrency import as_completed, first, gather, wait_for
from .decorator import workflow
from .errors import (
    ChildExcepted,
    ChildFailed,
    ChildKilled,
    NotImportableError,
    NotInWorkflowError,
    ReplayError,
)
from .publishing import publish
from .record.replay import replay
from .record.status import Status, status
from .semaphore import Semaphore
from .submitting import submit

__all__ = (
    'ChildExcepted',
    'ChildFailed',
    'ChildKilled',
    'Handle',
    'NotImportableError',
    'NotInWorkflowError',
    'ReplayError',
    'Semaphore',
    'Status',
    'as_completed',
    'continue_as_new',
    'first',
    'gather',
    'now',
    'patched',
    'publish',
    'random',
    'replay',
    'report',
    'side_effect',
    'sleep',
    'status',
    'submit',
    'uuid',
    'wait_for',
    'workflow',
)
