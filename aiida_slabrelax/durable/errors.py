"""What can go wrong in a durable workflow, as its function sees it."""

from __future__ import annotations

from typing import Any

from aiida.orm import ProcessNode


class ChildFailed(Exception):
    """A process that the workflow called has not succeeded.

    :ivar node: the node of the process.
    :ivar exit_status: its exit status, ``None`` if it was killed or has excepted.
    :ivar exit_message: its exit message, the reason of the kill, or the last line of its exception.
    """

    verb = 'failed'

    def __init__(self, node: ProcessNode) -> None:
        self.node = node
        self.exit_status: int | None = node.exit_status if node.is_finished else None
        self.exit_message: str = self._read_message(node)
        status = '' if self.exit_status is None else f' [{self.exit_status}]'
        super().__init__(
            f'{node.process_label}<{node.pk}> {self.verb}{status}: {self.exit_message}'
        )

    def __reduce__(self) -> tuple[type[ChildFailed], tuple[ProcessNode]]:
        """Rebuild the error from its node: the message is made of it."""
        return type(self), (self.node,)

    @staticmethod
    def _read_message(node: ProcessNode) -> str:
        return node.exit_message or 'no message'


class ChildKilled(ChildFailed):
    """A process that the workflow called was killed."""

    verb = 'was killed'

    @staticmethod
    def _read_message(node: ProcessNode) -> str:
        return node.process_status or 'no message'


class ChildExcepted(ChildFailed):
    """A process that the workflow called has ended with an unhandled exception."""

    verb = 'excepted'

    @staticmethod
    def _read_message(node: ProcessNode) -> str:
        lines = (node.exception or '').strip().splitlines()
        return lines[-1] if lines else 'no message'


class NotInWorkflowError(RuntimeError):
    """A command of a durable workflow was given outside the function of one."""

    def __init__(self, command: str) -> None:
        super().__init__(
            f'{command} works inside the function of a @workflow only, in the line of execution '
            'that runs it: not in a thread, not in a task of asyncio, and not while the workflow '
            'is shut down'
        )


class NotImportableError(ImportError):
    """A workflow was submitted to a daemon that cannot import its function."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(
            f'{name} cannot be imported by the daemon: it is defined in {module}, not at the top '
            'level of a module. Either move it into a module that the daemon can import (an '
            'installed package, or a file in a folder of PYTHONPATH; restart the daemon), or run '
            'it here with aiida.engine.run instead of submit'
        )


class HistoryMismatch(BaseException):
    """The function does not do what its recorded history says it has done.

    Not an :class:`Exception`: a workflow must not catch it. The process pauses with the message.
    """


class ReplayError(Exception):
    """A function does not do what the provenance of its workflow says that it has done."""


class ContinueAsNew(BaseException):
    """The function asks to begin anew; not an :class:`Exception`, so that nothing catches it.

    :ivar inputs: the inputs that change.
    """

    def __init__(self, inputs: dict[str, Any]) -> None:
        super().__init__()
        self.inputs = inputs
