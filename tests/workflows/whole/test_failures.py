"""Slabs that fail in every way, and what the run makes of it, through a real daemon.

Every pattern of failures with every way alone is in ``tests/workflows/slab_relax/test_steps.py``,
without calculations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import WorkChainNode

from aiida_slabrelax.results.slabs import collect
from sample_structures import copper_slabs

#: The ways of the stand-in to fail: the status of the calculation, and the name that it gets. The
#: VaspWorkChain ends 401, because it may not try again.
WAYS = {
    'electronic': (701, 'NELM REACHED'),
    'ionic': (702, 'NSW REACHED'),
    'crash': (352, 'SEGMENTATION FAULT'),
    'killed': (700, 'KILLED'),
    'labort=1': (702, 'STOPPED'),
    'walltime': (703, 'WALL TIME'),
}
#: The slab that fails in each, by its number of layers; one more can fail in none.
LAYERS = dict(zip(WAYS, range(4, 10), strict=True))
GOOD = 3


@pytest.fixture
def run_failing(
    submit_and_await: Callable[..., WorkChainNode], slab_relax_builder: Callable[..., Any]
) -> Callable[[list[int]], WorkChainNode]:
    """Return a function that runs a slab that fails in each way, and others."""

    def run(others: list[int]) -> WorkChainNode:
        builder = slab_relax_builder(
            slabs=copper_slabs(*others, *LAYERS.values()),
            incar={'nsw': 4},
            environment={
                'VASP_STANDIN_MODEL': 'instant',
                'VASP_STANDIN_FAIL': ';'.join(f'{way}@Cu{n}' for way, n in LAYERS.items()),
            },
            rescue=False,
        )
        builder.vasp.max_iterations = 1
        return submit_and_await(builder, timeout=500)

    return run


@pytest.mark.parametrize('others', [[GOOD], []], ids=['all_but_one', 'all'])
def test_every_failure_is_named_and_every_good_slab_is_output(
    run_failing: Callable[[list[int]], WorkChainNode], others: list[int]
) -> None:
    run = run_failing(others)
    good = {f'cu_{n}' for n in others}
    assert run.exit_status == (402 if good else 401)
    for name in ('relaxed_slabs', 'slab_energies'):
        assert (set(run.outputs[name]) if good else set()) == good
    results = {slab.label: slab for slab in collect(run).slabs}
    assert {label for label, slab in results.items() if slab.state == 'relaxed'} == good
    for way, (status, name) in WAYS.items():
        label = f'cu_{LAYERS[way]}'
        slab = results[label]
        assert (slab.state, slab.exit_status) == ('failed', 401)
        assert slab.failure is not None
        assert (slab.failure.calculation_status, slab.failure.name) == (status, name)
        assert slab.failure.remote_folder is not None
        assert f'{label}: {slab.failure.message}' in run.exit_message
        # What wrote a vasprun.xml has left its last geometry and energy.
        left = status != 352
        assert (slab.failure.structure_pk is not None) == left
        assert (slab.failure.energy is not None) == left
