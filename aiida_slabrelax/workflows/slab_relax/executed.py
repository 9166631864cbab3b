"""The text that a run will execute, and on which computer, as lines to read before submission.

A job is a script. Its lines come from the computer, the code, and the options and settings of the
run, which can differ between slabs. All of it is in the provenance, and so in an archive that
somebody else has created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.orm import (
    AbstractCode,
    Computer,
    Node,
    PortableCode,
    QueryBuilder,
    RemoteData,
    WorkChainNode,
)

from ...engine.origin import describe_origin, is_stored_here
from ...results.runs import name_of
from ...visible import visible

#: The inputs of the work chain that are inputs of VaspWorkChain.
NAMESPACES = ('vasp', 'prerelax')
#: Inputs of VaspWorkChain, besides the code, that affect what is executed, not what is computed.
_INPUTS = ('auto_parallel', 'handler_overrides', 'monitors', 'options', 'settings')
#: The attributes of a code that do not affect what it executes.
_OF_CODES = ('input_plugin', 'is_local', 'description', 'source')


class NotTrustedError(ValueError):
    """A run would execute text that this user has not written here; the lines contain it."""

    def __init__(self, reasons: list[str], lines: list[str]) -> None:
        super().__init__(
            f'{"; ".join(reasons)}: look at what it would execute (`retry --dry-run`, '
            '`describe_executed`), then say that it may (`--yes`, `trusted=True`)'
        )
        self.reasons = reasons
        self.lines = lines


def find_reasons(run: WorkChainNode, inputs: Mapping[str, Any]) -> list[str]:
    """Return why the user must confirm what a run of these inputs executes; empty if not needed.

    :param run: the earlier run from which the inputs are.
    :param inputs: the inputs of SlabRelaxWorkChain.
    """
    nodes: dict[str, Node] = {name_of(run): run}
    codes = []
    for namespace in filter(inputs.get, NAMESPACES):
        vasp = inputs[namespace]
        nodes[f'code {vasp["code"].full_label}'] = vasp['code']
        nodes |= {f'`{namespace}.{name}`': node for name, node in _nodes(vasp)}
        codes.append(vasp['code'])
    if inputs.get('slab_overrides') is not None:
        nodes['`slab_overrides`'] = inputs['slab_overrides']
    for label, folder in _folders(inputs).items():
        nodes[f'the folder of {label}'] = folder
    found = {name: describe_origin(node) for name, node in nodes.items()}
    reasons = [f'{name} was {origin}' for name, origin in found.items() if origin is not None]
    for code in codes:
        if (other := _newer_code(code)) is not None:
            reasons.append(
                f'{code.full_label} refers to another code now, <{other.pk}> in place of '
                f'<{code.pk}>'
            )
    return reasons


def describe_executed(inputs: Mapping[str, Any]) -> list[str]:
    """Return what a run of these inputs executes, and with what, as lines.

    Control characters in the texts are escaped; a text of several lines has one line for each.

    :param inputs: the inputs of SlabRelaxWorkChain; ``builder._inputs(prune=True)`` of a builder.
    """
    lines = _describe_calculations(inputs['vasp'])
    if inputs.get('prerelax'):
        lines += ['before that, for each slab:', *_describe_calculations(inputs['prerelax'])]
    slab_overrides = inputs.get('slab_overrides')
    of_slabs = slab_overrides.get_dict() if slab_overrides is not None else {}
    for key, changes in of_slabs.items():
        chosen = {name: changes[name] for name in ('calc', *_INPUTS) if name in changes}
        lines += _show_all(f'slab_overrides of {visible(key)}', chosen)
    for label, folder in _folders(inputs).items():
        lines.append(f'restart of {visible(label)} from {visible(folder.get_remote_path())}')
    return lines


def _describe_calculations(vasp: Mapping[str, Any]) -> list[str]:
    """Return what the calculations of a namespace of inputs of VaspWorkChain execute."""
    code: AbstractCode = vasp['code']
    lines = [f'code {visible(code.full_label)} <{code.pk}>, uuid {code.uuid}, of {code.user.email}']
    lines += _show_all('code', _attributes_of_code(code))
    metadata = vasp.get('calc', {}).get('metadata', {})
    if (computer := metadata.get('computer') or code.computer) is not None:
        lines.append(f'computer {visible(computer.label)}, uuid {computer.uuid}')
        lines += _show_all('computer', _settings_of_computer(computer))
    lines += _show_all('calc.metadata.options', metadata.get('options', {}))
    for name, node in _nodes(vasp):
        lines += _show_all(name, node.base.attributes.all)
    if vasp.get('potential_family') is not None:
        lines.append(f'potential_family = {visible(vasp["potential_family"].value)}')
    return lines


def _show_all(place: str, value: Any) -> Iterator[str]:
    """Yield the content of a value at any depth, without empty parts."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _show_all(f'{place}.{visible(name)}', inner)
    elif isinstance(value, str) and '\n' in value.strip('\n'):
        yield f'{place}:'
        yield from (f'    {visible(line)}' for line in value.strip('\n').split('\n'))
    elif value is not None and value not in ('', [], ()):
        yield f'{place} = {visible(value if isinstance(value, str) else repr(value))}'


def _attributes_of_code(code: AbstractCode) -> dict[str, Any]:
    attributes = {
        name: value for name, value in code.base.attributes.all.items() if name not in _OF_CODES
    }
    if isinstance(code, PortableCode):
        attributes['files'] = sorted(map(str, code.base.repository.list_object_names()))
    return attributes


def _settings_of_computer(computer: Computer) -> dict[str, Any]:
    return {
        'hostname': computer.hostname,
        'transport': computer.transport_type,
        'scheduler': computer.scheduler_type,
        'workdir': computer.get_workdir(),
        'shebang': computer.get_shebang(),
        'mpirun_command': computer.get_mpirun_command(),
        'prepend_text': computer.get_prepend_text(),
        'append_text': computer.get_append_text(),
    }


def _nodes(vasp: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    for name in _INPUTS:
        value = vasp.get(name)
        if isinstance(value, Node):
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((f'{name}.{key}', node) for key, node in value.items())


def _folders(inputs: Mapping[str, Any]) -> dict[str, RemoteData]:
    return dict((inputs.get('previous') or {}).get('remote_folders') or {})


def _newer_code(code: AbstractCode) -> AbstractCode | None:
    """Return the code to which the label refers today, if it executes something else."""
    query = QueryBuilder()
    query.append(
        AbstractCode, filters={'label': code.label, 'id': {'>': code.pk}}, tag='code', project='*'
    )
    if code.computer is not None:
        query.append(Computer, with_node='code', filters={'id': code.computer.pk})
    query.order_by({'code': {'id': 'desc'}})
    for other in query.all(flat=True):
        if is_stored_here(other) and not other.is_hidden:
            return other if _attributes_of_code(other) != _attributes_of_code(code) else None
    return None
