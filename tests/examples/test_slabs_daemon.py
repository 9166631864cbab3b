"""The slabs in plain Python: relaxed, and the best of each composition again."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, ProcessNode, StructureData

from aiida_slabrelax.durable import replay
from aiida_slabrelax.examples.slabs import relax_best
from process_tree import await_that

#: Cu4, Cu4 and Cu5: the first two compete.
PLANES = [[1, 0, 0], [1, 1, 1], [1, 1, 0]]


@pytest.fixture
def run(
    started_daemon_client: DaemonClient,
    vasp_code: InstalledCode,
    relax_best_inputs: Callable[..., dict[str, Any]],
    copper: StructureData,
) -> Callable[..., ProcessNode]:
    """Return a function that runs the workflow to its end."""

    def submit_and_wait(planes: list[list[int]], **environment: str) -> ProcessNode:
        node = submit(
            relax_best,
            **relax_best_inputs(
                code=vasp_code,
                crystal=copper,
                planes=planes,
                thickness=5.0,
                vacuum=10.0,
                model='emt',
                environment=environment,
            ),
        )
        await_that(lambda: bool(node.is_sealed), 300)
        return node

    return submit_and_wait


def relaxations(node: ProcessNode) -> list[tuple[str, float]]:
    """The formula and the force threshold of each relaxation, in their order."""
    return [
        (
            child.inputs.structure.get_formula(),
            child.inputs.parameters['incar']['ediffg'],
        )
        for child in sorted(node.called, key=lambda child: child.pk)
        if child.process_label == 'VaspWorkChain'
    ]


def test_the_best_of_each_composition_is_relaxed_again(run: Callable[..., Any]) -> None:
    node = run(PLANES)
    assert node.is_finished_ok, (node.exit_message, node.exception)
    assert sorted(relaxations(node)) == [
        ('Cu4', -0.05),
        ('Cu4', -0.05),
        ('Cu4', -0.01),
        ('Cu5', -0.05),
        ('Cu5', -0.01),
    ]
    energies = {name: node.outputs.energies[name].value for name in node.outputs.energies}
    assert sorted(energies) == ['slab_100_00', 'slab_110_00', 'slab_111_00']
    assert energies['slab_111_00'] < energies['slab_100_00'] - 0.1
    again = ['slab_110_00', 'slab_111_00']
    told = get_workchain_report(node, 'REPORT')
    assert 'slab_110_00: among the best Cu5' in told
    assert 'slab_111_00: among the best Cu4' in told
    assert 'slab_100_00: among' not in told
    for name in node.outputs.structures:
        relaxation = node.outputs.structures[name].creator.caller
        tight = relaxation.inputs.parameters['incar']['ediffg'] == -0.01
        assert tight == (name in again)
    replay(node)


def test_without_any_relaxed_slab_it_fails_with_the_message_of_one(run: Callable[..., Any]) -> None:
    node = run([[1, 0, 0]], VASP_STANDIN_FAIL='crash')
    assert node.exit_status == 400
    assert re.match(r'VaspWorkChain<\d+> failed \[\d+\]: ', node.exit_message)


def test_it_is_as_short_as_the_documentation_says() -> None:
    assert len(inspect.getsource(relax_best.function).splitlines()) < 40
