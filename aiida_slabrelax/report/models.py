"""Slabs as data for the viewer of the page. Lengths are in Å."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiida.orm import StructureData
from ase import Atoms
from ase.data import atomic_numbers, covalent_radii
from ase.data.colors import jmol_colors
from matplotlib.colors import to_hex

from ..calculations.structures import to_pymatgen
from ..results import RunResults, SlabResult
from ..surfaces import format_formula


def models_of(results: RunResults) -> list[dict[str, Any]]:
    """Return the slabs of a run, each with its views: before, after, the last geometry."""
    return [
        {
            'label': slab.label,
            'formula': slab.formula,
            'views': [_view(name, atoms) for name, atoms in _geometries(slab)],
        }
        for slab in results.slabs
        if slab.initial is not None
    ]


def model_of(label: str, structure: StructureData) -> dict[str, Any]:
    """Return a structure that has one view only."""
    formula = format_formula(to_pymatgen(structure))
    view = _view('as computed', structure.get_ase())
    return {'label': label, 'formula': formula, 'views': [view]}


def elements_of(models: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the colour and the covalent radius (Å) of each element in the models."""
    symbols = {one for model in models for view in model['views'] for one in view['symbols']}
    return {
        symbol: {
            'colour': to_hex(tuple(jmol_colors[atomic_numbers[symbol]])),
            'radius': round(float(covalent_radii[atomic_numbers[symbol]]), 3),
        }
        for symbol in sorted(symbols)
    }


def _geometries(slab: SlabResult) -> Iterator[tuple[str, Atoms]]:
    if slab.initial is not None:
        yield 'before', slab.initial
    if slab.relaxed is not None:
        yield 'after', slab.relaxed
    elif slab.failure is not None and slab.failure.structure is not None:
        yield 'last geometry', slab.failure.structure


def _view(name: str, atoms: Atoms) -> dict[str, Any]:
    return {
        'name': name,
        'symbols': list(atoms.symbols),
        'positions': atoms.positions.round(4).tolist(),
        'cell': atoms.cell.array.round(4).tolist(),
    }
