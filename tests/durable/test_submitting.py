"""What can be submitted, with which arguments, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiida import engine, orm
from aiida.calculations.arithmetic.add import ArithmeticAddCalculation
from aiida.common.exceptions import InvalidOperation, LoadingEntryPointError
from aiida.engine import calcfunction, run_get_node, workfunction
from aiida.engine.daemon.client import DaemonClient
from aiida.workflows.arithmetic.multiply_add import MultiplyAddWorkChain

from aiida_slabrelax.durable import (
    ChildExcepted,
    NotInWorkflowError,
    gather,
    replay,
    submit,
    workflow,
)
from aiida_slabrelax.durable.submitting import describe_call
from aiida_slabrelax.durable.values.plain import to_plain
from durable import programs


@calcfunction
def both(x: Any, y: Any) -> dict[str, orm.Data]:
    return {'sum': orm.Int(x.value + y.value), 'product': orm.Int(x.value * y.value)}


@calcfunction
def refuse(x: Any) -> None:
    raise ValueError('no')


@workfunction
def pass_on(x: orm.Int) -> orm.Int:
    return x


def give_node(x: float) -> Any:
    return orm.Float(x)


def give_nothing(x: float | None) -> None:
    assert x is None


def scale(x: np.ndarray, factors: tuple) -> np.ndarray:
    return x * factors[0]


async def coroutine(x: float) -> float:
    return x


@pytest.fixture(scope='module')
def bash(localhost: orm.Computer) -> orm.InstalledCode:
    return orm.InstalledCode(
        label='bash-durable', computer=localhost, filepath_executable='/bin/bash'
    ).store()


OPTIONS = {'options': {'resources': {'num_machines': 1}}}


@workflow
async def calc_job_by_name(code: orm.InstalledCode) -> Any:
    outputs = await submit('core.arithmetic.add', x=1, y=orm.Int(2), code=code, metadata=OPTIONS)
    return outputs.sum


@workflow
async def by_builder(code: orm.InstalledCode) -> Any:
    builder = MultiplyAddWorkChain.get_builder()
    builder.code, builder.x, builder.y = code, 2, 3
    return (await submit(builder, z=orm.Int(4))).result


@pytest.mark.parametrize(('function', 'value'), [(calc_job_by_name, 3), (by_builder, 10)])
def test_processes_with_a_code(function: Any, value: int, bash: orm.InstalledCode) -> None:
    outputs, node = run_get_node(function, {'code': bash})
    assert node.exit_status == 0, node.exit_message
    assert outputs['result'].value == value
    replay(node)


@pytest.mark.parametrize(
    ('name', 'process_class'),
    [
        ('core.arithmetic.add', ArithmeticAddCalculation),
        ('core.arithmetic.multiply_add', MultiplyAddWorkChain),
    ],
)
def test_a_name_stands_for_its_class(
    name: str, process_class: Any, bash: orm.InstalledCode
) -> None:
    inputs = {'x': orm.Int(2), 'y': orm.Int(3), 'code': bash, 'metadata': OPTIONS}
    call = describe_call(name, (), inputs)
    assert call.process_class is process_class
    assert call == describe_call(process_class, (), inputs)


@workflow
async def of_calcfunctions() -> Any:
    pair = await submit(both, orm.Int(2), orm.Int(3))
    single = await submit(programs.add, x=2.5, y=5.0)
    return {'sum': pair['sum'], 'product': pair['product'], 'single': single}


@workflow
async def of_workfunctions(x: orm.Int) -> Any:
    return await submit(pass_on, x)


@workflow
async def of_plain_functions() -> Any:
    scaled = await submit(scale, np.ones(2), factors=(3, 4))
    return {'scaled': scaled, 'nothing': str(await submit(give_nothing, None))}


@workflow
def of_workflows() -> Any:
    handle = submit(programs.loop, 1)
    return {'x': submit(programs.double, handle.result().x).result()}


@workflow
async def of_handles() -> Any:
    """The handle of a call is an argument of another."""
    inner = submit(programs.loop, n=submit(programs.double, x=1))
    return {'x': await submit(programs.double, (await inner)['x'])}


@pytest.mark.parametrize(
    ('function', 'values'),
    [
        (of_calcfunctions, {'sum': 5, 'product': 6, 'single': 7.5}),
        (of_plain_functions, {'scaled': [3.0, 3.0], 'nothing': 'None'}),
        (of_workflows, {'x': 4.0}),
        (of_handles, {'x': 8.0}),
    ],
)
def test_callees(function: Any, values: dict[str, Any]) -> None:
    outputs, node = run_get_node(function)
    assert node.exit_status == 0, node.exit_message
    plain = {name: to_plain(value) for name, value in outputs.items()}
    assert {k: v.tolist() if hasattr(v, 'tolist') else v for k, v in plain.items()} == values
    replay(node)


def test_a_workfunction_hands_back_its_node() -> None:
    x = orm.Int(3).store()
    outputs, node = run_get_node(of_workfunctions, {'x': x})
    assert outputs['result'].pk == x.pk
    replay(node)


async def attempt(kind: str) -> list[str]:
    """Make a call that fails, and return the error and its message."""
    try:
        if kind == 'refused':
            await submit(programs.Halve, x='a')
        elif kind == 'missing':
            await submit(programs.Halve)
        elif kind == 'unknown':
            await submit(programs.Halve, x=4, z=orm.Int(1))
        elif kind == 'node':
            await submit(give_node, 1.0)
        elif kind == 'excepted':
            await submit(refuse, orm.Int(1))
        elif kind == 'directly':
            refuse(orm.Int(1))
        elif kind == 'dry':
            await submit(programs.Halve, x=4, metadata={'store_provenance': False})
        elif kind == 'run':
            engine.run(programs.Halve, x=orm.Int(4))
        elif kind == 'submit':
            engine.submit(programs.Halve, x=orm.Int(4))
        elif kind == 'called':
            programs.loop(3)
    except Exception as error:  # which one is what the tests compare
        return [type(error).__name__, str(error)]
    return ['', '']


KINDS = (
    'refused',
    'missing',
    'unknown',
    'node',
    'excepted',
    'directly',
    'dry',
    'run',
    'submit',
    'called',
)


@workflow
async def catches() -> dict[str, Any]:
    return {kind: await attempt(kind) for kind in KINDS}


@pytest.fixture(scope='module')
def caught() -> dict[str, list[str]]:
    """The error of each kind of call, and its message."""
    outputs, node = run_get_node(catches)
    assert node.exit_status == 0, node.exit_message
    return {kind: outputs[kind].get_list() for kind in KINDS}


@pytest.mark.parametrize(
    ('kind', 'error', 'message'),
    [
        ('refused', ValueError, "value 'x' is not of the right type."),
        ('missing', ValueError, "required value was not provided for 'x'"),
        ('unknown', ValueError, "Unexpected ports {'z'"),
        ('node', ChildExcepted, 'plain function takes and returns plain values'),
        ('excepted', ChildExcepted, ' excepted: ValueError: no'),
        ('directly', ChildExcepted, ' excepted: ValueError: no'),
        ('dry', ValueError, 'a workflow cannot call a process without provenance or as a dry run'),
        (
            'run',
            TypeError,
            'Halve cannot be run or submitted inside a workflow by the functions of aiida.engine: '
            'await submit(Halve, …) of aiida_slabrelax.durable',
        ),
        ('submit', InvalidOperation, 'Cannot use top-level `submit` from within another process'),
        ('called', TypeError, 'loop cannot be run or submitted inside a workflow by the functions'),
    ],
)
def test_errors_of_calls(
    caught: dict[str, list[str]], kind: str, error: type[Exception], message: str
) -> None:
    name, text = caught[kind]
    assert name == error.__name__
    assert message in text


def test_a_workflow_that_is_called_says_how_to_run_it() -> None:
    with pytest.raises(TypeError) as refused:
        programs.loop(3)
    assert str(refused.value) == (
        'loop is a workflow: await submit(loop, …) in another one, or run it with '
        'aiida.engine.run or submit'
    )


@pytest.mark.parametrize(
    ('callee', 'args', 'kwargs', 'message'),
    [
        (
            coroutine,
            (1.0,),
            {},
            'coroutine is a coroutine function: make it a @workflow to submit it, or await it '
            'directly, as a part of this workflow',
        ),
        (
            3,
            (),
            {},
            '3 cannot be submitted: give a process class, a builder, a calcfunction, a @workflow, '
            'a function, or the name of an entry point',
        ),
        (
            'no.such.thing',
            (),
            {},
            "there is no workflow and no calculation with the entry point 'no.such.thing'",
        ),
        (programs.Halve, (4,), {}, 'Halve takes inputs by name only'),
        (programs.loop, (1, 2), {}, 'loop() takes 1 arguments, not 2'),
        (programs.double, (1, 2), {}, 'too many positional arguments'),
        (programs.double, (object(),), {}, 'double: x: a value cannot be kept: it holds a object'),
    ],
)
def test_what_cannot_be_submitted(callee: Any, args: Any, kwargs: Any, message: str) -> None:
    with pytest.raises(TypeError) as refused:
        describe_call(callee, args, kwargs)
    assert str(refused.value).startswith(message)


def test_a_structure_for_a_plain_function_is_refused() -> None:
    with pytest.raises(TypeError, match='x is a StructureData, which has no plain value'):
        describe_call(programs.double, (orm.StructureData(),), {})


def test_a_nested_function_is_refused() -> None:
    def inner(x: float) -> float:
        return x

    with pytest.raises(TypeError, match=r'inner. cannot be imported: it has to be'):
        describe_call(inner, (1.0,), {})


def test_a_builder_without_empty_namespaces() -> None:
    builder = MultiplyAddWorkChain.get_builder()
    builder.x = 3
    call = describe_call(builder, (), {'y': 4})
    assert set(call.inputs) == {'x', 'y'}
    assert call.name == 'MultiplyAddWorkChain'


def test_submit_outside_a_workflow() -> None:
    with pytest.raises(NotInWorkflowError, match=r'^submit\(\) works inside the function of a'):
        submit(programs.double, 1.0)


def total(values: list[Any], more: float = 0.0) -> float:
    return sum(map(float, values)) + more


@workflow
async def handles_as_arguments() -> float:
    doubled = [submit(programs.double, x) for x in (1.0, 2.0)]
    tripled = gather([submit(programs.double, 3.0), submit(programs.double, 4.0)])
    first = await submit(total, [*doubled, 1.0], more=doubled[0])
    return await submit(total, tripled, more=first)


def test_results_of_other_calls_within_arguments() -> None:
    outputs, node = run_get_node(handles_as_arguments)
    assert outputs['result'].value == 14.0 + (2.0 + 4.0 + 1.0 + 2.0)
    replay(node)


def test_an_entry_point_that_cannot_be_imported_says_why(entry_points: Any) -> None:
    entry_points.add('no_such_module:Broken', 'aiida.workflows:test.broken')
    with pytest.raises(LoadingEntryPointError, match=r'No module named .no_such_module'):
        describe_call('test.broken', (), {})


@workflow
async def uncaught_kind(x: float) -> None:
    await submit(programs.fail, x)


def test_an_uncaught_failure_is_the_exit_code() -> None:
    _, node = run_get_node(uncaught_kind, {'x': 2.0})
    child = node.called[0]
    assert node.exit_status == 400
    assert node.exit_message == f'fail<{child.pk}> excepted: ValueError: not 2.0'
    replay(node)


def make_local() -> Callable[..., Any]:
    @workflow
    async def inside() -> float:
        return await submit(programs.double, 3.0)

    return inside


@pytest.mark.parametrize('is_main', [True, False])
def test_what_a_daemon_cannot_import_can_be_run(
    is_main: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_local()
    if is_main:
        monkeypatch.setattr(made, '__module__', '__main__')
    outputs, node = run_get_node(made)
    assert outputs['result'].value == 6.0
    replay(node, made)


def test_a_workflow_inside_a_function_cannot_be_submitted(
    started_daemon_client: DaemonClient,
) -> None:
    with pytest.raises(ImportError) as refused:
        engine.submit(make_local())
    assert str(refused.value).startswith(
        'make_local.<locals>.inside cannot be imported by the daemon: it is defined in '
        f'{__name__}, not at the top level of a module. Either move it into a module'
    )
    assert 'or run it here with aiida.engine.run instead of submit' in str(refused.value)
