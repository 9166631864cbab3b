"""The inputs of one relaxation: those that all slabs share, and those of the slab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiida.common import AttributeDict
from aiida.orm import Data, Dict, KpointsData, StructureData
from pymatgen.core.lattice import Lattice

from ...calculations.structures import to_pymatgen
from ...surfaces import FixingError, dipole_centre, fixed_sites, is_symmetric, kpoints_mesh
from ..vasp.incar_lists import check_lists
from ..vasp.moments import VECTORS, mapping_for, needs_vectors
from .slab_overrides import lower_incar, merge_inputs, overrides_of, unmatched_keys

#: What `dipole_correction` may be: for asymmetric slabs, for all, for none.
DIPOLE_CORRECTIONS = ('auto', 'on', 'off')


def relaxation_inputs(
    inputs: Mapping[str, Any],
    shared: Mapping[str, Any],
    own: Mapping[str, Data | None],
    label: str,
    slab: StructureData,
) -> AttributeDict:
    """Return the inputs of the VaspWorkChain of a slab.

    :param inputs: the inputs of the work chain.
    :param shared: those of them that all relaxations share, by port of VaspWorkChain.
    :param own: those of this slab, made by :mod:`.own_inputs`; ``None`` removes an input.
    :param label: the label of the slab.
    :param slab: the slab as it was cut or given.
    """
    merged = {**shared, **own}
    # The VaspWorkChain would hand a port that was left at None on to its calculations.
    result = AttributeDict({name: port for name, port in merged.items() if port is not None})
    for changes in _changes(inputs, label, slab):
        result = merge_inputs(result, {name: changes[name] for name in changes if name == 'calc'})
    previous = inputs.get('previous', {})
    result.structure = previous.get('geometries', {}).get(label, slab)
    if label in previous.get('remote_folders', {}):
        result.restart_folder = previous['remote_folders'][label]
        # The VaspWorkChain reads the settings of every relaxation that begins from a folder.
        result.setdefault('settings', Dict({}))
    result.metadata = AttributeDict({**result.get('metadata', {}), 'label': label})
    result.metadata.call_link_label = label
    return result


def slab_inputs(
    inputs: Mapping[str, Any],
    shared: Mapping[str, Any],
    label: str,
    slab: StructureData,
    symmetry: Mapping[str, bool],
) -> AttributeDict:
    """Return the data inputs of the VaspWorkChain of a slab, unstored.

    :param inputs: ``slab_overrides``, ``fix`` and ``dipole_correction`` of the work chain.
    :param shared: the inputs that all relaxations share, by port of VaspWorkChain.
    :param label: the label of the slab.
    :param slab: the slab as it was cut or given.
    :param symmetry: what :func:`~aiida_slabrelax.results.generators.known_symmetry` returns.
    :raises ValueError: if the overrides of the slab cannot be applied.
    """
    # The VaspWorkChain would hand a port that was left at None on to its calculations.
    result = AttributeDict({name: port for name, port in shared.items() if port is not None})
    for changes in _changes(inputs, label, slab):
        data = {name: value for name, value in changes.items() if name != 'calc'}
        result = merge_inputs(result, data)
    result = begin_with_moments(result, slab)
    if 'kpoints' not in result:
        result.kpoints = _mesh(slab, result.pop('kpoints_spacing').value)
    if (rule := inputs.get('fix')) is not None:
        freedom = degrees_of_freedom(slab, rule.get_dict(), symmetry.get(label))
        result.dynamics = Dict({'positions_dof': freedom})
    if needs_dipole_correction(inputs['dipole_correction'].value, slab, symmetry.get(label)):
        result = merge_inputs(result, {'parameters': {'incar': _dipole_tags(slab, result)}})
    return result


def _changes(
    inputs: Mapping[str, Any], label: str, slab: StructureData
) -> Iterator[Mapping[str, Any]]:
    """Yield the overrides that match a slab."""
    if (overrides := inputs.get('slab_overrides')) is not None:
        yield from overrides_of(overrides.get_dict(), label, slab)


def begin_with_moments(inputs: AttributeDict, slab: StructureData) -> AttributeDict:
    """Return inputs of VaspWorkChain with the one source of MAGMOM that counts."""
    given = inputs.get('magmom_mapping')
    mapping = None if given is None else given.get_dict()
    incar = {name.lower(): value for name, value in inputs['parameters']['incar'].items()}
    wanted = mapping_for(slab, incar, mapping)
    if wanted == mapping:
        return inputs
    result = AttributeDict(inputs)
    result.pop('magmom_mapping', None)
    if wanted is not None:
        result.magmom_mapping = Dict(wanted)
    return result


def carry_moments(inputs: Mapping[str, Any], moments: Sequence[float]) -> AttributeDict:
    """Return inputs of VaspWorkChain with these moments in place of others.

    :param inputs: nodes and plain values by port.
    :param moments: the moment of each site, in μB.
    """
    incar = {name.lower(): value for name, value in inputs['parameters']['incar'].items()}
    polarised = incar.get('ispin') == 2 or inputs.get('magmom_mapping') is not None
    if not polarised or any(incar.get(tag) for tag in VECTORS):
        return AttributeDict(inputs)
    # A mapping would go before MAGMOM, and would switch the spin on.
    changed = {'parameters': {'incar': {'ispin': 2, 'magmom': list(moments)}}}
    merged = merge_inputs(inputs, changed)
    merged.pop('magmom_mapping', None)
    return merged


def find_misfit(
    inputs: Mapping[str, Any],
    slabs: Mapping[str, StructureData],
    symmetry: Mapping[str, bool],
) -> tuple[str, dict[str, str]] | None:
    """Return the exit code for inputs that do not match the slabs, and the values of its message.

    :param inputs: the inputs of the work chain.
    :param slabs: all slabs, by label.
    :param symmetry: what :func:`~aiida_slabrelax.results.generators.known_symmetry` returns.
    """
    if (overrides := inputs.get('slab_overrides')) is not None:
        if keys := unmatched_keys(overrides.get_dict(), slabs):
            names = {'keys': ', '.join(keys), 'slabs': ', '.join(sorted(slabs))}
            return 'ERROR_SLAB_OVERRIDES_WITHOUT_SLAB', names
    problems = []
    for label, slab in sorted(slabs.items()) if inputs.get('fix') is not None else ():
        try:
            degrees_of_freedom(slab, inputs['fix'].get_dict(), symmetry.get(label))
        except FixingError as error:
            problems.append(f'{label}: {error}')
    if problems:
        return 'ERROR_LAYERS_CANNOT_BE_FIXED', {'details': '; '.join(problems)}
    problems += _find_incar_misfits(inputs, slabs)
    if inputs.get('prerelax'):
        of_prerelax = _find_incar_misfits({'vasp': inputs['prerelax']}, slabs)
        problems += [f'prerelax, {problem}' for problem in of_prerelax]
    if problems:
        return 'ERROR_INCAR_DOES_NOT_FIT', {'details': '; '.join(problems)}
    return None


def _find_incar_misfits(
    inputs: Mapping[str, Any], slabs: Mapping[str, StructureData]
) -> Iterator[str]:
    """Yield what does not suit a slab in its INCAR."""
    for label, slab in sorted(slabs.items()):
        incar = _incar_of(inputs, label, slab)
        yield from (f'{label}: {problem}' for problem in check_lists(incar, slab))
        mapping = inputs['vasp'].get('magmom_mapping')
        if needs_vectors(slab, incar, None if mapping is None else mapping.get_dict()):
            yield (
                f'{label}: LNONCOLLINEAR and LSORBIT need MAGMOM in the INCAR, three values for '
                'each site; `magmom_mapping` and the kinds of a crystal give one'
            )


def _incar_of(inputs: Mapping[str, Any], label: str, slab: StructureData) -> dict[str, Any]:
    """Return the tags for a slab in lower case, with its overrides."""
    parameters = {'parameters': inputs['vasp']['parameters']}
    for changes in _changes(inputs, label, slab):
        wanted = {name: value for name, value in changes.items() if name == 'parameters'}
        parameters = merge_inputs(parameters, wanted)
    content = lower_incar('parameters', parameters['parameters'].get_dict())
    return dict(content.get('incar', {}))


def degrees_of_freedom(
    slab: StructureData, rule: Mapping[str, Any], symmetric: bool | None
) -> list[list[bool]]:
    """Return for each site whether it is free along x, y and z.

    :param slab: the slab, which defines the order of sites.
    :param rule: the layers to fix, see :func:`aiida_slabrelax.surfaces.fixed_sites`.
    :param symmetric: whether its faces are equivalent, if the generator has determined it.
    :raises FixingError: if there are too few layers, or none would remain free.
    """
    structure = to_pymatgen(slab)
    if symmetric is None:
        symmetric = is_symmetric(structure)
    fixed = fixed_sites(structure, rule, symmetric=symmetric)
    return [[not is_fixed] * 3 for is_fixed in fixed]


def needs_dipole_correction(choice: str, slab: StructureData, symmetric: bool | None) -> bool:
    """Return whether the dipole of a slab is to be corrected.

    :param choice: one of :data:`DIPOLE_CORRECTIONS`.
    :param symmetric: whether its faces are equivalent, if the generator has determined it.
    """
    if choice != 'auto':
        return choice == 'on'
    return not (is_symmetric(to_pymatgen(slab)) if symmetric is None else symmetric)


def _dipole_tags(slab: StructureData, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tags of VASP's correction along the normal; tags of the user take precedence."""
    centre = [round(coordinate, 6) for coordinate in dipole_centre(to_pymatgen(slab))]
    tags = {'idipol': 3, 'ldipol': True, 'dipol': centre}
    given = {tag.lower() for tag in inputs['parameters'].get_dict()['incar']}
    return {tag: value for tag, value in tags.items() if tag not in given}


def _mesh(slab: StructureData, spacing: float) -> KpointsData:
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(kpoints_mesh(Lattice(slab.cell), spacing))
    return kpoints
