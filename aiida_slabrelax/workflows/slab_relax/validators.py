"""Validators of the inputs of the work chain. Each returns a message or ``None``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiida.engine.processes.ports import PortNamespace
from aiida.orm import Bool, Dict, Float, Int, List, Str, StructureData

from ...calculations.structures import check_bulk_node, check_ordered_node, to_pymatgen
from ...option_checks import check_elements, check_together
from ...results.generators import known_symmetry
from ...slab_options import OPTIONS
from ...surfaces import (
    FixingError,
    check_fixing,
    check_hexagonal,
    check_max_index,
    check_option,
    check_slab,
    check_surfaces,
    describe_planes,
    describe_slab,
    describe_thin_vacuum,
    split_surfaces,
)
from ...surfaces.bulk.doubts import describe_doubts
from ..vasp.incar_text import check_names
from ..vasp.kpoints import COARSEST_SPACING
from ..vasp.moments import warn_about_moments
from ..vasp.validators import check_potentials, validate_vasp
from .prerelax.validators import check_screening
from .relaxation_inputs import DIPOLE_CORRECTIONS, degrees_of_freedom
from .slab_overrides import check_key, merge_inputs, unmatched_keys

#: What can name a link: AiiDA's identifiers without its separator of namespaces, ``__``.
LABEL = re.compile(r'[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*')

#: The most characters of the name of a window.
LONGEST_WINDOW = 200


def validate_bulk_structure(node: StructureData | None, _: object) -> str | None:
    """Check that the bulk is an ordered crystal, periodic in three directions."""
    return None if node is None else check_bulk_node(node) or check_names(node)


def validate_miller_indices(node: List | None, _: object) -> str | None:
    """Check that there are three integers, not all zero, or four with i = -(h + k); or several."""
    return None if node is None else check_surfaces(node.get_list())


def validate_max_index(node: Int | None, _: object) -> str | None:
    """Check that there are not too many surfaces to compare."""
    return None if node is None else check_max_index(node.value)


def validate_option(name: str, node: Bool | Float | Int | Str | None, _: object) -> str | None:
    """Check the value of an option of :class:`~aiida_slabrelax.slab_options.SlabOptions`."""
    return None if node is None else check_option(name, node.value)


def validate_slabs(slabs: Mapping[str, Any], _: object) -> str | None:
    """Check that each label is a valid link label and each slab has its vacuum along c."""
    for label, slab in slabs.items():
        if not LABEL.fullmatch(label):
            return (
                f'{label!r} is no valid label: use letters, digits and single underscores between '
                'them'
            )
        if not isinstance(slab, StructureData):
            return f'{label!r} must be a StructureData, got {type(slab).__name__}'
        problem = check_ordered_node(slab) or check_slab(to_pymatgen(slab)) or check_names(slab)
        if problem is not None:
            return f'{label!r}: {problem}'
    return None


def validate_fix(node: Dict | None, _: object) -> str | None:
    """Check that the rule has a number of layers or a thickness, and a side."""
    problem = None if node is None else check_fixing(node.get_dict())
    return None if problem is None else f'`fix`: {problem}'


def validate_dipole_correction(node: Str | None, _: object) -> str | None:
    """Check that the choice is a known one."""
    if node is None or node.value in DIPOLE_CORRECTIONS:
        return None
    return f'`dipole_correction` must be one of {", ".join(DIPOLE_CORRECTIONS)}, got {node.value!r}'


def validate_slab_overrides(node: Dict | None, _: object) -> str | None:
    """Check that each key is a label, a pattern or a condition, with changes for its slabs."""
    for key, changes in (node.get_dict() if node is not None else {}).items():
        if (problem := check_key(key)) is not None:
            return problem
        if not isinstance(changes, Mapping) or not changes:
            return f'{key!r} must have a mapping of changes to `vasp`, got {changes!r}'
    return None


def validate_max_concurrent(node: Int | None, _: object) -> str | None:
    """Check that at least one relaxation may run."""
    if node is None or node.value >= 1:
        return None
    return f'`max_concurrent` must be at least 1, got {node.value}'


def validate_window(node: Str | None, _: object) -> str | None:
    """Check that the name is neither empty nor too long for the label of a group."""
    if node is None or 0 < len(node.value) <= LONGEST_WINDOW:
        return None
    return f'`window` must have 1 to {LONGEST_WINDOW} characters, got {len(node.value)}'


def validate_min_success_fraction(node: Float | None, _: object) -> str | None:
    """Check that the fraction is above 0 and at most 1."""
    if node is None or 0 < node.value <= 1:
        return None
    return f'`min_success_fraction` must be above 0 and at most 1, got {node.value}'


def validate_screen(node: Float | None, _: object) -> str | None:
    """Check that the largest excess is a number that is not negative."""
    if node is None or (math.isfinite(node.value) and node.value >= 0):
        return None
    return f'`screen` must be a finite number of J/m², 0 or more, got {node.value}'


def validate_inputs(inputs: Mapping[str, Any], ports: PortNamespace) -> str | None:
    """Check that there is one source of slabs, and that every kind in it has a potential."""
    if 'bulk_structure' not in ports or 'slabs' not in ports:
        return None  # an outer work chain chooses the source of slabs
    bulk, slabs = inputs.get('bulk_structure'), inputs.get('slabs') or {}
    if bulk is None and not slabs:
        return 'give `bulk_structure` or at least one slab in `slabs`: neither is given'
    if bulk is not None and slabs:
        return f'give `bulk_structure` or `slabs` ({", ".join(slabs)}): both are given'
    if bulk is not None:
        if (problem := _check_cut(bulk, inputs, ports)) is not None:
            return problem
    structures = [bulk] if bulk is not None else list(slabs.values())
    for problem in (
        check_potentials(structures, inputs.get('vasp', {})),
        check_potentials(structures, inputs.get('prerelax') or {}, 'prerelax'),
        check_screening(inputs),
        _check_previous(inputs),
        _check_slab_overrides(structures, inputs),
        _check_fixed_layers(inputs),
        _check_window(inputs, ports),
    ):
        if problem is not None:
            return problem
    return None


def _check_cut(bulk: StructureData, inputs: Mapping[str, Any], ports: PortNamespace) -> str | None:
    """Check that the surfaces and the thickness are given."""
    indices, max_index = inputs.get('miller_indices'), inputs.get('max_index')
    if indices is not None and max_index is not None:
        return 'give `miller_indices` or `max_index`: both are given'
    thickness, layers = (inputs.get(name) for name in ('min_slab_thickness', 'layers'))
    if thickness is not None and layers is not None:
        return 'give `min_slab_thickness` or `layers`: both are given'
    needed = ['min_slab_thickness'] if layers is None else []
    needed.append('min_vacuum_thickness')
    if max_index is None:
        needed.insert(0, 'miller_indices')
    missing = [name for name in needed if name in ports and inputs.get(name) is None]
    if missing:
        return f'`bulk_structure` cannot be cut without {", ".join(missing)}'
    structure = to_pymatgen(bulk)
    options = {name: inputs[name].value for name in OPTIONS if inputs.get(name) is not None}
    symbols = {element.symbol for element in structure.composition.elements}
    for name, message in (*check_together(options), *check_elements(options, symbols)):
        return f'`{name}`: {message}'
    for plane in split_surfaces(indices.get_list()) if indices is not None else []:
        if (problem := check_hexagonal(structure, plane, _cell_of_indices(inputs))) is not None:
            return f'`miller_indices`: {problem}'
    return None


def _cell_of_indices(inputs: Mapping[str, Any]) -> str:
    """Return the value of ``indices_of``; that of a namespace without this port is ``given``."""
    node = inputs.get('indices_of')
    return 'given' if node is None else str(node.value)


def warn_about_inputs(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Yield warnings about valid but unusual inputs."""
    if (bulk := inputs.get('bulk_structure')) is not None:
        for doubt in describe_doubts(to_pymatgen(bulk)):
            yield f'bulk_structure: {doubt}'
        for warning in warn_about_moments(bulk, inputs['vasp']):
            yield f'vasp.{warning}'
        indices = inputs.get('miller_indices')
        planes = split_surfaces(indices.get_list()) if indices is not None else []
        for line in describe_planes(to_pymatgen(bulk), planes, _cell_of_indices(inputs)):
            yield f'miller_indices: {line}'
        if inputs['generator'].value == 'exact':
            if not inputs['lll_reduce'].value:
                yield 'lll_reduce: has no effect with the generator exact, whose cells are minimal'
            if inputs.get('max_normal_search') is not None:
                yield 'max_normal_search: has no effect with the generator exact: c is the normal'
        if not inputs['in_unit_planes'].value:
            if (thin := describe_thin_vacuum(inputs['min_vacuum_thickness'].value)) is not None:
                yield f'min_vacuum_thickness: {thin}'
    for label, slab in sorted((inputs.get('slabs') or {}).items()):
        for remark in describe_slab(to_pymatgen(slab)):
            yield f'slabs.{label}: {remark}'
    spacing = inputs['vasp'].get('kpoints_spacing')
    if (
        spacing is not None
        and spacing.value > COARSEST_SPACING
        and not inputs['vasp'].get('kpoints')
    ):
        yield (
            f'vasp.kpoints_spacing: {spacing.value} is in units of 2π/Å; if it was meant in 1/Å, '
            f"like VASP's KSPACING, it must be {spacing.value / (2 * math.pi):.3f}"
        )


