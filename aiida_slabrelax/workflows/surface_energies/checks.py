"""Checks of the inputs of the workflows of surface energies. Each returns a message or ``None``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from os.path import isabs
from typing import Any

from aiida.orm import AbstractCode, StructureData
from ase.data import atomic_numbers

from ...calculations.structures import check_ordered_node
from ..refusals import REFUSALS, is_refusal
from ..slab_relax.ports import GENERATION_PORTS
from ..slab_relax.validators import LABEL
from ..slab_relax.work_chain import SlabRelaxWorkChain
from ..vasp.validators import check_potentials
from ..vasp.work_chain import VaspWorkChain
from .settings import RELAX_CELL, CalculationSettings, choose_inputs

#: Inputs of SlabRelaxWorkChain that the workflows fill themselves.
OWN = ('bulk_structure', 'miller_indices', 'max_index', 'slabs', 'previous', 'screen_references')


def check_calculations(
    code: AbstractCode,
    bulk_structure: StructureData,
    cut: Mapping[str, Any],
    protocol: str,
    overrides: Mapping[str, Any] | None,
    options: Mapping[str, Any] | None,
    prerelax: AbstractCode | None,
) -> str | None:
    """Check the crystal, its surfaces, and the settings of the calculations.

    :param cut: the inputs of SlabRelaxWorkChain that choose the slabs.
    """
    if (file := protocol.partition('@')[2]).endswith(('.yaml', '.yml')) and not isabs(file):
        return f'`protocol`: the daemon reads {file!r}, which needs an absolute path'
    given = overrides or {}
    if given.get('prerelax') and prerelax is None:
        return '`overrides`: prerelax needs a code, the argument `prerelax`'
    ports: Any = SlabRelaxWorkChain.spec().inputs
    try:
        of_protocol = SlabRelaxWorkChain.get_protocol_inputs(protocol)
        for name, inputs in (('overrides', given), ('protocol', of_protocol)):
            if (problem := _check_chosen(inputs, ports)) is not None:
                return f'`{name}`{problem}'
        settings = CalculationSettings(
            code, choose_inputs(protocol, given), options or {}, prerelax
        )
        inputs = settings.slab_relax_inputs(bulk_structure, cut)
        problem = ports.validate(inputs)
    except REFUSALS as error:
        if not is_refusal(error):
            raise
        return _describe(error)
    if problem is not None:
        return str(problem.message)
    if 'encut' not in settings.chosen['vasp']['parameters']['incar']:
        return (
            '`overrides`: vasp.parameters.incar needs `encut`: VASP would take it from the '
            'potentials, which are not the same for all'
        )
    return None


def _check_chosen(inputs: Mapping[str, Any], ports: Any) -> str | None:
    """Check that inputs exist and are valid for bulk, slabs and references."""
    for name in inputs:
        if name in OWN or name not in ports:
            known = ', '.join(sorted({*GENERATION_PORTS, *ports} - {*OWN, 'metadata'}))
            return f' has {name!r}, which is not one of {known}'
    vasp = inputs.get('vasp', {})
    if not isinstance(vasp, Mapping):
        return f': vasp must be a mapping, got {vasp!r}'
    if 'kpoints' in vasp:
        return (
            ': give vasp.kpoints_spacing in place of kpoints: one mesh does not suit bulk, slabs '
            'and references'
        )
    if inputs.get('fix') is not None and not dict(inputs['fix']).get('side'):
        return ': fix needs `side`, which tells how many faces relax'
    return None


def check_phases(
    settings: CalculationSettings,
    bulk_structure: StructureData,
    references: Mapping[str, StructureData],
    competing: Mapping[str, StructureData],
) -> str | None:
    """Check the references and competing phases: their elements, names and potentials."""
    elements = bulk_structure.get_symbols_set()
    for element, structure in references.items():
        name = f'`references.{element}`'
        if element not in atomic_numbers:
            return f'{name}: there is no element {element!r}'
        if element not in elements:
            return f'{name}: the bulk, {bulk_structure.get_formula()}, has no {element}'
        if (problem := check_ordered_node(structure)) is not None:
            return f'{name}: {problem}'
        if structure.get_symbols_set() != {element}:
            return f'{name} is {structure.get_formula()}, not {element} alone'
    for label, structure in competing.items():
        name = f'`competing.{label}`'
        if not LABEL.fullmatch(label):
            return f'{name}: a name has letters, digits and single underscores between them'
        if (problem := check_ordered_node(structure)) is not None:
            return f'{name}: {problem}'
        if foreign := sorted(structure.get_symbols_set() - elements):
            return (
                f'{name} has {", ".join(foreign)}, which the bulk, '
                f'{bulk_structure.get_formula()}, does not have'
            )
    for name, structure in [*references.items(), *competing.items()]:
        try:
            inputs = settings.vasp_inputs(structure, **RELAX_CELL)
        except REFUSALS as error:
            if not is_refusal(error):
                raise
            return f'{name}: {_describe(error)}'
        if (problem := check_potentials([structure], inputs)) is not None:
            return f'{name}: {problem}'
        ports = VaspWorkChain.spec().inputs
        if mistake := ports.validate(ports.pre_process({**inputs, 'structure': structure})):
            return f'{name}: {mistake.message}'
    return None


def check_eliminated(eliminated: str | None, bulk_structure: StructureData) -> str | None:
    """Check that the eliminated element is one of the bulk."""
    if eliminated is None or eliminated in bulk_structure.get_symbols_set():
        return None
    return (
        f'`eliminated`: the bulk, {bulk_structure.get_formula()}, has no {eliminated!r} whose '
        'chemical potential it could fix'
    )


def check_thicknesses(thicknesses: Sequence[Any]) -> str | None:
    """Check that there are at least two thicknesses (Å), all positive, without duplicates."""
    for value in thicknesses:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f'`thicknesses` must be numbers (Å), got {value!r}'
        if not (math.isfinite(value) and value > 0):
            return f'`thicknesses` must be positive and finite (Å), got {value!r}'
    if len(set(thicknesses)) < 2:
        return f'`thicknesses`: a line needs at least two, got {list(thicknesses)}'
    return None


def _describe(error: Exception) -> str:
    return f'there is no {error}' if isinstance(error, KeyError) else str(error)
