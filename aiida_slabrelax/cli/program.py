"""The program around the commands: exit statuses and error messages."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from types import TracebackType
from typing import Any, TextIO

import click

from ..visible import visible
from .errors import CommandFailed
from .printing import print_text


class Program(click.Group):
    """A group of commands whose errors are printed through :mod:`.printing`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; the error for an unknown one has the nearest."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith('-'):
            nearest = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f' Did you mean {nearest[0]!r}?' if nearest else ''
            ctx.fail(f'No such command {args[0]!r}.{hint}')
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command, and exit with its status: 0, or that of its error.

        The status is 2 if the command refuses what it was given, and 1 if it has failed. An output
        that cannot be written (a full disk, or a pipe closed by ``head``) is an expected error with
        the status 1.
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
    """Let characters that an output cannot encode be escaped instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def _end(error: click.Abort | click.ClickException | OSError) -> int:
    """Print why a command ends, and return its exit status.

    :raises OSError: if the error does not concern an output.
    """
    if isinstance(error, click.Abort):
        return _complain('Aborted!')
    if isinstance(error, click.ClickException):
        return _complain(_describe(error), 1 if isinstance(error, CommandFailed) else 2)
    if not _is_of_output(error):
        raise error
    _forget(sys.stdout)
    return _complain(f'Error: the output cannot be written: {error.strerror}')


def _describe(error: click.ClickException) -> str:
    """Return the text that click prints for an error, with its message on one line."""
    error.message = visible(error.message)
    text = io.StringIO()
    error.show(text)
    return text.getvalue().removesuffix('\n')


def _complain(text: str, status: int = 1) -> int:
    """Print a text on the standard error, if possible, and return the exit status."""
    try:
        print_text(text, error=True)
    except OSError:
        _forget(sys.stderr)
    return status


def _is_of_output(error: OSError) -> bool:
    """Return whether an error was raised while printing, which only click does."""
    *_, (last, _) = traceback.walk_tb(error.__traceback__)
    return last.f_globals.get('__name__') == click.utils.__name__


def _forget(stream: TextIO) -> None:
    """Discard the buffer of a stream; otherwise the interpreter tries to write it at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except OSError:  # a stream without a file has no buffer
        return


def _show_defect(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """Print the traceback of a defect, whose message may contain text from outside."""
    text = ''.join(traceback.format_exception(kind, error, where))
    _complain(text.removesuffix('\n'))
