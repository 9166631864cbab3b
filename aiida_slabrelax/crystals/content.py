"""What a reader finds in a file, as plain values that go from one process to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ..surfaces.bulk.masses import ISOTOPES


class CrystalData(TypedDict):
    """A crystal as plain values.

    :ivar matrix: the lattice vectors, in Å.
    :ivar species: of each site the share of each element; D and T are elements here.
    :ivar coordinates: of each site, fractional, or Cartesian in Å.
    :ivar kinds: of each site the name of its kind, if it has one.
    :ivar tags: of each site, if the file is one of ASE; so are its masses, in u.
    :ivar moments: of each site the magnetic moment in μB, a number or a Cartesian vector; None, if
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

    :ivar remarks: what the reader has done that a user should know.
    :ivar objections: why the crystal may be another one than the file means.
    :ivar reader: who has read it: ``'pymatgen'``, ``'ASE'``, or nobody else's reader.
    """

    crystal: CrystalData
    remarks: list[str]
    objections: list[str]
    reader: str | None


class NoCrystalError(ValueError):
    """A file holds no crystal that can be taken, whatever a user says."""


def count_elements(species: list[dict[str, float]]) -> dict[str, float]:
    """Return how many atoms of each element there are; isotopes of hydrogen are hydrogen."""
    counts: dict[str, float] = {}
    for site in species:
        for symbol, share in site.items():
            element = 'H' if symbol in ISOTOPES else symbol
            counts[element] = counts.get(element, 0.0) + share
    return counts


def describe_counts(counts: Mapping[str, float]) -> str:
    """Return numbers of atoms in words: ``O4 Ti2``."""
    return ' '.join(f'{symbol}{count:g}' for symbol, count in sorted(counts.items()))


def choose(count: int, index: int | None, what: str) -> int:
    """Return which of several structures to take, counted from 0.

    :param index: what the user has chosen; negative numbers count from the end.
    :param what: what the structures are, in the plural.
    :raises NoCrystalError: if there are several and none was chosen, or it is not there.
    """
    if index is None and count > 1:
        raise NoCrystalError(
            f'it holds {count} {what}: index=0 takes the first, index=-1 the last of them'
        )
    chosen = 0 if index is None else index
    if not -count <= chosen < count:
        raise NoCrystalError(f'index={chosen}: it holds {count} {what}, counted from 0')
    return chosen % count
