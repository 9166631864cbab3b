"""Values on their way to and from the calls of a workflow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from aiida import orm
from aiida.engine import run_get_node
from aiida.manage.caching import enable_caching

from aiida_slabrelax.durable import (
    ChildExcepted,
    NotInWorkflowError,
    ReplayError,
    replay,
    side_effect,
    sleep,
    submit,
    wait_for,
    workflow,
)
from aiida_slabrelax.durable.submitting import describe_call

if TYPE_CHECKING:
    from aiida.orm import Float as FloatNode


@dataclass
class Fit:
    slope: float
    points: tuple[int, ...]


def mode(x: float, kind: str | None = 'fast') -> str:
    return f'{x}-{kind}'


def swap(value: Any) -> Any:
    return {'back': value, 'type': type(value).__name__}


def fit(old: Fit) -> Fit:
    return Fit(2 * old.slope, (*old.points, 3))


def choose(kind: Literal['a', 'b'] | None = None) -> str:
    return str(kind)


def make_structure() -> orm.StructureData: ...


def write_nodes(n: int) -> int:
    return len([orm.Int(i).store() for i in range(n)])


def set_extra(pk: int) -> None:
    orm.load_node(pk).base.extras.set('a', 1)


def read_node(pk: int) -> int:
    query = orm.QueryBuilder().append(orm.Int, filters={'id': pk}, project='attributes.value')
    value = orm.load_node(pk).base.attributes.get('value')
    return value + query.first(flat=True)


@workflow
async def with_none() -> dict[str, str]:
    return {'a': await submit(mode, 1.0), 'b': await submit(mode, 1.0, None)}


@workflow
async def without_none() -> dict[str, str]:
    return {'a': await submit(mode, 1.0), 'b': await submit(mode, 1.0)}


def test_none_is_another_argument_than_none_given() -> None:
    with enable_caching():
        run_get_node(with_none)
        outputs, node = run_get_node(with_none)
    assert (outputs['a'].value, outputs['b'].value) == ('1.0-fast', '1.0-None')
    first, second = (
        child
        for child in sorted(node.called, key=lambda child: child.pk)
        if child.process_label == 'mode'
    )
    assert first.base.caching.is_created_from_cache
    assert second.base.caching.is_created_from_cache
    assert 'arguments__kind' in second.base.links.get_incoming().all_link_labels()
    replay(node)
    with pytest.raises(ReplayError, match='calls mode with kind = nothing where mode<'):
        replay(node, without_none)
    _, node = run_get_node(without_none)
    with pytest.raises(
        ReplayError, match=r'calls mode with kind = None where mode<\d+> was called'
    ):
        replay(node, with_none)


@workflow
async def of_none(kind: str | None = 'fast') -> dict[str, bool]:
    return {'none': kind is None}


@workflow
async def passes_none() -> dict[str, bool]:
    return {'none': (await submit(of_none, kind=None)).none.value}


@pytest.mark.parametrize(('inputs', 'none'), [({}, False), ({'kind': None}, True)])
def test_none_in_the_place_of_a_default_is_an_input(inputs: Any, none: bool) -> None:
    outputs, node = run_get_node(of_none, **inputs)
    assert outputs['none'].value is none
    replay(node)


def test_none_is_passed_to_a_workflow() -> None:
    outputs, node = run_get_node(passes_none)
    assert outputs['none'].value is True
    replay(node)
    replay(next(child for child in node.called if child.process_label == 'of_none'))


VALUES: dict[str, Any] = {
    'inf': math.inf,
    'bytes': b'a\x00',
    'datetime': datetime(2026, 1, 1, tzinfo=UTC),
    'path': Path('/a'),
    'complex': 1j,
    'tuple': (1, (2.5, None)),
    'set': {1, 2},
    'keys': {1: 'a', (2, 3): 'b'},
}


@workflow
async def all_values() -> dict[str, Any]:
    for value in VALUES.values():
        answer = await submit(swap, value)
        assert (answer['back'], type(answer['back'])) == (value, type(value))
    assert math.isnan((await submit(swap, [math.nan]))['back'][0])
    arrays = (await submit(swap, {'a': np.arange(2)}))['back']
    assert arrays['a'].tolist() == [0, 1]
    assert await submit(fit, Fit(1.5, (1, 2))) == Fit(3.0, (1, 2, 3))
    assert await submit(choose, 'b') == 'b'
    labelled = submit(mode, 1.0, metadata={'label': 'one', 'description': 'the first'})
    await labelled
    return {'label': labelled.node.label, 'nan': math.nan, 'pair': (1, 2)}


def test_values_come_back_from_calls() -> None:
    outputs, node = run_get_node(all_values)
    assert node.exit_status == 0, node.exit_message
    assert outputs['label'].value == 'one'
    assert isinstance(outputs['pair'], orm.List)
    replay(node)


@pytest.mark.parametrize(
    ('callee', 'args', 'kwargs', 'message'),
    [
        (swap, (iter(()),), {}, 'swap: value: a value cannot be kept: it holds a tuple_iterator'),
        (swap, (Fit(1.0, ()),), {}, f'swap: value: a {__name__}:Fit is taken only where the'),
        (choose, ('c',), {}, "choose: kind: 'c' is none of 'a', 'b'"),
        (make_structure, (), {}, 'make_structure returns a StructureData, which has no plain'),
    ],
)
def test_a_value_that_cannot_be_kept_is_refused_at_the_call(
    callee: Any, args: Any, kwargs: Any, message: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        describe_call(callee, args, kwargs)
    assert str(refused.value).startswith(message)


@workflow
async def choosing(kind: Literal['x', 'y'] = 'x') -> dict[str, str]:
    return {'kind': kind}


@workflow
async def typed(x: FloatNode) -> dict[str, str]:
    return {'kind': type(x).__name__}


def test_a_literal_is_checked() -> None:
    outputs, _ = run_get_node(choosing, kind='y')
    assert outputs['kind'].value == 'y'
    with pytest.raises(ValueError, match=r"'zzz' is none of 'x', 'y'"):
        run_get_node(choosing, kind='zzz')


def test_an_annotation_for_type_checkers_is_one() -> None:
    outputs, _ = run_get_node(typed, x=1.5)
    assert outputs['kind'].value == 'Float'


def submit_inside(x: float) -> float:
    return submit(mode, x).result()


async def attempt(kind: str, pk: int) -> list[str]:
    """Return the error of a call that is refused, and its message."""
    try:
        if kind == 'command':
            side_effect(submit_inside, 1.0)
        elif kind == 'label':
            await submit(mode, 1.0, metadata={'call_link_label': 'mine'})
        elif kind == 'time':
            await sleep(math.nan)
        elif kind == 'store':
            await submit(write_nodes, 6)
        elif kind == 'extra':
            await submit(set_extra, pk)
    except (ChildExcepted, NotInWorkflowError, TypeError, ValueError) as error:
        return [type(error).__name__, str(error)]
    return ['', '']


KINDS = ('command', 'label', 'time', 'store', 'extra')


@workflow
async def misuses(pk: int) -> dict[str, Any]:
    return {
        'refused': {kind: await attempt(kind, pk) for kind in KINDS},
        'read': await submit(read_node, pk),
    }


@pytest.fixture(scope='module')
def misused() -> Any:
    """What has come of calls that are refused, and of one that reads."""
    outputs, node = run_get_node(misuses, pk=orm.Int(2).store().pk)
    assert node.exit_status == 0, node.exit_message
    replay(node)
    return outputs


@pytest.mark.parametrize(
    ('kind', 'error', 'message'),
    [
        (
            'command',
            NotInWorkflowError,
            'submit() cannot be called inside side_effect(submit_inside): after a restart',
        ),
        ('label', TypeError, 'mode: the call_link_label of a call is its place in the workflow'),
        ('time', ValueError, 'a time to wait is a finite number of seconds, not nan'),
        ('store', ChildExcepted, 'test_values:write_nodes stores something in AiiDA: a plain func'),
        ('extra', ChildExcepted, 'test_values:set_extra stores something in AiiDA: a plain func'),
    ],
)
def test_what_would_be_wrong_is_refused(misused: Any, kind: str, error: type, message: str) -> None:
    name, text = misused['refused'][kind]
    assert name == error.__name__
    assert message in text


def test_a_plain_function_may_read(misused: Any) -> None:
    assert misused['read'].value == 4


@workflow
async def timed() -> dict[str, bool]:
    await sleep(timedelta(milliseconds=1))
    return {'done': await wait_for(submit(mode, 1.0), timedelta(hours=1)) == '1.0-fast'}


def test_times_are_timedeltas_too() -> None:
    outputs, node = run_get_node(timed)
    assert outputs['done'].value is True
    replay(node)
