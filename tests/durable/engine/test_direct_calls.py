"""plumpy and aiida-core stay as they are, but for the code of a workflow while it runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node
from plumpy.base.state_machine import StateMachineMeta

from aiida_slabrelax.durable import submit, workflow
from aiida_slabrelax.durable.engine import answered
from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import Future, Task, current_task
from durable import programs

ORIGINAL = StateMachineMeta.__call__

#: Print the attributes of all classes of plumpy and aiida.engine that the import has changed.
COMPARE = """
import sys
import plumpy, aiida.engine, aiida.orm
from plumpy.base.state_machine import StateMachineMeta

def attributes():
    classes = {
        value
        for name, module in list(sys.modules.items())
        if name.split('.')[0] in ('plumpy', 'kiwipy') or name.startswith('aiida.')
        for value in list(vars(module).values())
        if isinstance(value, type) and value.__module__.split('.')[0] in ('plumpy', 'aiida')
    }
    return {(one, name): value for one in classes for name, value in vars(one).items()}

before = attributes()
import aiida_slabrelax.durable
after = attributes()
print([key for key, value in before.items() if after[key] is not value], len(before) > 1000)
print([key for key in after if key not in before and key[0] in {one for one, _ in before}])
"""


class Machine(metaclass=StateMachineMeta):
    """What plumpy asks of a class whose instances it creates."""

    def create_initial_state(self) -> None: ...

    def transition_to(self, state: None) -> None: ...

    def init(self) -> None:
        self._called -= 1


def run(function: Callable[[], Any]) -> Task:
    scheduler = Scheduler(guard=answered)
    task = scheduler.spawn((), function)
    scheduler.run()
    return task


def test_the_import_leaves_plumpy_and_aiida_as_they_are() -> None:
    command = [sys.executable, '-c', COMPARE]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown == '[] True\n[]\n'


def test_a_process_is_refused_in_a_task() -> None:
    with pytest.raises(TypeError, match=r'^Machine cannot be run or submitted inside a workflow'):
        run(Machine).result()


def test_the_hub_creates_processes() -> None:
    assert type(run(lambda: current_task('it').run_in_hub(Machine)).result()) is Machine


def test_a_thread_creates_processes_while_a_task_runs() -> None:
    def function() -> Any:
        assert StateMachineMeta.__call__ is not ORIGINAL
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(Machine).result()

    assert type(run(function).result()) is Machine


@pytest.mark.parametrize('function', [lambda: 3, lambda: 1 // 0, lambda: Future[int]().result()])
def test_all_is_as_before_when_the_task_has_ended_or_waits(function: Callable[[], Any]) -> None:
    run(function)
    assert StateMachineMeta.__call__ is ORIGINAL


def test_all_is_as_before_when_the_task_was_dropped() -> None:
    scheduler = Scheduler(guard=answered)
    scheduler.spawn((), lambda: Future[int]().result())
    scheduler.run()
    scheduler.drop()
    assert StateMachineMeta.__call__ is ORIGINAL


def test_all_is_as_before_in_the_hub() -> None:
    def look() -> Any:
        return StateMachineMeta.__call__

    assert run(lambda: current_task('it').run_in_hub(look)).result() is ORIGINAL


def test_all_is_as_before_after_tasks_of_two_threads() -> None:
    """One ends while the other one goes on."""
    begun, one_ended = Barrier(2, timeout=60), Barrier(2, timeout=60)

    def early() -> None:
        begun.wait()

    def late() -> None:
        begun.wait()
        one_ended.wait()
        with pytest.raises(TypeError, match='inside a workflow'):
            Machine()

    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(run, late)
        threads.submit(run, early).result()
        one_ended.wait()
        assert other.result().exception() is None
    assert StateMachineMeta.__call__ is ORIGINAL


@workflow
async def both() -> Any:
    x = programs.add(orm.Float(1.0), orm.Float(2.0))
    return {'directly': x, 'submitted': await submit(programs.add, x, x)}


def test_calcfunctions_are_called_and_submitted() -> None:
    outputs, node = run_get_node(both)
    assert (outputs['directly'].value, outputs['submitted'].value) == (3.0, 6.0)
    labels = {link.link_label for link in node.base.links.get_outgoing(orm.ProcessNode).all()}
    assert labels == {'add_0', 'add_1'}
    assert StateMachineMeta.__call__ is ORIGINAL
