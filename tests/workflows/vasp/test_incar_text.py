"""Text must not become more than the value that it is, in any file of VASP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Dict, List, Node, QueryBuilder, StructureData
from aiida_vasp.parsers.content_parsers.incar import IncarParser
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.protocols import vasp_protocol_inputs
from aiida_slabrelax.workflows.slab_relax.slab_overrides import merge_inputs
from aiida_slabrelax.workflows.vasp.incar_text import SIGNS, check_tags, check_text
from aiida_slabrelax.workflows.vasp.work_chain import validate_parameters
from sample_structures import copper_slab, copper_slabs

Build = Callable[..., Any]
properties = settings(max_examples=150, derandomize=True, database=None)

ATTACKS = [
    'Ag\nISIF = 3',
    'Ag\r\nISIF = 3',
    'Ag; ISIF = 3',
    'Ag \\',
    'Ag # all that follows is a comment',
    'Ag ! all that follows is a comment',
    'Ag " all that follows is a part of the value',
    'Ag ISIF=3',
    'Ag {ISIF 3}',
    'Ag\u2028ISIF 3',
    'Ag\tthat VASP does not read',
    'Ag\x00',
    'Ag\x1b[2J',
]


def refused(inputs: dict[str, Any]) -> str:
    """Return the message of the refusal; nothing may have been stored."""
    before = QueryBuilder().append(Node).count()
    with pytest.raises(ValueError, match='inputs') as refusal:
        run_get_node(SlabRelaxWorkChain, **inputs)
    assert QueryBuilder().append(Node).count() == before
    return str(refusal.value)


@pytest.mark.parametrize('text', ATTACKS)
@pytest.mark.parametrize(
    'incar', [lambda text: {'system': text}, lambda text: {'algo': [text]}], ids=['text', 'list']
)
def test_values_of_tags(
    slab_relax_builder: Build, text: str, incar: Callable[[str], dict[str, Any]]
) -> None:
    tag = next(iter(incar(text)))
    builder = slab_relax_builder()
    inputs = builder._inputs(prune=True)
    parameters = Dict(
        {'incar': {**inputs['vasp']['parameters'].get_dict()['incar'], **incar(text)}}
    )
    inputs['vasp']['parameters'] = parameters
    message = refused(inputs)
    assert 'inputs.vasp.parameters' in message
    assert f'{tag.upper()} = {text!r} has ' in message


def test_stored_parameters_are_checked_too(slab_relax_builder: Build) -> None:
    inputs = slab_relax_builder()._inputs(prune=True)
    content = inputs['vasp']['parameters'].get_dict()
    content['incar']['system'] = ATTACKS[0]
    inputs['vasp']['parameters'] = Dict(content).store()
    assert "SYSTEM = 'Ag\\nISIF = 3' has '\\n', '='" in refused(inputs)


@pytest.mark.parametrize('text', ATTACKS)
def test_overrides_of_slabs(slab_relax_builder: Build, text: str) -> None:
    inputs = slab_relax_builder()._inputs(prune=True)
    changes = {'slab_00': {'parameters': {'incar': {'system': text}}}}
    message = refused({**inputs, 'slab_overrides': Dict(changes)})
    assert "`slab_overrides`: 'slab_00': `parameters`: SYSTEM = " in message


def test_values_that_a_protocol_turns_into_tags() -> None:
    """aiida-vasp makes ENCUT of `electronic: pwcutoff`."""
    parameters = Dict({'incar': {'nsw': 60}, 'electronic': {'pwcutoff': '400\nISIF = 3'}})
    assert (validate_parameters(parameters) or '').startswith("PWCUTOFF = '400\\nISIF = 3' has ")


@pytest.mark.parametrize(
    ('port', 'value'),
    [
        ('magmom_mapping', {'Cu': '1.0\nISIF = 3'}),
        ('ldau_mapping', {'mapping': {'Cu': ['d', '4\nISIF = 3']}}),
        ('ldau_mapping', {'mapping': {'Cu\n': ['d', 4]}}),
    ],
)
def test_mappings_by_kind(slab_relax_builder: Build, port: str, value: dict[str, Any]) -> None:
    inputs = slab_relax_builder()._inputs(prune=True)
    inputs['vasp'][port] = Dict(value)
    message = refused(inputs)
    assert f'inputs.vasp.{port}' in message
    assert "'\\n'" in message


@pytest.mark.parametrize(
    'tag',
    ['isif = 3\nencut', 'encut; isif', 'encut = 1; isif', '', ' ', 'en cut', '#encut', 'a/', '1'],
)
def test_names_of_tags(slab_relax_builder: Build, tag: str) -> None:
    """Whatever the settings allow."""
    for settings_of_job in (
        {'unsupported_parameters': {tag: ''}},
        {'skip_parameters_validation': True},
    ):
        inputs = slab_relax_builder()._inputs(prune=True)
        content = inputs['vasp']['parameters'].get_dict()
        content['incar'][tag] = 3
        inputs['vasp'] |= {'parameters': Dict(content), 'settings': Dict(settings_of_job)}
        assert f'{tag!r} is not a tag of the INCAR' in refused(inputs)


def test_a_tag_in_a_group_of_its_own() -> None:
    assert list(check_tags({'KERNEL_TRUNCATION/LTRUNCATE': True, 'LIBXC1_P1': 1})) == []


def test_tags_that_differ_in_case_only(slab_relax_builder: Build) -> None:
    """One of them would be lost."""
    vasp = slab_relax_builder()._inputs(prune=True)['vasp']
    with pytest.raises(ValueError, match='the tag ALGO is there twice, as ALGO and as algo'):
        merge_inputs(vasp, {'parameters': {'incar': {'ALGO': 'all', 'algo': 'fast'}}})


def test_overrides_of_a_protocol_replace_a_tag_in_any_case(
    vasp_code: Any, copper: StructureData, potential_family: str
) -> None:
    changes = {
        'potential_family': potential_family,
        'parameters': {'incar': {'ENCUT': 333, 'EDIFFG': -0.01}},
    }
    inputs = vasp_protocol_inputs(vasp_code, [copper], changes, {})
    incar = inputs['parameters'].get_dict()['incar']
    assert (incar['encut'], incar['ediffg']) == (333, -0.01)
    assert {'ENCUT', 'EDIFFG'}.isdisjoint(incar)


@pytest.mark.parametrize('moments', [['1\nISIF = 3', 1, 1], [[1], 1, 1], [True, 1, 1]])
def test_moments_of_an_earlier_run(slab_relax_builder: Build, moments: list[Any]) -> None:
    inputs = slab_relax_builder(slabs=copper_slabs(3))._inputs(prune=True)
    message = refused({**inputs, 'previous': {'moments': {'cu_3': List(moments)}}})
    assert f'`previous.moments.cu_3` must be numbers (μB), got {moments!r}' in message


def broken(attribute: str) -> StructureData:
    slab = copper_slab(3)
    if attribute == 'label':
        slab.label = 'Cu\n1.0\n1 0 0'
        return slab
    named = StructureData(cell=slab.cell, pbc=slab.pbc)
    for site in slab.sites:
        named.append_atom(position=site.position, symbols='Cu', name='Cu\n9')
    return named


@pytest.mark.parametrize(
    ('attribute', 'message'),
    [
        ('label', "the label of the structure must be a single line, got 'Cu\\n1.0\\n1 0 0'"),
        ('kind', "the name of a kind must not have blanks or line breaks, got 'Cu\\n9'"),
    ],
)
@pytest.mark.parametrize('where', ['slabs', 'geometries'])
def test_names_in_structures(
    slab_relax_builder: Build, attribute: str, message: str, where: str
) -> None:
    """aiida-vasp writes them into the POSCAR."""
    structure = broken(attribute)
    inputs = slab_relax_builder(slabs=copper_slabs(3))._inputs(prune=True)
    nodes = {'cu_3': structure}
    given = {'slabs': nodes} if where == 'slabs' else {'previous': {'geometries': nodes}}
    assert message in refused({**inputs, **given})


@pytest.mark.parametrize(
    'incar',
    [
        {'system': "Ag3PO4 (100), 10 Å: 50% <test> $HOME `x` 'y' a/b"},
        {'magmom': '24*0.6 -1 1e-3'},
        {'algo': 'Normal', 'lreal': '.FALSE.', 'dipol': [0.5, 0.5, 0.5], 'rwigs': '1.1 1.2'},
    ],
)
def test_what_people_write(incar: dict[str, Any]) -> None:
    assert validate_parameters(Dict({'incar': {'encut': 400, **incar}})) is None


@properties
@given(
    text=st.text(st.sampled_from('aA1.*- \n\r\t=' + SIGNS), max_size=12).map(lambda one: f'a{one}')
)
def test_accepted_text_is_one_value(text: str, tmp_path_factory: Any) -> None:
    """Our own reader of INCARs, which reads as VASP does, finds nothing but the tag."""
    if next(check_text(text, 'system'), None) is not None:
        return
    path = tmp_path_factory.mktemp('incar') / 'INCAR'
    IncarParser(data=Dict({'system': text, 'isif': 2})).write(str(path))
    assert path.read_text().splitlines() == ['ISIF = 2', f'SYSTEM = {text.strip()}']
