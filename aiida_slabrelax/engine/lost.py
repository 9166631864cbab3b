"""Processes that were submitted and never arrived: they stay ``Created`` for ever.

The ZeroMQ broker of aiida-core runs within the daemon. An interpreter that was open while the
daemon was restarted keeps its connection to the broker that is gone, and its messages are lost
without an error (seen with aiida-core 2.9.4). A process without a message in the queue never runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from aiida.brokers import Broker
from aiida.brokers.zeromq import ZeromqBroker
from aiida.brokers.zeromq.service import ZeromqBrokerService
from aiida.engine import submit as submit_once
from aiida.manage import get_config, get_manager
from aiida.orm import ProcessNode, QueryBuilder, load_node

#: How long (s) a message may take from the store of a process to the queue of the broker.
GRACE = 60.0
#: How long (s) a submission waits for its message to arrive, and how often it looks.
PATIENCE, INTERVAL = 5.0, 0.1

#: What to do about lost processes, without the name of a profile.
REMEDY = (
    '`verdi daemon stop`, `verdi process repair`, `verdi daemon start`; and restart the notebooks '
    'and interpreters that were open when the daemon was restarted'
)


class NotArrivedError(RuntimeError):
    """A process is stored, but the broker does not have it; the message says what to do."""


def queued(broker: Broker | None) -> set[int] | None:
    """Return the pks of the processes that the daemon's queue holds, run or not.

    :return: ``None`` if it cannot be told without taking messages out: only the files of the broker
        of aiida-core are read. Its own reader must not be used while it runs: that moves messages
        which a worker has taken back into the queue.
    """
    profile = get_manager().get_profile()
    if not isinstance(broker, ZeromqBroker) or profile is None:
        return None
    files = get_config().filepaths(profile)['broker_service']
    layout = ZeromqBrokerService.FilepathLayout(files['dir'], files['log'])
    pks = set()
    # First those that wait: a message that is taken in between is found in the other folder.
    for folder in ('pending', 'processing'):
        for path in (layout.storage_path / 'tasks' / folder).glob('*.json'):
            try:
                pks.add(int(json.loads(path.read_text('utf-8'))['body']['args']['pid']))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # taken away, or another message
    return pks


def find_lost(broker: Broker | None, grace: float = GRACE) -> list[int] | None:
    """Return the pks of processes that were submitted and that nothing will run, in order.

    :param grace: how long ago (s) a process must have been stored.
    :return: ``None`` if it cannot be told, see :func:`queued`.
    """
    found = _created(grace)
    for _ in range(2):
        # A message may have moved, and a process begun, while the queue was read.
        if (known := queued(broker)) is None:
            return None
        found = [pk for pk in found if pk not in known]
    still = set(_created(grace))
    return [pk for pk in found if pk in still]


def _created(grace: float) -> list[int]:
    """Return the pks of processes that have been ``Created`` for some time and can be run."""
    query = QueryBuilder().append(
        ProcessNode,
        filters={
            'attributes.process_state': 'created',
            'attributes': {'has_key': 'checkpoints'},
            'ctime': {'<': datetime.now(UTC) - timedelta(seconds=grace)},
        },
        project='id',
    )
    return sorted(query.all(flat=True))


def submit(process: Any, inputs: dict[str, Any] | None = None, **more: Any) -> ProcessNode:
    """Submit a process like ``aiida.engine.submit``, and make sure that the daemon gets it.

    If its message does not arrive, it is sent again over a new connection to the broker. Use it in
    notebooks, which are often open while the daemon is restarted.

    :param process: a builder or a process class.
    :param inputs: the inputs, if it is a class.
    :raises NotArrivedError: if it does not arrive in spite of that; the process is stored.
    """
    node: ProcessNode = submit_once(process, inputs, **more)
    assert node.pk is not None
    if has_arrived(node.pk) is not False:
        return node
    manager = get_manager()
    # To close the runner would stop the event loop of the notebook.
    manager._runner = None
    manager.reset_broker()
    manager.get_process_controller().continue_process(node.pk, nowait=False, no_reply=True)
    if has_arrived(node.pk) is False:
        raise NotArrivedError(
            f'{node.process_label}<{node.pk}> is stored, but the broker has not got it, and it '
            f'would stay Created: {REMEDY}'
        )
    return node


def has_arrived(pk: int, patience: float = PATIENCE) -> bool | None:
    """Return whether a submitted process is in the queue, or has begun; ``None`` if unknown.

    :param patience: how long to wait for that, s.
    """
    end = time.monotonic() + patience
    while True:
        known = queued(get_manager().get_broker())
        if known is None:
            return None
        if pk in known or not _is_created(pk):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(INTERVAL)


def _is_created(pk: int) -> bool:
    state = load_node(pk).process_state
    return state is not None and state.value == 'created'


def describe_lost(pks: Collection[int]) -> str:
    """Return one line on lost processes."""
    named = ', '.join(map(str, sorted(pks)[:10])) + (', …' if len(pks) > 10 else '')
    return f'submitted but never received by the daemon, so they stay Created: {named}'
