"""Surface energies, read from the provenance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from aiida.orm import CalcFunctionNode, Dict, Node, ProcessNode, QueryBuilder

from ...energetics import EnergyPerArea, SurfaceEnergy
from ...engine.damaged import reads_node
from ...engine.links import creator_of, descendants_of, outputs_of
from ...surfaces.indices import Plane
from ..relaxations.programs import programs_behind
from ..relaxations.screening import excluded_by
from ..runs import as_node, runs_in
from .surface_data import Limits, Surface, SurfaceResults

__all__ = [
    'Limits',
    'Plane',
    'Surface',
    'SurfaceResults',
    'collect_surface_energies',
    'has_surface_energies',
    'read_surfaces',
]

#: The calcfunction whose outputs are read.
PROCESS_LABEL = 'calculate_surface_energies'


@reads_node
def collect_surface_energies(node: Node | int | str) -> SurfaceResults:
    """Read surface energies.

    :param node: the node of ``calculate_surface_energies``, or of a process that has its outputs or
        has called it: the node, its pk or its uuid.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if there are no surface energies, or they are damaged.
    """
    node = as_node(node)
    process = find_calculation(node)
    excluded = {
        label: f'excluded: {why}'
        for run in runs_in(node)
        for label, why in excluded_by(run).items()
    }
    assert process.pk is not None
    terminations = (
        process.inputs.terminations.get_dict() if 'terminations' in process.inputs else {}
    )
    settings = process.inputs.settings.get_dict() if 'settings' in process.inputs else {}
    described = process.outputs.surface_energies.get_dict()
    stability = process.outputs.stability.get_dict() if 'stability' in process.outputs else None
    limits, without = _read_limits(stability)
    return SurfaceResults(
        pk=process.pk,
        uuid=str(process.uuid),
        bulk_structure=process.inputs.bulk_structure,
        surfaces=read_surfaces(described, terminations),
        refused={**excluded, **_read(process, 'refused')},
        cleavage_energies=_read(process, 'cleavage_energies'),
        limits=limits,
        without_limits=without,
        settings=settings,
        programs=tuple(programs_behind(process)),
    )


def read_surfaces(
    described: Mapping[str, Any], terminations: Mapping[str, Any]
) -> tuple[Surface, ...]:
    """Return the surface energies in an output ``surface_energies``, sorted by label.

    Numbers in labels count as numbers: ``slab_00_8`` comes before ``slab_00_11``.

    :param described: its content.
    :param terminations: the data of the slabs, by label.
    """
    return tuple(
        _read_surface(label, entry, terminations.get(label, {}))
        for label, entry in sorted(described.items(), key=lambda item: _natural(item[0]))
    )


def _natural(label: str) -> list[tuple[bool, int, str]]:
    """Return a key by which labels are sorted with their numbers as numbers."""
    parts = re.split(r'(\d+)', label)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


def has_surface_energies(node: Node) -> bool:
    """Return whether a node has surface energies to collect."""
    try:
        find_calculation(node)
    except ValueError:
        return False
    return True


def find_calculation(node: Node) -> CalcFunctionNode:
    """Return the calcfunction that computed surface energies; of several, the latest.

    :param node: the calcfunction, or a process that has its outputs or has called it.
    :raises ValueError: if there is none.
    """
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
