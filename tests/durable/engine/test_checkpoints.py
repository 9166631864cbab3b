"""A checkpoint that cannot be saved at once: the process waits, the event loop goes on."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida import orm
from aiida.engine import run_get_node
from aiida.engine.persistence import AiiDAPersister
from plumpy import PersistenceError, Process

import aiida_slabrelax
from aiida_slabrelax.durable import replay
from aiida_slabrelax.durable.engine import checkpoints
from aiida_slabrelax.durable.errors import NotPersistedError
from aiida_slabrelax.durable.scheduling.scheduler import Scheduler
from aiida_slabrelax.durable.scheduling.tasks import current_task
from aiida_slabrelax.durable.values.plain import to_plain
from durable import programs

PACKAGE = Path(aiida_slabrelax.__file__).parent


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], bool]], list[int]]:
    """Lock the database for the checkpoints whose number the given function names."""

    def lock(is_locked: Callable[[int], bool]) -> list[int]:
        numbers: list[int] = []
        save = AiiDAPersister.save_checkpoint

        def save_or_not(self: AiiDAPersister, process: Process, tag: Any = None) -> Any:
            if not hasattr(process, 'checkpoints'):
                return save(self, process, tag)
            numbers.append(len(numbers))
            if is_locked(numbers[-1]):
                raise PersistenceError('Failed to store a checkpoint:\ndatabase is locked')
            return save(self, process, tag)

        monkeypatch.setattr(AiiDAPersister, 'save_checkpoint', save_or_not)
        return numbers

    monkeypatch.setattr(checkpoints, 'PAUSES', (0.0, 0.0, 0.0, 0.0))
    return lock


@pytest.mark.parametrize('name', ['loop', 'from_outside', 'chains', 'directly', 'limited'])
@pytest.mark.parametrize('phase', range(3))
def test_a_lock_now_and_then_changes_nothing(lock: Any, name: str, phase: int) -> None:
    numbers = lock(lambda number: number % 3 == phase)
    outputs, node = run_get_node(getattr(programs, name))
    status, expected = programs.EXPECTED[name]
    assert node.exit_status == status
    assert {key: to_plain(value) for key, value in outputs.items()} == expected
    assert len(numbers) > 3
    replay(node)


def test_a_value_waits_for_its_checkpoint(lock: Any) -> None:
    """Four saves in a row fail, so that each command meets a lock, and the fifth does not."""
    lock(lambda number: number % 5 != 4)
    outputs, node = run_get_node(programs.from_outside)
    assert node.exit_status == 0
    assert outputs['n'].value == 4
    replay(node)


def test_the_process_excepts_if_the_lock_stays(lock: Any) -> None:
    lock(lambda number: number > 3)
    with pytest.raises(PersistenceError, match='database is locked'):
        run_get_node(programs.from_outside)
    query = orm.QueryBuilder().append(
        orm.WorkChainNode, filters={'attributes.process_label': 'from_outside'}
    )
    query.order_by({orm.WorkChainNode: {'id': 'desc'}})
    assert query.first(flat=True).is_excepted


def test_a_request_that_has_to_wait_is_made_again_before_all_else() -> None:
    scheduler, seen, attempts = Scheduler(), [], iter([True, True, False])

    def keep() -> None:
        if next(attempts):
            raise NotPersistedError

    def function() -> None:
        current_task('it').run_in_hub(keep)
        seen.append('kept')

    scheduler.spawn((0,), function)
    scheduler.spawn((1,), lambda: seen.append('other'))
    for _ in range(2):
        with pytest.raises(NotPersistedError):
            scheduler.run()
        assert seen == []
    scheduler.run()
    assert seen == ['kept', 'other']


def sleeps(module: Path) -> list[int]:
    """Return the lines of a module at which it sleeps."""
    text = module.read_text()
    if 'sleep' not in text:
        return []
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == 'time.sleep')
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == 'time'
            and any(name.name == 'sleep' for name in node.names)
        )
    ]


def imports_in_workers(module: str) -> list[str]:
    """Return the modules of workflows, calculations and the engine that import a module."""
    folders = ('calculations', 'durable', 'engine', 'parsers', 'workflows')
    name = module.rpartition('.')[2]
    return [
        path.relative_to(PACKAGE).as_posix()
        for folder in folders
        for path in (PACKAGE / folder).rglob('*.py')
        if re.search(rf'import.*\b{name}\b|from .*\b{name}\b import', path.read_text())
    ]


def test_nothing_sleeps_in_a_worker() -> None:
    """Nothing that runs in the event loop of a worker may block it.

    ``engine/lost.py`` and ``engine/enrolment.py`` wait for submissions, in an interpreter.
    """
    sleeping = [module.relative_to(PACKAGE) for module in PACKAGE.rglob('*.py') if sleeps(module)]
    assert {module.parts[0] for module in sleeping} == {'cli', 'engine', 'standin'}
    in_engine = {module.as_posix() for module in sleeping if module.parts[0] == 'engine'}
    assert in_engine == {'engine/enrolment.py', 'engine/lost.py'}
    assert imports_in_workers('engine.lost') == ['engine/enrolment.py']
    assert not imports_in_workers('engine.enrolment')
