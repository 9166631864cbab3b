"""Lines are found by their word as by their pattern alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.parsers import reading
from aiida_slabrelax.parsers.files import outcar
from aiida_slabrelax.parsers.lines import lines_with
from aiida_slabrelax.parsers.potentials import potential

#: The words and patterns by which a run is read.
SEARCHES = [
    ('Iteration', outcar._ITERATION),
    ('vacuum level', potential._LEVELS),
    ('E-fermi', potential._FERMI),
    ('LDIPOL', potential._CORRECTED),
    ('IDIPOL', potential._AXIS),
    reading._STOPPED,
    reading._ACCURACY,
]

PIECES = st.sampled_from(
    [
        '\n',
        '\r\n',
        ' ',
        'x',
        '-',
        '----- Iteration   12(   3) -----',
        ' Iteration 1( 2)',
        ' vacuum level on the upper side and lower side of the slab   4.1  4.2',
        ' E-fermi :   1.5',
        ' LDIPOL =      T',
        ' IDIPOL = 3',
        ' soft stop encountered',
        ' reached required accuracy',
    ]
)


@pytest.mark.parametrize(('word', 'pattern'), SEARCHES)
@given(text=st.lists(PIECES).map(''.join))
def test_nothing_more_and_nothing_less(word: str, pattern: re.Pattern[str], text: str) -> None:
    found = [match.span() for match in lines_with(word, pattern, text)]
    assert found == [match.span() for match in pattern.finditer(text)]


@pytest.mark.parametrize('ending', ['', '\n', ' x\n\n'])
def test_the_last_line_is_found(ending: str) -> None:
    text = f'x\n E-fermi : 1\nIs E-fermi : 2\n E-fermi : 3{ending}'
    found = [match[1] for match in lines_with('E-fermi', potential._FERMI, text)]
    assert found == ['1', '3']
