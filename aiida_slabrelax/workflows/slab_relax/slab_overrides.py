"""Overrides: changes to the inputs of some slabs, given as plain values.

They are a mapping from slabs to changes::

    {
        'slab_0*': {'parameters': {'incar': {'algo': 'all'}}},
        'Ag > 10 and atoms <= 30': {'kpoints': [4, 4, 1]},
        'slab_03': {'calc': {'metadata': {'options': {'max_wallclock_seconds': 86400}}}},
    }

A key is the label of a slab, a pattern of labels (``*``, ``?``, ``[…]``), or a condition on its
composition. Values are nested like the inputs ``vasp`` of the work chain.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from aiida.common import AttributeDict, InputValidationError
from aiida.engine.processes.ports import PortNamespace
from aiida.orm import Bool, Dict, Float, Int, KpointsData, Node, Str, StructureData
from aiida_vasp.utils.dict_merge import recursive_merge
from ase.data import atomic_numbers

from ...engine.ports.port_names import describe_unknown
from ..vasp.incar_text import check_tags
from ..vasp.work_chain import VaspWorkChain

_COMPARISONS = {
    '<=': operator.le,
    '>=': operator.ge,
    '==': operator.eq,
    '!=': operator.ne,
    '<': operator.lt,
    '>': operator.gt,
}
_CONDITION = re.compile(r'([A-Z][a-z]?|atoms)\s*(<=|>=|==|!=|<|>)\s*(\d+)')
_PATTERN = re.compile(r'[A-Za-z0-9_*?\[\]!-]+')

#: Inputs of VaspWorkChain that the work chain fills itself, or that are no plain values.
FORBIDDEN = ('code', 'metadata', 'potential', 'remote_folder', 'restart_folder', 'structure')


def check_key(key: str) -> str | None:
    """Return what is wrong with a key of the overrides, or ``None``."""
    if _PATTERN.fullmatch(key):
        return None
    for clause in _clauses(key):
        if (condition := _CONDITION.fullmatch(clause)) is None:
            return (
                f'{key!r} is no label, no pattern of labels (slab_0*) and no condition on the '
                'composition (Ag > 10 and atoms <= 30)'
            )
        if condition[1] != 'atoms' and condition[1] not in atomic_numbers:
            return f'{key!r}: there is no element {condition[1]}'
    return None


def matches(key: str, label: str, slab: StructureData) -> bool:
    """Return whether a key of the overrides matches a slab."""
    if _PATTERN.fullmatch(key):
        return fnmatchcase(label, key)
    counts = Counter(slab.get_kind(site.kind_name).symbol for site in slab.sites)
    counts['atoms'] = len(slab.sites)
    for clause in _clauses(key):
        if (condition := _CONDITION.fullmatch(clause)) is None:
            return False
        element, comparison, number = condition.groups()
        if not _COMPARISONS[comparison](counts[element], int(number)):
            return False
    return True


def unmatched_keys(overrides: Mapping[str, Any], slabs: Mapping[str, StructureData]) -> list[str]:
    """Return the keys of the overrides that match none of the slabs."""
    return sorted(
        key
        for key in overrides
        if not any(matches(key, label, slab) for label, slab in slabs.items())
    )


def overrides_of(
    overrides: Mapping[str, Mapping[str, Any]], label: str, slab: StructureData
) -> Iterator[Mapping[str, Any]]:
    """Yield the changes for a slab: those of conditions, then of patterns, then of its label.

    Later ones take precedence. Within a group the order is alphabetical.
    """
    for key in sorted(overrides, key=_rank):
        if matches(key, label, slab):
            yield overrides[key]


def merge_inputs(inputs: Mapping[str, Any], changes: Mapping[str, Any]) -> AttributeDict:
    """Return inputs of VaspWorkChain with changes; neither argument is modified.

    Nested values are merged, all others replaced. Of ``kpoints`` and ``kpoints_spacing``, the one
    in the changes counts.

    :param inputs: nodes and plain values by port.
    :param changes: plain values by port.
    :raises ValueError: if a port does not exist, may not be changed or refuses the value.
    """
    if (problem := describe_unknown(changes, VaspWorkChain.spec().inputs, 'vasp')) is not None:
        raise ValueError(problem)
    merged = AttributeDict(inputs)
    for name, value in changes.items():
        merged[name] = _change(name, merged.get(name), value)
        _check(name, merged[name])
    for name, other in (('kpoints', 'kpoints_spacing'), ('kpoints_spacing', 'kpoints')):
        if name in changes and other not in changes:
            merged.pop(other, None)
    return merged


def _change(name: str, present: Any, value: Any) -> Any:
    port = VaspWorkChain.spec().inputs.get(name)
    if port is None:
        raise ValueError(f'`vasp` has no port {name!r}')
    if name in FORBIDDEN or (isinstance(port, PortNamespace) and name != 'calc'):
        raise ValueError(f'`{name}` cannot be overridden')
    if name == 'calc':
        return _change_options(present or {}, value)
    if name == 'kpoints':
        return _mesh(value)
    if Dict in _types(port):
        if not isinstance(value, Mapping):
            raise ValueError(f'`{name}` must be a mapping, got {value!r}')
        content = present.get_dict() if present is not None else {}
        return Dict(recursive_merge(lower_incar(name, content), lower_incar(name, value)))
    return _scalar(name, _types(port), value)


def _change_options(present: Mapping[str, Any], value: Any) -> dict[str, Any]:
    match value:
        case {'metadata': {'options': dict(options), **others}, **more} if not others | more:
            metadata = dict(present.get('metadata', {}))
        case _:
            raise ValueError(f'of `calc` only metadata.options can be overridden, got {value!r}')
    metadata['options'] = recursive_merge(dict(metadata.get('options', {})), options)
    return {**present, 'metadata': metadata}


def _check(name: str, value: Any) -> None:
    """Validate with the port now: after the submission, an error would end the whole run."""
    try:
        problem = VaspWorkChain.spec().inputs[name].validate(value)
    except InputValidationError as error:  # from the validators of aiida-vasp
        raise ValueError(f'`{name}`: {error}') from error
    if problem is not None:
        raise ValueError(f'`{problem.port}`: {problem.message}')


def _scalar(name: str, types: tuple[type[Node], ...], value: Any) -> Node:
    if Float in types and type(value) is int:
        return Float(value)
    for node_type, plain in ((Bool, bool), (Float, float), (Int, int), (Str, str)):
        if node_type in types:
            if type(value) is plain:
                return node_type(value)
            raise ValueError(f'`{name}` must be a {plain.__name__}, got {value!r}')
    raise ValueError(f'`{name}` is no plain value and cannot be overridden')


def _mesh(value: Any) -> KpointsData:
    is_mesh = isinstance(value, Sequence) and len(value) == 3
    if not is_mesh or any(type(number) is not int or number < 1 for number in value):
        raise ValueError(f'`kpoints` must be a mesh such as [4, 4, 1], got {value!r}')
    mesh = KpointsData()
    mesh.set_kpoints_mesh(value)
    return mesh


def _types(port: Any) -> tuple[type[Node], ...]:
    types = port.valid_type
    return types if isinstance(types, tuple) else (types,)


def lower_incar(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``parameters`` with the tags of the INCAR in lower case."""
    if name != 'parameters' or 'incar' not in content:
        return dict(content)
    if not isinstance(incar := content['incar'], Mapping):
        raise ValueError(f'`parameters`: incar must be a mapping, got {incar!r}')
    if (problem := next(check_tags(incar), None)) is not None:
        raise ValueError(f'`parameters`: {problem}')
    return {**content, 'incar': {str(tag).lower(): value for tag, value in incar.items()}}


def _clauses(key: str) -> list[str]:
    return [clause.strip() for clause in key.split(' and ')]


def _rank(key: str) -> tuple[int, str]:
    is_condition = _PATTERN.fullmatch(key) is None
    is_pattern = any(character in key for character in '*?[')
    return (0 if is_condition else 1 if is_pattern else 2, key)
