"""What earlier versions have recorded is gone through again by this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiida.orm import QueryBuilder, WorkChainNode
from aiida.tools.archive import import_archive

from aiida_slabrelax.durable import replay
from durable import programs

HISTORIES = sorted((Path(__file__).parent / 'histories').glob('*.aiida'))


@pytest.mark.parametrize('archive', HISTORIES, ids=lambda path: path.stem)
def test_recorded_workflows_agree(archive: Path) -> None:
    before = set(QueryBuilder().append(WorkChainNode, project='uuid').all(flat=True))
    import_archive(archive)
    query = QueryBuilder().append(
        WorkChainNode, filters={'attributes.process_label': {'in': list(programs.EXPECTED)}}
    )
    nodes = [node for node in query.all(flat=True) if node.uuid not in before]
    assert len(nodes) >= 17
    for node in nodes:
        replay(node)


def test_there_is_a_recorded_history() -> None:
    assert HISTORIES
