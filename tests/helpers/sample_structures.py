"""Crystals of the tests."""

from __future__ import annotations

from typing import Any

from aiida.orm import StructureData
from ase.build import bulk, fcc100
from ase.spacegroup import crystal

from aiida_slabrelax.calculations.generate_slabs import generate_slabs


def silver_phosphate() -> StructureData:
    """Ag3PO4, P-43n, a = 6.12 Å."""
    atoms = crystal(
        ('Ag', 'P', 'O'),
        [(0.25, 0, 0.5), (0, 0, 0), (0.148, 0.148, 0.148)],
        spacegroup=218,
        cellpar=[6.12, 6.12, 6.12, 90, 90, 90],
    )
    return StructureData(ase=atoms)


def silver_phosphate_slabs() -> tuple[StructureData, dict[str, Any]]:
    """Ag3PO4, and the outputs of ``generate_slabs`` for its four terminations (100)."""
    phosphate = silver_phosphate()
    return phosphate, generate_slabs(
        bulk_structure=phosphate,
        miller_indices=[1, 0, 0],
        min_slab_thickness=10.0,
        min_vacuum_thickness=15.0,
    )


def nickel_oxide() -> StructureData:
    """Rock-salt NiO, its nickel planes (001) of alternating spin: kinds Ni1 and Ni2."""
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    structure = StructureData(cell=atoms.cell.tolist())
    for atom in atoms:
        name = f'Ni{1 + round(2 * atom.position[2] / 4.17) % 2}' if atom.symbol == 'Ni' else 'O'
        structure.append_atom(position=atom.position, symbols=atom.symbol, name=name)
    return structure


def gallium_arsenide() -> StructureData:
    """Zinc-blende GaAs: no operation turns (111) over."""
    return StructureData(ase=bulk('GaAs', 'zincblende', a=5.65, cubic=True))


def copper_slab(layers: int, vacuum: float = 6.0) -> StructureData:
    """A Cu (100) slab, one atom a layer, stretched along its normal so that it relaxes."""
    atoms = fcc100('Cu', (1, 1, layers), a=3.6, vacuum=vacuum, periodic=True)
    atoms.set_tags(0)  # ASE numbers the layers; AiiDA would make a kind of each
    atoms.positions[:, 2] *= 1.02
    return StructureData(ase=atoms)


def copper_slabs(*layers: int) -> dict[str, StructureData]:
    """Cu (100) slabs with these numbers of layers, by the labels ``cu_<layers>``."""
    return {f'cu_{n}': copper_slab(n) for n in layers}


def tall_copper_slab() -> StructureData:
    """A Cu (100) slab in a cell 40 Å high."""
    atoms = copper_slab(3).get_ase()
    atoms.cell[2, 2] = 40.0
    return StructureData(ase=atoms)
