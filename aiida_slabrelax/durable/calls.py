"""Calls of processes: what is called, with which inputs, and the handle that stands for the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiida.engine import Process
from aiida.orm import ProcessNode

from .lines import Position, Waitable
from .results import check_success


@dataclass(frozen=True)
class Call:
    """A process to be launched.

    :ivar name: the name of what is called, as it stands in the link label.
    :ivar process_class: the class of the process.
    :ivar inputs: its inputs, without the link label.
    :ivar read: turns the node of the process, once it has ended well, into a result.
    :ivar function: the plain function that the process runs, as ``module:name``, if it does.
    """

    name: str
    process_class: type[Process]
    inputs: dict[str, Any]
    read: Callable[[ProcessNode], Any]
    function: str | None = None


class Handle(Waitable[Any]):
    """A call under way. ``await handle`` or ``handle.result()`` gives its result.

    :ivar node: the node of the process; ``None`` as long as it has not been launched.
    """

    def __init__(self, call: Call, position: Position) -> None:
        super().__init__()
        self.call = call
        self.position = position
        self.node: ProcessNode | None = None

    def settle_with(self, node: ProcessNode) -> None:
        """Settle the call with what its process, which has ended, has given."""
        self.node = node
        try:
            check_success(node)
            value = self.call.read(node)
        except Exception as error:  # is for whoever awaits the call
            self.settle(error=error)
        else:
            self.settle(value)

    def __repr__(self) -> str:
        pk = None if self.node is None else self.node.pk
        return f'<call of {self.call.name}<{pk}>>'


class Timer(Waitable[None]):
    """A time to wait for, in s since the epoch."""

    def __init__(self, position: Position, deadline: float) -> None:
        super().__init__()
        self.position = position
        self.deadline = deadline
        self.cancelled = False

    def cancel(self) -> None:
        """Make sure that nobody waits for it any more; it may still come to its end."""
        self.cancelled = True


def describe_pending(pending: Sequence[Handle | Timer]) -> str:
    """Return what a workflow waits for: ``child processes: 12, 13 and a time``."""
    waits = []
    if pks := [str(one.node.pk) for one in pending if isinstance(one, Handle) and one.node]:
        waits.append(f'child processes: {", ".join(pks)}')
    if any(isinstance(one, Timer) for one in pending):
        waits.append('a time')
    return ' and '.join(waits) or 'nothing'
