"""What is stored of a run, in a form that is equal for equal states of different programs.

A worker that is killed takes its memory with it: what its successor finds is the database, and the
messages that were sent before the fault point. Two fault points of one name at which the database
is alike are one state of the engine, whatever the functions compute.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from aiida_slabrelax.durable.record.journal import Journal
from aiida_slabrelax.engine.children import NEVER_STARTED

_JOURNAL = re.compile(r"^DURABLE_JOURNAL: '(.*)'$", re.MULTILINE)

#: The run that was submitted last and the processes below it, callers before those they called.
_TREE = """
WITH RECURSIVE tree(id, caller, label) AS (
    SELECT max(id), NULL, '' FROM db_dbnode
    WHERE node_type LIKE 'process.%' AND NOT EXISTS (
        SELECT 1 FROM db_dblink WHERE output_id = db_dbnode.id AND type LIKE 'call_%')
    UNION ALL
    SELECT output_id, input_id, db_dblink.label FROM db_dblink JOIN tree ON input_id = tree.id
    WHERE type LIKE 'call_%'
)
SELECT tree.id, caller, tree.label, node_type, attributes, EXISTS (
    SELECT 1 FROM db_dblink WHERE input_id = tree.id AND type IN ('create', 'return'))
FROM tree JOIN db_dbnode USING (id) ORDER BY tree.id
"""


class _Process(NamedTuple):
    pk: int
    caller: int | None
    label: str
    node_type: str
    attributes: str
    has_outputs: bool


def stored_state(database: Path) -> str:
    """Return the canonical form of what is stored of the run that was submitted last.

    Of the calls of one workflow that are in the same state it counts only whether they are one or
    several: a loop is in the same state in its second and in its third round. Children that never
    started, because their worker died while it made them, do not count.

    :param database: the file of SQLite.
    """
    with closing(sqlite3.connect(f'file:{database}?mode=ro', uri=True)) as connection:
        processes = [_Process(*row) for row in connection.execute(_TREE)]
    below: dict[int | None, list[_Process]] = {}
    for process in processes:
        below.setdefault(process.caller, []).append(process)
    return _describe(below[None][0], below, ())


def _describe(
    process: _Process,
    below: dict[int | None, list[_Process]],
    delivered: Sequence[str],
) -> str:
    attributes: dict[str, Any] = json.loads(process.attributes)
    checkpoint = attributes.get('checkpoints')
    found = _JOURNAL.search(checkpoint or '')
    journal = Journal.loads(found[1]) if found else Journal()
    order = ['x'.join(map(str, position)) for position in journal.order]
    children = [
        child
        for child in below.get(process.pk, [])
        if json.loads(child.attributes).get('process_status') != NEVER_STARTED
    ]
    positions = {child.label.rpartition('_')[2] for child in children}
    is_workflow = 'durable_source' in attributes
    words = {
        'workflow' if is_workflow else process.node_type.split('.')[-2]: True,
        str(attributes.get('process_state')): True,
        'ended with 0': attributes.get('exit_status') == 0,
        'failed': attributes.get('exit_status', 0) != 0,
        'paused': attributes.get('paused', False),
        'sealed': attributes.get('sealed', False),
        'with checkpoint': checkpoint is not None,
        'with outputs': process.has_outputs,
        'delivered': process.label.rpartition('_')[2] in delivered,
        'waits for a time': 'for a time' in (attributes.get('process_status') or ''),
        'had a time': not {*order} <= positions,
        'with values': bool(journal.values or journal.patches),
        'continued': journal.epoch > 0,
    }
    inner = [_describe(child, below, order) for child in children]
    counted = [('several ' if inner.count(child) > 1 else '') + child for child in sorted({*inner})]
    told = ' '.join(word for word, holds in words.items() if holds)
    return f'{told} ({", ".join(counted)})' if counted else told
