"""Magnetic moments in a CIF: along the axes of the crystal, or as spins of the elements."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .sites import Sites, some

if TYPE_CHECKING:
    from pymatgen.core.structure import Structure

_MOMENTS = '_atom_site_moment'
#: A number of a CIF, perhaps with its uncertainty.
_NUMBER = re.compile(r'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(\(\d+\))?')
_AXES = ('_label', '_crystalaxis_x', '_crystalaxis_y', '_crystalaxis_z')


def is_magnetic(tags: Collection[str]) -> bool:
    """Return whether a CIF has moments or magnetic operations, which pymatgen reads."""
    begins = ('_space_group_magn', '_space_group_symop_magn', _MOMENTS)
    return any(name.startswith(begins) for name in tags)


def check_moments(tags: Mapping[str, Any]) -> Iterator[str]:
    """Yield an objection if there are, or should be, moments that pymatgen does not read.

    :param tags: strings and columns of strings.
    """
    if any(name.startswith(_MOMENTS) for name in tags):
        columns = [tags.get(f'{_MOMENTS}{axis}') for axis in _AXES]
        if not all(columns):
            yield 'its magnetic moments are not given along the axes of the crystal, and left out'
            return
        labels, *components = (
            [one] if isinstance(one, str) else list(one or ()) for one in columns
        )
        sites = tags.get('_atom_site_label') or ()
        known = {sites} if isinstance(sites, str) else set(sites)
        if foreign := [label for label in dict.fromkeys(labels) if label not in known]:
            yield f'it has magnetic moments of sites that it does not list: {some(foreign)}'
        rows = zip(labels, *components, strict=False)
        if unknown := [
            label for label, *numbers in rows if not all(map(_NUMBER.fullmatch, numbers))
        ]:
            yield f'the magnetic moments of sites are no numbers, and left out: {some(unknown)}'
    elif is_magnetic(tags):
        yield 'it has a magnetic space group, and no magnetic moments'


def find_spins(sites: Sites, labels: Sequence[str], structure: Structure) -> list[float] | None:
    """Return the moments of atoms in μB, if the elements of the sites have spins.

    :param sites: the listed sites.
    :param labels: the names of the sites in the structure.
    :param structure: all atoms.
    """
    if all(spin is None for spin in sites.spins):
        return None
    by_label = dict(zip(labels, sites.spins, strict=True))
    return [by_label.get(str(site.label)) or 0.0 for site in structure]
