"""The protocols of the work chain as AiiDA offers them, and the inputs of VASP that they choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from aiida.engine.processes.ports import PortNamespace
from aiida.orm import AbstractCode, Str, StructureData, load_code
from aiida_vasp.protocols import ProtocolMixin
from aiida_vasp.workchains.v2 import VaspWorkChain as OriginalVaspWorkChain
from ase.data import atomic_numbers

from ...engine.ports.port_names import describe_unknown
from ...parsers.kinds import moments_of, set_moments
from ...protocol_files import load_protocols, path_of, protocol_inputs
from ..vasp.listed_tags import describe_unlisted
from ..vasp.moments import shared_moments
from ..vasp.validators import validate_potential_family
from ..vasp.work_chain import VaspWorkChain
from .slab_overrides import merge_inputs

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


class SlabRelaxProtocols(ProtocolMixin):  # type: ignore[misc]  # aiida-vasp carries no types
    """The class methods with which AiiDA's work chains offer their protocols.

    The protocols are in the files of ``aiida_slabrelax.protocol_files``.
    """

    _protocol_tag = 'slab_relax'

    @classmethod
    def get_protocol_filepath(cls, file_alias: str | None = None) -> Path:
        """Return the path of a file with protocols.

        :param file_alias: the part of a name after the ``@``; by default the file of this package.
        :raises ValueError: if there is no such file.
        """
        return path_of(file_alias)

    @classmethod
    def get_default_protocol(cls, file_alias: str | None = None) -> str:
        """Return the name of the default protocol."""
        return str(load_protocols(file_alias)['default_protocol'])

    @classmethod
    def get_protocol_inputs(
        cls,
        protocol: str | None = None,
        overrides: Mapping[str, Any] | Path | None = None,
    ) -> dict[str, Any]:
        """Return the inputs of a protocol, with overrides, as plain values.

        :param protocol: its name, by default that of :meth:`get_default_protocol`; or
            ``name@file``.
        :param overrides: nested like the inputs of the work chain; not modified. Or a YAML file.
        :raises ValueError: if there is no protocol of that name, or its file is not valid.
        """
        return protocol_inputs(protocol, overrides)

    @classmethod
    def _load_protocol_file(cls, file_alias: str | None = None) -> dict[str, Any]:
        return load_protocols(file_alias)


def vasp_protocol_inputs(
    code: AbstractCode | str,
    structures: Sequence[StructureData],
    overrides: Mapping[str, Any],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the inputs of VaspWorkChain, without the structure, from its own protocol.

    :param code: the code of the plugin ``vasp.vasp``, or its label.
    :param structures: the crystals whose kinds are needed; without any, all elements.
    :param overrides: nested like the ports of VaspWorkChain; not modified.
    :param options: the options of the calculations.
    :raises ValueError: if there is no port for an override, it refuses the value, there is no such
        family of potentials, or the structures do not agree on the element of a kind.
    """
    if (problem := check_vasp_overrides(overrides)) is not None:
        raise ValueError(problem)
    chosen = OriginalVaspWorkChain.get_protocol_inputs(overrides=dict(overrides))
    family = Str(chosen['potential_family'])
    if (problem := validate_potential_family(family, None)) is not None:
        raise ValueError(f'`vasp.potential_family`: {problem}')
    structure = _one_of_each_kind(structures, chosen)
    builder = OriginalVaspWorkChain.get_builder_from_protocol(
        load_code(code) if isinstance(code, str) else code,
        structure,
        overrides=_of_kinds(structure, overrides, chosen),
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


def check_overrides(overrides: Mapping[str, Any], ports: PortNamespace) -> str | None:
    """Return a message on names in overrides that nothing reads, with the most similar ones.

    :param overrides: nested like the inputs of the work chain, as plain values.
    :param ports: the input ports of the work chain.
    """
    stages = ('vasp', 'prerelax')
    others = {name: value for name, value in overrides.items() if name not in stages}
    if (problem := describe_unknown(others, ports, '')) is not None:
        return problem
    for name in stages:
        inputs = overrides.get(name)
        if isinstance(inputs, Mapping) and (problem := check_vasp_overrides(inputs, name)):
            return problem
    return None


def check_vasp_overrides(overrides: Mapping[str, Any], name: str = 'vasp') -> str | None:
    """Return a message on names in inputs of VaspWorkChain that nothing reads.

    :param overrides: nested like the ports of VaspWorkChain, as plain values.
    :param name: the name of the namespace in messages.
    """
    ports = VaspWorkChain.spec().inputs
    problem = describe_unknown(overrides, ports, name, also=['meta_parameters'])
    parameters, settings = overrides.get('parameters'), overrides.get('settings')
    if problem is not None or not isinstance(parameters, Mapping):
        return problem
    allowed = settings if isinstance(settings, Mapping) else {}
    return describe_unlisted(parameters, allowed)


def _one_of_each_kind(
    structures: Sequence[StructureData], chosen: Mapping[str, Any]
) -> StructureData:
    """Return a structure with all kinds of some structures, or all elements with a potential.

    :param chosen: the inputs of the protocol of aiida-vasp with the overrides.
    """
    if len(structures) == 1:
        return structures[0]
    if structures:
        symbols = [(kind.name, kind.symbol) for structure in structures for kind in structure.kinds]
    else:
        symbols = [(name, name) for name in chosen['potential_mapping'] if name in atomic_numbers]
    found: dict[str, str] = {}
    for name, symbol in symbols:
        if found.setdefault(name, symbol) != symbol:
            raise ValueError(f'the kind {name!r} is {found[name]} in one slab, {symbol} in another')
    together = StructureData(cell=np.eye(3).tolist())
    for name, symbol in found.items():
        together.append_atom(position=(0.0, 0.0, 0.0), symbols=symbol, name=name)
    set_moments(together, shared_moments(structures))
    return together


def vasp_overrides(structure: StructureData, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overrides for ``VaspWorkChain.get_builder_from_protocol``, with all kinds.

    Its protocol maps elements to potentials and to initial magnetic moments. A kind such as
    ``Fe1`` that has no entry uses that of its element. The moments of the crystal override those
    of elements in the protocol, and an entry for the kind in the overrides overrides both.

    :param structure: the crystal whose kinds are needed.
    :param overrides: the inputs of VaspWorkChain, nested like its ports; not modified.
    """
    chosen = OriginalVaspWorkChain.get_protocol_inputs(overrides=dict(overrides))
    return _of_kinds(structure, overrides, chosen)


def _of_kinds(
    structure: StructureData, overrides: Mapping[str, Any], chosen: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the same.

    :param chosen: the inputs of the protocol with the overrides; to read its file takes 20 ms.
    """
    moments = moments_of(structure)
    merged = dict(overrides)
    for name in ('potential_mapping', 'magmom_mapping'):
        mapping = chosen.get(name) or {}
        of_kinds = {
            kind.name: mapping[kind.symbol]
            for kind in structure.kinds
            if kind.name not in mapping and kind.symbol in mapping
        }
        of_crystal = moments if name == 'magmom_mapping' else {}
        merged[name] = {**of_kinds, **of_crystal, **(merged.get(name) or {})}
    return merged
