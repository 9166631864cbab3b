"""The end of what is waited for: calls are killed, tasks cancelled, with all below them."""

from __future__ import annotations

from functools import partial
from typing import Any

from .calls import Handle, Timer
from .execution import Execution, current_execution
from .places import Place
from .tasks import Future, Task, current_task


def stop(*futures: Future[Any]) -> None:
    """Kill the processes of calls, and cancel tasks.

    All that a task has started and all that it waits for ends with it.
    """
    task, execution = current_task('kill=True'), current_execution('kill=True')
    below: dict[Future[Any], None] = {}  # in an order that a replay repeats
    for future in futures:
        _collect(future, execution, below)
    for future in below:
        if isinstance(future, Handle):
            task.run_in_hub(partial(execution.kill, future))
    for future in below:
        if isinstance(future, Task) and future is not task:
            future.stop()
        elif isinstance(future, (Timer, Place)):
            future.cancel()


def _collect(future: Future[Any], execution: Execution, below: dict[Future[Any], None]) -> None:
    """Add a future, and what has to end with it."""
    if future.done() or future in below:
        return
    below[future] = None
    if isinstance(future, Task):
        for other in [*future.items, *future.awaited, *execution.below(future.position)]:
            _collect(other, execution, below)
