"""The inputs in which slabs differ: k-points, fixed sites, the INCAR with dipole or overrides.

Everything that is computed from the slabs of a run comes from one calcfunction, so that its origin
is in the provenance graph. Slabs with equal inputs share one node.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiida.common import LinkType
from aiida.engine import calcfunction
from aiida.orm import Data, Dict, List, ProcessNode, Str, StructureData

from ...engine.links import links_of
from ...engine.ports.function_ports import declare_namespaces
from ...results.generators import known_symmetry, noted_by_generators
from .relaxation_inputs import carry_moments, slab_inputs

#: The inputs of the work chain that determine the differences between slabs.
RULES = ('slab_overrides', 'fix', 'dipole_correction')

#: The shared inputs of VaspWorkChain that a slab's own inputs may replace.
SOURCES = ('parameters', 'kpoints', 'kpoints_spacing', 'magmom_mapping')

#: The label of the link from a run to the calcfunction; the two underscores distinguish it from the
#: labels of slabs.
CALL_LABEL = 'own__inputs'

#: The inputs of a slab, by port of VaspWorkChain; with None it does not use the shared input.
Own = dict[str, Data | None]


@calcfunction
def make_own_inputs(
    slab_overrides: Dict | None = None,
    fix: Dict | None = None,
    dipole_correction: Str | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Create the inputs of VaspWorkChain in which slabs differ, each distinct one once.

    The other inputs are namespaces: ``slabs``, ``vasp``, ``terminations`` and ``moments``.

    :param slab_overrides: That of SlabRelaxWorkChain.
    :param fix: That of SlabRelaxWorkChain.
    :param dipole_correction: That of SlabRelaxWorkChain.
    :return: A namespace for each port (``kpoints``, ``dynamics``, ``parameters``, …), in which a
        node has the label of the first slab that has it; and ``assigned``, a dictionary that
        names, for each slab and port, its node in this namespace. With None, the slab does not use
        the shared input.
    """
    shared, slabs = given['vasp'], given['slabs']
    values = (slab_overrides, fix, dipole_correction)
    rules = {name: node for name, node in zip(RULES, values, strict=True) if node is not None}
    symmetry = known_symmetry(slabs, list(given.get('terminations', {}).values()))
    made: dict[str, dict[str, Data]] = {}
    assigned: dict[str, dict[str, str | None]] = {}
    known: dict[tuple[str, str], str] = {}
    for label, slab in sorted(slabs.items()):
        result = slab_inputs(rules, shared, label, slab, symmetry)
        if label in given.get('moments', {}):
            result = carry_moments(result, given['moments'][label].get_list())
        assigned[label] = {name: None for name in shared if name not in result}
        for name, node in result.items():
            if node is shared.get(name):
                continue
            content = json.dumps(node.base.attributes.all, sort_keys=True)
            first = known.setdefault((name, content), label)
            if first == label:
                made.setdefault(name, {})[label] = node
            assigned[label][name] = first
    return {**made, 'assigned': Dict(assigned)}


declare_namespaces(
    make_own_inputs,
    {
        'slabs': (StructureData, 'The slabs, by label.'),
        'vasp': (Data, 'The inputs of VaspWorkChain that all slabs share, by port.'),
        'terminations': (Dict, 'The outputs `terminations` of the generators of the slabs.'),
        'moments': (List, 'The magnetic moments (μB) of the sites, by the label of a slab.'),
    },
)


def sources(
    inputs: Mapping[str, Any], shared: Mapping[str, Any], slabs: Mapping[str, StructureData]
) -> dict[str, Any]:
    """Return the inputs of :func:`make_own_inputs`.

    :param inputs: the inputs of the work chain.
    :param shared: those of them that all relaxations share, by port of VaspWorkChain.
    :param slabs: those that are to be relaxed, by label.
    """
    overrides = inputs.get('slab_overrides')
    changed = (
        [name for changes in overrides.get_dict().values() for name in changes] if overrides else []
    )
    vasp = {name: shared.get(name) for name in {*SOURCES, *changed}}
    moments = inputs.get('previous', {}).get('moments', {})
    namespaces = {
        'slabs': dict(slabs),
        'vasp': {name: node for name, node in vasp.items() if isinstance(node, Data)},
        'terminations': {
            f'generator_{number}': node for number, node in enumerate(noted_by_generators(slabs))
        },
        'moments': {label: node for label, node in moments.items() if label in slabs},
    }
    rules = {name: inputs[name] for name in RULES if inputs.get(name) is not None}
    return {name: nodes for name, nodes in namespaces.items() if nodes} | rules


def choose(
    assigned: Mapping[str, Mapping[str, str | None]], label: str, find: Callable[[str, str], Data]
) -> Own:
    """Return what a slab has of its own.

    :param assigned: the output of that name.
    :param find: returns the output of a port and a label.
    """
    return {
        port: None if first is None else find(port, first)
        for port, first in assigned[label].items()
    }


def read_own_inputs(maker: ProcessNode, label: str) -> Own:
    """Return what a slab has of its own, from the calcfunction that has made it."""

    def find(port: str, first: str) -> Data:
        (link,) = links_of(maker, (LinkType.CREATE,), label=f'{port}__{first}')
        node: Data = link.node
        return node

    (link,) = links_of(maker, (LinkType.CREATE,), label='assigned')
    return choose(link.node.get_dict(), label, find)
