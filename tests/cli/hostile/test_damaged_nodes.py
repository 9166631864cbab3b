"""Nodes of an edited archive or database: commands end with one line that names the node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.common.links import LinkType
from aiida.orm import CalcFunctionNode, Node, WorkChainNode
from click.testing import Result
from plumpy import ProcessState

Invoke = Callable[..., Result]


def damage(node: Node, place: tuple[str, ...], value: Any) -> None:
    """Put a value into the attributes of a stored node."""
    attributes = node.base.attributes.all
    inner = attributes
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    node.backend_entity.set_attribute(place[0], attributes[place[0]])


def refused(invoke: Invoke, *words: object) -> str:
    """Return the one line of an error."""
    result = invoke(*words)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.isprintable()
    return line


#: What is put into a slab.
DAMAGES = {
    'a kind that is a text': ('kinds', ['=====']),
    'a site without a position': ('sites', [{'kind_name': 'Cu'}]),
    'no list of sites': ('sites', None),
    'a cell of texts': ('cell', 'x\x1b[2J'),
}


@pytest.mark.parametrize('what', DAMAGES)
def test_a_damaged_slab(invoke: Invoke, ended: WorkChainNode, tmp_path: Path, what: str) -> None:
    slab, out = ended.inputs.slabs.cu_3, tmp_path / 'out'
    name, value = DAMAGES[what]
    damage(slab, (name,), value)
    for words in (
        ('show', ended.pk),
        ('report', ended.pk, '-o', out.with_suffix('.html')),
        ('plot', 'slabs', ended.pk, '-o', out.with_suffix('.png')),
        ('export', ended.pk, '--what', 'initial', '-o', out),
        ('export', ended.pk, '--what', 'table', '-o', out),
        ('preview', ended.pk),
        ('preview', slab.pk, '--miller', 1, 0, 0),
    ):
        line = refused(invoke, *words)
        assert f'the data of StructureData<{slab.pk}> are damaged: ' in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('moments', [{'Cu': '2\nISIF = 3'}, {'Cu': 1e300}, [2], '=1'], ids=str)
def test_moments_that_are_no_numbers(
    invoke: Invoke, ended: WorkChainNode, tmp_path: Path, moments: Any
) -> None:
    slab, out = ended.inputs.slabs.cu_3, tmp_path / 'out'
    damage(slab, ('magnetic_moments',), moments)
    for words in (
        ('show', ended.pk),
        ('report', ended.pk, '-o', out.with_suffix('.html')),
        ('export', ended.pk, '--format', 'extxyz', '-o', out),
        ('preview', ended.pk),
        ('preview', slab.pk, '--miller', 1, 0, 0),
    ):
        assert 'The magnetic moment' in refused(invoke, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def energies(phosphate_energies: Callable[[], CalcFunctionNode]) -> CalcFunctionNode:
    return phosphate_energies()


@pytest.fixture
def workflow(energies: CalcFunctionNode) -> WorkChainNode:
    """A workflow with the outputs of the calcfunction."""
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('surface_energies')
    node.set_process_state(ProcessState.FINISHED)
    node.set_exit_status(0)
    node.store()
    energies.outputs.surface_energies.base.links.add_incoming(
        node, LinkType.RETURN, 'surface_energies'
    )
    node.seal()
    return node


#: What is put into the surface energies.
OF_ENERGIES: dict[str, tuple[tuple[str, ...], Any]] = {
    'an area without a unit': (('slab_01', 'area'), -5.5),
    'an energy that is a text': (('slab_01', 'constant', 'eV/Å²'), '=====\x1b[2J'),
    'slopes that are a list': (('slab_01', 'slopes'), [None]),
    'no surface': (('slab_01',), None),
}


@pytest.mark.parametrize('what', OF_ENERGIES)
def test_damaged_surface_energies(
    invoke: Invoke,
    energies: CalcFunctionNode,
    workflow: WorkChainNode,
    tmp_path: Path,
    what: str,
) -> None:
    damage(energies.outputs.surface_energies, *OF_ENERGIES[what])
    out, name = tmp_path / 'out', f'calculate_surface_energies<{energies.pk}>'
    for words in (
        ('report', energies.pk, '-o', out.with_suffix('.html')),
        ('plot', 'surface-energies', energies.pk, '-o', out.with_suffix('.png')),
        ('plot', 'stability', energies.pk, '-o', out.with_suffix('.png')),
        ('export', energies.pk, '--what', 'table', '-o', out),
    ):
        assert f'the data of {name} are damaged: ' in refused(invoke, *words)
    line = refused(invoke, 'energies', workflow.pk)
    assert f'the data of surface_energies<{workflow.pk}> are damaged: ' in line
    assert list(tmp_path.iterdir()) == []
