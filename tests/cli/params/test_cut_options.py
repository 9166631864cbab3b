"""Messages of the generators, in the words of the command that runs."""

from __future__ import annotations

import click
import pytest

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params.cut_options import in_words_of_options

MESSAGE = 'Set symmetrize to False. Or set symmetrize to False; max_atoms is 5'
WITH_OPTIONS = 'Give --no-symmetrize. Or give --no-symmetrize; --max-atoms is 5'


@pytest.mark.parametrize(
    ('command', 'expected'),
    [
        ('preview', WITH_OPTIONS),
        ('export', WITH_OPTIONS),
        ('launch', WITH_OPTIONS),
        ('demo', 'Give --no-symmetrize. Or give --no-symmetrize; max_atoms is 5'),
        ('show', MESSAGE),
    ],
)
def test_only_options_that_the_command_has_are_named(command: str, expected: str) -> None:
    context = click.Context(cli)
    found = cli.get_command(context, command)
    assert found is not None
    with click.Context(found):
        assert in_words_of_options(MESSAGE) == expected
