"""The execution of a workflow's function: its tasks and calls, checked against its history.

An execution never launches processes itself. In a worker of the daemon its backend launches them;
during :func:`~aiida_slabrelax.durable.replay` the backend is read-only.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn, cast

from aiida.orm import ProcessNode

from .backend import Backend
from .calls import Call, Handle, Timer
from .launching import Launcher
from .places import Place, Places
from .record.history import STORE_OUTPUTS, History, Recorded
from .record.journal import Journal, as_plain, format_position
from .record.mismatches import describe_mismatch, name_cause
from .scheduling.scheduler import Scheduler
from .scheduling.tasks import Future, Position, Task, current_task


class Execution:
    """One execution of a function, the first or a repeated one, with its journal and its history.

    :param function: the function, with its arguments bound.
    :param journal: the journal, empty for a new run.
    :param history: the recorded calls, none for a new run.
    :param backend: launches the processes.
    :param guard: returns a context in which the function runs.
    :param rebind: checks and converts new arguments of the function.
    :ivar delivered: the number of completions in the journal that the function has received.
    :ivar outstanding: the calls and timers whose completion has not been delivered.
    :ivar semaphores: the names of those that the function has entered, or waits for.
    :ivar answered: the names and pks of the processes whose results the function has received.
        Their nodes are not kept: SQLAlchemy pays at each commit for every node that is alive.
    """

    def __init__(
        self,
        function: Callable[[], Any],
        journal: Journal,
        history: History,
        backend: Backend,
        guard: Callable[[], AbstractContextManager[None]] = nullcontext,
        rebind: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
    ) -> None:
        self.rebind = rebind
        self.journal = journal
        self.history = history
        self.backend = backend
        self.delivered = 0
        self.outstanding: dict[Position, Handle | Timer | Place] = {}
        self.answered: dict[Position, tuple[str, int]] = {}
        self.semaphores: set[str] = set()
        self._recorded = len(journal.order)
        self._arrived = set(journal.order)
        self._unread = set(journal.values)
        self._published: dict[str, Any] = {}
        self._scheduler = Scheduler(self, guard)
        self.places = Places(backend)
        self.launcher = Launcher(
            backend, self.places, self.outstanding, self._note, not journal.order
        )
        self.root = self._scheduler.spawn((), function)

    def advance(self, persisted: int) -> None:
        """Run until all tasks wait for results.

        :param persisted: how many completions of the journal may be delivered. A completion can
            change what the function does, so it has to be persisted before it is delivered.
        :raises NondeterminismError: if the function does not make the recorded calls.
        :raises NotPersistedError: if the journal could not be persisted; to be called again.
        """
        self._run_tasks()
        while self.delivered < persisted and not self.root.done():
            position = self.journal.order[self.delivered]
            self.delivered += 1
            self._deliver(position)
            self._run_tasks()
        if self._published and self.backend.publish(self._published):
            self._published = {}
        missing: list[Any] = [*self.history.unclaimed(), *self._unread_commands()]
        if self.root.done() and missing:
            raise describe_mismatch(
                self.root,
                f'ends without having called {missing[0]}, which it called before'
                f'{name_cause(self.root)}',
            )

    def arrive(self, position: Position) -> bool:
        """Record the completion of a call or timer; return whether it is new."""
        if position in self._arrived or position not in self.outstanding:
            return False
        self._arrived.add(position)
        self.journal.order.append(position)
        return True

    def pending(self) -> list[Handle | Timer | Place]:
        """Return the calls, timers and places that are awaited and not complete."""
        started = [
            future
            for position, future in self.outstanding.items()
            if position not in self._arrived
            and (isinstance(future, Handle) or not future.cancelled)
        ]
        return [*started, *self.places.lacking]

    @property
    def has_news(self) -> bool:
        """Whether the function can go on."""
        return self.delivered < len(self.journal.order) or self.launcher.is_ready

    def unheeded(self) -> list[BaseException]:
        """Return the errors of calls and tasks that nobody has awaited."""
        failed = [future for future in self._scheduler.failed if future is not self.root]
        errors = [future.unheeded() for future in failed]
        return [
            error for error in errors if error is not None and not isinstance(error, CancelledError)
        ]

    @property
    def is_replaying(self) -> bool:
        """Whether the function is still repeating recorded calls."""
        return (
            self.delivered < self._recorded or bool(self._unread) or bool(self.history.unclaimed())
        )

    def drop(self) -> list[Task]:
        """Abandon the function where it is; return the tasks that have not let themselves end."""
        return self._scheduler.drop()

    def below(self, position: Position) -> list[Future[Any]]:
        """Return what a task has started, by position: tasks and calls, also those that failed."""
        futures: dict[Position, Future[Any]] = {
            **{future.position: future for future in self._scheduler.failed},
            **self.outstanding,
            **self._scheduler.alive,
        }
        depth = len(position)
        return [futures[key] for key in sorted(futures) if key[:depth] == position != key]

    def start(self, call: Call) -> Handle:
        """Launch a process from a task, or find the process of the recorded call."""
        task = current_task('submit')
        handle = Handle(call, task.take_position())
        task.run_in_hub(lambda: self._start(task, handle))
        return handle

    def execute(self, call: Call) -> ProcessNode:
        """Run a calcfunction or workfunction that a task calls directly."""
        task = current_task(call.name)
        position = task.take_position()
        return task.run_in_hub(lambda: self.execute_at(task, position, call))

    def execute_at(self, task: Task, position: Position, call: Call) -> ProcessNode:
        """Run a calcfunction at a position; to be called in the hub."""
        recorded = self._claim(task, position, call)
        if call.name == STORE_OUTPUTS and recorded and not recorded.node.is_finished_ok:
            recorded = None  # the function was mended since
        node = self.backend.execute(call, position) if recorded is None else recorded.node
        self.answered[position] = (call.name, cast(int, node.pk))
        return node

    def keep(self, command: str, make: Callable[[], Any]) -> Any:
        """Return a value from outside: computed once, and read from the journal afterwards.

        :param command: the command that needs it; a repeated execution must have the same one.
        :raises TypeError: if the value is not plain.
        """
        task = current_task(command)
        position = task.take_position()
        recorded = self.history.claim(position)
        if recorded is not None:
            task.run_in_hub(
                lambda: self._refuse(task, f'calls {command} where {recorded} was called')
            )
        if position in self.journal.values:
            before, value = self.journal.values[position]
            if before != command:
                task.run_in_hub(
                    lambda: self._refuse(task, f'calls {command} where {before} was called')
                )
            self._unread.discard(position)
            return value
        task.outside = command
        try:
            value = as_plain(make(), f'the value of {command}')
        finally:
            task.outside = None
        self.journal.values[position] = (command, value)
        task.run_in_hub(self.backend.keep_journal)
        return value

    def start_timer(self, deadline: float) -> Timer:
        """Return a timer that is done at a time (s since the epoch)."""
        position = current_task('sleep').take_position()
        timer = self.outstanding[position] = Timer(position, deadline)
        return timer

    def take_place(self, name: str, value: int) -> Place:
        """Return a place in a semaphore that is done when the workflow has it."""
        self.semaphores.add(name)
        position = current_task('Semaphore()').take_position()
        place = self.outstanding[position] = Place(position, name, value)
        return place

    def publish(self, values: Mapping[str, Any]) -> None:
        """Show values on the node of the run, once the function waits or ends.

        A repeated execution publishes all of them again, so that none of the last is missing.
        """
        self._published.update(values)

    def decide(self, name: str) -> bool:
        """Return whether the run has reached a change of its function only after the change."""
        task = current_task('patched')
        if name not in self.journal.patches:
            self.journal.patches[name] = not self.is_replaying
            task.run_in_hub(self.backend.keep_journal)
        return self.journal.patches[name]

    def _run_tasks(self) -> None:
        self._scheduler.run()
        if self.delivered >= self._recorded:
            self.launcher.catch_up()
            while self.launcher.launch_next():
                self._scheduler.run()

    def _deliver(self, position: Position) -> None:
        future = self.outstanding.pop(position, None)
        if future is None:
            raise describe_mismatch(
                self.root,
                f'has not made call {format_position(position)}, which was complete before'
                f'{self._name_unclaimed()}',
            )
        if not isinstance(future, Handle):
            if isinstance(future, Place):
                self.places.enter(future)
            future.set_result()
        elif future.node is None:
            raise describe_mismatch(
                self.root,
                f'calls {future.call.name} as call {format_position(position)}, of which there '
                'is no process',
            )
        else:
            node = self.backend.read_again(future.node)
            self.answered[position] = (future.call.name, cast(int, node.pk))
            future.finish(node)
            self._note(future)

    def _start(self, task: Task, handle: Handle) -> None:
        recorded = self._claim(task, handle.position, handle.call)
        if recorded is not None:
            handle.node = recorded.node
            self.outstanding[handle.position] = handle
        else:
            self.launcher.start(handle)

    def _note(self, handle: Handle) -> None:
        """Note a call that has failed, until somebody asks for its error."""
        failed = [*self._scheduler.failed, handle]
        self._scheduler.failed[:] = [future for future in failed if future.unheeded() is not None]

    def _claim(self, task: Task, position: Position, call: Call) -> Recorded | None:
        if position in self.journal.values:
            before, _ = self.journal.values[position]
            self._refuse(task, f'calls {call.name} where {before} was called')
        recorded = self.history.claim(position)
        if recorded is not None:
            if recorded.name == STORE_OUTPUTS != call.name:
                self._refuse(task, f'calls {call.name} where it ended before')
            difference = self.backend.find_difference(recorded, call)
            if difference is not None:
                self._refuse(task, difference)
        return recorded

    def _refuse(self, task: Task, difference: str) -> NoReturn:
        raise describe_mismatch(task, difference)

    def _unread_commands(self) -> list[str]:
        return [self.journal.values[position][0] for position in sorted(self._unread)]

    def _name_unclaimed(self) -> str:
        unclaimed = self.history.unclaimed()
        return f' ({unclaimed[0]} was called, for one)' if unclaimed else ''


def current_execution(command: str) -> Execution:
    """Return the execution in whose function a command is called.

    :raises NotInWorkflowError: outside the function of a workflow.
    """
    return cast(Execution, current_task(command).owner)
