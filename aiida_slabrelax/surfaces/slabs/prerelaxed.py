"""A slab after a pre-relaxation: whether a relaxation may start from it, and with its symmetry.

A pre-relaxation may be that of a cheap model far from what it was made for. What it does to a slab
is used only if nothing is lost by it: a relaxation from the cut slab is always right.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.structure import Structure
from scipy.spatial import cKDTree

from ..bulk.crystal import SYMMETRY_TOLERANCE as EXACT
from ..bulk.crystal import find_symmetry
from ..bulk.kinds import kind_names, separate_kinds
from ..bulk.moments import find_reversals
from ..reasons import SlabGenerationError
from .constraints import RUMPLING
from .geometry import SYMMETRY_TOLERANCE, SlabGeometry, Vectors, in_one_piece, upright_lattice, wrap
from .layers import layer_members

SAME_CELL = 0.001
"""The cell is the same if no component of its vectors differs by more, in Å."""

STILL = 0.001
"""A fixed atom has not moved if it is this close (Å) to where it was; files round positions."""

SHORTEST = 0.7
"""The slab has collapsed if two atoms are closer than this part of its shortest distance before."""

WIDEST = 1.0
"""Atoms are lost if a gap along the normal is so much (Å) wider than the widest one before."""

APART = 0.5
"""Layers this far apart (Å) before do not change places in a relaxation; closer ones may."""

FARTHEST = 2.0
"""No atom of a cut slab moves farther (Å) in a relaxation that only relaxes it."""


class AbsurdError(ValueError):
    """A relaxation must not start from a pre-relaxed slab.

    :ivar test: the name of the test that it fails: ``COLLAPSED``.
    """

    def __init__(self, test: str, why: str) -> None:
        super().__init__(f'{test}: {why}')
        self.test = test


def start_from(
    slab: Structure, relaxed: Structure, free: Sequence[Sequence[bool]] | None = None
) -> Structure:
    """Return a pre-relaxed slab with the cell, the fixed atoms and the symmetry of the slab.

    A common shift of all atoms is removed if none is fixed. The displacements are averaged over the
    operations of the slab as it was cut, those that reverse all moments included: a model or its
    rounding may break the symmetry by a little, and VASP would then treat the slab as unsymmetric.

    :param slab: as it was cut, with its vacuum along the third lattice vector.
    :param relaxed: the same sites in the same order after the pre-relaxation.
    :param free: shape (n, 3), whether each site may move along each lattice vector; None if all.
    :raises AbsurdError: if the slab fails a test.
    """
    _check_atoms(slab, relaxed)
    shift = relaxed.lattice.matrix - slab.lattice.matrix
    if np.abs(shift).max() > SAME_CELL:
        raise AbsurdError('CELL CHANGED', f'a lattice vector by {np.abs(shift).max():.3f} Å')
    moved = relaxed.frac_coords - slab.frac_coords
    if not np.isfinite(moved).all():
        raise AbsurdError('ATOMS LOST', 'positions are not finite numbers')
    may_move = np.ones((len(slab), 3), dtype=bool) if free is None else np.array(free, dtype=bool)
    moved = _without_shift(slab, moved, may_move)
    _check_geometry(slab, moved)
    moved = np.where(may_move, _symmetrize(slab, moved, may_move), 0.0)
    start = slab.copy()
    for site, position in zip(start, slab.frac_coords + moved, strict=True):
        site.frac_coords = position
    return start


def _check_atoms(slab: Structure, relaxed: Structure) -> None:
    if len(relaxed) != len(slab):
        raise AbsurdError('ATOMS LOST', f'it has {len(relaxed)} atoms of {len(slab)}')
    if kind_names(relaxed) != kind_names(slab):
        raise AbsurdError('ATOMS EXCHANGED', 'its sites have other kinds')


def _without_shift(slab: Structure, moved: Vectors, may_move: NDArray[np.bool_]) -> Vectors:
    """Return fractional displacements without that of the whole slab; fixed atoms must rest."""
    if may_move.all():
        relative = moved - moved[0]  # the whole slab may have crossed the boundary of the cell
        relative -= np.round(relative)
        return np.asarray(relative - relative.mean(axis=0))
    moved = moved - np.round(moved)
    fixed = np.linalg.norm(np.where(may_move, 0.0, moved) @ slab.lattice.matrix, axis=1)
    if fixed.max() > STILL:
        site = int(fixed.argmax())
        raise AbsurdError('FIXED ATOMS MOVED', f'atom {site} by {fixed[site]:.3f} Å')
    return moved


def _check_geometry(slab: Structure, moved: Vectors) -> None:
    """Check a slab after fractional displacements.

    :raises AbsurdError: if it fails a test.
    """
    after = Structure(slab.lattice, slab.species, slab.frac_coords + moved)
    shortest = _shortest_distance(slab)
    first, second, _, distances = after.get_neighbor_list(SHORTEST * shortest)
    if len(distances):
        worst = int(distances.argmin())
        pair = ' and '.join(map(str, sorted((int(first[worst]), int(second[worst])))))
        raise AbsurdError(
            'COLLAPSED',
            f'atoms {pair} are {distances[worst]:.2f} Å apart, no two were closer than '
            f'{shortest:.2f} Å before',
        )
    geometry = SlabGeometry.of(slab)
    displacements = moved @ slab.lattice.matrix
    heights = geometry.heights + displacements @ geometry.normal
    gaps, widest = np.diff(np.sort(heights)), np.diff(np.sort(geometry.heights)).max(initial=0.0)
    if gaps.max(initial=0.0) > widest + WIDEST:
        below = int(gaps.argmax()) + 1
        raise AbsurdError(
            'ATOMS LOST',
            f'{min(below, len(slab) - below)} of {len(slab)} atoms are beyond a gap of '
            f'{gaps.max():.2f} Å, none was wider than {widest:.2f} Å before',
        )
    layers = layer_members(geometry.heights, RUMPLING)
    before, later = (
        np.array([z[layer].mean() for layer in layers]) for z in (geometry.heights, heights)
    )
    above = before[:, None] - before[None, :] >= APART
    if (exchanged := above & (later[:, None] < later[None, :])).any():
        upper, lower = (int(n) for n in np.argwhere(exchanged)[0])
        raise AbsurdError('LAYERS EXCHANGED', f'layer {upper} and layer {lower} from the top')
    lengths = np.linalg.norm(displacements, axis=1)
    if lengths.max() > FARTHEST:
        site = int(lengths.argmax())
        raise AbsurdError('MOVED TOO FAR', f'atom {site} by {lengths[site]:.2f} Å')


def _shortest_distance(slab: Structure) -> float:
    """Return the shortest distance (Å) of two atoms, images included."""
    for reach in count(3):
        *_, distances = slab.get_neighbor_list(float(reach))
        if len(distances):
            return float(distances.min())
    raise AssertionError  # a lattice has images


def _symmetrize(slab: Structure, moved: Vectors, may_move: NDArray[np.bool_]) -> Vectors:
    """Return fractional displacements that keep the symmetry of the slab.

    :raises AbsurdError: if an atom is farther from its symmetric place than the tolerance.
    """
    lattice = upright_lattice(slab.lattice)  # a slanted c hides operations
    places = lattice.get_fractional_coords(
        slab.lattice.get_cartesian_coords(in_one_piece(slab.frac_coords)[0])
    )
    displacements = moved @ slab.lattice.matrix
    vectors = displacements @ np.linalg.inv(lattice.matrix)
    tree = cKDTree(wrap(places), boxsize=1.0)
    total, number = np.zeros_like(vectors), 0
    for rotation, translation in _operations(slab, lattice.matrix, places, may_move):
        _, images = tree.query(wrap(places @ rotation.T + translation))
        if len(np.unique(images)) != len(images):
            continue  # not a permutation: within the tolerance two atoms have one image
        total[images] += vectors @ rotation.T
        number += 1
    mean = (total / number) @ lattice.matrix
    off = np.linalg.norm(mean - displacements, axis=1)
    if off.max() > SYMMETRY_TOLERANCE:
        site = int(off.argmax())
        raise AbsurdError(
            'SYMMETRY BROKEN',
            f'atom {site} is {off[site]:.2f} Å from where the {number} operations of the slab '
            'have it',
        )
    return np.asarray(mean @ np.linalg.inv(slab.lattice.matrix))


def _operations(
    slab: Structure, vectors: Vectors, places: Vectors, may_move: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int_], Vectors]]:
    """Return the rotations and translations of a slab that keep what may move.

    :param vectors: shape (3, 3), the lattice with c along the normal, in Å.
    :param places: shape (n, 3), the atoms in it.
    """
    separated, kinds = separate_kinds(slab)
    flags = [''.join('T' if one else 'F' for one in site) for site in may_move]
    names = [kinds.name(species) for species in separated.species]
    marked = [f'{name} {flag}' for name, flag in zip(names, flags, strict=True)]
    numbers = [sorted(set(marked)).index(one) for one in marked]
    try:
        symmetry = find_symmetry(vectors, places, numbers, EXACT)
    except SlabGenerationError:
        return [(np.eye(3, dtype=int), np.zeros(3))]
    found = list(zip(symmetry.rotations, symmetry.translations, strict=True))
    if may_move.all():
        found += list(zip(*find_reversals(vectors, places, names, kinds, EXACT), strict=True))
    partly = {flag for flag in flags if len(set(flag)) > 1}
    return [one for one in found if all(_keeps(one[0], flag) for flag in partly)]


def _keeps(rotation: NDArray[np.int_], flag: str) -> bool:
    """Return whether a rotation keeps the lattice vectors along which an atom may move."""
    free = np.array([one == 'T' for one in flag])
    return not rotation[np.ix_(~free, free)].any()
