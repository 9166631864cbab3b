"""Magnetic moments in a CIF: along the axes of the crystal, or as spins of the elements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from .sites import Sites

if TYPE_CHECKING:
    from pymatgen.core.structure import Structure

_MOMENTS = '_atom_site_moment'
_AXES = ('_label', '_crystalaxis_x', '_crystalaxis_y', '_crystalaxis_z')


def is_magnetic(tags: Collection[str]) -> bool:
    """Return whether a CIF has moments or magnetic operations, which pymatgen reads."""
    begins = ('_space_group_magn', '_space_group_symop_magn', _MOMENTS)
    return any(name.startswith(begins) for name in tags)


def check_moments(tags: Collection[str]) -> Iterator[str]:
    """Yield an objection if there are, or should be, moments that pymatgen does not read."""
    if any(name.startswith(_MOMENTS) for name in tags):
        if not all(f'{_MOMENTS}{axis}' in tags for axis in _AXES):
            yield 'its magnetic moments are not given along the axes of the crystal, and left out'
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
