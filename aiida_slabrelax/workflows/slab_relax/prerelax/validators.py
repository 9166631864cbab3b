"""Checks of the inputs of pre-relaxations. Each returns a message or ``None``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....calculations.structures import check_ordered_node
from ...vasp.incar_lists import check_lists
from ...vasp.validators import check_potentials, validate_vasp
from .screening import bulk_of


def validate_prerelax(inputs: Mapping[str, Any], ports: object) -> str | None:
    """Check that the inputs relax the ions of slabs, and that the fixed sites are not chosen here.

    :param inputs: those of the namespace ``prerelax``; empty if slabs are not pre-relaxed.
    """
    if not inputs:
        return None
    if inputs.get('dynamics') is not None:
        return (
            '`dynamics`: the fixed sites of a pre-relaxation are those of the relaxation, from '
            '`fix` or `vasp.dynamics`'
        )
    if inputs.get('restart_folder') is not None:
        return '`restart_folder`: each slab is pre-relaxed from the beginning'
    return validate_vasp(inputs, ports, 'prerelax')


def check_screening(inputs: Mapping[str, Any]) -> str | None:
    """Check that slabs that are to be compared are pre-relaxed, and with what they are compared.

    :param inputs: those of the work chain.
    """
    references = inputs.get('screen_references') or {}
    if inputs.get('screen') is None:
        return 'give `screen` with `screen_references`: it is not given' if references else None
    prerelax = inputs.get('prerelax') or {}
    if not prerelax:
        return '`screen` compares pre-relaxed slabs: give `prerelax` too'
    if 'kpoints' in prerelax:
        return (
            '`screen` needs `prerelax.kpoints_spacing` in place of `kpoints`: one mesh does not '
            'suit slabs and bulk'
        )
    if (bulk := bulk_of(inputs)) is None:
        if not inputs.get('slabs'):
            return None  # reported by the port
        return '`screen` needs slabs that `generate_slabs` has cut from one crystal'
    elements = bulk.get_symbols_set()
    for element, structure in references.items():
        name = f'`screen_references.{element}`'
        if element not in elements or structure.get_symbols_set() != {element}:
            return (
                f'{name} must be a crystal or molecule of an element of {bulk.get_formula()}, got '
                f'{structure.get_formula()}'
            )
        if (problem := check_ordered_node(structure)) is not None:
            return f'{name}: {problem}'
    structures = {'bulk': bulk, **references}
    if (problem := check_potentials(list(structures.values()), prerelax, 'prerelax')) is not None:
        return problem
    incar = prerelax['parameters'].get_dict().get('incar', {}) if 'parameters' in prerelax else {}
    tags = {str(tag).lower(): value for tag, value in incar.items()}
    for name, structure in structures.items():
        if (problem := next(iter(check_lists(tags, structure)), None)) is not None:
            return f'`screen`: {name} would be computed with `prerelax`, but {problem}'
    return None
