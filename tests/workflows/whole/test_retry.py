"""Running again what has failed, through a real daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiida.engine import run_get_node
from aiida.manage.caching import enable_caching
from aiida.orm import CalcJobNode, ProcessNode, WorkChainNode

from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from process_tree import relaxations
from sample_structures import copper_slabs

Run = Callable[..., WorkChainNode]
EMT = {'VASP_STANDIN_MODEL': 'emt'}


@pytest.fixture
def run(submit_and_await: Any, slab_relax_builder: Callable[..., Any]) -> Run:
    """Return a function that runs five copper slabs, one calculation each."""

    def make(environment: dict[str, str], **inputs: Any) -> WorkChainNode:
        builder = slab_relax_builder(
            slabs=copper_slabs(*range(3, 8)),
            environment=EMT | environment,
            rescue=False,
            **inputs,
        )
        builder.vasp.max_iterations = 1
        node: WorkChainNode = submit_and_await(builder, timeout=300)
        return node

    return make


def last_calculation(relaxation: ProcessNode) -> CalcJobNode:
    return next(child for child in relaxation.called if isinstance(child, CalcJobNode))


def heights_sent(relaxation: WorkChainNode) -> list[float]:
    """The heights (Å) of the atoms in the POSCAR that a relaxation has sent."""
    poscar = last_calculation(relaxation).base.repository.get_object_content('POSCAR')
    assert isinstance(poscar, str)
    lines = poscar.splitlines()
    cell = np.array([[float(word) for word in line.split()] for line in lines[2:5]])
    first = next(i for i, line in enumerate(lines) if line.strip().lower().startswith('d')) + 1
    sites = [[float(word) for word in line.split()[:3]] for line in lines[first:] if line.split()]
    return sorted((np.array(sites) @ cell)[:, 2])


def test_two_of_five_are_run_again_from_where_they_were(run: Run, submit_and_await: Any) -> None:
    # Two ionic steps are too few for these two.
    first = run(
        {},
        incar={'ediffg': -0.001},
        slab_overrides={'cu_[36]': {'parameters': {'incar': {'nsw': 2}}}},
    )
    assert first.exit_status == 402
    failed = {slab.label: slab for slab in collect(first).slabs if slab.state == 'failed'}
    assert set(failed) == {'cu_3', 'cu_6'}

    builder = SlabRelaxWorkChain.get_builder_retry(first)
    builder.slab_overrides = None
    second = submit_and_await(builder, timeout=300)
    assert (second.exit_status, second.exit_message) == (0, None)
    assert {child.label for child in relaxations(second)} == set(failed)
    assert len(second.outputs.relaxed_slabs) == 5
    for label, energy in first.outputs.slab_energies.items():
        assert second.outputs.slab_energies[label].uuid == energy.uuid
        assert second.outputs.relaxed_slabs[label].uuid == first.outputs.relaxed_slabs[label].uuid
    for child in relaxations(second):
        last = failed[child.label].failure.structure
        assert not np.allclose(last.positions, failed[child.label].initial.positions, atol=1e-3)
        np.testing.assert_allclose(heights_sent(child), sorted(last.positions[:, 2]), atol=1e-6)
    taken_over = {slab.label for slab in collect(second).slabs if slab.taken_over}
    assert taken_over == {f'cu_{n}' for n in (4, 5, 7)}


def test_with_caching(slab_relax_builder: Callable[..., Any]) -> None:
    """What has succeeded is copied from the cache, what has failed runs again."""
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4), environment=EMT | {'VASP_STANDIN_FAIL': 'crash@Cu4'}
    )
    builder.vasp.max_iterations = 1
    with enable_caching(identifier='aiida.calculations:vasp.vasp'):
        _, first = run_get_node(builder)
        assert first.exit_status == 402
        builder = SlabRelaxWorkChain.get_builder_retry(first)
        builder.vasp.calc.metadata.options.environment_variables = EMT
        _, second = run_get_node(builder)
        assert (second.exit_status, second.exit_message) == (0, None)
        builder.retry_of = None  # as a retry it would be refused: the second one has all slabs
        _, third = run_get_node(builder)
    (again,) = relaxations(third)
    assert last_calculation(again).base.caching.is_created_from_cache
    assert third.outputs.slab_energies.cu_4.value == second.outputs.slab_energies.cu_4.value
    assert third.outputs.slab_energies.cu_3.uuid == first.outputs.slab_energies.cu_3.uuid
