"""The protocols of the work chain: named sets of inputs, read from ``protocols.yaml``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from aiida.orm import AbstractCode, StructureData, load_code
from aiida_vasp.protocols import ProtocolMixin
from aiida_vasp.utils.dict_merge import recursive_merge
from aiida_vasp.workchains.v2 import VaspWorkChain as OriginalVaspWorkChain
from ase.data import atomic_numbers

from ...engine.port_names import describe_unknown
from ...parsers.kinds import moments_of, set_moments
from ...plain_yaml import read_mapping
from ..vasp.moments import shared_moments
from ..vasp.work_chain import VaspWorkChain
from .slab_overrides import merge_inputs

#: How large slabs are to be; one of the two is given.
SIZES = ('min_slab_thickness', 'layers')

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
    """The protocols of the work chain, and those of the user.

    ``name@file`` is the protocol of that name in ``~/.aiida-vasp/protocols/slab_relax/file.yaml``,
    or in the file at a path that ends in ``.yaml`` or ``.yml``; ``@file`` is its default one.
    """

    _protocol_tag = 'slab_relax'

    @classmethod
    def get_protocol_filepath(cls, file_alias: str | None = None) -> Path:
        """Return the path of a file with protocols.

        :param file_alias: what is behind the ``@``; by default the file of this package.
        :raises ValueError: if there is no such file.
        """
        if file_alias is None:
            return Path(__file__).with_name('protocols.yaml')
        own = Path(f'{cls._load_root}/{cls._protocol_tag}').expanduser()
        path = own / f'{file_alias}.yaml'
        if file_alias.endswith(('.yaml', '.yml')):
            path = Path(file_alias).expanduser().absolute()
        if not path.is_file():
            known = ', '.join(sorted(file.stem for file in own.glob('*.yaml'))) or 'none'
            raise ValueError(
                f'there is no file with protocols {str(path)!r}; in {str(own)!r} there are: {known}'
            )
        return path

    @classmethod
    def get_default_protocol(cls, file_alias: str | None = None) -> str:
        """Return the name of the default protocol."""
        return str(cls._load_protocol_file(file_alias)['default_protocol'])

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
        given, file_alias = cls._split_protocol_file_name(protocol or '')
        content = cls._load_protocol_file(file_alias)
        name, protocols = given or content['default_protocol'], content['protocols']
        if name not in protocols:
            place = f' in {str(cls.get_protocol_filepath(file_alias))!r}' if file_alias else ''
            raise ValueError(
                f'there is no protocol {name!r}{place}; choose from {", ".join(protocols)}'
            )
        inputs = recursive_merge(content.get('default_inputs') or {}, protocols[name])
        inputs.pop('description')
        laid_over = read_mapping(overrides) if isinstance(overrides, Path) else overrides
        return merge_sizes(inputs, dict(laid_over or {}))

    @classmethod
    def _load_protocol_file(cls, file_alias: str | None = None) -> dict[str, Any]:
        path = cls.get_protocol_filepath(file_alias)
        content = read_mapping(path)
        protocols = content.get('protocols')
        if not isinstance(protocols, dict) or not protocols:
            raise ValueError(f'{path}: `protocols` must be a mapping of names to inputs')
        for name, inputs in protocols.items():
            if not isinstance(inputs, dict) or 'description' not in inputs:
                raise ValueError(f'{path}: {name!r} must be a mapping with a `description`')
        if content.get('default_protocol') not in protocols:
            raise ValueError(
                f'{path}: `default_protocol` must be one of {", ".join(protocols)}, got '
                f'{content.get("default_protocol")!r}'
            )
        if not isinstance(content.get('default_inputs') or {}, dict):
            raise ValueError(f'{path}: `default_inputs` must be a mapping')
        return content


def merge_sizes(inputs: Mapping[str, Any], laid_over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay inputs over others; a thickness or a number of layers takes the place of the other."""
    merged = dict(recursive_merge(dict(inputs), dict(laid_over)))
    for name, other in (SIZES, SIZES[::-1]):
        if laid_over.get(name) is not None and laid_over.get(other) is None:
            merged.pop(other, None)
    return merged


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
    :raises ValueError: if there is no port for an override, it refuses the value, or the structures
        do not agree on the element of a kind.
    """
    ports = VaspWorkChain.spec().inputs
    problem = describe_unknown(overrides, ports, 'vasp', also=['meta_parameters'])
    if problem is not None:
        raise ValueError(problem)
    structure = _one_of_each_kind(structures, overrides)
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


def _one_of_each_kind(
    structures: Sequence[StructureData], overrides: Mapping[str, Any]
) -> StructureData:
    """Return a structure with all kinds of some structures, or all elements with a potential."""
    if len(structures) == 1:
        return structures[0]
    if structures:
        symbols = [(kind.name, kind.symbol) for structure in structures for kind in structure.kinds]
    else:
        chosen = OriginalVaspWorkChain.get_protocol_inputs(overrides=dict(overrides))
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
    moments = moments_of(structure)
    defaults = recursive_merge(OriginalVaspWorkChain.get_protocol_inputs(), dict(overrides))
    merged = dict(overrides)
    for name in ('potential_mapping', 'magmom_mapping'):
        mapping = defaults.get(name) or {}
        of_kinds = {
            kind.name: mapping[kind.symbol]
            for kind in structure.kinds
            if kind.name not in mapping and kind.symbol in mapping
        }
        of_crystal = moments if name == 'magmom_mapping' else {}
        merged[name] = {**of_kinds, **of_crystal, **(merged.get(name) or {})}
    return merged
