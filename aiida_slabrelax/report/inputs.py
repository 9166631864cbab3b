"""The inputs of a process, each number with its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiida.common.links import LinkType
from aiida.orm import (
    AbstractCode,
    Bool,
    Dict,
    Float,
    Int,
    KpointsData,
    List,
    Node,
    ProcessNode,
    Str,
    StructureData,
)

from ..calculations.structures import to_pymatgen
from ..surfaces import format_formula

#: The unit shown for a number without one: a count, a switch, an index.
NO_UNIT = '–'

#: The units of inputs, by the last part of their names.
UNITS = {
    'min_slab_thickness': 'Å',
    'min_vacuum_thickness': 'Å',
    'layer_tolerance': 'Å',
    'thickness': 'Å',
    'vacuum': 'Å',
    'screen': 'J/m²',
    'kpoints_spacing': '2π/Å',
    'max_wallclock_seconds': 's',
    'max_memory_kb': 'kB',
    'temperature': 'K',
    'pressure': 'Pa',
}

#: The units of VASP's tags.
VASP_UNITS = {
    'ediff': 'eV',
    'efield': 'eV/Å',
    'emax': 'eV',
    'emin': 'eV',
    'enaug': 'eV',
    'encut': 'eV',
    'kspacing': '1/Å',
    'ldauj': 'eV',
    'ldauu': 'eV',
    'magmom': 'μB',
    'nelm': 'steps',
    'nelmin': 'steps',
    'nsw': 'steps',
    'nupdown': 'electrons',
    'pstress': 'kbar',
    'sigma': 'eV',
    'tebeg': 'K',
    'teend': 'K',
}

#: The inputs that the page shows first, by the last part of their names.
ESSENTIAL = (
    'bulk_structure',
    'bulk_energy',
    'miller_indices',
    'max_index',
    'indices_of',
    'min_slab_thickness',
    'layers',
    'min_vacuum_thickness',
    'symmetrize',
    'generator',
    'code',
    'kpoints_spacing',
    'potential_family',
    'encut',
    'ediffg',
    'fix',
    'screen',
    'protocol',
)

#: Inputs that are outputs of other processes: their contents were not chosen for this one.
DATA = ('terminations', 'previous')

#: The unit shown for a number among VASP's tags whose unit is not listed here.
OWN_UNIT = 'as VASP defines it'


@dataclass(frozen=True)
class Input:
    """One input.

    :ivar name: its path among the inputs, such as ``vasp.parameters.incar.encut``.
    :ivar value: its value as text.
    :ivar unit: the unit of a number; empty for anything else.
    """

    name: str
    value: str
    unit: str

    @property
    def essential(self) -> bool:
        """Whether the page shows it first."""
        return not set(ESSENTIAL).isdisjoint(self.name.split('.'))


def list_inputs(process: ProcessNode) -> list[Input]:
    """Return the inputs of a process, sorted by name."""
    links = process.base.links.get_incoming(
        link_type=(LinkType.INPUT_CALC, LinkType.INPUT_WORK)
    ).all()
    named = {link.link_label.replace('__', '.'): link.node for link in links}
    planes = isinstance(named.get('in_unit_planes'), Bool) and named['in_unit_planes'].value
    inputs = [item for name, node in sorted(named.items()) for item in _describe(name, node)]
    counted_in_planes = ('min_slab_thickness', 'min_vacuum_thickness')
    return [
        Input(item.name, item.value, '(hkl) planes')
        if planes and item.name in counted_in_planes
        else item
        for item in inputs
    ]


def unit_of(name: str, value: object) -> str:
    """Return the unit of an input; empty if it is not a number.

    :param name: its path among the inputs, separated by dots.
    """
    numbers = value if isinstance(value, list | tuple) and value else [value]
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        return ''
    *parents, last = name.lower().split('.')
    if last == 'ediffg':
        return 'eV/Å' if isinstance(value, int | float) and value < 0 else 'eV'
    if last in VASP_UNITS:
        return VASP_UNITS[last]
    if last in UNITS:
        return UNITS[last]
    if any(part.endswith(('energy', 'energies')) for part in [*parents, last]):
        return 'eV'
    is_float = any(isinstance(number, float) for number in numbers)
    return OWN_UNIT if is_float and 'incar' in parents else NO_UNIT


def _describe(name: str, node: Node) -> Iterator[Input]:
    if name.split('.')[0] in DATA:
        yield Input(name, f'{type(node).__name__}<{node.pk}>', '')
    elif isinstance(node, Dict):
        yield from _flatten(name, node.get_dict())
    elif isinstance(node, List):
        yield from _flatten(name, node.get_list())
    elif isinstance(node, Bool | Float | Int | Str):
        yield from _flatten(name, node.value)
    elif isinstance(node, StructureData):
        atoms = len(node.sites)
        formula = format_formula(to_pymatgen(node))
        yield Input(name, f'{formula}, {atoms} atoms, StructureData<{node.pk}>', '')
    elif isinstance(node, AbstractCode):
        yield Input(name, f'{node.full_label}, {node.default_calc_job_plugin}', '')
    elif isinstance(node, KpointsData) and 'mesh' in node.base.attributes.all:
        mesh, _ = node.get_kpoints_mesh()
        yield Input(name, '×'.join(str(number) for number in mesh), 'k-points')
    else:
        yield Input(name, f'{type(node).__name__}<{node.pk}>', '')


def _flatten(name: str, value: Any) -> Iterator[Input]:
    if isinstance(value, Mapping) and value:
        for key, inner in sorted(value.items()):
            yield from _flatten(f'{name}.{key}', inner)
    elif isinstance(value, bool):
        yield Input(name, 'yes' if value else 'no', '')
    else:
        yield Input(name, _write(value), unit_of(name, value))


def _write(value: object) -> str:
    if isinstance(value, list | tuple):
        return ', '.join(
            f'({_write(item)})' if isinstance(item, list) else str(item) for item in value
        )
    return str(value)