def _check_previous(inputs: Mapping[str, Any]) -> str | None:
    slabs, previous = inputs.get('slabs') or {}, inputs.get('previous') or {}
    for name, nodes in previous.items():
        if unknown := sorted(set(nodes) - set(slabs)):
            return f'`previous.{name}` has no slab in `slabs`: {", ".join(unknown)}'
    for label, geometry in previous.get('geometries', {}).items():
        if (problem := check_ordered_node(geometry) or check_names(geometry)) is not None:
            return f'`previous.geometries.{label}`: {problem}'
    for label, node in previous.get('moments', {}).items():
        if not all(type(moment) in (int, float) for moment in node.get_list()):
            return f'`previous.moments.{label}` must be numbers (μB), got {node.get_list()!r}'
    relaxed = set(previous.get('relaxed_slabs', {}))
    with_energy = {*previous.get('slab_energies', {}), *previous.get('misc', {})}
    if relaxed != with_energy:
        labels = ', '.join(sorted(relaxed ^ with_energy))
        return f'`previous`: relaxed slabs and their energies (or misc) must be the same: {labels}'
    if slabs and relaxed == set(slabs) and not previous.get('misc'):
        return '`previous.relaxed_slabs`: all slabs have relaxed, there is nothing to do'
    return None


def _check_slab_overrides(structures: list[StructureData], inputs: Mapping[str, Any]) -> str | None:
    vasp, overrides = inputs.get('vasp', {}), inputs.get('slab_overrides')
    if overrides is None or 'parameters' not in vasp:
        return None
    for key, changes in overrides.get_dict().items():
        try:
            merged = merge_inputs(vasp, changes)
        except ValueError as error:
            return f'`slab_overrides`: {key!r}: {error}'
        problem = validate_vasp(merged, None)
        if problem is None and {'potential_family', 'potential_mapping'} & set(changes):
            problem = check_potentials(structures, merged)  # those of all slabs were checked
        if problem is not None:
            return f'`slab_overrides`: {key!r}: {problem}'
    slabs = inputs.get('slabs') or {}
    if slabs and (unmatched := unmatched_keys(overrides.get_dict(), slabs)):
        return (
            f'`slab_overrides`: no slab matches {", ".join(map(repr, unmatched))}; the slabs are: '
            f'{", ".join(sorted(slabs))}'
        )
    return None


def _check_window(inputs: Mapping[str, Any], ports: PortNamespace) -> str | None:
    """Check that a window has a limit; an outer work chain may add it."""
    if inputs.get('window') is None or inputs.get('max_concurrent') is not None:
        return None
    return '`window` needs `max_concurrent`, its limit' if 'max_concurrent' in ports else None


def _check_fixed_layers(inputs: Mapping[str, Any]) -> str | None:
    if (rule := inputs.get('fix')) is None:
        return None
    overrides = inputs['slab_overrides'].get_dict() if inputs.get('slab_overrides') else {}
    if any(vasp.get('dynamics') for vasp in (inputs.get('vasp', {}), *overrides.values())):
        return 'give `fix` or `vasp.dynamics`: both are given'
    slabs = inputs.get('slabs') or {}
    symmetry = known_symmetry(slabs)
    for label, slab in slabs.items():
        try:
            degrees_of_freedom(slab, rule.get_dict(), symmetry.get(label))
        except FixingError as error:
            return f'`fix`: {label!r}: {error}'
    return None
