"""Protocols: named sets of inputs of SlabRelaxWorkChain, in YAML files. Works without AiiDA.

``name@file`` is the protocol of that name in ``~/.aiida-vasp/protocols/slab_relax/file.yaml``, or
in the file at a path that ends in ``.yaml`` or ``.yml``; ``@file`` is its default protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from .plain_yaml import read_mapping
from .slab_options import OPTIONS

#: The file of this package.
PACKAGED = Path(__file__).with_name('protocols.yaml')

#: The folder of a user's own files, like the folders of aiida-vasp's protocols.
OWN_FILES = '~/.aiida-vasp/protocols/slab_relax'

#: The sizes of slabs; one of the two is given.
SIZES = ('min_slab_thickness', 'layers')


def split_name(protocol: str) -> tuple[str, str | None]:
    """Return the name of a protocol (perhaps empty) and its file, None for that of this package.

    >>> split_name('fast'), split_name('fast@mine'), split_name('@mine')
    (('fast', None), ('fast', 'mine'), ('', 'mine'))
    """
    name, at, file = protocol.partition('@')
    return name, file if at else None


def path_of(file: str | None = None) -> Path:
    """Return the path of a file with protocols.

    :param file: the part of a name after the ``@``; by default the file of this package.
    :raises ValueError: if there is no such file.
    """
    if file is None:
        return PACKAGED
    own = Path(OWN_FILES).expanduser()
    path = own / f'{file}.yaml'
    if file.endswith(('.yaml', '.yml')):
        path = Path(file).expanduser().absolute()
    if not path.is_file():
        known = ', '.join(sorted(file.stem for file in own.glob('*.yaml'))) or 'none'
        raise ValueError(
            f'there is no file with protocols {str(path)!r}; in {str(own)!r} there are: {known}'
        )
    return path


def load_protocols(file: str | None = None) -> dict[str, Any]:
    """Return the content of a file with protocols.

    :param file: as for :func:`path_of`.
    :returns: ``protocols`` (inputs with a ``description``, by name), ``default_protocol`` (one of
        these names) and perhaps ``default_inputs``, which all protocols share.
    :raises ValueError: if there is no such file, or it is not valid.
    """
    path = path_of(file)
    content = deepcopy(_packaged()) if path == PACKAGED else read_mapping(path)
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


@cache
def _packaged() -> dict[str, Any]:
    """Return the content of the file of this package, which a command needs several times."""
    return read_mapping(PACKAGED)


def protocol_inputs(
    protocol: str | None = None, overrides: Mapping[str, Any] | Path | None = None
) -> dict[str, Any]:
    """Return the inputs of a protocol, with overrides, as plain values.

    :param protocol: its name, by default the default protocol; or ``name@file``.
    :param overrides: nested like the inputs of the work chain, not modified; or a YAML file.
    :raises ValueError: if there is no protocol of that name, or its file is not valid.
    """
    from aiida_vasp.utils.dict_merge import recursive_merge

    given, file = split_name(protocol or '')
    content = load_protocols(file)
    name, protocols = given or content['default_protocol'], content['protocols']
    if name not in protocols:
        place = f' in {str(path_of(file))!r}' if file else ''
        raise ValueError(
            f'there is no protocol {name!r}{place}; choose from {", ".join(protocols)}'
        )
    inputs = recursive_merge(content.get('default_inputs') or {}, protocols[name])
    inputs.pop('description')
    changes = read_mapping(overrides) if isinstance(overrides, Path) else overrides
    return merge_sizes(inputs, dict(changes or {}))


def slab_options_of(protocol: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of slabs that a protocol chooses, with the given ones.

    :param protocol: as for :func:`protocol_inputs`.
    :param given: options of :class:`~aiida_slabrelax.slab_options.SlabOptions`.
    """
    inputs = protocol_inputs(protocol)
    return merge_sizes({name: inputs[name] for name in OPTIONS if name in inputs}, given)


def kpoints_spacing_of(protocol: str | None) -> float | None:
    """Return the maximum k-point spacing (2π/Å) of a protocol, if it has one."""
    spacing = protocol_inputs(protocol).get('vasp', {}).get('kpoints_spacing')
    return None if spacing is None else float(spacing)


def merge_sizes(inputs: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs with changes; a thickness or a number of layers replaces the other one."""
    from aiida_vasp.utils.dict_merge import recursive_merge

    merged = dict(recursive_merge(dict(inputs), dict(changes)))
    for name, other in (SIZES, SIZES[::-1]):
        if changes.get(name) is not None and changes.get(other) is None:
            merged.pop(other, None)
    return merged
