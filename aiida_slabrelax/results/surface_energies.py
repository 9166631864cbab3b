"""Surface energies, read from the provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from aiida.orm import CalcFunctionNode, Dict, Node, ProcessNode, QueryBuilder, StructureData
from numpy.typing import NDArray

from ..calculations.phases import to_crystal
from ..energetics import EnergyPerArea, SurfaceEnergy
from ..engine.damaged import reads_node
from ..engine.links import creator_of, descendants_of, outputs_of
from ..surfaces.bulk.crystal import Crystal
from .runs import as_node

Plane = tuple[int, int, int]

#: The calcfunction whose outputs are read.
PROCESS_LABEL = 'calculate_surface_energies'


@dataclass(frozen=True)
class Surface:
    """The surface energy of one slab.

    :ivar label: the label of the slab.
    :ivar formula: the formula of the slab.
    :ivar plane: its Miller indices in the cell of the bulk; None if its termination is unknown.
    :ivar area_a2: the area of one face, in Å².
    :ivar energy: the surface energy γ₀ + Σ cᵢΔμᵢ.
    :ivar described: the whole entry of the output ``surface_energies``.
    :ivar termination: the data recorded when the slab was cut; empty if unknown.
    """

    label: str
    formula: str
    plane: Plane | None
    area_a2: float
    energy: SurfaceEnergy
    described: Mapping[str, Any] = field(repr=False, compare=False)
    termination: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Limits:
    """The chemical potentials at which the bulk is stable.

    :ivar elements: the elements whose potentials are free, in the order of the columns.
    :ivar vertices_ev: shape (v, n), the corners as Δμ in eV.
    :ivar bounded_by: the phases that would form beyond the limits.
    """

    elements: tuple[str, ...]
    vertices_ev: NDArray[np.float64] = field(hash=False)
    bounded_by: tuple[str, ...]

    @property
    def middle(self) -> dict[str, float]:
        """The mean of the corners: Δμ in eV by element."""
        mean = self.vertices_ev.mean(axis=0)
        return dict(zip(self.elements, mean.tolist(), strict=True))


@dataclass(frozen=True)
class SurfaceResults:
    """Surface energies of slabs of one bulk, computed by one calcfunction.

    :ivar pk: the pk of the calcfunction.
    :ivar uuid: the uuid of the calcfunction.
    :ivar bulk_structure: the crystal.
    :ivar surfaces: the surface energies, sorted by label.
    :ivar refused: by label, why a slab has no surface energy.
    :ivar cleavage_energies: the output ``cleavage_energies``.
    :ivar limits: where the bulk is stable, if known.
    :ivar without_limits: why the limits are unknown.
    """

    pk: int
    uuid: str
    bulk_structure: StructureData = field(repr=False, compare=False)
    surfaces: tuple[Surface, ...]
    refused: Mapping[str, str]
    cleavage_energies: Mapping[str, Any]
    limits: Limits | None
    without_limits: str = ''

    @cached_property
    def bulk(self) -> Crystal:
        """The crystal with its symmetry."""
        return to_crystal(self.bulk_structure)

    @property
    def elements(self) -> list[str]:
        """The elements on whose chemical potentials a surface energy depends."""
        needed = {element for surface in self.surfaces for element in surface.energy.slopes_per_a2}
        if self.limits is None:
            return sorted(needed)
        return [element for element in self.limits.elements if element in needed]

    @property
    def by_plane(self) -> dict[Plane | None, list[Surface]]:
        """The surfaces by plane: terminations of the same plane compete with each other."""
        planes: dict[Plane | None, list[Surface]] = {}
        for surface in self.surfaces:
            planes.setdefault(surface.plane, []).append(surface)
        return planes

    def lowest(self, delta_mu_ev: Mapping[str, float]) -> dict[Plane | None, Surface]:
        """Return the surface of the lowest energy of each plane at chemical potentials (eV).

        :raises NotComparableError: if a needed potential is missing.
        """

        def energy(surface: Surface) -> float:
            return float(surface.energy.at(delta_mu_ev).ev_per_a2)

        return {plane: min(surfaces, key=energy) for plane, surfaces in self.by_plane.items()}


@reads_node
def collect_surface_energies(node: Node | int | str) -> SurfaceResults:
    """Read surface energies.

    :param node: the node of ``calculate_surface_energies``, or of a process that has its outputs or
        has called it: the node, its pk or its uuid.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if there are no surface energies, or they are damaged.
    """
    process = _find_calculation(as_node(node))
    assert process.pk is not None
    terminations = (
        process.inputs.terminations.get_dict() if 'terminations' in process.inputs else {}
    )
    described = process.outputs.surface_energies.get_dict()
    stability = process.outputs.stability.get_dict() if 'stability' in process.outputs else None
    limits, without = _read_limits(stability)
    return SurfaceResults(
        pk=process.pk,
        uuid=str(process.uuid),
        bulk_structure=process.inputs.bulk_structure,
        surfaces=read_surfaces(described, terminations),
        refused=_read(process, 'refused'),
        cleavage_energies=_read(process, 'cleavage_energies'),
        limits=limits,
        without_limits=without,
    )


def read_surfaces(
    described: Mapping[str, Any], terminations: Mapping[str, Any]
) -> tuple[Surface, ...]:
    """Return the surface energies in an output ``surface_energies``, sorted by label.

    :param described: its content.
    :param terminations: the data of the slabs, by label.
    """
    return tuple(
        _read_surface(label, entry, terminations.get(label, {}))
        for label, entry in sorted(described.items())
    )


def has_surface_energies(node: Node) -> bool:
    """Return whether a node has surface energies to collect."""
    try:
        _find_calculation(node)
    except ValueError:
        return False
    return True


def _find_calculation(node: Node) -> CalcFunctionNode:
    """Return the calcfunction that computed surface energies; of several, the latest."""
    if isinstance(node, ProcessNode):
        output = outputs_of(node).get('surface_energies')
        if output is not None:
            creator = creator_of(output)
            pks = [creator.pk] if creator is not None and creator.pk is not None else []
        else:
            pks = descendants_of(node)
        filters: dict[str, Any] = {'id': {'in': pks}, 'attributes.process_label': PROCESS_LABEL}
        query = QueryBuilder().append(CalcFunctionNode, filters=filters, tag='maker', project='*')
        query.append(Dict, with_incoming='maker', edge_filters={'label': 'surface_energies'})
        query.order_by({'maker': [{'id': 'desc'}]})
        if pks and (maker := query.first(flat=True)) is not None:
            assert isinstance(maker, CalcFunctionNode)
            return maker
    name = node.process_label if isinstance(node, ProcessNode) else type(node).__name__
    reason = getattr(node, 'exit_message', None)
    raise ValueError(f'{name}<{node.pk}> has no surface energies{f": {reason}" if reason else ""}')


def _read(process: ProcessNode, name: str) -> dict[str, Any]:
    if name not in process.outputs:
        return {}
    output: Dict = process.outputs[name]
    return dict(output.get_dict())


def _read_surface(label: str, entry: Mapping[str, Any], termination: Mapping[str, Any]) -> Surface:
    indices = termination.get('miller_indices')
    return Surface(
        label=label,
        formula=str(entry['slab']),
        plane=(int(indices[0]), int(indices[1]), int(indices[2])) if indices else None,
        area_a2=_number(entry['area']['Å²']),
        energy=SurfaceEnergy(
            constant=EnergyPerArea(_number(entry['constant']['eV/Å²'])),
            slopes_per_a2={
                symbol: _number(slope['1/Å²']) for symbol, slope in entry['slopes'].items()
            },
            eliminated=entry['eliminated'],
            symmetric=entry['meaning'] == 'of either face',
        ),
        described=entry,
        termination=termination,
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f'{value!r} is no number')
    return float(value)


def _read_limits(stability: Mapping[str, Any] | None) -> tuple[Limits | None, str]:
    if stability is None:
        return None, 'some elements have no reference'
    if 'refused' in stability:
        return None, str(stability['refused'])
    return Limits(
        elements=tuple(stability['elements']),
        vertices_ev=np.array(stability['vertices']['eV'], dtype=float),
        bounded_by=tuple(stability['bounded_by']),
    ), ''
