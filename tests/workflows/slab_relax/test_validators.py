"""Bad input is refused with a message that names the port and the value; nothing is stored."""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from aiida.engine import run_get_node
from aiida.orm import (
    ArrayData,
    Dict,
    Float,
    Int,
    KpointsData,
    Node,
    QueryBuilder,
    Str,
    StructureData,
)
from ase.build import bulk

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from sample_structures import copper_slab, copper_slabs


def structure(atoms=None, **kwargs) -> StructureData:
    return StructureData(ase=atoms or bulk('Cu', 'fcc', a=3.6, cubic=True), **kwargs)


def disordered() -> StructureData:
    node = StructureData(cell=np.diag([3.6] * 3).tolist())
    node.append_atom(position=(0, 0, 0), symbols=('Cu', 'Al'), weights=(0.5, 0.5))
    return node


def not_periodic() -> StructureData:
    node = structure()
    node.set_pbc((True, True, False))
    return node


def overlapping() -> StructureData:
    node = structure()
    node.append_atom(position=(0.0, 0.0, 0.1), symbols='Cu')
    return node


def empty() -> StructureData:
    return StructureData(cell=np.diag([3.6] * 3).tolist())


def of(symbol: str) -> StructureData:
    return structure(bulk(symbol, 'fcc', a=4.0, cubic=True))


def kinds() -> StructureData:
    node = StructureData(cell=np.diag([3.6] * 3).tolist())
    node.append_atom(position=(0, 0, 0), symbols='Cu', name='Cu1')
    return node


def mesh(*divisions: int) -> KpointsData:
    kpoints = KpointsData()
    kpoints.set_kpoints_mesh(divisions)
    return kpoints


def slab() -> StructureData:
    return copper_slab(3)


def refused(inputs: dict) -> str:
    """Return why the inputs of a run are not valid; nothing may have been stored."""
    before = QueryBuilder().append(Node).count()
    ports = SlabRelaxWorkChain.spec().inputs
    refusal = ports.validate(ports.pre_process(copied(ports.serialize(inputs))))
    assert refusal is not None
    assert QueryBuilder().append(Node).count() == before
    return str(refusal)


