"""One run of a workflow's function: its lines, its calls, and their agreement with the history.

The session knows nothing of how processes are launched: a :class:`Ledger` does that. In a worker
the ledger belongs to the process of the workflow; in a check of finished provenance it only reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol, cast

from aiida.orm import ProcessNode

from .calls import Call, Handle, Timer
from .errors import HistoryMismatch
from .history import STORE_OUTPUTS, History, Recorded
from .journal import Journal, as_plain, format_position
from .lines import Line, Position, Scheduler, current_line

_ADVICE = (
    'Mend the function so that it makes the recorded calls in the recorded order (patched() keeps '
    'both ways of doing it), restart the daemon, and play the process.'
)


class Ledger(Protocol):
    """Does what a session wants to have done, and reads what has been done."""

    uuid: str

    def launch(self, call: Call, position: Position) -> ProcessNode:
        """Launch a process; its end is to be told with :meth:`Session.arrive`."""

    def execute(self, call: Call, position: Position) -> ProcessNode:
        """Run a calcfunction or workfunction here and return its node when it has ended."""

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return what tells a call from a recorded one."""

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call cannot be launched, ``None`` if it can."""

    def read_again(self, node: ProcessNode) -> ProcessNode:
        """Return a process that has ended as it is in the database."""

    def kill(self, node: ProcessNode) -> None:
        """Ask for a child to be killed."""

    def report(self, message: str) -> None:
        """Write a line into the report of the run."""

    def keep_journal(self) -> None:
        """Persist the journal before anything else happens."""


class Session:
    """A function that runs, or runs again, against its journal and its history.

    :param function: the function, with its arguments bound.
    :param journal: the journal, empty for a new run.
    :param history: the recorded calls, none for a new run.
    :param ledger: what launches processes.
    :ivar answered: the names and pks of the processes whose results the function has been given.
        Their nodes are let go: SQLAlchemy pays at each commit for every node that is alive.
    """

    def __init__(
        self, function: Callable[[], Any], journal: Journal, history: History, ledger: Ledger
    ) -> None:
        self.journal = journal
        self.history = history
        self.ledger = ledger
        self.delivered = 0
        self.outstanding: dict[Position, Handle | Timer] = {}
        self.answered: dict[Position, tuple[str, int]] = {}
        self._recorded = len(journal.order)
        self._arrived = set(journal.order)
        self._unread = set(journal.values)
        self._deferred: list[Handle] = []
        self._scheduler = Scheduler(owner=self)
        self.root = self._scheduler.spawn((), function)

    def advance(self, persisted: int) -> None:
        """Run until all lines wait for something that is not there yet.

        :param persisted: how many completions of the journal may be delivered. A completion can
            change what the function does, and so has to be persisted before.
        :raises HistoryMismatch: if the function does not do what it did before.
        """
        self._run_lines()
        while self.delivered < persisted and not self.root.settled:
            position = self.journal.order[self.delivered]
            self.delivered += 1
            self._deliver(position)
            self._run_lines()
        missing: list[Any] = [*self.history.unclaimed(), *self._unread_kinds()]
        if self.root.settled and missing:
            raise HistoryMismatch(
                f'{self._place(self.root)} the function ends without having called '
                f'{missing[0]}, which it called before. {_ADVICE}'
            )

    def arrive(self, position: Position) -> bool:
        """Note that a call or timer has come to its end; return whether that is news."""
        if position in self._arrived or position not in self.outstanding:
            return False
        self._arrived.add(position)
        self.journal.order.append(position)
        return True

    def pending(self) -> list[Handle | Timer]:
        """Return what has been started and has not come to its end."""
        return [
            one
            for position, one in self.outstanding.items()
            if position not in self._arrived and not (isinstance(one, Timer) and one.cancelled)
        ]

    @property
    def is_replaying(self) -> bool:
        """Whether the function is still doing again what it has done before."""
        return (
            self.delivered < self._recorded or bool(self._unread) or bool(self.history.unclaimed())
        )

    def drop(self) -> None:
        """Leave the function where it stands, for good."""
        self._scheduler.drop()

    def start(self, call: Call) -> Handle:
        """Launch a process from a line, or find the one that was launched before."""
        line = current_line('submit')
        handle = Handle(call, line.take_position())
        line.ask(lambda: self._start(line, handle))
        return handle

    def execute(self, call: Call) -> ProcessNode:
        """Run a calcfunction or workfunction that a line calls directly."""
        line = current_line(call.name)
        position = line.take_position()
        return line.ask(lambda: self.execute_at(line, position, call))

    def execute_at(self, line: Line, position: Position, call: Call) -> ProcessNode:
        """Run a calcfunction at a position; to be called in the hub."""
        recorded = self._claim(line, position, call)
        node = self.ledger.execute(call, position) if recorded is None else recorded.node
        self.answered[position] = (call.name, cast(int, node.pk))
        return node

    def keep(self, kind: str, make: Callable[[], Any]) -> Any:
        """Return a value from outside: made the first time, and the same from then on.

        :param kind: the command that asks, which has to be the same again.
        :raises TypeError: if the value is not plain.
        """
        line = current_line(kind)
        position = line.take_position()
        recorded = self.history.claim(position)
        if recorded is not None:
            line.ask(lambda: self._refuse(line, f'calls {kind} where {recorded} was called'))
        if position in self.journal.values:
            then, value = self.journal.values[position]
            if then != kind:
                line.ask(lambda: self._refuse(line, f'calls {kind} where {then} was called'))
            self._unread.discard(position)
            return value
        value = as_plain(make(), f'the value of {kind}')
        self.journal.values[position] = (kind, value)
        line.ask(self.ledger.keep_journal)
        return value

    def start_timer(self, deadline: float) -> Timer:
        """Return a timer that is settled at a time (s since the epoch)."""
        position = current_line('sleep').take_position()
        timer = self.outstanding[position] = Timer(position, deadline)
        return timer

    def decide(self, name: str) -> bool:
        """Return whether the run has come to a change of its function only after the change."""
        line = current_line('patched')
        if name not in self.journal.patches:
            self.journal.patches[name] = not self.is_replaying
            line.ask(self.ledger.keep_journal)
        return self.journal.patches[name]

    def _run_lines(self) -> None:
        self._scheduler.run()
        while self._deferred and self.delivered >= self._recorded:
            self._launch(self._deferred.pop(0))
            self._scheduler.run()

    def _deliver(self, position: Position) -> None:
        waitable = self.outstanding.pop(position, None)
        if waitable is None:
            raise HistoryMismatch(
                f'{self._place(self.root)} the function has not made call '
                f'{format_position(position)}, which had come to its end before'
                f'{self._name_unclaimed()}. {_ADVICE}'
            )
        if isinstance(waitable, Timer):
            waitable.settle()
        elif waitable.node is None:
            raise HistoryMismatch(
                f'{self._place(self.root)} the function calls {waitable.call.name} as call '
                f'{format_position(position)}, of which there is no process. {_ADVICE}'
            )
        else:
            node = self.ledger.read_again(waitable.node)
            self.answered[position] = (waitable.call.name, cast(int, node.pk))
            waitable.settle_with(node)

    def _start(self, line: Line, handle: Handle) -> None:
        recorded = self._claim(line, handle.position, handle.call)
        if recorded is not None:
            handle.node = recorded.node
            self.outstanding[handle.position] = handle
        elif self.delivered >= self._recorded:
            self._launch(handle)
        elif (mistake := self.ledger.find_mistake(handle.call)) is not None:
            handle.settle(error=mistake)
        else:
            # A call that was not made before has its place after all that was recorded. It waits
            # until that has been delivered: if it does not belong here, a mismatch shows first.
            self._deferred.append(handle)
            self.outstanding[handle.position] = handle

    def _launch(self, handle: Handle) -> None:
        self.outstanding.pop(handle.position, None)
        try:
            handle.node = self.ledger.launch(handle.call, handle.position)
        except Exception as error:  # is for whoever awaits the call
            handle.settle(error=error)
        else:
            self.outstanding[handle.position] = handle

    def _claim(self, line: Line, position: Position, call: Call) -> Recorded | None:
        if position in self.journal.values:
            then, _ = self.journal.values[position]
            self._refuse(line, f'calls {call.name} where {then} was called')
        recorded = self.history.claim(position)
        if recorded is not None:
            if recorded.name == STORE_OUTPUTS != call.name:
                self._refuse(line, f'calls {call.name} where it ended before')
            difference = self.ledger.find_difference(recorded, call)
            if difference is not None:
                self._refuse(line, difference)
        return recorded

    def _refuse(self, line: Line, difference: str) -> NoReturn:
        raise HistoryMismatch(f'{self._place(line)} the function {difference}. {_ADVICE}')

    def _place(self, line: Line) -> str:
        file, number = line.source()
        return f'{file}:{number}:' if number else 'At its end'

    def _unread_kinds(self) -> list[str]:
        return [self.journal.values[position][0] for position in sorted(self._unread)]

    def _name_unclaimed(self) -> str:
        unclaimed = self.history.unclaimed()
        return f' ({unclaimed[0]} was called, for one)' if unclaimed else ''


def current_session(command: str) -> Session:
    """Return the session in whose function a command is given.

    :raises NotInWorkflowError: outside the function of a workflow.
    """
    return cast(Session, current_line(command).owner)
