"""The end of what is waited for: calls are killed, tasks cancelled, with all below them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from ..calls import Handle, Timer
from ..execution import Execution, current_execution
from ..places import Place
from .tasks import Future, Task, current_task


def give_up(*futures: Future[Any]) -> None:
    """Note that nobody has to ask for the errors of futures, and of all below them."""
    for future in _with_all_below(futures, current_task('first()').owner, ended=True):
        future.heeded = True


def stop(*futures: Future[Any]) -> None:
    """Kill the processes of calls, and cancel tasks.

    All that a task has started and all that it waits for ends with it.
    """
    task, execution = current_task('kill=True'), current_execution('kill=True')
    below = _with_all_below(futures, execution)
    for future in below:
        if isinstance(future, Handle):
            task.run_in_hub(partial(execution.launcher.kill, future))
    for future in below:
        if isinstance(future, Task) and future is not task:
            future.stop()
        elif isinstance(future, (Timer, Place)):
            future.cancel()


def _with_all_below(
    futures: Iterable[Future[Any]], execution: Execution | None, ended: bool = False
) -> list[Future[Any]]:
    """Return futures, what they wait for and what they have started, in a fixed order.

    :param ended: with those that are done.
    """
    found: dict[Future[Any], None] = {}

    def add(future: Future[Any]) -> None:
        if future in found or (future.done() and not ended):
            return
        found[future] = None
        if isinstance(future, Task):
            started = [] if execution is None else execution.below(future.position)
            for other in [*future.items, *future.awaited, *started]:
                add(other)

    for future in futures:
        add(future)
    return [*found]
