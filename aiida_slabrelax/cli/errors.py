"""Expected errors become one line and an exit status; other errors keep their traceback.

A ``click.ClickException`` refuses what a command was given: the status is 2, as for the errors of
click itself. :class:`CommandFailed` says that it has failed all the same: the status is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

#: The prefixes that builders and processes add to the message of a validator.
_PREFIXES = ('invalid attribute value ', "Error occurred validating port 'inputs': ")


class CommandFailed(click.ClickException):
    """What was asked for has begun, and has failed or not ended in time."""


def one_line(error: object) -> str:
    """Return a message on a single line."""
    if isinstance(error, KeyError):
        return f'there is no {error}'  # the text of a KeyError is only the key
    message = ' '.join(str(error).split()) or type(error).__name__
    for prefix in _PREFIXES:
        message = message.removeprefix(prefix)
    return message


def shorten(text: object, length: int = 100) -> str:
    """Return a text, truncated if it is long."""
    shown = str(text)
    return shown if len(shown) <= length else f'{shown[: length - 1]}…'


@contextmanager
def reported(
    *expected: type[Exception],
    prefix: str = '',
    raising: type[click.ClickException] = click.ClickException,
    when: Callable[[Exception], bool] = lambda _: True,
) -> Iterator[None]:
    """Turn the expected exceptions of a block into one line on the standard error.

    :param expected: the types of the exceptions; by default ``AiidaException``.
    :param prefix: a text before the message, such as the option.
    :param raising: the exception in their place; it determines the exit status.
    :param when: returns whether an exception of these types is expected.
    :raises click.ClickException: or ``raising``, in place of an expected exception.
    """
    if not expected:
        from aiida.common.exceptions import AiidaException

        expected = (AiidaException,)
    try:
        yield
    except expected as error:
        if not when(error):
            raise
        raise raising(f'{prefix}{one_line(error)}') from error
