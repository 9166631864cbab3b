"""The ends of the calls and timers of an execution, as they arrive in the event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from aiida.engine.processes.functions import FunctionProcess

from ...engine.parent import ParentWorkChain
from ..calls import Handle, Timer
from ..execution import Execution
from ..places import Place
from ..results import read_outputs
from ..scheduling.tasks import Position
from .turns import Turns


class Arrivals:
    """Records the ends of calls and timers in the journal, and resumes the process.

    :param process: the process whose children are the calls.
    :param execution: the execution of its function.
    :param resume: resumes the process if it waits.
    :param turns: waits for places in semaphores.
    """

    def __init__(
        self,
        process: ParentWorkChain,
        execution: Execution,
        resume: Callable[[], None],
        turns: Turns,
    ) -> None:
        self._process = process
        self._execution = execution
        self._resume = resume
        self._turns = turns
        self._stopped = False
        self._watched: set[Position] = set()
        self._calls: dict[int, Handle] = {}
        self._run_again: set[Position] = set()

    def watch(self) -> None:
        """Watch the calls, timers and places that are pending and not watched yet."""
        children: dict[int, Handle] = {}
        for future in self._execution.pending():
            if future.position in self._watched:
                continue
            if isinstance(future, Timer):
                delay = max(0.0, future.deadline - time.time())
                self._process.loop.call_later(delay, self._process.call_soon, self._record, future)
            elif isinstance(future, Place):
                self._watched.add(future.position)
                self._turns.await_turn(future, self._record)
            elif future.node is not None:
                children[cast(int, future.node.pk)] = future
            else:
                continue
            self._watched.add(future.position)
        self._calls.update(children)
        self._process.watch_children(children)

    def stop(self) -> None:
        """Stop recording: the execution is abandoned."""
        self._stopped = True
        self._turns.stop()

    def child_ended(self, pk: int) -> None:
        """Record the end of a call of this execution."""
        if (handle := self._calls.pop(pk, None)) is not None:
            self._record(handle)

    def _record(self, future: Handle | Timer | Place) -> None:
        execution = self._execution
        if self._stopped:
            return
        if isinstance(future, Place) and execution.places.regain(future):
            self._resume()
            return
        if execution.outstanding.get(future.position) is not future:
            return
        if execution.root.done():
            return  # the function has ended without it
        if isinstance(future, Handle) and self._ran_in_vain(future):
            self._run_again.add(future.position)
            self._watched.discard(future.position)
            future.node = execution.backend.launch(future.call, future.position)
            self.watch()
        elif execution.arrive(future.position):
            self._resume()

    def _ran_in_vain(self, handle: Handle) -> bool:
        """Return whether a calcfunction may have ended without storing its outputs.

        If a worker dies after storing the exit status and before storing the outputs, aiida-core
        takes the calcfunction for a cached one when it continues it, and ends it with 0 and without
        outputs. It is run again, but only once: a calcfunction that returns nothing looks the same.
        """
        return (
            issubclass(handle.call.process_class, FunctionProcess)
            and handle.position not in self._run_again
            and handle.node is not None
            and handle.node.is_finished_ok
            and not read_outputs(handle.node)
        )
