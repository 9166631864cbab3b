"""Tables as text, with and without a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from aiida_slabrelax.cli.layout import Column, lay_out
from aiida_slabrelax.cli.printing import table
from terminals import Terminal

LABELS = Column('label', ('slab_00', 'slab_01'))
ENERGIES = Column('energy\n(eV)', ('-2822.3951', '–'), right=True)
STATES = Column('state', ('relaxed', 'relaxed'))
POLAR = Column('stoichio-\nmetric', ('–', '–'))


def test_without_a_terminal_the_table_is_as_wide_as_it_is() -> None:
    assert lay_out([LABELS, STATES, ENERGIES]) == (
        'label    state        energy\n'
        '                        (eV)\n'
        '-------  -------  ----------\n'
        'slab_00  relaxed  -2822.3951\n'
        'slab_01  relaxed           –'
    )


def test_a_table_loses_its_padding_first() -> None:
    assert lay_out([LABELS, Column('pk', ('7', '8'))], 11) == (
        'label    pk\n-------  --\nslab_00  7\nslab_01  8'
    )


def test_columns_that_say_nothing_are_named_below_a_table_that_is_too_wide() -> None:
    assert lay_out([LABELS, STATES, POLAR, ENERGIES], 30) == (
        'label        energy\n'
        '               (eV)\n'
        '-------  ----------\n'
        'slab_00  -2822.3951\n'
        'slab_01           –\n'
        '\n'
        'The same in all rows: state\n'
        'relaxed.\n'
        'Not known: stoichiometric.'
    )


def test_the_only_row_keeps_its_values() -> None:
    states, absent = Column('state', ('relaxed',)), Column('polar', ('–',))
    assert lay_out([Column('label', ('slab_00',)), states, absent], 20) == (
        'label    state\n-------  -------\nslab_00  relaxed\n\nNot known: polar.'
    )


def test_what_is_still_too_wide_goes_on_below_with_the_first_column() -> None:
    formulas = Column('formula', ('Ag10P3O12', 'Ag11P4O12'))
    assert lay_out([LABELS, formulas, ENERGIES], 20) == (
        'label    formula\n'
        '-------  ---------\n'
        'slab_00  Ag10P3O12\n'
        'slab_01  Ag11P4O12\n'
        '\n'
        'label        energy\n'
        '               (eV)\n'
        '-------  ----------\n'
        'slab_00  -2822.3951\n'
        'slab_01           –'
    )


def test_long_texts_are_wrapped_within_their_column() -> None:
    tags = Column('own tags', ('MAGMOM = 4*5.0 4*-5.0', 'MAGMOM = 8*5.0'))
    assert lay_out([LABELS, tags], 24) == (
        'label    own tags\n'
        '-------  --------------\n'
        'slab_00  MAGMOM = 4*5.0\n'
        '         4*-5.0\n'
        'slab_01  MAGMOM = 8*5.0'
    )


@pytest.mark.parametrize('width', range(20, 120, 7))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    tags = Column('own tags', ('ISPIN = 2; MAGMOM = 4*5.0 4*-5.0', '–'))
    text = lay_out([LABELS, STATES, tags, POLAR, ENERGIES], width)
    assert max(map(len, text.split('\n'))) <= width


@pytest.mark.parametrize(('output', 'widest'), [(Terminal, 20), (io.StringIO, 50)])
def test_the_width_is_that_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, output: type[io.StringIO], widest: int
) -> None:
    monkeypatch.setenv('COLUMNS', '30')
    monkeypatch.setattr(sys, 'stdout', output())
    headings = [f'heading {number}' for number in range(4)]
    text = table([list('abcd'), list('efgh')], headings, numbers=())
    assert max(map(len, text.split('\n'))) == widest
