"""The calculation function that compares the surface energies of pre-relaxed slabs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.engine import calcfunction
from aiida.orm import Data, Dict, Float, StructureData

from ....calculations.gather_energies import EnergyNotFoundError, find_energy
from ....calculations.phases import to_crystal, to_phase, to_slab
from ....energetics import (
    NotComparableError,
    Phase,
    StabilityRegion,
    SurfaceEnergy,
    least_excess,
    stability_region,
    surface_energy,
)
from ....engine.ports.function_ports import declare_namespaces
from ....results.generators import terminations_of
from ....surfaces import format_plane

#: The inputs that are namespaces: the type of their nodes, and their help texts.
NAMESPACES: dict[str, tuple[type[Data], str]] = {
    'slabs': (StructureData, 'The slabs as they were cut, by label.'),
    'misc': (Dict, 'The outputs `misc` of their pre-relaxations, by label.'),
    'terminations': (Dict, 'The outputs `terminations` of the generators of the slabs.'),
    'phases': (StructureData, 'The crystal as `bulk`, and references by element.'),
    'phases_misc': (Dict, 'The outputs `misc` of the same engine for them.'),
}


@calcfunction
def screen_slabs(screen: Float, **namespaces: Any) -> dict[str, Any]:
    """Compare the surface energies of slabs with the lowest one of the same surface.

    The other inputs are namespaces: ``slabs`` and ``misc`` by label, ``terminations``, ``phases``
    and ``phases_misc`` by element and of ``bulk``. The surface energy of a slab that has not the
    composition of the bulk depends on chemical potentials. With references of all elements these
    are the ones at which the crystal is stable, without them they can have any value. Slabs with
    equivalent faces, and those with different ones, are compared among themselves.

    :param screen: how far (J/m²) a slab may lie above the lowest at all chemical potentials.
    :return: ``screening``, by label: ``excess``, the distance from the lowest one at the least,
        under its units; ``surface_energy`` of a slab with the composition of the bulk;
        ``excluded``, why it is left out, or None; or ``refused``, why it is not compared.
    """
    nodes: dict[str, dict[str, Any]] = {name: dict(namespaces.get(name, {})) for name in NAMESPACES}
    known = terminations_of(nodes['slabs'], list(nodes['terminations'].values()))
    try:
        phases = {name: _phase(name, nodes) for name in nodes['phases']}
        bulk = phases.pop('bulk')
        crystal = to_crystal(nodes['phases']['bulk'])
        region = _region(bulk, phases)
    except (NotComparableError, EnergyNotFoundError) as error:
        return {'screening': Dict({label: {'refused': str(error)} for label in nodes['slabs']})}
    references = phases if region is not None else _zeros(bulk)
    found: dict[str, dict[str, Any]] = {}
    groups: dict[tuple[Any, ...], dict[str, SurfaceEnergy]] = {}
    for label, structure in sorted(nodes['slabs'].items()):
        try:
            energy = Float(find_energy(nodes['misc'][label].get_dict()))
            slab = to_slab(structure, energy, known[label], crystal)
            gamma = surface_energy(slab, bulk, references, bulk.elements[0])
        except (NotComparableError, EnergyNotFoundError) as error:
            found[label] = {'refused': str(error)}
            continue
        found[label] = {
            'surface_energy': None if gamma.slopes_per_a2 else gamma.constant.describe()
        }
        group = (*known[label]['miller_indices'], slab.symmetric)
        groups.setdefault(group, {})[label] = gamma
    for (*plane, _), energies in groups.items():
        found_here = dict(_compare(format_plane(plane), energies, region, screen.value))
        for label, entry in found_here.items():
            found[label] |= entry
    return {'screening': Dict(found)}


declare_namespaces(screen_slabs, NAMESPACES)


def _phase(name: str, nodes: Mapping[str, Mapping[str, Any]]) -> Phase:
    energy = find_energy(nodes['phases_misc'][name].get_dict())
    return to_phase(nodes['phases'][name], Float(energy))


def _region(bulk: Phase, references: Mapping[str, Phase]) -> StabilityRegion | None:
    """Return the potentials at which the bulk is stable; None if they may have any value."""
    if len(bulk.counts) == 1 or not references.keys() >= bulk.counts.keys():
        return None
    return stability_region(bulk, references)


def _zeros(bulk: Phase) -> dict[str, Phase]:
    """Return references without energy, on which γ at all potentials does not depend."""
    return {element: Phase({element: 1}, 0.0) for element in bulk.elements}


def _compare(
    plane: str,
    energies: Mapping[str, SurfaceEnergy],
    region: StabilityRegion | None,
    allowed: float,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the excess of each slab, and whether it is excluded.

    :param plane: the surface.
    :param allowed: the largest excess, in J/m².
    """
    for label, excess in least_excess(energies, region).items():
        height = float(excess.j_per_m2)
        why = f'{height:.3f} J/m² above the lowest termination of {plane} in its pre-relaxation'
        if energies[label].slopes_per_a2:
            where = 'all chemical potentials' if region is None else 'all stable potentials'
            why = f'{why}, or more, at {where}'
        yield label, {'excess': excess.describe(), 'excluded': why if height > allowed else None}
