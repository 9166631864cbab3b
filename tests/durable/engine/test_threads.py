"""A plain function in a thread reads with a session of its own, and leaves that of others alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aiida import orm
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager

from aiida_slabrelax.durable.engine import FunctionRun
from aiida_slabrelax.durable.engine.threads import keep_user, run_reading
from quick_aiida.known_rows import read_each_time

InThread = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def in_thread() -> Iterator[InThread]:
    """Return a function: what another one returns in a thread, in which it may read."""
    with ThreadPoolExecutor(1) as threads:
        yield lambda function: threads.submit(run_reading, function, 'it').result()


@pytest.fixture
def fresh_worker() -> None:
    """Forget the user of new nodes, as in a worker that has made none yet."""
    get_manager().get_profile_storage().reset_default_user()


def stores() -> None:
    orm.Int(1).store()


@pytest.mark.usefixtures('fresh_worker')
def test_the_event_loop_stores_nodes_after_a_thread_has_made_one(in_thread: InThread) -> None:
    keep_user()
    assert in_thread(lambda: orm.Int(3).value) == 3
    assert orm.Int(4).store().is_stored


def test_the_first_function_of_a_worker_leaves_the_session_of_the_event_loop_alone() -> None:
    runner = get_manager().get_runner()
    process = instantiate_process(runner, FunctionRun, function=f'{__name__}:stores', arguments={})
    get_manager().get_profile_storage().reset_default_user()
    with pytest.raises(TypeError, match='stores something in AiiDA'):
        process.execute()
    assert orm.load_node(process.pid).is_excepted
    assert orm.Int(4).store().is_stored


def test_a_new_node_belongs_to_the_user_of_the_event_loop(in_thread: InThread) -> None:
    node = orm.Int(1).store()
    node.base.extras.set('changed', True)  # a commit, after which the user is loaded again
    assert in_thread(lambda: orm.Int(3).user.email) == node.user.email


def test_what_is_about_to_be_written_is_not_lost(in_thread: InThread) -> None:
    node = orm.Int(1).store()
    with get_manager().get_profile_storage().transaction():
        node.label = 'changed'
        assert '@' in in_thread(lambda: orm.Int(3).user.email)
        with pytest.raises(TypeError, match='stores something in AiiDA'):
            in_thread(stores)
    builder = orm.QueryBuilder().append(orm.Node, filters={'id': node.pk}, project='label')
    assert builder.one() == ['changed']


def test_the_session_of_the_event_loop_is_not_read(in_thread: InThread) -> None:
    node = orm.Int(1).store()
    node.base.extras.set('changed', True)
    user, pk = orm.User.collection.get_default(), node.pk
    with (
        read_each_time(),
        pytest.raises(TypeError, match='it reads what belongs to the event loop'),
    ):
        in_thread(lambda: user.email)
    assert in_thread(lambda: orm.load_node(pk).base.extras.get('changed')) is True
