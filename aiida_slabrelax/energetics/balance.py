"""The formula units of the bulk in a slab, and the excess atoms."""

from __future__ import annotations

from fractions import Fraction

from .errors import NotComparableError
from .phases import Phase


def check_elements(slab: Phase, bulk: Phase) -> None:
    """Check that the composition of a slab allows that it was cut from a bulk.

    :raises NotComparableError: if its elements differ, or it holds less than one formula unit.
    """
    foreign = [element for element in slab.elements if element not in bulk.counts]
    missing = [element for element in bulk.elements if element not in slab.counts]
    if foreign or missing:
        problem = [f'has {element}, which the bulk does not have' for element in foreign]
        problem += [f'has no {element}' for element in missing]
        raise NotComparableError(
            f'{slab.formula} is not a slab of the bulk {bulk.formula}: it {" and ".join(problem)}.'
        )
    unit = bulk.formula_unit
    if any(slab.counts[element] < count for element, count in unit.items()):
        raise NotComparableError(
            f'{slab.formula} is not a slab of the bulk {bulk.formula}: it holds less than one '
            'formula unit.'
        )


def units_by(element: str, slab: Phase, bulk: Phase) -> Fraction:
    """Return the number of formula units of the bulk that hold all atoms of an element."""
    return Fraction(slab.counts[element], bulk.formula_unit[element])


def excess_over(element: str, slab: Phase, bulk: Phase) -> dict[str, Fraction]:
    """Return the excess atoms of a slab, of both faces together, beyond those formula units.

    A negative number means missing atoms. Elements without excess are left out, so that the result
    is empty for a slab with the composition of the bulk, whatever the element.

    :param element: the element that counts the formula units, see :func:`units_by`.
    """
    units = units_by(element, slab, bulk)
    excess = {
        symbol: slab.counts[symbol] - units * count for symbol, count in bulk.formula_unit.items()
    }
    return {symbol: atoms for symbol, atoms in excess.items() if atoms}


def is_stoichiometric(slab: Phase, bulk: Phase) -> bool:
    """Return whether a slab has the composition of the bulk."""
    return not excess_over(bulk.elements[0], slab, bulk)
