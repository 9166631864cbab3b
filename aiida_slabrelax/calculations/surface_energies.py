"""The calculation function that computes surface energies from total energies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Data, Dict, Float, Int, Str, StructureData

from ..energetics import (
    NotComparableError,
    Phase,
    Slab,
    are_complementary,
    check_references,
    check_settings,
    cleavage_energy,
    relaxation_energy,
    stability_region,
    surface_energy,
)
from ..engine.ports.function_ports import declare_namespaces
from .phases import check_same_crystal, to_crystal, to_phase, to_slab

#: The exit status if the bulk or the references do not allow any surface energy.
NOT_COMPARABLE = 330

#: The exit status if every slab was refused; the message says why.
NO_SURFACE_ENERGY = 331

#: The inputs that are namespaces: the type of their nodes, and their help texts.
NAMESPACES: dict[str, tuple[type[Data], str]] = {
    'slabs': (StructureData, 'The slabs, by label.'),
    'energies': (Float, 'Their energies, in eV of the whole cell, by label.'),
    'unrelaxed_energies': (Float, 'The energies of the slabs as they were cut, in eV, by label.'),
    'oriented_structures': (StructureData, 'The bulk in the cell of a slab, by its label.'),
    'oriented_energies': (Float, 'Its energy in eV, by the label of the slab.'),
    'reference_structures': (StructureData, 'The references, by element.'),
    'reference_energies': (Float, 'Their energies, in eV of the whole cell, by element.'),
    'competing_structures': (StructureData, 'The competing phases, by name.'),
    'competing_energies': (Float, 'Their energies, in eV of the whole cell, by name.'),
}


@calcfunction
def calculate_surface_energies(
    bulk_structure: StructureData,
    bulk_energy: Float,
    terminations: Dict | None = None,
    settings: Dict | None = None,
    eliminated: Str | None = None,
    relaxed_faces: Int | None = None,
    **namespaces: Any,
) -> dict[str, Any] | ExitCode:
    """Compute the surface energy of every slab, and where the bulk is stable.

    The other inputs are namespaces of ``Float`` and ``StructureData``: ``slabs`` and ``energies``
    by label; optionally ``unrelaxed_energies`` and, for a bulk in the cell of a slab,
    ``oriented_structures`` and ``oriented_energies`` by label; ``reference_structures`` and
    ``reference_energies`` by element; ``competing_structures`` and ``competing_energies`` by the
    name of the phase. Energies are in eV of the whole cell.

    The outputs are dictionaries with each number under its unit: ``surface_energies`` by label;
    ``refused``, the slabs that have none, with the reason; ``cleavage_energies`` by the labels of
    both faces; and, with references of all elements, ``stability``.

    :param bulk_structure: The crystal that the slabs were cut from.
    :param bulk_energy: Its energy in eV, of the whole cell.
    :param terminations: The data of each slab by label, as from ``generate_slabs``.
    :param settings: The settings that must agree (cut-off, functional, potentials, k-point density,
        …): those of ``bulk``, and by name of all ``slabs``, ``references`` and ``competing``;
        ``unrelaxed`` and ``oriented`` are optional.
    :param eliminated: The element whose chemical potential the bulk fixes.
    :param relaxed_faces: How many faces of each slab relaxed; 2 unless layers were fixed at one.
    """
    nodes: dict[str, dict[str, Any]] = {name: dict(namespaces.get(name, {})) for name in NAMESPACES}
    used = {} if settings is None else settings.get_dict()
    known = {} if terminations is None else terminations.get_dict()
    faces = 2 if relaxed_faces is None else relaxed_faces.value
    element = None if eliminated is None else eliminated.value
    try:
        bulk = to_phase(bulk_structure, bulk_energy)
        crystal = to_crystal(bulk_structure)
        references = _read_phases('reference', nodes, used)
        check_references(references)
        competing = _read_phases('competing', nodes, used)
        if element is not None and element not in bulk.counts:
            raise NotComparableError(f'{element} cannot be eliminated: the bulk is {bulk.formula}.')
        if faces not in (1, 2):
            raise NotComparableError(f'{faces} faces cannot relax, only 1 or 2.')
    except NotComparableError as error:
        return ExitCode(NOT_COMPARABLE, str(error))

    slabs: dict[str, Slab] = {}
    bulks: dict[str, Phase] = {}
    results: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for label in sorted(nodes['slabs'].keys() | nodes['energies'].keys()):
        try:
            slab = to_slab(*_pair(label, nodes, 'slabs', 'energies'), known.get(label), crystal)
            _check_settings(label, 'slabs', used)
            own_bulk = _own_bulk(label, nodes, bulk_structure) or bulk
            for kind in ('unrelaxed', 'oriented'):
                if label in used.get(kind, {}):
                    _check_settings(label, kind, used)
            results[label] = _describe(label, slab, own_bulk, references, element, faces, nodes)
            slabs[label], bulks[label] = slab, own_bulk
        except NotComparableError as error:
            refused[label] = str(error)
    if not results:
        reasons = '; '.join(f'{label}: {reason}' for label, reason in refused.items())
        return ExitCode(NO_SURFACE_ENERGY, f'No surface energy: {reasons or "there are no slabs"}')

    outputs = {
        'surface_energies': Dict(results),
        'refused': Dict(refused),
        'cleavage_energies': Dict(dict(_cleave(slabs, bulks, known))),
    }
    if len(bulk.counts) > 1 and references.keys() >= bulk.counts.keys():
        outputs['stability'] = Dict(_describe_stability(bulk, references, competing, element))
    return outputs


declare_namespaces(calculate_surface_energies, NAMESPACES)


def _read_phases(
    kind: str, nodes: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Phase]:
    """Return the references, or the competing phases, by name."""
    structures, energies = f'{kind}_structures', f'{kind}_energies'
    phases = {}
    for name in sorted(nodes[structures].keys() | nodes[energies].keys()):
        phases[name] = to_phase(*_pair(name, nodes, structures, energies))
        _check_settings(name, 'references' if kind == 'reference' else kind, settings)
    return phases


def _pair(
    name: str, nodes: Mapping[str, Mapping[str, Any]], structures: str, energies: str
) -> tuple[StructureData, Float]:
    for namespace in (structures, energies):
        if name not in nodes[namespace]:
            raise NotComparableError(f'There is no {name} in {namespace}.')
    return nodes[structures][name], nodes[energies][name]


def _check_settings(name: str, kind: str, settings: Mapping[str, Any]) -> None:
    """Check the settings of a calculation against those of the bulk; without settings, nothing."""
    if settings:
        own, bulk = settings.get(kind, {}).get(name, {}), settings.get('bulk', {})
        check_settings(name, own, 'the bulk', bulk)


def _own_bulk(
    label: str, nodes: Mapping[str, Mapping[str, Any]], bulk_structure: StructureData
) -> Phase | None:
    """Return the bulk in the cell of a slab, if there is one."""
    names = 'oriented_structures', 'oriented_energies'
    if not any(label in nodes[name] for name in names):
        return None
    structure, energy = _pair(label, nodes, *names)
    phase = to_phase(structure, energy)
    check_same_crystal(structure, bulk_structure)
    return phase


def _describe(
    label: str,
    slab: Slab,
    bulk: Phase,
    references: Mapping[str, Phase],
    eliminated: str | None,
    relaxed_faces: int,
    nodes: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    gamma = surface_energy(slab, bulk, references, eliminated)
    described = {
        **gamma.describe(),
        'slab': slab.formula,
        'area': {'Å²': slab.area_a2},
        'remarks': [],
    }
    if not gamma.slopes_per_a2 and gamma.constant.ev_per_a2 < 0:
        described['remarks'].append(
            'it is negative, so the crystal would decompose: check that the settings of bulk and '
            'slab agree'
        )
    if relaxed_faces == 1:
        described['remarks'].append('it is the mean of a face that relaxed and one that did not')
    if label in nodes['unrelaxed_energies']:
        energy = float(nodes['unrelaxed_energies'][label].value)
        unrelaxed = Slab(slab.counts, energy, slab.area_a2, slab.symmetric)
        described['relaxation'] = relaxation_energy(unrelaxed, slab, relaxed_faces).describe()
        before = surface_energy(unrelaxed, bulk, references, eliminated)
        described['unrelaxed_constant'] = before.constant.describe()
    return described


def _cleave(
    slabs: Mapping[str, Slab], bulks: Mapping[str, Phase], known: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the cleavage energy of every cut whose two faces are among the slabs.

    A single slab has both faces if its upper face is the other side of its lower one.
    """
    labels = [label for label in slabs if label in known]
    for label, other in combinations_with_replacement(labels, 2):
        if known[label]['miller_indices'] != known[other]['miller_indices']:
            continue
        if not are_complementary(known[label]['top'], known[other]['bottom']):
            continue
        complement = None if label == other else slabs[other]
        try:
            energy = cleavage_energy(slabs[label], bulks[label], complement)
        except NotComparableError:
            continue  # slabs with different faces, or with different cells
        yield (label if complement is None else f'{label} + {other}'), energy.describe()


def _describe_stability(
    bulk: Phase,
    references: Mapping[str, Phase],
    competing: Mapping[str, Phase],
    eliminated: str | None,
) -> dict[str, Any]:
    try:
        return stability_region(bulk, references, competing, eliminated).describe()
    except NotComparableError as error:
        return {'refused': str(error)}
