"""The protocols of the work chain: named sets of inputs, read from ``protocols.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from aiida.orm import AbstractCode, StructureData, load_code
from aiida_vasp.utils.dict_merge import recursive_merge
from aiida_vasp.workchains.v2 import VaspWorkChain as OriginalVaspWorkChain

from ...engine.port_names import describe_unknown
from ..vasp.work_chain import VaspWorkChain
from .overrides import merge_inputs

#: Inputs of VaspWorkChain that its own protocol knows how to choose, and its hints for that.
_OF_PROTOCOL = (
    'calc',
    'clean_workdir',
    'kpoints',
    'kpoints_spacing',
    'ldau_mapping',
    'magmom_mapping',
    'max_iterations',
    'meta_parameters',
    'parameters',
    'potential_family',
    'potential_mapping',
    'settings',
)


@cache
def _protocols() -> dict[str, Any]:
    text = files(__package__).joinpath('protocols.yaml').read_text('utf-8')
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def available_protocols() -> dict[str, str]:
    """Return the description of each protocol by its name."""
    return {name: inputs['description'] for name, inputs in _protocols()['protocols'].items()}


def default_protocol() -> str:
    """Return the name of the protocol that is used when none is asked for."""
    return str(_protocols()['default_protocol'])


def protocol_inputs(
    protocol: str | None = None, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the inputs of a protocol with the overrides laid over them, as plain values.

    :param protocol: its name, by default that of :func:`default_protocol`.
    :param overrides: nested like the inputs of the work chain; not modified.
    :raises ValueError: if there is no protocol of that name.
    """
    name = protocol or default_protocol()
    protocols = _protocols()['protocols']
    if name not in protocols:
        raise ValueError(f'there is no protocol {name!r}; choose from {", ".join(protocols)}')
    inputs = recursive_merge(_protocols()['default_inputs'], protocols[name])
    inputs = recursive_merge(inputs, dict(overrides or {}))
    inputs.pop('description')
    return dict(inputs)


def vasp_protocol_inputs(
    code: AbstractCode | str,
    structure: StructureData,
    overrides: Mapping[str, Any],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the inputs of VaspWorkChain, without the structure, from its own protocol.

    :param code: the code of the plugin ``vasp.vasp``, or its label.
    :param structure: the crystal whose kinds are needed.
    :param overrides: nested like the ports of VaspWorkChain; not modified.
    :param options: the options of the calculations.
    :raises ValueError: if there is no port for an override, or it refuses the value.
    """
    ports = VaspWorkChain.spec().inputs
    problem = describe_unknown(overrides, ports, 'vasp', also=['meta_parameters'])
    if problem is not None:
        raise ValueError(problem)
    builder = OriginalVaspWorkChain.get_builder_from_protocol(
        load_code(code) if isinstance(code, str) else code,
        structure,
        overrides=vasp_overrides(structure, overrides),
        options=dict(options),
    )
    inputs: dict[str, Any] = builder._inputs(prune=True)
    inputs.pop('structure')
    if 'resources' in options:  # in place of the protocol's, which not every scheduler understands
        inputs['calc']['metadata']['options']['resources'] = dict(options['resources'])
    # Of all else the protocol of aiida-vasp takes no notice.
    others = {
        name: value
        for name, value in overrides.items()
        if name not in _OF_PROTOCOL and value is not None
    }
    return dict(merge_inputs(inputs, others))


def vasp_overrides(structure: StructureData, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overrides for ``VaspWorkChain.get_builder_from_protocol``, with kinds known to it.

    Its protocol maps elements to potentials and to initial magnetic moments. A kind without an
    entry of its own (``Fe1``) gets that of its element.

    :param structure: the crystal whose kinds are needed.
    :param overrides: the inputs of VaspWorkChain, nested like its ports; not modified.
    """
    defaults = recursive_merge(OriginalVaspWorkChain.get_protocol_inputs(), dict(overrides))
    merged = dict(overrides)
    for name in ('potential_mapping', 'magmom_mapping'):
        mapping = defaults.get(name) or {}
        of_kinds = {
            kind.name: mapping[kind.symbol]
            for kind in structure.kinds
            if kind.name not in mapping and kind.symbol in mapping
        }
        merged[name] = {**of_kinds, **merged.get(name, {})}
    return merged
