"""Slabs that fail once and are rescued, through a real daemon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import Log, WorkChainNode

from aiida_slabrelax.engine.children import NEVER_STARTED
from aiida_slabrelax.results import Rescue
from aiida_slabrelax.results.slabs import SlabResult, collect
from emt_metals import relaxed_energy
from process_tree import await_end, kill_daemon_again_and_again, relaxations, stand
from sample_structures import copper_slabs

#: How slabs fail, by their number of layers; what it is called, and what its rescue changes.
FAILURES: dict[int, tuple[str, str, dict[str, Any]]] = {
    3: ('zbrent', 'ZBRENT', {'ibrion': 1, 'ediff': 1e-6}),
    4: ('edddav', 'EDDDAV', {'algo': 'All'}),
    5: ('brmix', 'BRMIX', {'imix': 1}),
    6: ('walltime', 'WALL TIME', {}),
    7: ('ionic', 'NSW REACHED', {}),
}
LAYERS = range(3, 9)


@pytest.fixture
def run(
    submit_and_await: Any, slab_relax_builder: Callable[..., Any], tmp_path: Path
) -> WorkChainNode:
    """A run of six slabs, of which five fail once.

    Without a rescue they stay failed: ``test_messages``, ``test_failures``.
    """
    builder = slab_relax_builder(
        slabs=copper_slabs(*LAYERS),
        incar={'ibrion': 2, 'ediff': 1e-5, 'ediffg': -0.001, 'nsw': 30},
        environment={
            'VASP_STANDIN_MODEL': 'emt',
            'VASP_STANDIN_FAIL': ';'.join(f'{way}@Cu{n}#1' for n, (way, _, _) in FAILURES.items()),
            'VASP_STANDIN_STATE': str(tmp_path / 'state'),
        },
        max_concurrent=4,
    )
    builder.vasp.max_iterations = 1
    node: WorkChainNode = submit_and_await(builder, timeout=600)
    return node


def by_label(run: WorkChainNode) -> dict[str, SlabResult]:
    return {slab.label: slab for slab in collect(run).slabs}


def test_what_fails_once_is_rescued(run: WorkChainNode) -> None:
    assert (run.exit_status, run.exit_message) == (0, None)
    reports = [log.message for log in Log.collection.get_logs_for(run)]
    for n, slab in copper_slabs(*LAYERS).items():
        energy = run.outputs.slab_energies[n].value
        assert energy == pytest.approx(relaxed_energy(slab.get_ase()), abs=1e-6)
    results = by_label(run)
    for n, (_, name, changes) in FAILURES.items():
        rescue = Rescue(name, changes)
        assert results[f'cu_{n}'].rescues == (rescue,)
        assert any(line.endswith(f'cu_{n}: {rescue}') for line in reports)
        children = run.base.links.get_outgoing(WorkChainNode).all()
        attempts = sorted(
            (child.node for child in children if child.link_label == f'cu_{n}'),
            key=lambda one: one.pk,
        )
        assert len(attempts) == 2
        # It went on from where it was.
        begun = attempts[1].inputs.structure
        assert begun.creator is not None
        assert begun.creator.caller == attempts[0]
    assert results['cu_8'].rescues == ()


@pytest.mark.timeout(1200)
def test_a_killed_daemon_neither_loses_nor_doubles_a_rescue(
    stopped_daemon_client: DaemonClient, slab_relax_builder: Callable[..., Any]
) -> None:
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4, 5, 6),
        max_concurrent=2,
        incar={'ibrion': 2},
        environment={
            'VASP_STANDIN_MODEL': 'instant',
            # By the INCAR, not by a count: a worker that is killed may send a job again.
            'VASP_STANDIN_FAIL': 'slow=1;zbrent',
        },
    )
    stopped_daemon_client.start_daemon()
    node = submit(builder)
    kill_daemon_again_and_again(stopped_daemon_client, node, seed=14)
    await_end(node)
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    children = [
        relaxation for relaxation in relaxations(node) if relaxation.process_status != NEVER_STARTED
    ]
    assert Counter(child.label for child in children) == dict.fromkeys(
        ('cu_3', 'cu_4', 'cu_5', 'cu_6'), 2
    )
    for slab in collect(node).slabs:
        assert [rescue.name for rescue in slab.rescues] == ['ZBRENT']
