"""Crystals that are known to have magnetic moments, and are given without any."""

from __future__ import annotations

from pymatgen.core.structure import Structure

from ..polarity import find_charges
from .kinds import element_of, has_kinds
from .moments import given_moments

#: Elements with electrons in 3d, as in oxides and halides, and how many the neutral atom has beyond
#: argon: an ion with 1 to 9 of them left has a moment by Hund's rules.
_ELECTRONS = {'Ti': 4, 'V': 5, 'Cr': 6, 'Mn': 7, 'Fe': 8, 'Co': 9, 'Ni': 10, 'Cu': 11}

#: Ions whose ligands pair all their electrons: low-spin d6. The Materials Project gives it no
#: moment to begin with either (``Co3+: 0.6`` in pymatgen's ``default_magmoms.yaml``).
_PAIRED = {('Co', 3.0)}

_ANIONS = frozenset(('O', 'F', 'Cl', 'Br', 'I'))


def describe_missing_moments(bulk: Structure) -> str | None:
    """Say that an oxide or halide has ions that usually carry moments, and is given without any.

    :param bulk: as it is to be cut; kinds of an element are taken for an order of moments.
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
    """Return whether an ion has 3d electrons that are not all paired.

    :param charge: in e; without it titanium and copper, often 3d0 and 3d10, count as none.
    """
    if charge is None:
        return symbol not in ('Ti', 'Cu')
    return (symbol, charge) not in _PAIRED and 0.5 < _ELECTRONS[symbol] - charge < 9.5
