"""Overrides: whom they concern, and what they change."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest
from aiida.common import AttributeDict
from aiida.orm import Bool, Dict, Float, Int, KpointsData, Str, StructureData
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.workflows.slab_relax.slab_overrides import (
    check_key,
    matches,
    merge_inputs,
    overrides_of,
    unmatched_keys,
)
from aiida_slabrelax.workflows.slab_relax.validators import LABEL
from sample_structures import copper_slab, copper_slabs, nickel_oxide, silver_phosphate

properties = settings(max_examples=50, derandomize=True, database=None)
labels = st.from_regex(LABEL, fullmatch=True)

COMPARISONS = {
    '<': operator.lt,
    '<=': operator.le,
    '>': operator.gt,
    '>=': operator.ge,
    '==': operator.eq,
    '!=': operator.ne,
}


@pytest.mark.parametrize(
    'key',
    [
        'slab_03',
        'slab_0*',
        '*',
        'slab_0?',
        'slab_[0-3]*',
        'slab_[!0]*',
        'Ag > 10',
        'Ag>10',
        'atoms <= 30',
        'Ag > 10 and atoms <= 30 and P != 2',
        'Ag',
    ],
)
def test_keys(key: str) -> None:
    assert check_key(key) is None


@pytest.mark.parametrize(
    'key',
    [
        '',
        ' ',
        'slab 03',
        'slab_03, slab_04',
        'Ag > ten',
        'Ag > 1.5',
        'Ag > -1',
        'Ag = 10',
        'ag > 10',
        'Ag > 10 and',
        'Ag > 10 or P > 1',
        'Ag > 10, P > 1',
    ],
)
def test_bad_keys(key: str) -> None:
    assert check_key(key) == (
        f'{key!r} is no label, no pattern of labels (slab_0*) and no condition on the composition '
        '(Ag > 10 and atoms <= 30)'
    )


def test_an_element_that_does_not_exist() -> None:
    assert check_key('Ag > 1 and Xy < 3') == "'Ag > 1 and Xy < 3': there is no element Xy"


@properties
@given(label=labels, other=labels)
def test_a_label_concerns_its_slab_only(label: str, other: str) -> None:
    assert check_key(label) is None
    assert matches(label, label, StructureData())
    assert matches(label, other, StructureData()) == (label == other)


@properties
@given(label=labels, length=st.integers(0, 5))
def test_a_pattern_concerns_what_begins_so(label: str, length: int) -> None:
    assert matches(f'{label[:length]}*', label, StructureData())


@pytest.mark.parametrize(
    ('key', 'label', 'expected'),
    [
        ('slab_0*', 'slab_03', True),
        ('slab_0*', 'slab_13', False),
        ('slab_0?', 'slab_03', True),
        ('slab_0?', 'slab_003', False),
        ('slab_0[1-3]', 'slab_03', True),
        ('slab_0[1-3]', 'slab_04', False),
        ('slab_0[!1-3]', 'slab_04', True),
        ('SLAB_0*', 'slab_03', False),
        ('lab_03', 'slab_03', False),
    ],
)
def test_patterns(key: str, label: str, expected: bool) -> None:
    assert matches(key, label, StructureData()) is expected


@properties
@given(comparison=st.sampled_from(sorted(COMPARISONS)), number=st.integers(0, 20))
def test_conditions_count_the_atoms_of_an_element(comparison: str, number: int) -> None:
    compare = COMPARISONS[comparison]
    phosphate = silver_phosphate()
    for name, count in {'Ag': 6, 'P': 2, 'O': 8, 'atoms': 16, 'Cu': 0}.items():
        expected = compare(count, number)
        assert matches(f'{name} {comparison} {number}', 'mine', phosphate) is expected
        assert matches(f'{name}{comparison}{number}', 'mine', phosphate) is expected


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        ('Ag > 5 and P == 2', True),
        ('Ag > 5 and P == 3', False),
        ('Ag > 6 and P == 2', False),
        ('Ag > 5 and P == 2 and atoms < 16', False),
    ],
)
def test_all_conditions_must_hold(key: str, expected: bool) -> None:
    assert matches(key, 'mine', silver_phosphate()) is expected


def test_conditions_are_on_elements_not_on_kinds() -> None:
    assert {kind.name for kind in nickel_oxide().kinds} == {'Ni1', 'Ni2', 'O'}
    assert matches('Ni == 4', 'mine', nickel_oxide())


def test_unmatched_keys() -> None:
    slabs = copper_slabs(3, 4)
    overrides = {key: {} for key in ('cu_9', 'cu_*', 'Cu > 4', 'cu_3', 'Cu == 4', 'Ag > 0')}
    assert unmatched_keys(overrides, slabs) == ['Ag > 0', 'Cu > 4', 'cu_9']


def test_a_label_goes_before_patterns_and_these_before_conditions() -> None:
    ranked = ['Cu > 1', 'atoms > 1', '*', 'cu_*', 'cu_?', 'cu_[3]', 'cu_3']
    overrides = {key: {'max_iterations': number} for number, key in enumerate(ranked)}
    backwards = dict(reversed(overrides.items()))
    changes = list(overrides_of({**backwards, 'cu_4': {}}, 'cu_3', copper_slab(3)))
    assert changes == [{'max_iterations': number} for number in range(len(ranked))]


@pytest.fixture
def vasp(slab_relax_builder: Callable[..., Any]) -> dict[str, Any]:
    """The inputs `vasp` of a run."""
    inputs: dict[str, Any] = slab_relax_builder()._inputs(prune=True)['vasp']
    return inputs


def content(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return nodes by their uuid and content, all else as it is."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: plain(item) for key, item in value.items()}
        return (value.uuid, dict(value.base.attributes.all)) if hasattr(value, 'uuid') else value

    plain_inputs: dict[str, Any] = plain(inputs)
    return plain_inputs


def test_without_changes_the_inputs_are_the_same_nodes(vasp: dict[str, Any]) -> None:
    assert content(merge_inputs(vasp, {})) == content(vasp)


CHANGES = {
    'parameters': {'incar': {'ALGO': 'all'}},
    'kpoints': [2, 3, 1],
    'max_iterations': 2,
    'settings': {'parser_settings': {'include_node': ['trajectory']}},
    'calc': {'metadata': {'options': {'resources': {'num_mpiprocs_per_machine': 2}}}},
}


def test_inputs_and_changes_are_not_modified(vasp: dict[str, Any]) -> None:
    before, changes = content(vasp), deepcopy(CHANGES)
    merged = merge_inputs(vasp, changes)
    assert merged.calc['metadata']['options']['resources']['num_mpiprocs_per_machine'] == 2
    assert content(vasp) == before
    assert changes == CHANGES


@pytest.mark.parametrize(
    ('name', 'value', 'node_type', 'expected'),
    [
        ('max_iterations', 3, Int, 3),
        ('clean_workdir', False, Bool, False),
        ('verbose', True, Bool, True),
        ('kpoints_spacing', 0.04, Float, 0.04),
        ('kpoints_spacing', 1, Float, 1.0),
        ('on_unhandled_failure', 'abort', Str, 'abort'),
        ('potential_family', 'standin', Str, 'standin'),
    ],
)
def test_plain_values(
    vasp: dict[str, Any], name: str, value: Any, node_type: type, expected: Any
) -> None:
    node = merge_inputs(vasp, {name: value})[name]
    assert type(node) is node_type
    assert (node.value, type(node.value)) == (expected, type(expected))
    assert not node.is_stored


def test_mappings_are_merged(vasp: dict[str, Any]) -> None:
    changes = {'potential_mapping': {'Ni': 'Ni_pv'}, 'settings': {'a': {'b': 1}}}
    merged = merge_inputs(vasp, changes)
    assert merged.potential_mapping.get_dict() == {'Cu': 'Cu', 'Ni': 'Ni_pv'}
    assert merged.settings.get_dict() == {'a': {'b': 1}}
    again = merge_inputs(merged, {'settings': {'a': {'c': 2}}})
    assert again.settings.get_dict() == {'a': {'b': 1, 'c': 2}}


def test_tags_of_the_incar_meet_in_any_case(vasp: dict[str, Any]) -> None:
    vasp['parameters'] = Dict({'incar': {'NSW': 10, 'ibrion': 2, 'EnCut': 300}})
    changes = {'parameters': {'incar': {'nsw': 20, 'IBRION': 1, 'Algo': 'all'}}}
    assert merge_inputs(vasp, changes).parameters.get_dict() == {
        'incar': {'nsw': 20, 'ibrion': 1, 'encut': 300, 'algo': 'all'}
    }


TAGS = ('algo', 'ediff', 'encut', 'ismear', 'nsw', 'prec', 'sigma')
incars = st.dictionaries(st.sampled_from(TAGS), st.integers(1, 9))


@properties
@given(given=incars, changed=incars, upper=st.tuples(st.booleans(), st.booleans()))
def test_the_changed_incar_goes_before(
    given: dict[str, int], changed: dict[str, int], upper: tuple[bool, bool]
) -> None:
    first, second = (
        {tag.upper() if is_upper else tag: value for tag, value in incar.items()}
        for incar, is_upper in zip((given, changed), upper, strict=True)
    )
    inputs = {'parameters': Dict({'incar': first})}
    merged = merge_inputs(inputs, {'parameters': {'incar': second}})
    assert merged.parameters.get_dict() == {'incar': {**given, **changed}}
    assert inputs['parameters'].get_dict() == {'incar': first}


def test_a_mesh_replaces_the_spacing(vasp: dict[str, Any]) -> None:
    merged = merge_inputs(vasp, {'kpoints': [4, 3, 1]})
    assert merged.kpoints.get_kpoints_mesh() == ([4, 3, 1], [0.0, 0.0, 0.0])
    assert 'kpoints_spacing' not in merged
    assert 'kpoints_spacing' in vasp


def test_a_spacing_replaces_the_mesh(vasp: dict[str, Any]) -> None:
    vasp['kpoints'] = KpointsData()
    merged = merge_inputs(vasp, {'kpoints_spacing': 0.03})
    assert merged.kpoints_spacing.value == 0.03
    assert 'kpoints' not in merged


def test_other_changes_leave_mesh_and_spacing(vasp: dict[str, Any]) -> None:
    vasp['kpoints'] = KpointsData()
    merged = merge_inputs(vasp, {'max_iterations': 1})
    assert merged.kpoints is vasp['kpoints']
    assert merged.kpoints_spacing is vasp['kpoints_spacing']


def test_options_are_merged(vasp: dict[str, Any]) -> None:
    options = {'max_wallclock_seconds': 86400, 'resources': {'num_mpiprocs_per_machine': 4}}
    merged = merge_inputs(vasp, {'calc': {'metadata': {'options': options}}})
    assert merged.calc['metadata']['options'] == {
        'max_wallclock_seconds': 86400,
        'resources': {'num_machines': 1, 'num_mpiprocs_per_machine': 4},
    }
    assert vasp['calc']['metadata']['options']['max_wallclock_seconds'] == 600


def test_options_where_there_were_none() -> None:
    changes = {'calc': {'metadata': {'options': {'resources': {'num_machines': 1}}}}}
    assert merge_inputs({}, changes) == AttributeDict(changes)


def test_later_changes_go_before_earlier_ones(vasp: dict[str, Any]) -> None:
    first = merge_inputs(vasp, {'kpoints': [4, 4, 1], 'parameters': {'incar': {'algo': 'fast'}}})
    second = merge_inputs(first, {'kpoints_spacing': 0.2, 'parameters': {'incar': {'ALGO': 'all'}}})
    assert 'kpoints' not in second
    assert second.parameters.get_dict()['incar']['algo'] == 'all'
    assert second.parameters.get_dict()['incar']['nsw'] == 60


def options(**values: Any) -> dict[str, Any]:
    return {'calc': {'metadata': {'options': values}}}


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'parameter': {}}, "`vasp` has no port 'parameter'; the nearest is 'parameters'"),
        ({1: 2}, '`vasp` has no port 1'),
        ({'structure': 3}, '`structure` cannot be overridden'),
        ({'code': 'vasp@localhost'}, '`code` cannot be overridden'),
        ({'metadata': {'label': 'x'}}, '`metadata` cannot be overridden'),
        ({'potential': {'Cu': 1}}, '`potential` cannot be overridden'),
        ({'remote_folder': 1}, '`remote_folder` cannot be overridden'),
        ({'restart_folder': 1}, '`restart_folder` cannot be overridden'),
        ({'monitors': {'x': {}}}, '`monitors` cannot be overridden'),
        ({'charge_density': 1}, '`charge_density` is no plain value and cannot be overridden'),
        ({'max_iterations': 2.0}, '`max_iterations` must be a int, got 2.0'),
        ({'max_iterations': True}, '`max_iterations` must be a int, got True'),
        ({'max_iterations': '2'}, "`max_iterations` must be a int, got '2'"),
        ({'max_iterations': None}, '`max_iterations` must be a int, got None'),
        ({'clean_workdir': 1}, '`clean_workdir` must be a bool, got 1'),
        ({'kpoints_spacing': True}, '`kpoints_spacing` must be a float, got True'),
        ({'kpoints_spacing': '0.1'}, "`kpoints_spacing` must be a float, got '0.1'"),
        ({'potential_family': 3}, '`potential_family` must be a str, got 3'),
        ({'parameters': [1]}, '`parameters` must be a mapping, got [1]'),
        ({'parameters': {'incar': 'all'}}, "`parameters`: incar must be a mapping, got 'all'"),
        ({'settings': None}, '`settings` must be a mapping, got None'),
        ({'kpoints': 4}, '`kpoints` must be a mesh such as [4, 4, 1], got 4'),
        ({'kpoints': [4, 4]}, '`kpoints` must be a mesh such as [4, 4, 1], got [4, 4]'),
        ({'kpoints': '441'}, "`kpoints` must be a mesh such as [4, 4, 1], got '441'"),
        ({'kpoints': [4, 4, 0]}, '`kpoints` must be a mesh such as [4, 4, 1], got [4, 4, 0]'),
        ({'kpoints': [4, 4, 1.0]}, '`kpoints` must be a mesh such as [4, 4, 1], got [4, 4, 1.0]'),
        ({'kpoints': [4, 4, True]}, '`kpoints` must be a mesh such as [4, 4, 1], got [4, 4, True]'),
        ({'calc': {}}, 'of `calc` only metadata.options can be overridden, got {}'),
        ({'calc': 1}, 'of `calc` only metadata.options can be overridden, got 1'),
        (
            {'calc': {'metadata': {'label': 'x'}}},
            "of `calc` only metadata.options can be overridden, got {'metadata': {'label': 'x'}}",
        ),
        (
            {'calc': {'metadata': {'options': {}, 'label': 'x'}}},
            'of `calc` only metadata.options can be overridden, got '
            "{'metadata': {'options': {}, 'label': 'x'}}",
        ),
    ],
)
def test_refusals(vasp: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        merge_inputs(vasp, changes)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ('changes', 'port', 'message'),
    [
        (
            options(max_wallclock_seconds='long'),
            'calc.metadata.options.max_wallclock_seconds',
            "Got '<class 'str'>'",
        ),
        (options(resources=2), 'calc.metadata.options.resources', "Got '<class 'int'>'"),
        ({'on_unhandled_failure': 'stop'}, 'on_unhandled_failure', "'stop'. Must be one of: abort"),
        ({'handler_overrides': {'none': {}}}, 'handler_overrides', 'The key `none` is not a'),
        ({'potential_family': 'nowhere'}, 'potential_family', '"nowhere" is not found'),
    ],
)
def test_what_the_port_refuses(
    vasp: dict[str, Any], changes: dict[str, Any], port: str, message: str
) -> None:
    """The engine would refuse it too, but only when the slab is submitted."""
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        merge_inputs(vasp, changes)
    assert str(refusal.value).startswith(f'`{port}`: ')
    assert message in str(refusal.value)
