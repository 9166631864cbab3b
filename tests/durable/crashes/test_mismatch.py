"""A workflow whose function was changed while it ran: it pauses, and goes on once it is mended."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.processes.control import play_processes
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import replay
from durable.crash import descendants
from durable.workers import Workers, await_despite_deaths
from process_tree import await_that

SOURCE = """\
from aiida_slabrelax.durable import sleep, submit, workflow


def double_it(x: float) -> float:
    return 2 * x


def double_all(x: float) -> float:
    return 2 * x


def triple(x: float) -> float:
    return 3 * x


@workflow
async def changing():
    first = await submit(double_it, x=1.0)
    second = await submit(triple, x=first)
    await sleep(4.0)
    return await submit(double_it, x=second)
"""

FIRST = '    first = await submit(double_it, x=1.0)\n'
SECOND = '    second = await submit(triple, x=first)\n'

#: What is replaced, with what, the number of the line in the message, and what it says; {0} and {1}
#: are the recorded calls with their pks, {2} is the pk of the input of the first.
CHANGES = {
    'callee': (
        FIRST,
        '    first = await submit(double_all, x=1.0)\n',
        18,
        'the function calls double_all ({module}:double_all) where {0} ({module}:double_it) was '
        'called',
    ),
    'inputs': (
        FIRST,
        '    first = await submit(double_it, x=1.5)\n',
        18,
        'the function calls double_it with x = 1.5 where {0} was called with 1.0 <{2}>',
    ),
    'extra call': (
        SECOND,
        '    extra = await submit(double_it, x=1.0)\n' + SECOND,
        19,
        'the function calls double_it ({module}:double_it) where {1} ({module}:triple) was called',
    ),
    'missing call': (
        SECOND,
        '    second = 3 * first\n',
        20,
        'the function calls sleep() where {1} was called',
    ),
    'order': (
        FIRST + SECOND,
        '    second = await submit(triple, x=2.0)\n' + FIRST,
        18,
        'the function calls triple ({module}:triple) where {0} ({module}:double_it) was called',
    ),
}

ADVICE = (
    'Mend the function so that it makes the recorded calls in the recorded order (patched() keeps '
    'both ways of doing it), restart the daemon, and play the process.'
)


class Changeable:
    """A module of workflows on the path of the workers, to be changed while one of them runs."""

    def __init__(self, workers: Workers, name: str) -> None:
        self.workers = workers
        self.name = name
        self.path = workers.modules / f'{name}.py'

    def write(self, source: str) -> None:
        self.path.write_text(source)

    def load(self) -> ModuleType:
        importlib.invalidate_caches()
        return importlib.import_module(self.name)

    def restart(self) -> None:
        self.workers.stop()
        self.workers.start()


@pytest.fixture
def changeable(
    workers: Workers, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Changeable]:
    monkeypatch.syspath_prepend(str(workers.modules))
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    (workers.faults / 'kill_at').unlink(missing_ok=True)
    name = 'changeable_' + ''.join(c if c.isalnum() else '_' for c in request.node.name)
    changeable = Changeable(workers, name)
    yield changeable
    sys.modules.pop(name, None)
    changeable.path.unlink()


def launch(changeable: Changeable, source: str = SOURCE) -> ProcessNode:
    """Submit the workflow, and stop its worker while it sleeps."""
    changeable.write(source)
    workflow = changeable.load().changing
    changeable.workers.start()
    node: ProcessNode = submit(workflow)
    await_that(lambda: status(node).startswith('Waiting for a time'), 30)
    changeable.workers.stop()
    return node


def status(node: ProcessNode) -> str:
    return node.process_status or ''


def play(node: ProcessNode) -> None:
    """Play a process, as soon as a worker has taken it up."""

    def is_played() -> bool:
        play_processes([node], timeout=2)
        return not node.paused

    await_despite_deaths(is_played, 30)


def calls(node: ProcessNode) -> Counter[str]:
    return Counter(str(process.process_label) for _, process in descendants(node))


def recorded(node: ProcessNode) -> list[ProcessNode]:
    return [process for _, process in sorted(descendants(node), key=lambda item: item[1].pk or 0)]


@pytest.mark.parametrize('change', CHANGES)
def test_a_change_pauses_the_process_until_it_is_mended(
    changeable: Changeable, change: str
) -> None:
    node = launch(changeable)
    old, new, line, message = CHANGES[change]
    assert SOURCE.count(old) == 1
    changeable.write(SOURCE.replace(old, new))
    changeable.workers.start()
    await_despite_deaths(lambda: node.paused, 30)
    one, two = recorded(node)
    expected = message.format(
        f'double_it<{one.pk}>',
        f'triple<{two.pk}>',
        one.inputs.arguments.x.pk,
        module=changeable.name,
    )
    expected = f'{changeable.path}:{line}: {expected}. {ADVICE}'
    assert status(node) == expected
    assert expected in get_workchain_report(node, 'REPORT')
    assert not node.is_terminated
    assert node.checkpoint is not None
    changeable.write(SOURCE)
    changeable.restart()
    play(node)
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert node.exit_status == 0
    assert node.outputs.result.value == 12.0
    assert calls(node) == {'double_it': 2, 'triple': 1, 'store_outputs': 1}
    replay(node)


def test_a_process_that_is_played_without_mending_pauses_again(changeable: Changeable) -> None:
    node = launch(changeable)
    changeable.write(SOURCE.replace('x=1.0', 'x=1.5'))
    changeable.workers.start()
    await_despite_deaths(lambda: node.paused, 30)
    play_processes([node], timeout=10)
    warned = 'the function calls double_it with x = 1.5'
    await_despite_deaths(lambda: get_workchain_report(node, 'REPORT').count(warned) == 2, 30)
    await_despite_deaths(lambda: node.paused, 10)
    assert not node.is_terminated
    changeable.write(SOURCE)
    changeable.restart()
    play(node)
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert node.outputs.result.value == 12.0
    assert calls(node) == {'double_it': 2, 'triple': 1, 'store_outputs': 1}


def test_a_changed_source_with_the_same_calls_only_warns(changeable: Changeable) -> None:
    node = launch(changeable)
    changeable.write(SOURCE.replace(FIRST, f'    # as before\n{FIRST}'))
    changeable.workers.start()
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert node.exit_status == 0
    assert node.outputs.result.value == 12.0
    assert calls(node) == {'double_it': 2, 'triple': 1, 'store_outputs': 1}
    report = get_workchain_report(node, 'REPORT')
    assert report.count('warning: the source of changing has changed since') == 1


def test_an_unchanged_source_does_not_warn(changeable: Changeable) -> None:
    node = launch(changeable)
    changeable.workers.start()
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert 'warning' not in get_workchain_report(node, 'REPORT')


def test_patched_keeps_both_ways(changeable: Changeable) -> None:
    """One that had gone on before the change does what it did; one that comes later what is new."""
    node = launch(changeable)
    new = '    second = await submit(double_all, x=first)\n'
    changed = SOURCE.replace(
        SECOND, f"    if patched('x'):\n    {new}    else:\n    {SECOND}"
    ).replace('import sleep', 'import patched, sleep')
    changeable.write(changed)
    changeable.workers.start()
    await_despite_deaths(lambda: bool(node.is_sealed), 30)
    assert node.outputs.result.value == 12.0
    assert calls(node) == {'double_it': 2, 'triple': 1, 'store_outputs': 1}
    later = submit(importlib.reload(changeable.load()).changing)
    await_that(lambda: bool(later.is_sealed), 30)
    assert later.outputs.result.value == 8.0
    assert calls(later) == {'double_it': 2, 'double_all': 1, 'store_outputs': 1}
    replay(node)
    replay(later)
