"""Where the outputs of a workflow come from, and what its node says about that."""

from __future__ import annotations

from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node

from aiida_slabrelax.durable import replay, submit, workflow
from aiida_slabrelax.durable.engine.outputs import CLAIM, CLAIM_ATTRIBUTE
from durable import programs


@workflow(strict=True)
async def strict(x: orm.Float) -> dict[str, Any]:
    child = await submit(programs.Halve, x=4)
    return {
        'added': programs.add(x, x),
        'given': x,
        'nested': {'half': child.half, 'sum': await submit(programs.add, x, x)},
        'child': child,
    }


@workflow(strict=True)
async def computes(x: float, kind: str) -> Any:
    doubled = await submit(programs.double, x)
    if kind == 'plain':
        return {'y': 2 * doubled}
    if kind == 'alone':
        return doubled
    if kind == 'unstored':
        return {'y': orm.Float(doubled)}
    if kind == 'stored':
        return {'y': orm.Float(doubled).store()}
    return {'nested': {'y': doubled}}


def last_node(label: str) -> orm.ProcessNode:
    query = orm.QueryBuilder().append(
        orm.WorkChainNode, filters={'attributes.process_label': label}
    )
    query.order_by({orm.WorkChainNode: {'id': 'desc'}})
    node: orm.ProcessNode = query.first(flat=True)
    return node


def test_a_strict_workflow_returns_nodes_of_calls_and_inputs() -> None:
    outputs, node = run_get_node(strict, x=orm.Float(1.0))
    assert node.exit_status == 0
    assert (outputs['added'].value, outputs['given'].value) == (2.0, 1.0)
    assert (outputs['nested']['half'].value, outputs['child']['half'].value) == (2, 2)
    assert 'store_outputs' not in {child.process_label for child in node.called}
    replay(node)


@pytest.mark.parametrize(
    ('kind', 'output', 'found'),
    [
        ('plain', 'y', 'float'),
        ('alone', 'result', 'float'),
        ('unstored', 'y', 'Float'),
        ('stored', 'y', 'Float'),
        ('nested', 'nested.y', 'float'),
    ],
)
def test_a_strict_workflow_refuses_what_it_has_computed(kind: str, output: str, found: str) -> None:
    with pytest.raises(TypeError) as refused:
        run_get_node(computes, x=1.0, kind=kind)
    assert str(refused.value) == (
        f'computes is strict, but has computed its output {output} itself ({found}): return a node '
        'of a call, for example of a calcfunction'
    )
    node = last_node('computes')
    assert node.is_excepted
    assert [child.process_label for child in node.called] == ['double']


def test_the_calcfunction_that_stores_says_so() -> None:
    outputs, node = run_get_node(programs.loop, {'n': orm.Int(1)})
    creator = outputs['x'].creator
    assert creator is not None
    assert creator.base.attributes.get(CLAIM_ATTRIBUTE) == CLAIM
    assert creator.process_type == 'aiida_slabrelax.durable.engine.outputs.store_outputs'
    others = [child for child in node.called if child.pk != creator.pk]
    assert [child.base.attributes.get(CLAIM_ATTRIBUTE, None) for child in others] == [None]