def copied(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same nodes and values in dictionaries of their own."""
    return {
        name: copied(value) if isinstance(value, Mapping) else value
        for name, value in inputs.items()
    }


@pytest.fixture(scope='module')
def valid_inputs(slab_relax_builder) -> dict:
    return slab_relax_builder()._inputs(prune=True)


@pytest.fixture
def inputs(valid_inputs) -> dict:
    return copied(valid_inputs)


@pytest.mark.parametrize(
    ('port', 'value'), [('miller_indices', [0, 0, 0]), ('bulk_structure', slab), ('max_atoms', -1)]
)
def test_a_run_is_refused_and_nothing_is_stored(inputs, port, value):
    """By the message that all other tests here take from the ports."""
    inputs[port] = value() if callable(value) else value
    before = QueryBuilder().append(Node).count()
    with pytest.raises(ValueError, match='inputs') as refusal:
        run_get_node(SlabRelaxWorkChain, **inputs)
    assert QueryBuilder().append(Node).count() == before
    assert str(refusal.value) == refused(inputs)


@pytest.mark.parametrize(
    ('port', 'value', 'message'),
    [
        ('miller_indices', [0, 0, 0], r'\[0, 0, 0\]'),
        ('miller_indices', [1, 0], r'\[1, 0\]'),
        ('miller_indices', [1, 0, 0, 0, 0], r'\[1, 0, 0, 0, 0\]'),
        ('miller_indices', [1, 1, 1, 0], r'h \+ k \+ i must be 0'),
        ('miller_indices', [1.0, 0, 0], '1.0 .* float'),
        ('miller_indices', ['1', 0, 0], "'1' .* str"),
        ('miller_indices', [True, 0, 0], 'True .* bool'),
        ('min_slab_thickness', -5.0, '-5.0'),
        ('min_slab_thickness', 0, '0.0'),
        ('min_slab_thickness', math.nan, 'nan'),
        ('min_slab_thickness', math.inf, 'inf'),
        ('min_vacuum_thickness', -5.0, '-5.0'),
        ('min_vacuum_thickness', 0.0, '0.0'),
        ('min_vacuum_thickness', math.nan, 'nan'),
        ('min_vacuum_thickness', math.inf, 'inf'),
        ('miller_indices', [[1, 0, 0], [0, 0, 0]], r'\[0, 0, 0\]'),
        ('miller_indices', [[1, 0, 0], 1], 'not 1'),
        ('miller_indices', [], 'the list is empty'),
        ('max_index', 0, 'from 1 to 6, not 0'),
        ('max_index', 7, 'from 1 to 6, not 7'),
        ('symmetrize', 'yes', "True, False or 'if_possible', not 'yes'"),
        ('generator', 'best', "exact, pymatgen, not 'best'"),
        ('max_normal_search', 0, '0'),
        ('max_atoms', -1, '-1'),
        ('layers', 0, '0'),
        ('layer_tolerance', 0.001, '0.001'),
        ('bulk_structure', not_periodic, 'periodic'),
        ('bulk_structure', slab, 'gap'),
        ('bulk_structure', disordered, 'disordered'),
        ('bulk_structure', overlapping, '0.100 Å apart'),
        ('bulk_structure', empty, 'no atoms'),
    ],
)
def test_the_port_and_the_value_are_named(inputs, port, value, message):
    # Nodes can only be made once a profile is loaded: the parameters hold their functions.
    text = refused({**inputs, port: value() if callable(value) else value})
    assert f'inputs.{port}' in text
    assert re.search(message, text)


def test_a_bulk_or_slabs(inputs):
    del inputs['bulk_structure']
    assert '`bulk_structure` or at least one slab in `slabs`: neither' in refused(inputs)


def test_not_a_bulk_and_slabs(inputs):
    inputs['slabs'] = {'mine': slab()}
    assert '`bulk_structure` or `slabs` (mine): both' in refused(inputs)


def test_not_planes_and_all_planes(inputs):
    inputs['max_index'] = 1
    assert 'give `miller_indices` or `max_index`: both are given' in refused(inputs)


def test_slabs_must_repeat_in_their_plane(inputs):
    del inputs['bulk_structure']
    flat = slab()
    flat.pbc = (True, False, True)
    inputs['slabs'] = {'mine': flat}
    assert "'mine': The slab must be periodic along its first two" in refused(inputs)


def test_empty_slabs(inputs):
    del inputs['bulk_structure']
    inputs['slabs'] = {}
    assert 'at least one slab in `slabs`' in refused(inputs)


@pytest.mark.parametrize(
    'missing', ['miller_indices', 'min_slab_thickness', 'min_vacuum_thickness']
)
def test_a_bulk_needs_to_know_how_to_be_cut(inputs, missing):
    del inputs[missing]
    assert f'cannot be cut without {missing}' in refused(inputs)


def test_a_thickness_and_layers(inputs):
    inputs['layers'] = Int(5)
    assert 'give `min_slab_thickness` or `layers`: both are given' in refused(inputs)


def test_layers_need_the_exact_generator(inputs):
    del inputs['min_slab_thickness']
    inputs |= {'layers': Int(5), 'generator': Str('pymatgen')}
    assert '`layers`: Only the generator exact counts layers' in refused(inputs)


@pytest.mark.parametrize('label', ['slab-0', 'slab 0', 'slab.0', 'a__b', '_a', 'a_', '', 'é'])
def test_labels_of_slabs(inputs, label):
    del inputs['bulk_structure']
    inputs['slabs'] = {'good': slab(), label: slab()}
    text = refused(inputs)
    assert 'slabs' in text
    assert repr(label) in text


def test_slabs_are_structures(inputs):
    del inputs['bulk_structure']
    inputs['slabs'] = {'mine': ArrayData()}
    assert 'slabs' in refused(inputs)


@pytest.mark.parametrize(('own', 'message'), [(structure, 'no vacuum'), (empty, 'no atoms')])
def test_slabs_have_a_vacuum(inputs, own, message):
    del inputs['bulk_structure']
    inputs['slabs'] = {'mine': own()}
    text = refused(inputs)
    assert 'inputs.slabs' in text
    assert "'mine': " in text
    assert message in text


def test_unknown_potential_family(inputs):
    inputs['vasp']['potential_family'] = 'nowhere'
    text = refused(inputs)
    assert 'inputs.vasp.potential_family' in text
    assert "'nowhere'" in text
    assert 'standin' in text


def test_a_family_without_an_element_of_the_crystal(inputs):
    inputs['bulk_structure'] = of('Pb')
    inputs['vasp']['potential_mapping'] = {'Pb': 'Pb_d'}
    text = refused(inputs)
    assert 'vasp.potential_family' in text
    assert "'standin' has no potential 'Pb_d' for the kind 'Pb'" in text


def test_a_kind_without_a_potential(inputs):
    inputs['bulk_structure'] = kinds()
    text = refused(inputs)
    assert "vasp.potential_mapping` has no entry for the kind 'Cu1'" in text


@pytest.mark.parametrize('isif', [3, 4, 8])
def test_the_cell_of_a_slab_does_not_relax(inputs, isif):
    inputs['vasp']['parameters'] = {'incar': {'isif': isif, 'ibrion': 2, 'nsw': 10}}
    text = refused(inputs)
    assert 'inputs.vasp' in text
    assert f'ISIF = {isif}' in text


def test_isif_in_capitals(inputs):
    inputs['vasp']['parameters'] = {'incar': {'ISIF': 3, 'IBRION': 2, 'NSW': 10}}
    assert 'ISIF = 3' in refused(inputs)


def test_isif_from_the_relaxation_namespace(inputs):
    inputs['vasp']['parameters'] = {
        'incar': {'ibrion': 2, 'nsw': 10},
        'relax': {'positions': True, 'shape': True, 'volume': True, 'algo': 'cg', 'steps': 10},
    }
    assert 'ISIF = 3' in refused(inputs)


@pytest.mark.parametrize(
    ('incar', 'message'),
    [
        ({'ibrion': 2}, 'NSW > 1, got none'),
        ({'ibrion': 2, 'nsw': 0}, 'NSW > 1, got 0'),
        ({'ibrion': 2, 'nsw': 1}, 'NSW > 1, got 1'),
        ({'nsw': 10}, 'IBRION = 1, 2 or 3, got none'),
        ({'ibrion': -1, 'nsw': 10}, 'IBRION = 1, 2 or 3, got -1'),
        ({'ibrion': 0, 'nsw': 10}, 'IBRION = 1, 2 or 3, got 0'),
    ],
)
def test_the_ions_do_relax(inputs, incar, message):
    inputs['vasp']['parameters'] = {'incar': incar}
    assert message in refused(inputs)


def test_no_kpoints_at_all(inputs):
    del inputs['vasp']['kpoints_spacing']
    assert '`kpoints_spacing` (2π/Å) or `kpoints` is needed' in refused(inputs)


@pytest.mark.parametrize('spacing', [0.0, -0.1, math.nan, math.inf])
def test_kpoints_spacing(inputs, spacing):
    inputs['vasp']['kpoints_spacing'] = spacing
    text = refused(inputs)
    assert '`kpoints_spacing` must be a positive' in text
    assert str(spacing) in text


def test_more_than_one_kpoint_along_the_normal(inputs):
    inputs['vasp']['kpoints'] = mesh(4, 4, 2)
    text = refused(inputs)
    assert '`kpoints`' in text
    assert '4x4x2' in text


def test_no_resources(inputs):
    del inputs['vasp']['calc']
    assert '`calc.metadata.options.resources`' in refused(inputs)


def test_a_parser_that_drops_the_structure(inputs):
    inputs['vasp']['settings'] = {'parser_settings': {'exclude_node': ['structure']}}
    assert 'must not exclude structure' in refused(inputs)


@pytest.mark.parametrize('tag', ['kspacing', 'KSPACING', 'kgamma'])
def test_a_spacing_in_the_incar_is_not_ignored(inputs, tag):
    inputs['vasp']['parameters'] = {'incar': {'ibrion': 2, 'nsw': 10, tag: 0.25}}
    assert f'{tag.upper()} has no effect beside the k-points' in refused(inputs)


def test_tags_that_aiida_vasp_does_not_list_are_named_with_the_way_out(inputs):
    incar = {'ibrion': 2, 'nsw': 10, 'lsol': True, 'LVACPOTAV': True}
    inputs['vasp']['parameters'] = {'incar': incar}
    text = refused(inputs)
    assert 'aiida-vasp does not list LSOL, LVACPOTAV' in text
    assert "{'unsupported_parameters': {'lsol': '', 'lvacpotav': ''}}" in text
    inputs['vasp']['settings'] = {'unsupported_parameters': {'lsol': ''}}
    assert 'aiida-vasp does not list LVACPOTAV;' in refused(inputs)


@pytest.mark.parametrize(
    'settings',
    [{'unsupported_parameters': {'lsol': ''}}, {'skip_parameters_validation': True}],
)
def test_tags_that_the_settings_allow(slab_relax_builder, settings):
    builder = slab_relax_builder(incar={'lsol': True})
    builder.vasp.settings = settings
    assert SlabRelaxWorkChain.spec().inputs.validate(builder._inputs(prune=True)) is None


def test_four_indices_need_a_hexagonal_cell(inputs):
    inputs['miller_indices'] = [1, 0, -1, 0]
    text = refused(inputs)
    assert '`miller_indices`' in text
    assert 'hexagonal' in text


def test_settings_of_the_parser_are_a_mapping(inputs):
    inputs['vasp']['settings'] = {'parser_settings': 3}
    assert '`settings`: parser_settings must be a mapping, got 3' in refused(inputs)


def test_an_unknown_namespace_of_the_parameters(inputs):
    inputs['vasp']['parameters'] = {'incar': {'ibrion': 2, 'nsw': 10}, 'incars': {}}
    assert '`parameters`: The supplied namespace: incars is not supported' in refused(inputs)


@pytest.fixture(scope='module')
def valid_slabs_inputs(slab_relax_builder) -> dict:
    return slab_relax_builder(slabs=copper_slabs(3, 4))._inputs(prune=True)


@pytest.fixture
def slabs_inputs(valid_slabs_inputs) -> dict:
    return copied(valid_slabs_inputs)


@pytest.mark.parametrize('number', [0, -1])
def test_at_least_one_relaxation_may_run(inputs, number):
    inputs['max_concurrent'] = number
    text = refused(inputs)
    assert f'`max_concurrent` must be at least 1, got {number}' in text


@pytest.mark.parametrize('number', [2.5, True, '3'])
def test_max_concurrent_is_an_integer(inputs, number):
    inputs['max_concurrent'] = number
    assert 'inputs.max_concurrent' in refused(inputs)


@pytest.mark.parametrize('fraction', [0, 1.1, -1, math.nan, math.inf])
def test_min_success_fraction(inputs, fraction):
    inputs['min_success_fraction'] = fraction
    assert (
        '`min_success_fraction` must be above 0 and at most 1, '
        f'got {float(fraction)}' in refused(inputs)
    )


def test_a_fraction_is_no_truth_value(inputs):
    inputs['min_success_fraction'] = True
    assert 'inputs.min_success_fraction' in refused(inputs)


@pytest.mark.parametrize('choice', ['maybe', 'AUTO', ''])
def test_dipole_correction(inputs, choice):
    inputs['dipole_correction'] = choice
    assert f'`dipole_correction` must be one of auto, on, off, got {choice!r}' in refused(inputs)


def test_keys_of_overrides(inputs):
    inputs['slab_overrides'] = {'slab 00': {'max_iterations': 1}}
    text = refused(inputs)
    assert "'inputs.slab_overrides': 'slab 00' is no label, no pattern" in text


@pytest.mark.parametrize('changes', [{}, 3, None, ['max_iterations']])
def test_overrides_change_something(inputs, changes):
    inputs['slab_overrides'] = {'slab_00': changes}
    text = refused(inputs)
    assert f"'slab_00' must have a mapping of changes to `vasp`, got {changes!r}" in text


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'max_iteration': 1}, "`vasp` has no port 'max_iteration'"),
        ({'structure': 1}, '`structure` cannot be overridden'),
        ({'max_iterations': 'x'}, "`max_iterations` must be a int, got 'x'"),
        ({'parameters': {'incar': {'ISIF': 3}}}, '`parameters`: ISIF = 3 changes the cell'),
        ({'parameters': {'incar': {'nsw': 0}}}, '`parameters`: a relaxation needs NSW > 1, got 0'),
        ({'parameters': {'algo': 'all'}}, '`parameters`: The supplied namespace: algo is not'),
        ({'kpoints': [4, 4, 2]}, '`kpoints`: a slab has one k-point along its normal'),
        ({'kpoints_spacing': math.nan}, '`kpoints_spacing` must be a positive, finite number'),
        ({'potential_mapping': {'Cu': 'Cu_x'}}, "'standin' has no potential 'Cu_x' for the kind"),
        ({'settings': {'parser_settings': {'exclude_node': ['misc']}}}, 'must not exclude misc'),
        ({'parameters': {'incar': {'nsww': 1}}}, '`parameters`: aiida-vasp does not list NSWW;'),
        ({'parameters': {'incar': {7: 1}}}, "`parameters`: '7' is not a tag of the INCAR"),
    ],
)
@pytest.mark.parametrize('key', ['slab_00', 'slab_*', 'Cu > 3'])
def test_overrides_are_changes_to_vasp(inputs, key, changes, message):
    inputs['slab_overrides'] = {'*': {'max_iterations': 2}, key: changes}
    text = refused(inputs)
    assert f"'inputs': `slab_overrides`: {key!r}: " in text
    assert message in text


def test_overrides_of_own_slabs_that_are_not_there(slabs_inputs):
    keys = ('cu_3', 'cu_*', 'cu_9', 'Cu > 9')
    slabs_inputs['slab_overrides'] = {key: {'max_iterations': 1} for key in keys}
    text = refused(slabs_inputs)
    assert "`slab_overrides`: no slab matches 'Cu > 9', 'cu_9'; the slabs are: cu_3, cu_4" in text


@pytest.mark.parametrize(
    ('rule', 'message'),
    [
        ({'layer': 1}, "not by 'layer'"),
        ({}, 'either layers or thickness, not {}'),
        ({'layers': 1, 'thickness': 2.0}, "not {'layers': 1, 'thickness': 2.0}"),
        ({'layers': 0}, 'must be an integer above 0, not 0'),
        ({'layers': 1.5}, 'must be an integer above 0, not 1.5'),
        ({'thickness': -1.0}, 'must be a finite number above 0, not -1.0'),
        ({'thickness': math.nan}, 'must be a finite number above 0, not nan'),
        ({'layers': 1, 'side': 'left'}, "must be one of bottom, top, middle, not 'left'"),
    ],
)
def test_what_to_fix(inputs, rule, message):
    inputs['fix'] = rule
    text = refused(inputs)
    assert 'inputs.fix' in text
    assert message in text


@pytest.mark.parametrize(
    ('rule', 'message'),
    [
        ({'layers': 4}, 'the slab has 3 atomic layers, 4 were to be fixed'),
        ({'layers': 3, 'side': 'bottom'}, 'all 3 atomic layers of the slab would be fixed'),
        ({'thickness': 40.0}, 'the slab is 3.67 Å thick, 40.00 Å were to be fixed'),
    ],
)
def test_own_slabs_have_layers_to_fix_and_to_relax(slabs_inputs, rule, message):
    slabs_inputs['fix'] = rule
    assert f"`fix`: 'cu_3': {message}" in refused(slabs_inputs)


def test_fixed_layers_or_dynamics(slabs_inputs):
    slabs_inputs['fix'] = {'layers': 1, 'side': 'bottom'}
    slabs_inputs['vasp']['dynamics'] = {'positions_dof': [[True] * 3] * 3}
    assert 'give `fix` or `vasp.dynamics`: both are given' in refused(slabs_inputs)


def test_fixed_layers_or_dynamics_in_overrides(slabs_inputs):
    slabs_inputs['fix'] = {'layers': 1, 'side': 'bottom'}
    slabs_inputs['slab_overrides'] = {'cu_3': {'dynamics': {'positions_dof': [[True] * 3] * 3}}}
    assert 'give `fix` or `vasp.dynamics`: both are given' in refused(slabs_inputs)


@pytest.mark.parametrize('name', ['relaxed_slabs', 'geometries'])
@pytest.mark.parametrize('own', [True, False])
def test_what_an_earlier_run_has_left_is_of_the_slabs(inputs, slabs_inputs, name, own):
    chosen = slabs_inputs if own else inputs
    chosen['previous'] = {name: {'cu_9': slab(), 'cu_8': slab()}}
    assert f'`previous.{name}` has no slab in `slabs`: cu_8, cu_9' in refused(chosen)


def test_an_earlier_run_that_relaxed_all(slabs_inputs):
    slabs_inputs['previous'] = {
        'relaxed_slabs': {'cu_3': slab(), 'cu_4': slab()},
        'slab_energies': {'cu_3': Float(-1.0), 'cu_4': Float(-2.0)},
    }
    text = refused(slabs_inputs)
    assert '`previous.relaxed_slabs`: all slabs have relaxed, there is nothing to do' in text


@pytest.mark.parametrize(
    ('left', 'labels'),
    [
        ({'relaxed_slabs': {'cu_3': slab}}, 'cu_3'),
        ({'slab_energies': {'cu_3': lambda: Float(-1.0)}}, 'cu_3'),
        ({'relaxed_slabs': {'cu_3': slab}, 'misc': {'cu_4': lambda: Dict({})}}, 'cu_3, cu_4'),
    ],
)
def test_slabs_of_an_earlier_run_have_their_energies(slabs_inputs, left, labels):
    slabs_inputs['previous'] = {
        name: {label: make() for label, make in nodes.items()} for name, nodes in left.items()
    }
    text = refused(slabs_inputs)
    assert text.endswith(
        f'`previous`: relaxed slabs and their energies (or misc) must be the same: {labels}'
    )
