"""A bug of a workflow's function, in a worker: it pauses, and goes on once it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.processes.control import play_processes
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import ReplayError, replay, status
from durable import mending
from process_tree import await_end, await_that

#: What the process says, by the name of the workflow.
PAUSES = {
    'raises': "KeyError: 'no such key': raised by the function at ",
    'misnames': "TypeError: misnames has returned an output named 'slab-0': names are",
    'returns_series': 'TypeError: returns_series has returned what cannot be an output: a value',
    'returns_handle': 'TypeError: returns_handle has returned <call of square<',
}


@pytest.mark.usefixtures('started_daemon_client')
def test_bugs_pause_until_they_are_mended(tmp_path: Path) -> None:
    mended = tmp_path / 'mended'
    nodes: dict[str, ProcessNode] = {
        name: submit(getattr(mending, name), mended=str(mended)) for name in [*PAUSES, 'gives_up']
    }
    given_up = nodes.pop('gives_up')
    await_that(lambda: all(node.paused for node in nodes.values()) and given_up.is_sealed)
    assert given_up.is_excepted
    for name, message in PAUSES.items():
        said = nodes[name].process_status or ''
        assert said.startswith(message)
        assert said.endswith('Mend the function, restart the daemon, and play the process.')
        assert 'Traceback' in get_workchain_report(nodes[name], 'REPORT')
    with pytest.raises(
        ReplayError, match=r"^the function raises KeyError: 'no such key' at .*:\d+"
    ):
        replay(nodes['raises'])
    with pytest.raises(ReplayError, match=r'^returns_handle has returned <call of square<'):
        replay(nodes['returns_handle'])
    shown = status(nodes['raises'])
    assert (shown.state, shown.published, shown.calls) == ('paused', {'y': 9.0}, 1)
    assert f'{mending.__file__}:' in shown.message
    mended.touch()
    replay(nodes['raises'])
    play_processes(list(nodes.values()))
    await_that(lambda: all(node.is_sealed for node in nodes.values()))
    for node in nodes.values():
        assert (node.exit_status, node.outputs.y.value) == (0, 81.0)
        labels = sorted(child.process_label for child in node.called)
        assert labels.count('square') == (2 if node.process_label == 'raises' else 1)
        replay(node)


@pytest.mark.usefixtures('started_daemon_client')
def test_a_mended_workflow_waits_for_its_turn_again(tmp_path: Path) -> None:
    """The bug was inside a semaphore, and left it; meanwhile another workflow is there."""
    mended = tmp_path / 'mended'
    node = submit(mending.raises_inside, mended=str(mended))
    await_that(lambda: bool(node.paused))
    other = submit(mending.takes_the_place, folder=str(tmp_path))
    await_that(lambda: bool(other.called))
    mended.touch()
    play_processes([node])
    await_that(lambda: (node.process_status or '').startswith('Waiting for a place in mending'))
    (wait,) = status(node).waits
    assert wait.what == f'a place in mending, after takes_the_place<{other.pk}> (waiting)'
    assert [child.process_label for child in node.called] == ['square']
    (tmp_path / 'go').touch()
    for ending in (other, node):
        await_end(ending)
        assert ending.exit_status == 0
        replay(ending)
    assert node.outputs.y.value == 81.0
    entered = min(child.mtime for child in other.called)
    assert max(child.ctime for child in node.called if child.process_label == 'square') > entered
