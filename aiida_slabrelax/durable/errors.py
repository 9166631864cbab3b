"""Errors of durable workflows."""

from __future__ import annotations

import re
import sysconfig
import traceback
from pathlib import Path
from typing import Any

from aiida.orm import ProcessNode

#: The exit status of a workflow of which a call has failed that it had not awaited.
NOT_AWAITED = 401


#: What stands in a traceback between an exception and the one that it has led to.
_CHAIN = re.compile(r'^(?:The above exception was|During handling of the above) .*$', re.MULTILINE)


class ChildFailed(Exception):
    """A process that the workflow called has failed.

    :ivar node: the node of the process.
    :ivar exit_status: its exit status, ``None`` if it was killed or has excepted.
    :ivar exit_message: its exit message, the reason of the kill, or what its exception says.
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
        """Rebuild the error from its node, which determines the message."""
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
        return read_exception(node)


class NotInWorkflowError(RuntimeError):
    """A command of a durable workflow was called outside the function of one."""

    def __init__(self, command: str, outside: str | None = None) -> None:
        """Make the error of a command.

        :param outside: the command of which the function gave it, such as ``side_effect(f)``.
        """
        if outside is not None:
            message = (
                f'{command} cannot be called inside {outside}: after a restart that is answered '
                'from its record, and the call would be missing; call it in the workflow itself'
            )
        else:
            message = (
                f'{command} works inside the function of a @workflow only: not in a thread, not in '
                'a task of asyncio, and not while the workflow is shut down'
            )
        super().__init__(message)


class NotImportableError(ImportError):
    """A workflow was submitted to a daemon that cannot import its function."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(
            f'{name} cannot be imported by the daemon: it is defined in {module}, not at the top '
            'level of a module. Either move it into a module that the daemon can import (an '
            'installed package, or a file in a folder of PYTHONPATH; restart the daemon), or run '
            'it here with aiida.engine.run instead of submit'
        )


class NondeterminismError(BaseException):
    """The function does not make the calls that its history records.

    Not an :class:`Exception`: a workflow must not catch it. The process pauses with the message.
    """


class NotPersistedError(BaseException):
    """The journal could not be persisted now; the engine waits and tries again.

    Not an :class:`Exception`: it is for the engine, and a workflow must not catch it.
    """


class ReplayError(Exception):
    """A function does not agree with the provenance of its workflow."""


class ContinueAsNew(BaseException):
    """The function continues as new. Not an :class:`Exception`: a workflow must not catch it.

    :ivar inputs: the inputs that change.
    """

    def __init__(self, inputs: dict[str, Any]) -> None:
        super().__init__()
        self.inputs = inputs


def describe_error(error: BaseException) -> str:
    """Return what an error says, in one line, with its notes."""
    text = str(error) if isinstance(error, ChildFailed) else f'{type(error).__name__}: {error}'
    group = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    parts = [text.strip().removesuffix(':'), *getattr(error, '__notes__', ())]
    return '; '.join([*parts, *map(describe_error, group)])


def read_exception(node: ProcessNode) -> str:
    """Return what the exception of a process says, in one line, without the traceback.

    Of a group all exceptions are told, and of several failures those of :func:`gather`'s notes.
    """
    lines = _CHAIN.split(node.exception or '')[-1].strip('\n').splitlines()
    if lines and lines[-1].lstrip().startswith('+--'):
        named = (re.match(r' *\| (?!Traceback )(\S.*)', line) for line in lines)
        told = [match[1] for match in named if match]
    else:
        files = [number for number, line in enumerate(lines) if line.startswith('  File ')]
        below = [line for line in lines[files[-1] :] if line[:2] != '  '] if files else lines
        told = below[:1] + [line for line in below[1:] if line.startswith('also: ')]
    return '; '.join(told) or 'no message'


def find_line(error: BaseException) -> str:
    """Return the file and line at which an error was raised: the last of the user's own."""
    frames = traceback.extract_tb(error.__traceback__)
    library = (str(Path(__file__).parent), *map(sysconfig.get_path, ('purelib', 'stdlib')))
    own = [frame for frame in frames if not frame.filename.startswith(library)]
    last = (own or frames)[-1:]
    return ', '.join(f'{frame.filename}:{frame.lineno}' for frame in last)
