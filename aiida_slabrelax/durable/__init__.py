"""Durable workflows: plain Python functions that survive a kill of the daemon.

Knows nothing of slabs.
"""

from .calls import Handle
from .combine import as_completed, first, gather, limit, timeout
from .decorator import workflow
from .errors import (
    ChildExcepted,
    ChildFailed,
    ChildKilled,
    NotImportableError,
    NotInWorkflowError,
    ReplayError,
)
from .replay import replay
from .submitting import submit
from .values import continue_as_new, local, now, patched, random, report, sleep, uuid

__all__ = (
    'ChildExcepted',
    'ChildFailed',
    'ChildKilled',
    'Handle',
    'NotImportableError',
    'NotInWorkflowError',
    'ReplayError',
    'as_completed',
    'continue_as_new',
    'first',
    'gather',
    'limit',
    'local',
    'now',
    'patched',
    'random',
    'replay',
    'report',
    'sleep',
    'submit',
    'timeout',
    'uuid',
    'workflow',
)
