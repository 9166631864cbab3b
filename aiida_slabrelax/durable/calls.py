"""Calls of processes, and the futures of their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiida.engine import Process
from aiida.orm import ProcessNode

from .places import Place
from .results import check_success
from .scheduling.tasks import Future, Position


@dataclass(frozen=True)
class Call:
    """A process to be launched.

    :ivar name: the name of the process or function, as in the link label.
    :ivar process_class: the class of the process.
    :ivar inputs: its inputs, without the link label.
    :ivar read: returns the result from the node of the process, once it has succeeded.
    :ivar function: the plain function that the process runs, as ``module:name``, if it does.
    """

    name: str
    process_class: type[Process]
    inputs: dict[str, Any]
    read: Callable[[ProcessNode], Any]
    function: str | None = None


class Handle(Future[Any]):
    """The future of a call. ``await handle`` or ``handle.result()`` gives the result.

    :ivar node: the node of the process; ``None`` until it has been launched.
    """

    def __init__(self, call: Call, position: Position) -> None:
        super().__init__()
        self.call = call
        self.position = position
        self.node: ProcessNode | None = None

    def finish(self, node: ProcessNode) -> None:
        """Set the result of the call, or its exception, from its terminated process."""
        self.node = node
        try:
            check_success(node)
            value = self.call.read(node)
        except Exception as error:  # raised again where the call is awaited
            self.set_exception(error)
        else:
            self.set_result(value)

    def __repr__(self) -> str:
        pk = None if self.node is None else self.node.pk
        return f'<call of {self.call.name}<{pk}>>'


class Timer(Future[None]):
    """A future that is done at a time.

    :ivar deadline: the time, in s since the epoch.
    """

    def __init__(self, position: Position, deadline: float) -> None:
        super().__init__()
        self.position = position
        self.deadline = deadline
        self.cancelled = False

    def __repr__(self) -> str:
        return f'<timer until {self.deadline}>'

    def cancel(self) -> None:
        """Stop waiting for the timer; it may still be done at its time."""
        self.cancelled = True


def describe_pending(pending: Sequence[Handle | Timer | Place]) -> str:
    """Describe the futures that a workflow awaits: ``child processes: 12, 13 and a time``."""
    waits = []
    nodes = [future.node for future in pending if isinstance(future, Handle)]
    if pks := [str(node.pk) for node in nodes if node is not None]:
        waits.append(f'child processes: {", ".join(pks)}')
    if any(isinstance(future, Timer) for future in pending):
        waits.append('a time')
    waits += sorted(
        {f'a place in {future.name}' for future in pending if isinstance(future, Place)}
    )
    return ' and '.join(waits) or 'nothing'
