"""All that does harm at once, in one daemon whose workers are killed too: the others go on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from aiida.engine import submit
from aiida.engine.processes.control import kill_processes
from aiida.orm import ProcessNode

from aiida_slabrelax.durable import status
from durable import harm
from durable.crash import descendants, stand
from durable.workers import Workers, await_despite_deaths

#: At each of these a worker is killed once, in the middle of whichever workflow comes there first.
POINTS = (
    'after a child is stored',
    'before a child is sent',
    'before a checkpoint',
    'after a checkpoint',
    'after values are published',
    'after a place is looked for',
    'before a place is left',
    'before the journal is filed',
)

#: What kills its worker: a workflow three times, a plain function once.
OWN_DEATHS = 3 + 1


def start_set(folder: Path) -> dict[ProcessNode, tuple[str, str]]:
    """Submit the workflows; return how each has to end."""
    ends = {}
    for one, takes, state, message in harm.HARM:
        node = submit(one, **({takes: str(folder / takes)} if takes else {}))
        ends[node] = (state, message)
    return ends


@pytest.mark.timeout(900)
def test_the_whole_set_comes_to_rest(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / 'folder').mkdir()
    (workers.faults / 'kill_at').write_text('\n'.join(POINTS))
    before = len(workers.deaths)
    workers.start(is_real=True)
    bystander = submit(harm.patient, folder=str(tmp_path))
    ends = start_set(tmp_path)

    def is_at_rest(node: ProcessNode) -> bool:
        found, (state, message) = status(node), ends[node]
        return found.state == state and found.message.startswith(message)

    try:
        await_despite_deaths(lambda: all(map(is_at_rest, ends)), 300)
    except AssertionError:
        late = '\n'.join(stand(node) for node in ends if not is_at_rest(node))
        deaths = [(death.pid, death.status) for death in workers.deaths[before:]]
        log = workers.log.read_text()[-3000:]
        raise AssertionError(f'{late}\nworker {workers.pid}, deaths {deaths}\n{log}') from None

    # A bystander has gone on meanwhile: only what it waits for by itself is left.
    await_despite_deaths(lambda: status(bystander).published == {'x': 32.0}, 60)
    assert status(bystander).state == 'waiting'
    (tmp_path / 'enough').touch()
    await_despite_deaths(lambda: bool(bystander.is_sealed), 60)
    assert bystander.exit_status == 0, stand(bystander)

    # No worker restarts more than three times for one process.
    deaths = workers.deaths[before:]
    assert {death.status for death in deaths} == {-signal.SIGKILL}
    assert (workers.faults / 'kill_at').read_text() == ''
    assert len(deaths) <= len(POINTS) + OWN_DEATHS
    dead = {str(death.pid) for death in deaths}

    def workers_of(name: str) -> list[str]:
        return [pid for pid in (tmp_path / 'folder' / name).read_text().split() if pid in dead]

    # The first death counts for all that ran in the worker, whoever was its cause.
    assert len(workers_of('workflow')) in (2, 3)
    assert len(workers_of('function')) in (0, 1)

    # No process runs or waits for ever: what has not ended is paused, or waits for what is.
    alive = [node for node in ends if not node.is_terminated]
    below = [child for node in ends for _, child in descendants(node) if not child.is_terminated]
    left = [stand(child) for child in below if not child.paused]
    assert left == [], '\n'.join(left)

    def are_killed() -> bool:
        left = [node for node in (*alive, *below) if not node.is_terminated]
        kill_processes(left, timeout=5)
        return all(node.is_sealed for node in (*alive, *below))

    await_despite_deaths(are_killed, 60)
    await_despite_deaths(lambda: workers.tasks == [], 30)
