"""The main job on PostgreSQL, RabbitMQ, two workers, SSH and Slurm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode

from aiida_slabrelax.durable import replay
from aiida_slabrelax.examples.slabs import relax_best
from infrastructure.slurm import Slurm
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import assert_each_slab_once, await_end, calculations, stand
from sample_structures import silver_phosphate

LABELS = [f'slab_{n:02d}' for n in range(4)]


@pytest.mark.parametrize('name', ['vasp_code', 'ssh_code'])
def test_the_four_terminations_of_silver_phosphate(
    request: pytest.FixtureRequest,
    two_workers: DaemonClient,
    cluster_builder: Callable[..., Any],
    slurm: Slurm,
    name: str,
) -> None:
    code: InstalledCode = request.getfixturevalue(name)
    node = submit(
        cluster_builder(
            code=code,
            bulk_structure=silver_phosphate(),
            miller_indices=[1, 0, 0],
            min_slab_thickness=10.0,
            min_vacuum_thickness=15.0,
        )
    )
    await_end(node)
    assert_each_slab_once(node, LABELS)
    assert sorted(node.outputs.generated_slabs) == LABELS
    for label in LABELS:
        cut, relaxed = node.outputs.generated_slabs[label], node.outputs.relaxed_slabs[label]
        assert relaxed.get_formula() == cut.get_formula()
    jobs = calculations(node)
    assert len(jobs) == 4
    assert {job.computer.pk for job in jobs} == {code.computer.pk}
    assert {job.get_option('queue_name') for job in jobs} == {'par40'}
    assert len({job.get_job_id() for job in jobs}) == 4
    assert_nothing_is_left(node, slurm)


def test_the_same_in_plain_python(
    two_workers: DaemonClient,
    vasp_code: InstalledCode,
    relax_best_inputs: Callable[..., dict[str, Any]],
    slurm: Slurm,
) -> None:
    """Without forces every slab is among the best, and each is relaxed twice."""
    node = submit(
        relax_best,
        **relax_best_inputs(
            code=vasp_code,
            crystal=silver_phosphate(),
            planes=[1, 0, 0],
            thickness=10.0,
            vacuum=15.0,
            model='instant',
            queue_name=slurm.partition,
        ),
    )
    await_end(node)
    assert node.is_finished_ok, stand(node)
    assert sorted(node.outputs.structures) == LABELS
    assert sorted(node.outputs.energies) == LABELS
    jobs = calculations(node)
    assert len(jobs) == 8
    assert len({job.get_job_id() for job in jobs}) == 8
    replay(node)
    assert_nothing_is_left(node, slurm)
