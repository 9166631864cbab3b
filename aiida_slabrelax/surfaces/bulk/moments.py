"""Magnetic moments: atoms of one element with different moments are different kinds.

The moment of a site is a number in μB, positive (up) or negative (down), in the site property
``magmom``, as in pymatgen and ASE. Only collinear order can be expressed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import spglib
from numpy.typing import NDArray
from pymatgen.core.periodic_table import Element, Species
from pymatgen.core.structure import Structure

from .environments import tell_environments_apart
from .kinds import KIND_NAME, MOMENT, Kinds, element_of, kind_names
from .masses import masses_of, set_masses

SAME_MOMENT = 0.05
"""Moments (μB) that differ by less are equal, and smaller ones are none."""

LARGEST_MOMENT = 100.0
"""The largest moment (μB) that is taken; that of any atom is much smaller."""

CANTED = 10.0
"""Moments that lean by no more than this angle (°) from an axis are taken for collinear."""


class NonCollinearError(ValueError):
    """Moments do not lie along one axis."""


def along_one_axis(vectors: Sequence[Sequence[float]]) -> tuple[list[float], float]:
    """Return vectors along one axis as signed numbers, and their largest angle (°) to it.

    The first of the largest vectors is positive.

    :param vectors: the Cartesian moment (μB) of each site.
    :raises NonCollinearError: if a moment is more than 10° from the common axis.
    """
    moments = np.array(vectors, dtype=float).reshape(-1, 3)
    sizes = np.linalg.norm(moments, axis=1)
    if not (sizes > SAME_MOMENT).any():
        return [0.0] * len(moments), 0.0
    # The axis along which the moments are largest, regardless of their signs.
    _, _, axes = np.linalg.svd(moments, full_matrices=False)
    axis = axes[0]
    largest = int(np.argmax(sizes > sizes.max() - SAME_MOMENT))
    if moments[largest] @ axis < 0:
        axis = -axis
    along = moments @ axis
    across = np.linalg.norm(moments - np.outer(along, axis), axis=1)
    magnetic = sizes > SAME_MOMENT
    leaning = float(np.degrees(np.arctan2(across, np.abs(along)))[magnetic].max())
    if leaning > CANTED:
        raise NonCollinearError(
            f'the magnetic moments are not collinear: they lean by up to {leaning:.0f}° from an '
            'axis'
        )
    signed = np.sign(along) * sizes
    return [float(round(one, 6)) + 0.0 for one in signed], leaning


def split_kinds(
    names: Sequence[str], moments: Sequence[float]
) -> tuple[list[str], dict[str, float]]:
    """Return names of kinds that differ where the moments do, and the moment (μB) of each kind.

    A kind whose atoms have one moment keeps its name; others are numbered from the largest moment:
    ``Ni1`` up, ``Ni2`` down.

    :param names: the name of the kind of each site.
    :param moments: the moment (μB) of each site.
    """
    found: dict[str, list[float]] = defaultdict(list)
    for name, moment in zip(names, moments, strict=True):
        found[name].append(moment)
    taken = set(found)
    known: dict[str, list[tuple[str, float, float]]] = {}
    for name, several in found.items():
        known[name] = []
        groups = _group(several)
        numbers = iter(range(1, len(groups) + len(found) + 1))
        for group in groups:
            own = name
            while len(groups) > 1 and own in taken:
                own = f'{name}{next(numbers)}'
            taken.add(own)
            known[name].append((own, group[-1], group[0]))
    split = []
    sums: dict[str, list[float]] = defaultdict(list)
    for name, moment in zip(names, moments, strict=True):
        own = next(one for one, low, high in known[name] if low <= moment <= high)
        split.append(own)
        sums[own].append(moment)
    means = {name: float(np.mean(several)) for name, several in sums.items()}
    return split, {
        name: 0.0 if abs(mean) < SAME_MOMENT else round(mean, 6) for name, mean in means.items()
    }


def _group(moments: Iterable[float]) -> list[list[float]]:
    """Return groups of equal moments, sorted from the largest."""
    groups: list[list[float]] = []
    for moment in sorted(set(moments), reverse=True):
        if groups and groups[-1][0] - moment <= 2 * SAME_MOMENT:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return groups


def tell_moments_apart(structure: Structure) -> Structure:
    """Return a crystal in which atoms with different moments are different kinds.

    Moments are those of the site property ``magmom`` (numbers, or vectors along one axis), else the
    spins of the species. A crystal without any is returned unchanged, as is one with several
    elements on a site, which is refused elsewhere.

    :returns: a structure with the site properties ``kind_name`` and ``magmom`` (a number of μB,
        the same for all atoms of a kind), without spins of species.
    :raises NonCollinearError: if the moments do not lie along one axis.
    """
    if not structure.is_ordered or (given := given_moments(structure)) is None:
        return structure
    moments, _ = along_one_axis(given) if _are_vectors(given) else (given, 0.0)
    species = [_without_spin(site.specie) for site in structure]
    properties = {
        name: list(values)
        for name, values in structure.site_properties.items()
        if name not in (KIND_NAME, MOMENT)
    }
    if any(abs(moment) > SAME_MOMENT for moment in moments):
        names, by_kind = split_kinds(_names(structure, species), moments)
        properties |= {KIND_NAME: names, MOMENT: [by_kind[name] for name in names]}
    elif KIND_NAME in structure.site_properties:
        properties[KIND_NAME] = list(structure.site_properties[KIND_NAME])
    magnetic = Structure(
        structure.lattice,
        species,
        structure.frac_coords,
        site_properties=properties or None,
        properties=dict(structure.properties),
    )
    masses, before = masses_of(structure), kind_names(structure)
    renamed = dict(zip(kind_names(magnetic), before, strict=True))
    set_masses(magnetic, {new: masses[old] for new, old in renamed.items() if old in masses})
    return magnetic


def given_moments(structure: Structure) -> list[Any] | None:
    """Return the moment (number or vector) of each site of an ordered structure, or None."""
    moments = [site.properties.get(MOMENT) for site in structure]
    if all(moment is None for moment in moments):
        moments = [getattr(site.specie, 'spin', None) for site in structure]
    return plain_moments(moments)


def plain_moments(moments: Sequence[Any]) -> list[Any] | None:
    """Return moments as numbers, or all as vectors of three numbers.

    :param moments: for each site a number, a vector, an object of pymatgen, or None.
    :returns: None if no site has a moment.
    :raises ValueError: if a moment is neither one number nor three.
    """
    if all(moment is None for moment in moments):
        return None
    plain = [_plain(moment) for moment in moments]
    if not _are_vectors(plain):
        return plain
    return [one if isinstance(one, list) else [0.0, 0.0, one] for one in plain]


def _plain(moment: Any) -> Any:
    if moment is None:
        return 0.0
    if hasattr(moment, 'global_moment'):  # pymatgen's Magmom
        moment = moment.global_moment
    values = np.asarray(moment, dtype=float)
    if values.shape not in ((), (3,)) or not np.isfinite(values).all():
        raise ValueError(f'a magnetic moment is a number or three, in μB, got {moment!r}')
    return values.tolist()


def _are_vectors(moments: Sequence[Any]) -> bool:
    return any(isinstance(one, list) for one in moments)


def _without_spin(species: Element | Species) -> Element | Species:
    if getattr(species, 'spin', None) is None:
        return species
    charge = getattr(species, 'oxi_state', None)
    return species.element if charge is None else Species(species.symbol, charge)


def _names(structure: Structure, species: Sequence[Element | Species]) -> list[str]:
    """Return the name of the kind of each site, without regard to moments."""
    by_element: dict[str, set[str]] = defaultdict(set)
    for one in species:
        by_element[one.symbol].add(str(one))
    plain = [str(one) if len(by_element[one.symbol]) > 1 else one.symbol for one in species]
    return [
        str(site.properties.get(KIND_NAME) or name)
        for site, name in zip(structure, plain, strict=True)
    ]


def opposite_kinds(kinds: Kinds) -> dict[str, str] | None:
    """Return for each kind the kind of the same element with the opposite moment.

    :returns: None if no kind has a moment, or one has not exactly one opposite: then reversing
        all moments gives a different crystal.
    """
    elements = {name: element_of(species) for species, name in kinds.names.items()}
    opposites: dict[str, str] = {}
    for name, moment in kinds.moments.items():
        alike = [
            other
            for other, theirs in kinds.moments.items()
            if elements[other] == elements[name] and abs(theirs + moment) <= SAME_MOMENT
        ]
        if abs(moment) < SAME_MOMENT:
            alike = [name]
        if len(alike) != 1:
            return None
        opposites[name] = alike[0]
    if any(opposites[opposites[name]] != name for name in opposites):
        return None
    return opposites if any(opposites[name] != name for name in opposites) else None


def find_reversals(
    vectors: NDArray[np.float64],
    coordinates: NDArray[np.float64],
    names: Sequence[str],
    kinds: Kinds,
    tolerance: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the operations of a cell that take every kind to the one with the opposite moment.

    :param vectors: shape (3, 3), rows, in Å.
    :param coordinates: shape (N, 3), fractional.
    :param names: the name of the kind of each atom.
    :param tolerance: in Å.
    :returns: the rotations, shape (n, 3, 3), and the translations, shape (n, 3), of x ↦ Rx + t.
    """
    nothing = np.empty((0, 3, 3), dtype=np.int64), np.empty((0, 3))
    if (opposites := opposite_kinds(kinds)) is None:
        return nothing
    pairs = [min(name, opposites[name]) for name in names]
    different = sorted(set(pairs))
    each = [
        (kinds.moments[name] - kinds.moments[opposites[name]]) / 2 for name in names
    ]  # the same size for both kinds of a pair
    numbers = tell_environments_apart(
        vectors, coordinates, [different.index(pair) for pair in pairs], tolerance
    )
    cell = (vectors.tolist(), coordinates.tolist(), numbers, each)
    found = spglib.get_magnetic_symmetry(cell, tolerance, mag_symprec=1e-3)
    if found is None:
        return nothing
    reversing = np.asarray(found['time_reversals'], dtype=bool)
    return (
        np.asarray(found['rotations'], dtype=np.int64)[reversing],
        np.asarray(found['translations'], dtype=float)[reversing],
    )


def describe_moments(moments: Mapping[str, float]) -> str:
    """Return moments as text: ``Ni1 2, Ni2 -2, O 0``."""
    return ', '.join(f'{name} {moment:.3g}' for name, moment in sorted(moments.items()))
