"""With `known_rows` nodes are read again when they have been changed elsewhere, as without."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from aiida.manage import get_manager
from aiida.orm import Dict, Int, Node, QueryBuilder
from aiida.orm.entities import EntityTypes
from aiida.tools import delete_nodes
from sqlalchemy import event, text


@pytest.fixture
def node() -> Node:
    """A node that the session knows with an extra of 1."""
    node = Int(1).store()
    node.base.extras.set('seen', 1)
    assert node.base.extras.get('seen') == 1
    return node


@pytest.fixture
def selects() -> Iterator[list[str]]:
    """The SELECTs that the session sends."""
    connection = get_manager().get_profile_storage().get_session().get_bind()
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith('SELECT'):
            sent.append(statement)

    event.listen(connection, 'before_cursor_execute', note)
    yield sent
    event.remove(connection, 'before_cursor_execute', note)


CHANGE = "UPDATE db_dbnode SET extras = json_set(extras, '$.seen', 2) WHERE id = "


def change_elsewhere(node: Node) -> None:
    path = get_manager().get_profile_storage().filepath_database
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f'{CHANGE}{node.pk}')


def version() -> int:
    """Return a number that changes when another connection writes."""
    connection = get_manager().get_profile_storage().get_session().connection()
    found: int = connection.exec_driver_sql('PRAGMA data_version').scalar_one()
    return found


def assert_known(node: Node, selects: list[str]) -> None:
    """Check that a node is not read again if nobody else has written anything."""
    before = None
    while version() != before:  # the daemon of an earlier test can be writing
        before = version()
        assert node.value == 1  # what has changed until now is read
        selects.clear()
        assert node.base.extras.get('seen') == 1
        Dict({'another': 'node'}).store()
        assert node.base.extras.get('seen') == 1
        assert (node.pk, node.uuid, node.value) == (node.pk, node.uuid, 1)
    assert not any('extras' in statement for statement in selects)


def test_what_nobody_has_changed_is_not_read_again(node: Node, selects: list[str]) -> None:
    assert_known(node, selects)


def test_nor_if_there_are_two_connections(node: Node, selects: list[str]) -> None:
    engine = get_manager().get_profile_storage().get_session().get_bind()
    with engine.connect(), engine.connect():
        pass
    assert_known(node, selects)


def test_what_another_program_has_changed_is_read_again(node: Node) -> None:
    change_elsewhere(node)
    assert node.base.extras.get('seen') == 2


def test_it_is_read_again_at_the_beginning_of_a_transaction(node: Node) -> None:
    change_elsewhere(node)
    with get_manager().get_profile_storage().transaction():
        assert node.base.extras.get('seen') == 2


def test_a_query_returns_what_another_program_has_changed(node: Node) -> None:
    change_elsewhere(node)
    query = QueryBuilder().append(Int, filters={'id': node.pk}, project=['*', 'extras.seen'])
    found, extra = query.one()
    assert (found.base.extras.get('seen'), extra) == (2, 2)


def test_what_a_statement_has_changed_is_read_again(node: Node) -> None:
    session = get_manager().get_profile_storage().get_session()
    session.execute(text(f'{CHANGE}{node.pk}'))
    assert node.base.extras.get('seen') == 2


def test_what_was_changed_together_with_other_nodes_is_read_again(node: Node) -> None:
    storage = get_manager().get_profile_storage()
    storage.bulk_update(EntityTypes.NODE, [{'id': node.pk, 'extras': {'seen': 2}}])
    assert node.base.extras.get('seen') == 2


def test_a_node_that_took_the_place_of_a_deleted_one(node: Node) -> None:
    delete_nodes([node.pk], dry_run=False)
    other = Dict({'its': 'own'}).store()  # has its pk, unless a daemon stores nodes just now
    assert other.get_dict() == {'its': 'own'}
    assert 'seen' not in other.base.extras.all


def test_a_change_that_was_taken_back(node: Node) -> None:
    session = get_manager().get_profile_storage().get_session()
    with session.begin_nested() as savepoint:
        node.base.extras.set('seen', 3)
        savepoint.rollback()
    assert node.base.extras.get('seen') == 1


def test_an_error_ends_a_transaction(node: Node) -> None:
    storage = get_manager().get_profile_storage()
    session = storage.get_session()
    session.commit()
    assert node.base.extras.get('seen') == 1

    def fail() -> None:
        with storage.transaction():
            node.base.extras.set('seen', 3)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    connection = session.connection().connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    assert not connection.in_transaction  # it would lock the database
    assert node.base.extras.get('seen') == 1
