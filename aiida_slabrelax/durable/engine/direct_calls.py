"""Calcfunctions that the function of a workflow calls directly, answered from the journal.

aiida-core has no hook for this: a calcfunction creates its process by calling its class. So
the call of a process class is replaced, but only while a task of a workflow runs its own code, and
only for calls in that task. At all other times plumpy is as it was installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, cast

from aiida import orm
from aiida.engine.processes.functions import FunctionProcess
from plumpy.base.state_machine import StateMachineMeta

from ..calls import Call
from ..execution import Execution
from ..results import check_success, read_outputs
from ..scheduling.tasks import running_task

_create = StateMachineMeta.__call__
_lock = Lock()
_running = 0


@contextmanager
def answered() -> Iterator[None]:
    """Answer direct calls of calcfunctions within the block; refuse other processes.

    Several threads may have tasks in such a block: the last one to leave restores plumpy.
    """
    global _create, _running
    with _lock:
        if not _running:
            _create = StateMachineMeta.__call__
            StateMachineMeta.__call__ = _create_or_answer  # type: ignore[method-assign] # see above
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                StateMachineMeta.__call__ = _create  # type: ignore[method-assign] # as it was


class _Answer:
    """Replaces the process of a calcfunction that the journal has answered."""

    def __init__(self, node: orm.ProcessNode) -> None:
        self.node = node

    def execute(self) -> Any:
        """Return the result of the calcfunction."""
        outputs = read_outputs(self.node)
        return outputs['result'] if set(outputs) == {'result'} else outputs


def _create_or_answer(cls: StateMachineMeta, *args: Any, **kwargs: Any) -> Any:
    """Create a process, unless the function of a workflow calls its class.

    :raises TypeError: if the function calls anything but a calcfunction or workfunction.
    """
    task = running_task()
    if task is None:
        return _create(cls, *args, **kwargs)
    if not issubclass(cls, FunctionProcess):
        raise TypeError(
            f'{cls.__name__} cannot be run or submitted inside a workflow by the functions of '
            f'aiida.engine: await submit({cls.__name__}, …) of aiida_slabrelax.durable'
        )
    call = Call(cls._func.__name__, cls, kwargs['inputs'], read_outputs)
    node = cast(Execution, task.owner).execute(call)
    check_success(node)
    return _Answer(node)
