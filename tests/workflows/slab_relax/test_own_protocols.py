"""Protocols that a user has written, and the class methods that name all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiida_vasp.protocols import ProtocolMixin

from aiida_slabrelax.workflows import SlabRelaxWorkChain

GROUP = """\
default_inputs:
    min_slab_thickness: 15.0
    min_vacuum_thickness: 15.0
    vasp: {kpoints_spacing: 0.03, parameters: {incar: {encut: 500}}}
default_protocol: production
protocols:
    production: {description: What we publish.}
    test: {description: One thin slab., min_slab_thickness: 6.0}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's own protocols, with one file in it."""
    monkeypatch.setenv('HOME', str(tmp_path))
    folder = tmp_path / '.aiida-vasp/protocols/slab_relax'
    folder.mkdir(parents=True)
    (folder / 'group.yaml').write_text(GROUP)
    return folder


def refusal(protocol: str) -> str:
    with pytest.raises(ValueError, match=r'^.+$') as refused:
        SlabRelaxWorkChain.get_protocol_inputs(protocol)
    return str(refused.value)


def test_generic_tools_know_the_mixin() -> None:
    assert issubclass(SlabRelaxWorkChain, ProtocolMixin)


@pytest.mark.usefixtures('own')
def test_a_protocol_of_ones_own() -> None:
    assert SlabRelaxWorkChain.get_protocol_inputs('test@group') == {
        'min_slab_thickness': 6.0,
        'min_vacuum_thickness': 15.0,
        'vasp': {'kpoints_spacing': 0.03, 'parameters': {'incar': {'encut': 500}}},
    }


@pytest.mark.usefixtures('own')
def test_the_default_one_of_a_file() -> None:
    get_inputs = SlabRelaxWorkChain.get_protocol_inputs
    assert get_inputs('@group') == get_inputs('production@group')
    assert SlabRelaxWorkChain.get_default_protocol('group') == 'production'


@pytest.mark.usefixtures('own')
def test_they_are_listed_with_what_they_are_for() -> None:
    assert SlabRelaxWorkChain.get_available_protocols('group') == {
        'production': {'description': 'What we publish.'},
        'test': {'description': 'One thin slab.'},
    }


def test_the_files_are_listed(own: Path) -> None:
    files = SlabRelaxWorkChain.list_protocol_files('slab_relax')
    assert files == [('group', 'slab_relax', own / 'group.yaml')]


def test_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / 'mine.yml').write_text(GROUP)
    monkeypatch.chdir(tmp_path)
    for name in ('mine.yml', './mine.yml', str(tmp_path / 'mine.yml')):
        inputs = SlabRelaxWorkChain.get_protocol_inputs(f'test@{name}')
        assert inputs['min_slab_thickness'] == 6.0


def test_overrides_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / 'overrides.yaml'
    path.write_text('min_slab_thickness: 7.5')
    assert SlabRelaxWorkChain.get_protocol_inputs('fast', path)['min_slab_thickness'] == 7.5


def test_a_file_that_is_not_there_is_not_replaced_by_another(own: Path) -> None:
    assert refusal('test@grup') == (
        f'there is no file with protocols {str(own / "grup.yaml")!r}; in {str(own)!r} there are: '
        'group'
    )
    assert refusal('test@no.yaml').startswith('there is no file with protocols ')


def test_a_protocol_that_the_file_has_not(own: Path) -> None:
    assert refusal('fast@group') == (
        f"there is no protocol 'fast' in {str(own / 'group.yaml')!r}; choose from production, test"
    )


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[1]', ' contains a list, not a mapping'),
        ('protocols: [fast]', ': `protocols` must be a mapping of names to inputs'),
        ('protocols: {}', ': `protocols` must be a mapping of names to inputs'),
        ('protocols: {a: 1}', ": 'a' must be a mapping with a `description`"),
        ('protocols: {a: {vasp: {}}}', ": 'a' must be a mapping with a `description`"),
        (
            'protocols: {a: {description: A}}',
            ': `default_protocol` must be one of a, got None',
        ),
        (
            'protocols: {a: {description: A}}\ndefault_protocol: b',
            ": `default_protocol` must be one of a, got 'b'",
        ),
        (
            'protocols: {a: {description: A}}\ndefault_protocol: a\ndefault_inputs: 3',
            ': `default_inputs` must be a mapping',
        ),
        (
            'protocols: {a: {description: A}, a: {description: B}}',
            ": line 1: the key 'a' is a duplicate of line 1",
        ),
    ],
)
def test_a_file_that_is_no_protocols(own: Path, content: str, message: str) -> None:
    path = own / 'bad.yaml'
    path.write_text(content)
    assert refusal('a@bad') == f'{path}{message}'
