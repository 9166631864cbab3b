"""Crystals that usually have magnetic moments but were given without any."""

from __future__ import annotations

from pymatgen.core.structure import Structure

from ..polar.polarity import find_charges
from .kinds import element_of, has_kinds
from .moments import given_moments

#: Elements with electrons in 3d, as in oxides and halides, and how many the neutral atom has beyond
#: argon: an ion with 1 to 9 of them left has a moment by Hund's rules.
_ELECTRONS = {'Ti': 4, 'V': 5, 'Cr': 6, 'Mn': 7, 'Fe': 8, 'Co': 9, 'Ni': 10, 'Cu': 11}

#: Ions without unpaired electrons in most ligand fields: low-spin d6. The Materials Project sets no
#: initial moment for it either (``Co3+: 0.6`` in pymatgen's ``default_magmoms.yaml``).
_PAIRED = {('Co', 3.0)}

_ANIONS = frozenset(('O', 'F', 'Cl', 'Br', 'I'))


def describe_missing_moments(bulk: Structure) -> str | None:
    """Warn that an oxide or halide has ions that usually carry moments, but was given without any.

    :param bulk: the crystal to be cut; several kinds of an element count as magnetic order.
    :returns: a message, or None.
    """
    elements = {element_of(species).symbol for species in bulk.species}
    candidates = elements & set(_ELECTRONS)
    if not candidates or not elements & _ANIONS or has_kinds(bulk):
        return None
    if given_moments(bulk) is not None:
        return None
    charges, _ = find_charges(bulk)
    known = {} if charges is None else dict(charges)
    magnetic = sorted(
        {
            element_of(species).symbol
            for species in set(bulk.species)
            if element_of(species).symbol in candidates
            and _has_moment(
                element_of(species).symbol,
                known.get(str(species), known.get(element_of(species).symbol)),
            )
        }
    )
    if not magnetic:
        return None
    return (
        f'{", ".join(magnetic)} in an oxide or halide usually has a magnetic moment, and the '
        'crystal is given without any. Antiferromagnetic order can need a larger cell, and other '
        'slabs: give a crystal with its moments if it has such an order.'
    )


def _has_moment(symbol: str, charge: float | None) -> bool:
    """Return whether an ion has unpaired 3d electrons.

    :param charge: in e; if unknown, titanium and copper (often 3d0 and 3d10) count as unmagnetic.
    """
    if charge is None:
        return symbol not in ('Ti', 'Cu')
    return (symbol, charge) not in _PAIRED and 0.5 < _ELECTRONS[symbol] - charge < 9.5
