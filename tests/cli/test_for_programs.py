"""JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.cli.for_programs import as_text_cell, to_csv, to_json, with_units_in_keys
from aiida_slabrelax.visible import is_hidden

TEXTS = st.text(st.characters())


@given(st.dictionaries(TEXTS, TEXTS | st.integers() | st.lists(TEXTS)))
def test_json_is_exact_and_shows_hidden_characters(content: dict[str, Any]) -> None:
    text = to_json(content)
    assert json.loads(text) == content
    assert not any(is_hidden(one) for one in text if one != '\n')


@pytest.mark.parametrize(
    ('number', 'text'),
    [
        (12.239999999999998, '12.24'),
        (-2822.3978848997, '-2822.3978849'),
        (4.4408920985006e-16, '0.0'),
        (-1e-17, '0.0'),
        (1e-08, '1e-08'),
        (5, '5'),
    ],
)
def test_numbers_lose_their_noise(number: float, text: str) -> None:
    assert to_json({'x': [number]}) == f'{{\n  "x": [\n    {text}\n  ]\n}}'
    assert to_csv(['x'], [{'x': number}]) == f'x\n{text}\n'


def test_units_of_stored_data_go_into_the_keys() -> None:
    stored = {
        'constant': {'J/m²': 0.8, 'eV/Å²': 0.05},
        'intervals': {'P': {'eV': [-23.2, 0.0]}, 'O': {'eV': [-5.8, 0.0]}},
        'fit': {'standard_error': {'eV/Å²': None}, 'n': 3},
        'refused': {},
        'source': 'PRB',
    }
    assert with_units_in_keys(stored) == {
        'constant_j_per_m2': 0.8,
        'constant_ev_per_angstrom2': 0.05,
        'intervals_ev': {'P': [-23.2, 0.0], 'O': [-5.8, 0.0]},
        'fit': {'standard_error_ev_per_angstrom2': None, 'n': 3},
        'refused': {},
        'source': 'PRB',
    }


def test_json_keeps_what_can_be_read() -> None:
    assert to_json({'γ': '表\x9b\x7f\u202e\U000e0041'}) == (
        '{\n  "γ": "表\\u009b\\u007f\\u202e\\udb40\\udc41"\n}'
    )


@pytest.mark.parametrize(
    'text',
    [
        '=1+1',
        '+1',
        '-2+3',
        '@SUM(A1)',
        '=HYPERLINK("http://x","y")',
        "=cmd|' /C calc'!A0",
        ' =1',
        '\xa0=1',
        '＝1',
    ],
)
def test_no_formula(text: str) -> None:
    assert as_text_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ('text', 'cell'),
    [
        ('slab_00', 'slab_00'),
        ('a = b', 'a = b'),
        ('', ''),
        ('(1-10)', '(1-10)'),
        ('\t=1', r'\t=1'),
        ('\r=1', r'\r=1'),
        ('a\n=1', r'a\n=1'),
        ('\x1b[2J', r'\x1b[2J'),
    ],
)
def test_other_cells(text: str, cell: str) -> None:
    assert as_text_cell(text) == cell


def test_numbers_are_written_as_they_are() -> None:
    rows = [{'energy (eV)': -3.5, 'steps': 12, 'converged': True, 'label': '-3.5', 'more': None}]
    names = list(rows[0])
    assert to_csv(names, rows) == ("energy (eV),steps,converged,label,more\n-3.5,12,True,'-3.5,\n")


@given(st.lists(st.fixed_dictionaries({'=label': TEXTS, 'b': TEXTS | st.floats()})))
def test_a_row_is_a_line_and_no_cell_is_computed(rows: list[dict[str, Any]]) -> None:
    text = to_csv(['=label', 'b'], rows)
    head, *body = csv.reader(io.StringIO(text))
    assert head == ["'=label", 'b']
    assert len(text.splitlines()) == len(rows) + 1
    for row, cells in zip(rows, body, strict=True):
        for value, cell in zip((row['=label'], row['b']), cells, strict=True):
            assert isinstance(value, float) or not cell.strip().startswith(tuple('=+-@'))
