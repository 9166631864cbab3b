"""Polar slabs without a dipole moment: a part of the outermost charge on the other face.

P. W. Tasker, J. Phys. C 12, 4977 (1979): a surface of type III is stable only if a part of the
charge of its outermost layer is missing. That part cancels the dipole moment of the periods; in
rock salt (111) it is a half, in wurtzite (0001) about a quarter.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from ..bulk.crystal import Booleans, Integers, Vectors
from ..exact.slab_cell import repeat
from ..exact.stacking import Stacking
from ..orientation import Reconstruction
from ..reasons import SlabGenerationError
from ..slabs.layers import Contents
from .arrangements import (
    Arrangement,
    Units,
    distinct,
    find_permutations,
    in_order,
    list_choices,
)
from .tasker import LayerCharges

CLOSE = 0.05
"""How far the part of a layer that is moved may be from the one that cancels the dipole moment: in
wurtzite a quarter is moved, whatever the distances of the layers are exactly."""

MOST_UNITS = 16
"""Of so many atoms or groups in the outermost layer all sets are tried."""

LARGEST_CELL = 16
"""Up to so many minimal cells a surface cell is looked for that would do."""


def moved_part(charges: LayerCharges, layer: int) -> float:
    """Return the part of a layer that cancels the dipole moment if it is on the lower face.

    The rest of the layer is on the upper one. It is 0 or 1 if the cut above or below the layer is
    not polar, and not in between if the layer has too little charge.
    """
    charge = charges.of_layer(layer)
    if not charge:
        return math.inf
    return charges.dipole(layer) / (charge * charges.stacking.period)


def divide_layer(
    charges: LayerCharges, bottom: int, top: int, plane: Vectors, name: str
) -> list[Reconstruction]:
    """Return all slabs without a dipole moment that have a part of one layer on each face.

    :param bottom: the lowest layer, equal to the highest one.
    :param top: the highest layer.
    :param plane: shape (2, 2), the cell of the slabs in the plane as rows, in Å.
    :param name: the layer in messages.
    :returns: one of each kind, the most symmetric first.
    :raises SlabGenerationError: if the layer cannot be divided so in this cell, or there are too
        many ways to do it.
    """
    stacking, part = charges.stacking, moved_part(charges, top)
    units = _find_units(charges, bottom, top, plane)
    upper = units.charges[units.is_upper]
    if len(upper) > MOST_UNITS:
        raise SlabGenerationError(
            f'the outermost layer {name} has {len(upper)} parts in the surface cell; of at most '
            f'{MOST_UNITS} all sets are tried'
        )
    choices = list_choices(upper, part, CLOSE)
    if not choices:
        raise SlabGenerationError(_describe_cell(name, part, len(upper), plane, stacking))
    inner = _inner_atoms(stacking, bottom, top, plane)
    found = _arrange(stacking, plane, units, inner, choices)
    if found is None:
        raise SlabGenerationError(
            'there are too many arrangements in the surface cell to compare them'
        )
    slabs = []
    for rank, one in enumerate(found, start=1):
        there = one.occupied[units.numbers]
        slabs.append(
            Reconstruction(
                plane=plane,
                members=np.concatenate([units.members[there], inner[0]]),
                positions=np.concatenate([units.positions[there], inner[1]]),
                is_symmetric=one.is_symmetric,
                outermost=(
                    _contents(units, one.occupied & units.is_upper),
                    _contents(units, one.occupied & ~units.is_upper),
                ),
                lower_part=f'{int((one.occupied & ~units.is_upper).sum())}/{len(upper)}',
                rank=rank,
            )
        )
    return slabs


def _find_units(charges: LayerCharges, bottom: int, top: int, plane: Vectors) -> Units:
    """Return the atoms or groups of the lowest and the highest layer of a slab."""
    stacking = charges.stacking
    crystal = stacking.crystal
    group_of = np.arange(len(crystal.atoms))
    for number, group in enumerate(stacking.groups or ()):
        group_of[group.atoms] = number
    members, positions, numbers = [], [], []
    kinds: list[tuple[str, ...]] = []
    sums, is_upper = [], []
    for layer in (bottom, top):
        atoms, places = stacking.cut_members(layer, layer)
        everyone, everywhere = repeat(stacking.plane, plane, atoms, places)
        for cell in np.split(np.arange(len(everyone)), len(everyone) // len(atoms)):
            for group in np.unique(group_of[atoms]):
                chosen = cell[group_of[everyone[cell]] == group]
                species = [crystal.structure[crystal.atoms[one]].specie for one in everyone[chosen]]
                members.append(everyone[chosen])
                positions.append(everywhere[chosen])
                numbers.append(np.full(len(chosen), len(kinds)))
                kinds.append(tuple(sorted(crystal.kinds.name(one) for one in species)))
                sums.append(charges.charges[everyone[chosen]].sum())
                is_upper.append(layer == top)
    return Units(
        members=np.concatenate(members),
        positions=np.concatenate(positions),
        numbers=np.concatenate(numbers),
        kinds=kinds,
        charges=np.array(sums),
        is_upper=np.array(is_upper),
    )


def _contents(units: Units, chosen: Booleans) -> Contents:
    """Return the kinds in some units, with their numbers."""
    kinds = Counter(kind for number in np.flatnonzero(chosen) for kind in units.kinds[number])
    return tuple(sorted(kinds.items()))


def _inner_atoms(
    stacking: Stacking, bottom: int, top: int, plane: Vectors
) -> tuple[Integers, Vectors]:
    """Return the atoms of a slab between its lowest and its highest layer, and their positions."""
    if top - bottom < 2:
        return np.empty(0, dtype=np.int64), np.empty((0, 3))
    return repeat(stacking.plane, plane, *stacking.cut_members(bottom + 1, top - 1))


def _arrange(
    stacking: Stacking,
    plane: Vectors,
    units: Units,
    inner: tuple[Integers, Vectors],
    choices: list[tuple[int, ...]],
) -> list[Arrangement] | None:
    """Return all distinct arrangements, the most symmetric first; None if they are too many."""
    members = np.concatenate([units.members, inner[0]])
    crystal = stacking.crystal
    species = [crystal.structure[crystal.atoms[one]].specie for one in members]
    different = sorted(set(species))
    permuted, turns = find_permutations(
        units,
        plane,
        members,
        np.concatenate([units.positions, inner[1]]),
        [different.index(one) for one in species],
    )
    found = distinct(units, choices, permuted, turns)
    return None if found is None else in_order(found, units, plane)


def _describe_cell(name: str, part: float, in_cell: int, plane: Vectors, stacking: Stacking) -> str:
    """Return a message that no set of units has the charge to be moved, and what would do."""
    cells = round(abs(float(np.linalg.det(plane))) / stacking.area)
    each = in_cell / cells
    enough = next(
        (
            number
            for number in range(1, LARGEST_CELL + 1)
            if abs(round(part * each * number) / (each * number) - part) < CLOSE
        ),
        None,
    )
    advice = '' if enough is None else f'; one of {enough} smallest cells can be'
    return (
        f'{part:.2f} of the outermost layer {name} must be on the other face, but {in_cell} of it '
        f'in the surface cell cannot be divided so{advice}'
    )
