"""Replay of a workflow from a stranger's database: nothing that it names is imported or called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node

from aiida_slabrelax.durable import ReplayError, replay, submit, workflow
from aiida_slabrelax.durable.engine import JOURNAL_EXTRA


class Colour(Enum):
    RED = 'red'


def paint(colour: Colour) -> Colour:
    return colour


def count(colour: Any) -> Any:
    return 1


def invent() -> Any:
    return Colour.RED


@workflow
async def painted(colour: Colour, x: float = 1.0) -> dict[str, Any]:
    assert colour is Colour.RED
    again = await submit(paint, colour)
    return {'same': again is colour}


@workflow
async def careless(colour: Any) -> None: ...


@workflow
async def counted() -> None:
    await submit(count, Colour.RED)


@workflow
async def invented() -> None:
    await submit(invent)


def run_painted() -> orm.ProcessNode:
    return run_get_node(painted, colour=Colour.RED).node


@pytest.fixture(scope='module')
def shared_node() -> orm.ProcessNode:
    return run_painted()


@pytest.fixture
def node(shared_node: orm.ProcessNode) -> Iterator[orm.ProcessNode]:
    """A run whose journal and type may be changed."""
    journal, process_type = shared_node.base.extras.get(JOURNAL_EXTRA), shared_node.process_type
    yield shared_node
    shared_node.base.extras.set(JOURNAL_EXTRA, journal)
    shared_node.backend_entity.process_type = process_type


def change(node: orm.Node, **attributes: Any) -> None:
    """Change a stored node, as whoever makes an archive can."""
    for name, value in attributes.items():
        node.backend_entity.set_attribute(name, value)


def refused(node: orm.ProcessNode, changed: Any = None) -> str:
    with pytest.raises(ReplayError) as info:
        replay(node, changed)
    assert '\n' not in str(info.value)
    return str(info.value)


def test_members_go_through_workflows_and_functions(node: orm.ProcessNode) -> None:
    assert node.outputs.same.value is True
    replay(node)


def test_an_enum_without_an_annotation_is_refused_before_the_run() -> None:
    with pytest.raises(ValueError, match='taken only where the annotation of the function names'):
        run_get_node(careless, colour=Colour.RED)


def test_a_function_whose_annotation_does_not_name_the_enum() -> None:
    with pytest.raises(TypeError, match=rf'^count: colour: RED is a member of {__name__}:Colour'):
        run_get_node(counted)


def test_a_result_whose_annotation_does_not_name_the_enum() -> None:
    _, node = run_get_node(invented)
    assert node.exit_status == 400
    assert 'invent returns a value that cannot be stored: RED is a member of' in node.exit_message


@pytest.mark.parametrize('place', ['inputs', 'result'])
def test_what_an_enum_names_is_not_called(tmp_path: Path, place: str) -> None:
    node = run_painted()
    mark = tmp_path / 'called'
    painter = node.base.links.get_outgoing(orm.ProcessNode).all_nodes()[0]
    evil = node.inputs.colour if place == 'inputs' else painter.outputs.result
    change(evil, identifier='os:mkdir', value=str(mark))
    message = refused(orm.load_node(node.pk))
    assert 'RED is a member of os:mkdir' in message
    assert not mark.exists()


def test_what_the_inputs_of_a_call_name_is_not_called(tmp_path: Path) -> None:
    """Inputs are described in the message that they differ."""
    pytest.importorskip('aiida_pythonjob')
    from aiida_pythonjob.data.common_data import FunctionData

    (tmp_path / 'stranger_module.py').write_text('')
    evil = FunctionData(paint)
    evil.base.attributes.set_many({'module_path': 'stranger_module', 'qualname': 'x'})
    sys.path.insert(0, str(tmp_path))
    try:
        _, node = run_get_node(taken, x=evil)
        with pytest.raises(
            ReplayError, match=r'with x = 2.0 where .* was called with FunctionData'
        ):
            replay(node, taken_otherwise)
    finally:
        sys.path.remove(str(tmp_path))
    assert 'stranger_module' not in sys.modules


@workflow
async def taken(x: orm.Data) -> None:
    await submit(takes, x=x)


@workflow
async def taken_otherwise(x: orm.Data) -> None:
    await submit(takes, x=2.0)


@workflow
async def takes(x: Any) -> None: ...


@pytest.mark.parametrize(
    'named',
    [
        'stranger_module.Workflow',
        'stranger_module',
        'os.system',
        'aiida.workflows:stranger',
        'aiida.calculations:core.arithmetic.add',
        'aiida.workflows:core.arithmetic.multiply_add',
        'aiida_slabrelax.durable.engine.work_chain.Journal',
        '',
        ':',
        '.',
    ],
)
def test_only_registered_or_imported_workflows_are_used(
    node: orm.ProcessNode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / 'stranger_module.py').write_text('Workflow = 1')
    monkeypatch.syspath_prepend(tmp_path)
    node.backend_entity.process_type = named
    message = refused(node)
    assert message.startswith(f'painted<{node.pk}> has the type {named!r}, which is no entry point')
    assert 'replay(node, workflow=…)' in message
    assert 'stranger_module' not in sys.modules
    replay(node, painted)


@pytest.mark.parametrize(
    'journal',
    [
        '',
        '[]',
        '{}',
        '{"order": 3}',
        '{"order": "a"}',
        '{"order": "0x' + '9' * 6000 + '"}',
        '[' * 100_000,
        '{"order": "0", "values": {"0": 3}}',
        '{"order": "0", "patches": []}',
        '{"order": "0", "epoch": "x"}',
        '{"order": "0", "epoch": 1000000000}',
        '{"order": "0", "epoch": 1, "arguments": {"x": {"node": "no-uuid"}}}',
        '{"order": "0", "arguments": {"x": {}}}',
        '{"order": "0", "arguments": 3}',
        3,
        {'order': '0'},
    ],
    ids=range(16),
)
def test_a_damaged_journal_is_reported(node: orm.ProcessNode, journal: Any) -> None:
    node.base.extras.set(JOURNAL_EXTRA, journal)
    assert refused(node).startswith(f'the record of painted<{node.pk}> cannot be read: ')


def test_inputs_with_other_content_are_reported() -> None:
    node = run_painted()
    node.inputs.colour.backend_entity.delete_attribute('name')
    message = refused(orm.load_node(node.pk))
    assert 'EnumData' in message
    assert "is damaged: 'name'" in message
