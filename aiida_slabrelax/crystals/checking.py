"""Checks of the values in a file, before anything is made of them.

They run in the process with limits, so that no content of any size leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..surfaces import check_cell
from ..surfaces.bulk.moments import LARGEST_MOMENT
from .content import CrystalData

#: The largest number of atoms in a file.
MOST_ATOMS = 10_000

#: The largest coordinate, as a fraction or in Å: of a larger one too few digits are left.
FARTHEST = 1e6

#: The largest mass (u).
LARGEST_MASS = 1e6

#: The largest tag of ASE, and the largest number of characters in the name of a kind.
LARGEST_TAG, LONGEST_NAME = 10**9, 50

#: Tolerance for occupancies of 1.
_WHOLE = 1e-3


def check_content(content: CrystalData) -> str | None:
    """Check that the values are those of a crystal, with or without disorder.

    :returns: a message, or None.
    """
    from pymatgen.core.periodic_table import Element

    sites = len(content['species'])
    if not 0 < sites <= MOST_ATOMS:
        return f'It holds {sites} atoms; 1 to {MOST_ATOMS} are taken.'
    for symbol in sorted({symbol for site in content['species'] for symbol in site}):
        if not Element.is_valid_symbol(symbol):
            return f'There is no element {symbol[:20]!r}.'
    if not np.any(content['matrix']):
        return 'It has no cell.'
    if message := check_cell(content['matrix'], 'crystal'):
        return message
    if len(content['pbc']) != 3:
        return f'It is periodic in 3 directions or not, but it says so of {len(content["pbc"])}.'
    return _check_lengths(content, sites) or _check_values(content)


def check_order(content: CrystalData) -> str | None:
    """Check that there is one whole atom on each site.

    :returns: a message, or None.
    """
    for site in content['species']:
        if (
            len(site) != 1
            or not abs(sum(site.values()) - 1) <= _WHOLE
            or not all(share >= 0 for share in site.values())
        ):
            shares = ', '.join(f'{symbol} {share:g}' for symbol, share in site.items())
            return (
                f'The crystal is disordered: a site is partly occupied or shared ({shares}). Give '
                'an ordered structure.'
            )
    return None


def _check_lengths(content: CrystalData, sites: int) -> str | None:
    lists: dict[str, Any] = {
        'positions': content['coordinates'],
        'names of kinds': content['kinds'],
        'tags': content['tags'],
        'masses': content['masses'],
    }
    for what, values in lists.items():
        if values is not None and len(values) != sites:
            return f'It has {sites} atoms, but {len(values)} {what}.'
    return None


def _check_values(content: CrystalData) -> str | None:
    """Check numbers and names; a mass or a moment that is none is not a number in some formats."""
    coordinates = np.asarray(content['coordinates'], dtype=float)
    if not np.isfinite(coordinates).all():
        return 'There is a coordinate that is not a finite number.'
    if (largest := float(np.abs(coordinates).max())) > FARTHEST:
        return f'There is a coordinate of {largest:.3g}; up to {FARTHEST:g} are taken.'
    for mass in content['masses'] or ():
        if mass < 0 or mass > LARGEST_MASS:
            return f'There is a mass of {mass:.3g} u; 0 to {LARGEST_MASS:g} u are taken.'
    for tag in content['tags'] or ():
        if abs(tag) > LARGEST_TAG:
            return f'There is a tag with {len(str(abs(tag)))} digits; up to 9 are taken.'
    return _check_kinds(content) or _check_moments(content['moments'])


def _check_kinds(content: CrystalData) -> str | None:
    """Check that names are words that a terminal and a POSCAR can show, each of one element."""
    elements: dict[str, str] = {}
    for name, site in zip(content['kinds'] or (), content['species'], strict=False):
        if not name:
            continue
        if len(name) > LONGEST_NAME:
            return f'The name of a kind has {len(name)} characters; up to {LONGEST_NAME} are taken.'
        if not name.isprintable() or name.split() != [name]:
            return f'The name of a kind is a word without blanks and line breaks, not {name!r}.'
        symbols = '/'.join(site)
        if elements.setdefault(name, symbols) != symbols:
            return f'The kind {name!r} is both {elements[name]} and {symbols}.'
    return None


def _check_moments(moments: Iterable[Any] | None) -> str | None:
    for moment in moments or ():
        values = np.asarray(moment, dtype=float)
        if values.shape not in ((), (3,)) or not np.isfinite(values).all():
            shown = repr(moment)[:50]
            return f'A magnetic moment is a number or three, in μB, not {shown}.'
        if (size := float(np.abs(values).max())) > LARGEST_MOMENT:
            return (
                f'There is a magnetic moment of {size:.3g} μB; up to {LARGEST_MOMENT:g} are taken.'
            )
    return None
