"""Which slabs fail, and how, and what the run makes of it: every pattern through a real daemon.

In each pattern the slabs fail in different ways, in turn. Every pattern with every way alone is in
``tests/workflows/slab_relax/test_steps.py``, without calculations.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest
from aiida.orm import WorkChainNode

from aiida_slabrelax.results.slabs import collect
from sample_structures import copper_slabs

RunFailing = Callable[[dict[int, str]], WorkChainNode]

LAYERS = range(3, 11)
LABELS = {n: f'cu_{n}' for n in LAYERS}

#: Which of the eight slabs fail, by their number of layers.
PATTERNS = {
    'first': [3],
    'last': [10],
    'half': [3, 5, 7, 9],
    'all_but_one': [3, 4, 5, 6, 8, 9, 10],
    'all': list(LAYERS),
}
#: The ways of the stand-in to fail, and what aiida-vasp makes of each after one calculation: the
#: status of that calculation. The VaspWorkChain ends 401, because it may not try again.
WAYS = {'electronic': 701, 'ionic': 702, 'crash': 352, 'killed': 700, 'labort=1': 702}


def ways_to_fail(pattern: str) -> dict[int, str]:
    """Return in which way each slab of a pattern fails; the patterns begin with different ways."""
    begin = list(PATTERNS).index(pattern)
    return dict(zip(PATTERNS[pattern], islice(cycle(WAYS), begin, None), strict=False))


@pytest.fixture
def run_failing(
    submit_and_await: Callable[..., WorkChainNode], slab_relax_builder: Callable[..., Any]
) -> RunFailing:
    """Return a function that runs eight slabs of which some fail, each in its way."""

    def run(ways: dict[int, str]) -> WorkChainNode:
        builder = slab_relax_builder(
            slabs=copper_slabs(*LAYERS),
            incar={'nsw': 4},
            environment={
                'VASP_STANDIN_MODEL': 'instant',
                'VASP_STANDIN_FAIL': ';'.join(f'{way}@Cu{n}' for n, way in ways.items()),
            },
            rescue=False,
        )
        builder.vasp.max_iterations = 1
        return submit_and_await(builder, timeout=500)

    return run


def test_none_fails(run_failing: RunFailing) -> None:
    run = run_failing({})
    assert (run.exit_status, run.exit_message) == (0, None)
    assert sorted(run.outputs.relaxed_slabs) == sorted(LABELS.values())


@pytest.mark.parametrize('pattern', PATTERNS)
def test_every_failure_is_named_and_every_good_slab_is_output(
    run_failing: RunFailing, pattern: str
) -> None:
    ways = ways_to_fail(pattern)
    run = run_failing(ways)
    failing = {LABELS[n]: WAYS[way] for n, way in ways.items()}
    good = set(LABELS.values()) - set(failing)
    assert run.exit_status == (402 if good else 401)
    for name in ('relaxed_slabs', 'slab_energies'):
        assert (set(run.outputs[name]) if good else set()) == good
    results = {slab.label: slab for slab in collect(run).slabs}
    assert {label for label, slab in results.items() if slab.state == 'relaxed'} == good
    for label, status in failing.items():
        slab = results[label]
        assert (slab.state, slab.exit_status) == ('failed', 401)
        assert slab.failure is not None
        assert slab.failure.calculation_status == status
        assert slab.failure.remote_folder is not None
        assert f'{label}: {slab.failure.message}' in run.exit_message
        # What wrote a vasprun.xml has left its last geometry and energy.
        left = status != 352
        assert (slab.failure.structure_pk is not None) == left
        assert (slab.failure.energy is not None) == left
