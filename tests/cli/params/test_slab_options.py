"""Messages of the generators, in the words of the command that runs."""

from __future__ import annotations

import click
import pytest

from aiida_slabrelax.cli import cli
from aiida_slabrelax.cli.params.slab_options import (
    CHOICE,
    BondLengths,
    describe_refusal,
    in_words_of_options,
)
from aiida_slabrelax.surfaces import Mention, Reason, SlabGenerationError

IN_PYTHON = 'Set symmetrize to False. Or set symmetrize to False; max_atoms is 5'
MESSAGE = Reason(
    Mention('set', 'symmetrize', False, capital=True),
    '. Or ',
    Mention('set', 'symmetrize', False),
    '; ',
    Mention('is', 'max_atoms', 5),
)
WITH_OPTIONS = 'Give --no-symmetrize. Or give --no-symmetrize; --max-atoms is 5'


def test_an_option_with_a_value_is_named_with_it() -> None:
    with click.Context(cli.commands['preview']):
        reason = Reason(Mention('set', 'indices_of', 'conventional'))
        assert in_words_of_options(reason) == 'give --indices-of conventional'


@pytest.mark.parametrize(
    ('command', 'expected'),
    [
        ('preview', WITH_OPTIONS),
        ('export', WITH_OPTIONS),
        ('launch', WITH_OPTIONS),
        ('demo', 'Give --no-symmetrize. Or give --no-symmetrize; max_atoms is 5'),
        ('show', IN_PYTHON),
    ],
)
def test_only_options_that_the_command_has_are_named(command: str, expected: str) -> None:
    context = click.Context(cli)
    found = cli.get_command(context, command)
    assert found is not None
    with click.Context(found):
        assert in_words_of_options(MESSAGE) == expected


def test_other_text_stays_as_it_is() -> None:
    """What a run has stored speaks of the ports of the run."""
    with click.Context(cli.commands['preview']):
        assert in_words_of_options(str(MESSAGE)[:]) == IN_PYTHON


def test_a_refusal_names_the_option_that_it_concerns() -> None:
    with click.Context(cli.commands['preview']):
        error = SlabGenerationError('It must be above 0.', option='min_slab_thickness')
        assert describe_refusal(error) == '--thickness: It must be above 0.'
        assert describe_refusal(SlabGenerationError('No atoms.')) == 'No atoms.'
        limit = Mention('is', 'max_atoms', 5)
        assert describe_refusal(SlabGenerationError('6 atoms;\n', limit)) == (
            '6 atoms; --max-atoms is 5'
        )


@pytest.mark.parametrize('name', ['preview', 'export', 'launch', 'energies', 'converge'])
def test_commands_that_cut_slabs_choose_among_terminations(name: str) -> None:
    flags = {flag for parameter in cli.commands[name].params for flag in parameter.opts}
    assert {f'--{option.replace("_", "-")}' for option in CHOICE} <= flags


@pytest.mark.parametrize(
    ('text', 'lengths'),
    [('P-O=1.8', {'P-O': 1.8}), ('P-O=1.8, O-H=1.2', {'P-O': 1.8, 'O-H': 1.2})],
)
def test_lengths_of_bonds(text: str, lengths: dict[str, float]) -> None:
    assert BondLengths().convert(text, None, None) == lengths


@pytest.mark.parametrize('text', ['P-O', 'P-O=', 'P-O=long', ''])
def test_lengths_of_bonds_that_are_not_read(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r'PAIR=LENGTH is needed, such as P-O=1\.8'):
        BondLengths().convert(text, None, None)
