"""The workflow through a real daemon: with a failure, and with its worker killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import CalcJobNode, ProcessNode, QueryBuilder
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.durable import replay
from aiida_slabrelax.engine.children import NEVER_STARTED
from aiida_slabrelax.standin.models import BULK_ERROR, FACE
from aiida_slabrelax.workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain
from aiida_slabrelax.workflows.surface_energies.retry import RetrySurfaceEnergiesWorkChain
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from durable.crash import descendants, run_with_kills
from durable.workers import Workers
from process_tree import await_end, stand

#: Cu4 and Cu5 at 5 Å.
PLANES = [[1, 0, 0], [1, 1, 0]]


def assert_numbers(node: ProcessNode, labels: set[str]) -> None:
    """Check the surface energies against those of the model ``linear``."""
    found = node.outputs.surface_energies.get_dict()
    terminations = node.outputs.terminations.get_dict()
    assert found.keys() == set(node.outputs.relaxed_slabs) == set(node.outputs.slab_energies)
    assert found.keys() == labels
    for label, gamma in found.items():
        slab = terminations[label]
        drift = slab['n_atoms'] * BULK_ERROR / (2 * slab['area'])
        assert gamma['constant']['eV/Å²'] == pytest.approx(FACE + drift, abs=1e-8)
    assert node.outputs.refused.get_dict() == {}


def test_one_orientation_fails(
    started_daemon_client: DaemonClient, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    environment = {'VASP_STANDIN_MODEL': 'linear', 'VASP_STANDIN_FAIL': 'crash@Cu5'}
    inputs = metal_inputs('Cu', environment=environment)
    node = submit(SurfaceEnergiesWorkChain, **inputs, miller_indices=PLANES)
    await_end(node, 400)
    assert node.exit_status == 402, stand(node)
    assert node.exit_message.startswith('1 of 3 parts failed: slab_110_00: VaspWorkChain<')
    assert_numbers(node, {'slab_100_00'})
    assert node.outputs.cleavage_energies.get_dict().keys() == {'slab_100_00'}
    assert sorted(node.outputs.terminations.get_dict()) == ['slab_100_00', 'slab_110_00']
    assert 'relaxed_bulk' in node.outputs
    replay(node)


def test_a_failed_slab_is_run_again(
    started_daemon_client: DaemonClient,
    metal_inputs: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    environment = {'VASP_STANDIN_MODEL': 'linear', 'VASP_STANDIN_FAIL': 'crash@Cu5'}
    inputs = metal_inputs('Cu', environment=environment)
    first = submit(SurfaceEnergiesWorkChain, **inputs, miller_indices=PLANES)
    await_end(first, 400)
    failed = submit(RetrySurfaceEnergiesWorkChain.get_builder_retry(first))
    await_end(failed, 400)
    assert failed.exit_status == 402, stand(failed)
    assert failed.exit_message.startswith('1 of 2 parts failed: slab_110_00: VaspWorkChain<')
    assert_numbers(failed, {'slab_100_00'})

    overrides = tmp_path / 'overrides.yaml'
    options = '{environment_variables: {VASP_STANDIN_FAIL: ""}}'
    overrides.write_text(f'vasp: {{calc: {{metadata: {{options: {options}}}}}}}')
    words = ['retry', str(failed.pk), '--overrides', str(overrides), '--label', 'mended', '--wait']
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.output
    assert 'slab_100_00: taken over' in result.output
    assert 'Then the surface energies of all slabs are computed.' in result.output
    (node,) = QueryBuilder().append(ProcessNode, filters={'label': 'mended'}).first()
    assert f'Submitted RetrySurfaceEnergiesWorkChain<{node.pk}>.' in result.output
    assert node.exit_status == 0, stand(node)
    assert_numbers(node, {'slab_100_00', 'slab_110_00'})
    assert node.outputs.bulk_energy == first.outputs.bulk_energy
    before, after = (
        run.outputs.surface_energies.get_dict()['slab_100_00'] for run in (first, node)
    )
    assert before == after
    relaxed = [
        process
        for process in node.called_descendants
        if isinstance(process, CalcJobNode) and not process.is_failed
    ]
    assert len(relaxed) == 1  # bulk and the other slab are taken over


def test_a_failed_thickness_is_run_again_and_fitted(
    started_daemon_client: DaemonClient, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    environment = {'VASP_STANDIN_MODEL': 'linear', 'VASP_STANDIN_FAIL': 'crash@Cu6'}
    inputs = metal_inputs('Cu', environment=environment)
    first = submit(
        ConvergeThicknessWorkChain, **inputs, miller_indices=[1, 0, 0], thicknesses=[5.0, 8.9]
    )
    await_end(first, 400)
    assert first.exit_status == 402, stand(first)
    ((_, before),) = first.outputs.convergence.get_dict().items()
    assert 'fit' not in before
    options = {'environment_variables': {'VASP_STANDIN_FAIL': ''}}
    changes = {'vasp': {'calc': {'metadata': {'options': options}}}}
    node = submit(RetrySurfaceEnergiesWorkChain.get_builder_retry(first, overrides=changes))
    await_end(node, 400)
    assert node.exit_status == 0, stand(node)
    ((_, after),) = node.outputs.convergence.get_dict().items()
    assert after['labels'] == ['slab_00_4', 'slab_00_6']
    # The drift of the bulk is no part of the fit.
    assert after['fit']['surface_energy']['constant']['eV/Å²'] == pytest.approx(FACE, abs=1e-8)


@pytest.mark.timeout(900)
def test_a_retry_whose_worker_is_killed(
    workers: Workers, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    environment = {'VASP_STANDIN_MODEL': 'linear', 'VASP_STANDIN_FAIL': 'crash@Cu5'}
    workers.start()
    inputs = metal_inputs('Cu', environment=environment)
    first = submit(SurfaceEnergiesWorkChain, **inputs, miller_indices=PLANES)
    await_end(first, 400)
    options = {'environment_variables': {'VASP_STANDIN_FAIL': ''}}
    changes = {'vasp': {'calc': {'metadata': {'options': options}}}}
    builder = RetrySurfaceEnergiesWorkChain.get_builder_retry(first, overrides=changes)
    outcome = run_with_kills(workers, lambda: submit(builder), kill_at=[1, 2, 3, 5, 8], timeout=600)
    node = outcome.node
    assert outcome.kills == 5, outcome.reached
    assert node.exit_status == 0, stand(node)
    assert_numbers(node, {'slab_100_00', 'slab_110_00'})
    runs = [process for process in node.called if process.process_label == 'SlabRelaxWorkChain']
    assert [run.exit_status for run in runs if run.is_finished] == [0]


@pytest.fixture
def workers(daemon_client: DaemonClient, tmp_path_factory: Any) -> Iterator[Workers]:
    """A daemon whose worker is killed at fault points and comes back at once."""
    folder = tmp_path_factory.mktemp('surface_energies')
    workers = Workers(
        daemon_client, folder, ['aiida_slabrelax.workflows.surface_energies.workflow']
    )
    yield workers
    workers.close()


@pytest.mark.timeout(1200)
def test_a_worker_killed_ten_times(
    workers: Workers, metal_inputs: Callable[..., dict[str, Any]]
) -> None:
    inputs = metal_inputs('Cu', environment={'VASP_STANDIN_MODEL': 'linear'})
    outcome = run_with_kills(
        workers,
        lambda: submit(SurfaceEnergiesWorkChain, **inputs, miller_indices=PLANES),
        kill_at=range(3, 33, 3),
        timeout=900,
    )
    node = outcome.node
    assert outcome.kills == 10, outcome.reached
    assert (node.exit_status, node.exit_message) == (0, None), stand(node)
    assert_numbers(node, {'slab_100_00', 'slab_110_00'})
    below = [below for below in descendants(node) if below[1].process_status != NEVER_STARTED]
    assert [path for path, one in below if not one.is_terminated] == []
    assert max(Counter(path for path, _ in below).values()) == 1, stand(node)
    # The crystal relaxed and as it is, and both slabs.
    assert sum(isinstance(one, CalcJobNode) for _, one in below) == 4, stand(node)
    assert get_workchain_report(node, 'REPORT').count('slab_100_00: Cu4, 4 atoms') == 1
    replay(node)
