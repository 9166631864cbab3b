"""The queries of the tests are those of aiida-core, made of aliases that there are already."""

from __future__ import annotations

import pytest
import sqlalchemy.orm
from aiida.orm import CalcJobNode, Computer, Group, Int, Node, QueryBuilder, WorkChainNode
from aiida.storage.psql_dos.orm.querybuilder import joiner, main

pytestmark = pytest.mark.usefixtures('aiida_profile')


def linked() -> QueryBuilder:
    query = QueryBuilder().append(Node, filters={'id': {'in': [1, 2]}}, tag='near', project='id')
    query.append(Node, with_outgoing='near', project=['*', 'id'], edge_project=['label', 'type'])
    return query.order_by({'near': {'ctime': 'desc'}})


def calls() -> QueryBuilder:
    query = QueryBuilder().append(WorkChainNode, tag='a')
    query.append(WorkChainNode, with_incoming='a', tag='b', edge_filters={'label': 'x'})
    return query.append(CalcJobNode, with_incoming='b', project='uuid').distinct().limit(3)


def elsewhere() -> QueryBuilder:
    query = QueryBuilder().append(Group, filters={'label': 'g'}, tag='group')
    query.append(Node, with_group='group', tag='node', filters={'attributes.value': {'>': 1}})
    return query.append(Computer, with_node='node', project='label')


def far() -> QueryBuilder:
    query = QueryBuilder().append(Int, tag='first', filters={'extras': {'has_key': 'x'}})
    query.append(WorkChainNode, with_ancestors='first', tag='last')
    return query.append(Int, with_descendants='last', project=['id', 'mtime'])


@pytest.mark.parametrize('make', [linked, calls, elsewhere, far])
def test_the_sql_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, make: object) -> None:
    assert callable(make)
    found = [make().as_sql(inline=True) for _ in range(2)]
    monkeypatch.setattr(main, 'aliased', sqlalchemy.orm.aliased)
    monkeypatch.setattr(joiner, 'aliased', sqlalchemy.orm.aliased)
    expected = make().as_sql(inline=True)
    assert 'JOIN' in expected
    assert found == [expected, expected]


def test_a_query_that_is_extended_is_built_again() -> None:
    first, second = (Int(number).store() for number in (1, 2))
    query = QueryBuilder().append(Int, filters={'uuid': {'in': [first.uuid, second.uuid]}}, tag='i')
    assert query.count() == len(query.all()) == 2
    query.add_filter('i', {'attributes.value': 2})
    assert query.all(flat=True) == [second]
