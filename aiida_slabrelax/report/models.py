"""Slabs as compact data for the viewer of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from aiida.orm import StructureData
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii
from ase.data.colors import jmol_colors
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from ..calculations.structures import to_atoms, to_pymatgen
from ..plots.layout.limits import find_flaw
from ..results.slabs import SlabResult
from ..surfaces import format_formula

#: The unit of length in the data, Å: about a pixel at the viewer's largest scale.
UNIT = 0.01

#: The largest number of atoms in a page, some 3 MB.
MOST_PLACES = 150_000


@dataclass(frozen=True)
class Model:
    """A slab with its views: before, after, last geometry."""

    label: str
    formula: str
    views: Sequence[tuple[str, Atoms]]


def model_of_slab(slab: SlabResult) -> Model:
    """Return a slab of a run."""
    return Model(slab.label, slab.formula, list(_geometries(slab)))


def model_of_structure(label: str, structure: StructureData) -> Model:
    """Return a structure with a single view."""
    formula = format_formula(to_pymatgen(structure))
    return Model(label, formula, [('as computed', to_atoms(structure))])


def write_models(models: Sequence[Model]) -> tuple[dict[str, Any], str]:
    """Return the data of models for the viewer, and a note on those that do not fit in the page.

    :returns: ``slabs``, each with its ``views``; the ``elements``; and the ``unit`` of all lengths
        (Å). A view has ``places`` (x, y and z of each atom in turn), the first two vectors of its
        ``cell``, and ``kinds`` (the index of each atom's element); or a ``flaw``, the reason why it
        cannot be drawn.
    """
    elements: dict[int, int] = {}
    slabs: list[dict[str, Any]] = []
    free = MOST_PLACES
    for model in models:
        flaws = [find_flaw(atoms) for _, atoms in model.views]
        free -= sum(
            len(atoms) for (_, atoms), flaw in zip(model.views, flaws, strict=True) if flaw is None
        )
        if free < 0:
            break
        views = [
            {'name': name, **({'flaw': flaw} if flaw is not None else _write(atoms, elements))}
            for (name, atoms), flaw in zip(model.views, flaws, strict=True)
        ]
        slabs.append({'label': model.label, 'formula': model.formula, 'views': views})
    note = ''
    if omitted := [model.label for model in models[len(slabs) :]]:
        note = (
            f'{len(slabs)} of {len(models)} slabs are here; the page would become too large with '
            f'{omitted[0]} to {omitted[-1]}, which `aiida-slabrelax export` writes as files.'
        )
    return {'slabs': slabs, 'elements': [*map(_describe, elements)], 'unit': UNIT}, note


def _geometries(slab: SlabResult) -> Iterator[tuple[str, Atoms]]:
    if slab.initial is not None:
        yield 'before', slab.initial
    if slab.relaxed is not None:
        yield 'after', slab.relaxed
    elif slab.failure is not None and slab.failure.structure is not None:
        yield 'last geometry', slab.failure.structure


def _write(atoms: Atoms, elements: dict[int, int]) -> dict[str, Any]:
    """Return a view.

    :param elements: the index of each element by its atomic number; new elements are added.
    """
    places = atoms.positions - atoms.positions.min(axis=0)
    return {
        'kinds': [elements.setdefault(z, len(elements)) for z in atoms.numbers.tolist()],
        'places': _round(places.ravel()),
        'cell': [_round(vector) for vector in atoms.cell.array[:2]],
    }


def _round(lengths: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(lengths / UNIT).astype(int).tolist()
    return whole


def _describe(number: int) -> dict[str, Any]:
    """Return the symbol, the colour and the covalent radius (Å) of an element.

    :param number: its atomic number.
    """
    return {
        'symbol': chemical_symbols[number],
        'colour': to_hex(tuple(jmol_colors[number])),
        'radius': round(float(covalent_radii[number]), 3),
    }
