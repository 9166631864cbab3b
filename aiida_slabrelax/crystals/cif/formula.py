"""The formula of a CIF and the atoms that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...surfaces.bulk.masses import ISOTOPES
from ..content import describe_counts

#: Relative tolerance for the composition compared with the formula.
FORMULA_TOLERANCE = 0.01


def compare_with_formula(tags: dict[str, Any], counts: dict[str, float]) -> Iterator[str]:
    """Yield objections if the atoms in the cell are not those of the formula."""
    formula = formula_of(tags)
    if formula is None:
        return
    if set(formula) != set(counts):
        missing = ', '.join(sorted(set(formula) - set(counts))) or 'nothing'
        beside = ', '.join(sorted(set(counts) - set(formula))) or 'nothing'
        yield (
            f'its formula is {describe_counts(formula)}, its sites give {describe_counts(counts)}: '
            f'{missing} is missing, {beside} is too many'
        )
        return
    units = [counts[symbol] / formula[symbol] for symbol in formula]
    if max(units) - min(units) > FORMULA_TOLERANCE * max(units):
        yield f'its formula is {describe_counts(formula)}, its sites give {describe_counts(counts)}'
        return
    expected = units_of(tags)
    if expected is None:
        return
    # Some programs write the formula of the whole cell, and Z of the reduced one.
    divisor = np.gcd.reduce([round(amount) for amount in formula.values()])
    allowed = (expected, expected / max(int(divisor), 1))
    if not any(abs(units[0] - number) <= FORMULA_TOLERANCE * number for number in allowed):
        yield (
            f'Z is {expected:g} for {describe_counts(formula)}, but its sites give '
            f'{units[0]:.4g} of them'
        )


def formula_of(tags: dict[str, Any]) -> dict[str, float] | None:
    """Return the numbers of atoms in the formula; isotopes of hydrogen are hydrogen."""
    text = tags.get('_chemical_formula_sum', '?')
    text = re.sub(r'\s+', ' ', ' '.join(text) if isinstance(text, list) else str(text)).strip()
    if not re.fullmatch(r'(\(?[A-Z][a-z]?\)?[\d.]*\s*)+', text):
        return None
    counts: dict[str, float] = {}
    for symbol, number in re.findall(r'([A-Z][a-z]?)\)?([\d.]*)', text):
        element = 'H' if symbol in ISOTOPES else symbol
        try:
            counts[element] = counts.get(element, 0.0) + float(number or 1)
        except ValueError:
            return None
    return {symbol: count for symbol, count in counts.items() if count > 0} or None


def units_of(tags: dict[str, Any]) -> float | None:
    """Return Z."""
    try:
        units = float(tags.get('_cell_formula_units_z', '?'))
    except (TypeError, ValueError):
        return None
    return units if units > 0 else None
