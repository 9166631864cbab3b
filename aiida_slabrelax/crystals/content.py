"""The content of a crystal file as plain values, which are passed between processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ..surfaces.bulk.masses import ISOTOPES


class CrystalData(TypedDict):
    """A crystal as plain values.

    :ivar matrix: the lattice vectors, in Å.
    :ivar species: the share of each element on each site; D and T are elements here.
    :ivar coordinates: of each site, fractional or Cartesian (Å).
    :ivar kinds: the name of the kind of each site, if any.
    :ivar tags: of each site, in files of ASE; also the masses, in u.
    :ivar moments: the magnetic moment of each site in μB, a number or a Cartesian vector; None if
        the file has none.
    """

    matrix: list[list[float]]
    pbc: list[bool]
    species: list[dict[str, float]]
    coordinates: list[list[float]]
    cartesian: bool
    kinds: list[str | None] | None
    tags: list[int] | None
    masses: list[float] | None
    moments: list[Any] | None


class Found(TypedDict):
    """A crystal and the remarks and objections about it.

    :ivar remarks: what a user should know about how the file was read.
    :ivar objections: why the crystal may be misread.
    :ivar reader: ``'pymatgen'``, ``'ASE'``, or None for a reader of this package.
    """

    crystal: CrystalData
    remarks: list[str]
    objections: list[str]
    reader: str | None


class NoCrystalError(ValueError):
    """A file contains no usable crystal, even with ``read_anyway``."""


def count_elements(species: list[dict[str, float]]) -> dict[str, float]:
    """Return how many atoms of each element there are; isotopes of hydrogen are hydrogen."""
    counts: dict[str, float] = {}
    for site in species:
        for symbol, share in site.items():
            element = 'H' if symbol in ISOTOPES else symbol
            counts[element] = counts.get(element, 0.0) + share
    return counts


def describe_counts(counts: Mapping[str, float]) -> str:
    """Return numbers of atoms as a formula: ``O4 Ti2``."""
    return ' '.join(f'{symbol}{count:g}' for symbol, count in sorted(counts.items()))


def choose(count: int, index: int | None, what: str) -> int:
    """Return which of several structures to take, counted from 0.

    :param index: the user's choice; negative numbers count from the end.
    :param what: what the structures are, in the plural.
    :raises NoCrystalError: if there are several and none was chosen, or that one does not exist.
    """
    if index is None and count > 1:
        raise NoCrystalError(
            f'it holds {count} {what}: index=0 takes the first, index=-1 the last of them'
        )
    chosen = 0 if index is None else index
    if not -count <= chosen < count:
        raise NoCrystalError(f'index={chosen}: it holds {count} {what}, counted from 0')
    return chosen % count
