"""The dataclasses of the energetics from nodes, with every check that needs the structure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from aiida.orm import Float, StructureData
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError

from ..energetics import NotComparableError, Phase, Slab, check_area, plane_area
from ..surfaces import (
    SlabGenerationError,
    SlabGeometry,
    check_slab,
    format_formula,
    format_plane,
    is_symmetric,
)
from ..surfaces.bulk.crystal import Crystal
from .structures import check_ordered_node, to_pymatgen

#: The relative tolerance of areas of the same cell.
SAME_CELL = 1e-4

NEEDED = ('formula', 'n_atoms', 'area', 'symmetric', 'miller_indices', 'top', 'bottom')


def to_phase(structure: StructureData, energy: Float) -> Phase:
    """Return the atoms by element and the energy of a crystal or molecule.

    :param energy: the energy of its cell, in eV.
    :raises NotComparableError: if the structure is disordered or empty, or the energy not finite.
    """
    message = check_ordered_node(structure)
    if message:
        raise NotComparableError(message)
    return Phase(_count(structure), float(energy.value))


def to_slab(
    structure: StructureData, energy: Float, termination: Mapping[str, Any] | None, crystal: Crystal
) -> Slab:
    """Return a slab with its area and the symmetry of its faces.

    :param energy: the energy of its cell, in eV.
    :param termination: its data, from
        :func:`~aiida_slabrelax.surfaces.describe_termination`. Without it, the symmetry is
        determined from the structure, and the plane is unknown.
    :param crystal: the bulk.
    :raises NotComparableError: if it is not a slab, does not match the termination, or its area
        does not match the plane of the bulk.
    """
    phase = to_phase(structure, energy)
    slab = to_pymatgen(structure)
    message = check_slab(slab)
    if message:
        raise NotComparableError(message)
    area = SlabGeometry.of(slab).area
    if termination is None:
        return Slab(phase.counts, phase.energy_ev, area, _look_for_symmetry(slab))
    _check_termination(slab, area, termination)
    plane = crystal.to_primitive(termination['miller_indices'])
    try:
        check_area(area, plane_area(crystal.vectors, plane))
    except NotComparableError as error:
        where = format_plane(termination['miller_indices'])
        raise NotComparableError(f'{where}: {error}') from error
    return Slab(phase.counts, phase.energy_ev, area, bool(termination['symmetric']))


def to_crystal(structure: StructureData) -> Crystal:
    """Return a bulk with its primitive cell.

    :raises NotComparableError: if spglib finds no symmetry.
    """
    try:
        return Crystal.of(to_pymatgen(structure))
    except SlabGenerationError as error:
        raise NotComparableError(str(error)) from error


def check_same_crystal(oriented: StructureData, bulk: StructureData) -> None:
    """Check that an oriented cell holds the same crystal as the bulk.

    :raises NotComparableError: if composition or volume per atom differ.
    """
    cell, crystal = to_pymatgen(oriented), to_pymatgen(bulk)
    if cell.composition.reduced_composition != crystal.composition.reduced_composition:
        raise NotComparableError(
            f'The oriented bulk is {format_formula(cell)}, the bulk {format_formula(crystal)}.'
        )
    volumes = cell.volume / len(cell), crystal.volume / len(crystal)
    if abs(volumes[0] / volumes[1] - 1) > 1e-3:
        raise NotComparableError(
            f'The oriented bulk has {volumes[0]:.4f} Å³/atom, the bulk {volumes[1]:.4f} Å³/atom: '
            'they are not the same crystal.'
        )


def _count(structure: StructureData) -> dict[str, int]:
    symbols = {kind.name: kind.symbol for kind in structure.kinds}
    return dict(Counter(symbols[site.kind_name] for site in structure.sites))


def _look_for_symmetry(slab: Structure) -> bool:
    try:
        return is_symmetric(slab)
    except SymmetryUndeterminedError as error:
        raise NotComparableError(f'The symmetry of the slab is unknown: {error}') from error


def _check_termination(slab: Structure, area: float, termination: Mapping[str, Any]) -> None:
    missing = [name for name in NEEDED if name not in termination]
    if missing:
        raise NotComparableError(f'Its termination has no {", ".join(missing)}.')
    formula = format_formula(slab)
    if formula != termination['formula'] or len(slab) != termination['n_atoms']:
        raise NotComparableError(
            f'The slab is {formula} with {len(slab)} atoms; its termination is '
            f'{termination["formula"]} with {termination["n_atoms"]}.'
        )
    if abs(area / termination['area'] - 1) > SAME_CELL:
        raise NotComparableError(
            f'The area of the slab is {area:.4f} Å², that of its termination '
            f'{termination["area"]:.4f} Å².'
        )
