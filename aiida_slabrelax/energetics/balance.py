"""How many formula units of the bulk a slab holds, and what is left over."""

from __future__ import annotations

from fractions import Fraction

from .errors import NotComparableError
from .phases import Phase


def check_elements(slab: Phase, bulk: Phase) -> None:
    """Check that a slab can have been cut from a bulk.

    :raises NotComparableError: if it has other elements, or not one whole formula unit.
    """
    foreign = [element for element in slab.elements if element not in bulk.counts]
    missing = [element for element in bulk.elements if element not in slab.counts]
    if foreign or missing:
        problem = [f'has {element}, which the bulk has not' for element in foreign]
        problem += [f'has no {element}' for element in missing]
        raise NotComparableError(
            f'{slab.formula} is no slab of the bulk {bulk.formula}: it {" and ".join(problem)}.'
        )
    unit = bulk.formula_unit
    if any(slab.counts[element] < count for element, count in unit.items()):
        raise NotComparableError(
            f'{slab.formula} is no slab of the bulk {bulk.formula}: it has not one formula unit.'
        )


def units_by(element: str, slab: Phase, bulk: Phase) -> Fraction:
    """Return the number of formula units of the bulk that hold all atoms of one element."""
    return Fraction(slab.counts[element], bulk.formula_unit[element])


def excess_over(element: str, slab: Phase, bulk: Phase) -> dict[str, Fraction]:
    """Return the atoms of a slab beyond those formula units, of both faces together.

    Negative where atoms are missing. Elements without are left out, so that a slab with the
    composition of the bulk has none, whichever element counts.
    """
    units = units_by(element, slab, bulk)
    excess = {one: slab.counts[one] - units * count for one, count in bulk.formula_unit.items()}
    return {one: atoms for one, atoms in excess.items() if atoms}


def is_stoichiometric(slab: Phase, bulk: Phase) -> bool:
    """Tell whether a slab has the composition of the bulk."""
    return not excess_over(bulk.elements[0], slab, bulk)
