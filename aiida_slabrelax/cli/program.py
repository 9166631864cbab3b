"""The program around the commands: how it ends, and how it says what is wrong."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO

import click

from ..visible import visible
from .printing import print_text


class Program(click.Group):
    """A group of commands whose errors are shown as everything else that is printed."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command, and exit with its status: 0, or what its error says.

        An output that is full is no defect: it makes one line and the status 1. One that is closed,
        as by ``head``, makes the status 1.
        """
        _prepare_streams()
        if standalone_mode:
            sys.excepthook = _show_defect
        try:
            status: Any = super().main(args, prog_name, complete_var, False, **extra)
        except (click.Abort, click.ClickException, OSError) as error:
            if not standalone_mode:
                raise
            status = _end(error)
        if not standalone_mode:
            return status
        sys.exit(status if isinstance(status, int) else 0)


def _prepare_streams() -> None:
    """Let characters that an output cannot encode be written out instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def _end(error: click.Abort | click.ClickException | OSError) -> int:
    """Say why a command ends, and return its exit status.

    :raises OSError: one that is not of an output.
    """
    if isinstance(error, click.Abort):
        return _complain('Aborted!')
    if isinstance(error, click.ClickException):
        return _complain(_describe(error), error.exit_code)
    if not _is_of_output(error):
        raise error
    _forget(sys.stdout)
    return _complain(f'Error: the output cannot be written: {error.strerror}')


def _describe(error: click.ClickException) -> str:
    """Return what click prints of an error, with its message on one line."""
    error.message = visible(error.message)
    text = io.StringIO()
    error.show(text)
    return text.getvalue().removesuffix('\n')


def _complain(text: str, status: int = 1) -> int:
    """Print a text on the standard error, if that takes it, and return the exit status."""
    try:
        print_text(text, error=True)
    except OSError:
        _forget(sys.stderr)
    return status


def _is_of_output(error: OSError) -> bool:
    """Tell whether an error was raised where something was printed: click prints all there is."""
    *_, (last, _) = traceback.walk_tb(error.__traceback__)
    return last.f_globals.get('__name__') == click.utils.__name__


def _forget(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere; else the interpreter tries again at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except OSError:  # a stream without a file has nothing to write at the end
        return


def _show_defect(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """Print the traceback of a defect, in whose messages may be what others have written."""
    text = ''.join(traceback.format_exception(kind, error, where))
    _complain(text.removesuffix('\n'))
