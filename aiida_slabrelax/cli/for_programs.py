"""JSON and CSV, for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..visible import is_hidden, visible

#: The units of stored outputs, and the ends of keys in their place.
_UNITS = {
    'eV': 'ev',
    'eV per formula unit': 'ev_per_formula_unit',
    'eV/Å²': 'ev_per_angstrom2',
    'J/m²': 'j_per_m2',
    '1/Å²': 'per_angstrom2',
    'Å': 'angstrom',
    'Å²': 'angstrom2',
}

#: The significant digits of numbers, and the decimals; beyond them is noise of the arithmetic.
_DIGITS = 12

#: Characters with which a spreadsheet begins a formula, also after blanks.
_BEGIN_FORMULA = tuple('=+-@＝＋－＠')


def to_json(content: Any) -> str:
    """Return JSON in which control characters are escaped, and numbers rounded."""
    text = json.dumps(_rounded(content), indent=2, ensure_ascii=False)
    if text.replace('\n', '').isprintable():
        return text
    return ''.join(_escape(char) if is_hidden(char) and char != '\n' else char for char in text)


def _escape(character: str) -> str:
    halves = character.encode('utf-16-be', 'surrogatepass')
    return ''.join(f'\\u{halves[n : n + 2].hex()}' for n in range(0, len(halves), 2))


def to_csv(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return CSV: a line of names, and one line for each row; unknown values are empty.

    Texts go through :func:`as_text_cell`; numbers are rounded.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(map(as_text_cell, names))
    for row in rows:
        values = (_rounded(row.get(name)) for name in names)
        writer.writerow(as_text_cell(cell) if isinstance(cell, str) else cell for cell in values)
    return text.getvalue()


def with_units_in_keys(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored data with the units in the keys.

    >>> with_units_in_keys({'area': {'Å²': 6.4}, 'intervals': {'O': {'eV': [-5.8, 0.0]}}})
    {'area_angstrom2': 6.4, 'intervals_ev': {'O': [-5.8, 0.0]}}
    """
    named: dict[str, Any] = {}
    for key, value in content.items():
        if not isinstance(value, Mapping) or not value:
            named[key] = value
        elif _has_units(value):
            named |= {f'{key}_{_UNITS[unit]}': number for unit, number in value.items()}
        elif all(map(_has_units, value.values())) and len({*map(tuple, value.values())}) == 1:
            for unit in next(iter(value.values())):
                named[f'{key}_{_UNITS[unit]}'] = {name: one[unit] for name, one in value.items()}
        else:
            named[key] = with_units_in_keys(value)
    return named


def _has_units(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and _UNITS.keys() >= value.keys()


def _rounded(content: Any) -> Any:
    """Return content without the noise of floating-point arithmetic: no 12.239999999999998."""
    if isinstance(content, float):
        return float(f'{round(content, _DIGITS):.{_DIGITS}g}') + 0.0  # no -0.0
    if isinstance(content, Mapping):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_rounded(value) for value in content]
    return content


def as_text_cell(text: str) -> str:
    """Return a text as a cell of one line that no spreadsheet interprets as a formula.

    Control characters are escaped; a text that begins with = + - or @ gets an apostrophe.
    """
    cell = visible(text)
    return f"'{cell}" if cell.lstrip().startswith(_BEGIN_FORMULA) else cell
