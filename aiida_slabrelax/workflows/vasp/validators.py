"""Checks of the inputs of the relaxations. Each check returns a message or ``None``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from aiida.engine.processes.ports import PortNamespace
from aiida.orm import QueryBuilder, Str, StructureData
from aiida_vasp.assistant.parameters import ParametersMassage
from aiida_vasp.data.potcar import PotcarData, PotcarGroup

from ...engine.ports.port_names import describe_unknown
from .job_checks import check_job
from .kpoints import has_one_along_normal
from .listed_tags import describe_unlisted
from .work_chain import VaspWorkChain

#: The values of ISIF that leave the cell as it is.
FIXED_CELL = (0, 1, 2)
#: The values of IBRION that relax the ions.
IONIC_RELAXATION = (1, 2, 3)


def validate_potential_family(node: Str | None, _: object) -> str | None:
    """Check that the family of potentials has been uploaded."""
    if node is None or PotcarData.get_potcar_group(node.value) is not None:
        return None
    families = QueryBuilder().append(PotcarGroup, project='label').all(flat=True)
    return (
        f'there is no potential family {node.value!r}; the uploaded ones are: '
        f'{", ".join(sorted(families)) or "none, see `aiida-vasp potcar uploadfamily --help`"}'
    )


def validate_vasp(inputs: Mapping[str, Any], ports: object, name: str = 'vasp') -> str | None:
    """Check that the inputs relax ions in a fixed cell, with one k-point along the normal.

    :param name: the name of the namespace in messages.
    """
    of_vasp: Any = ports if isinstance(ports, PortNamespace) else VaspWorkChain.spec().inputs
    for problem in (
        describe_unknown(inputs, of_vasp, name),
        _check_kpoints(inputs),
        _check_incar(inputs),
        _check_resources(inputs),
        check_job(inputs),
    ):
        if problem is not None:
            return problem
    return None


def check_potentials(
    structures: list[StructureData], vasp: Mapping[str, Any], name: str = 'vasp'
) -> str | None:
    """Check that every kind of the structures has a potential in the family.

    :param name: the name of the namespace in messages.
    """
    if 'potential_family' not in vasp or 'potential_mapping' not in vasp:
        return None  # excluded by an outer work chain, or reported by the port
    family, mapping = vasp['potential_family'].value, vasp['potential_mapping'].get_dict()
    query = QueryBuilder().append(PotcarGroup, filters={'label': family}, tag='family')
    query.append(PotcarData, with_group='family', project='attributes.full_name')
    available = set(query.all(flat=True))
    for kind in {kind.name: kind for node in structures for kind in node.kinds}.values():
        if kind.name not in mapping:
            return (
                f'`{name}.potential_mapping` has no entry for the kind {kind.name!r} of the '
                f'crystal; add for example {{{kind.name!r}: {kind.symbol!r}}}'
            )
        if mapping[kind.name] not in available:
            return (
                f'`{name}.potential_family`: {family!r} has no potential {mapping[kind.name]!r} '
                f'for the kind {kind.name!r}'
            )
    return None


def _check_kpoints(inputs: Mapping[str, Any]) -> str | None:
    if (kpoints := inputs.get('kpoints')) is not None:
        if has_one_along_normal(kpoints):
            return None
        return (
            '`kpoints`: a slab has one k-point along its normal, the third axis; got '
            f'{kpoints.get_description()}'
        )
    if (spacing := inputs.get('kpoints_spacing')) is None:
        return '`kpoints_spacing` (2π/Å) or `kpoints` is needed: neither is given'
    if math.isfinite(spacing.value) and spacing.value > 0:
        return None
    return f'`kpoints_spacing` must be a positive, finite number in 2π/Å, got {spacing.value}'


def _check_incar(inputs: Mapping[str, Any]) -> str | None:
    if 'parameters' not in inputs:
        return None  # reported by the port
    settings = inputs['settings'].get_dict() if inputs.get('settings') else {}
    try:
        massaged = ParametersMassage(
            inputs['parameters'].get_dict(),
            settings.get('unsupported_parameters', {}),
            skip_parameters_validation=settings.get('skip_parameters_validation', False),
        )
    except Exception as error:  # aiida-vasp raises any exception for values of a wrong type
        return describe_unlisted(inputs['parameters'].get_dict(), settings) or (
            f'`parameters`: {error}'
        )
    incar = {key.lower(): value for key, value in massaged.parameters.get('incar', {}).items()}
    for tag in ('kspacing', 'kgamma'):
        if tag in incar:
            return (
                f'`parameters`: {tag.upper()} has no effect beside the k-points of the work chain: '
                'give `kpoints_spacing`, in 2π/Å (KSPACING, in 1/Å, divided by 2π), or `kpoints`'
            )
    isif, ibrion, nsw = (incar.get(tag) for tag in ('isif', 'ibrion', 'nsw'))
    if isif is not None and isif not in FIXED_CELL:
        return (
            f'`parameters`: ISIF = {isif} changes the cell, and the vacuum of the slab with it; '
            'ISIF must be 2 (or absent)'
        )
    if not isinstance(nsw, int) or nsw <= 1:
        # A single step does not show whether anything has relaxed.
        return f'`parameters`: a relaxation needs NSW > 1, got {nsw if nsw is not None else "none"}'
    if ibrion not in IONIC_RELAXATION:
        return (
            '`parameters`: a relaxation needs IBRION = 1, 2 or 3, got '
            f'{ibrion if ibrion is not None else "none"}'
        )
    if not isinstance(parser_settings := settings.get('parser_settings', {}), Mapping):
        return f'`settings`: parser_settings must be a mapping, got {parser_settings!r}'
    excluded = parser_settings.get('exclude_node', [])
    if lost := {'misc', 'structure'}.intersection(excluded):
        return f'`settings`: parser_settings must not exclude {" and ".join(sorted(lost))}'
    return None


def _check_resources(inputs: Mapping[str, Any]) -> str | None:
    options = inputs.get('calc', {}).get('metadata', {}).get('options', {})
    deprecated = inputs['options'].get_dict() if inputs.get('options') else {}
    if options.get('resources') or deprecated.get('resources'):
        return None
    return '`calc.metadata.options.resources` is needed, for example {"num_machines": 1}'
