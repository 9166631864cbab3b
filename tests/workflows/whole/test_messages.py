"""Each error that VASP prints, through a real daemon: named, and not run into twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import WorkChainNode

from aiida_slabrelax.results.relaxations.sources import calculations
from aiida_slabrelax.results.runs import relaxations_of
from aiida_slabrelax.results.slabs import collect
from sample_structures import copper_slabs

#: The messages of the stand-in and the names that they must get.
NAMES = {
    'algo-tet': 'EDWAV',
    'brmix': 'BRMIX',
    'bzints': 'BZINTS',
    'dentet': 'DENTET',
    'edddav': 'EDDDAV',
    'eddrmm': 'EDDRMM',
    'hnform': 'HNFORM',
    'ibzkpt': 'IBZKPT',
    'ksymm': 'KSYMM',
    'nbands': 'NBANDS NOT SUFFICIENT',
    'posmap': 'POSMAP',
    'pricelv': 'PRICELV',
    'read-error': 'READ ERROR',
    'real-optlay': 'REAL_OPTLAY',
    'rhosyg': 'RHOSYG',
    'set-core-wf': 'SET_CORE_WF',
    'sgrcon': 'SGRCON',
    'sgrcon-6': 'SGRCON',
    'subspace': 'SUB-SPACE-MATRIX',
    'symprec-noise': 'SYMPREC NOISE',
    'too-few-bands': 'TOO FEW BANDS',
    'zbrent': 'ZBRENT',
    'out-of-memory': 'OUT OF MEMORY',
}
#: What else matches the text of a message, as the report says it.
ALSO = {'ksymm': ' (also: IBZKPT)'}
LAYERS = {message: n for n, message in enumerate(NAMES, start=3)}


@pytest.fixture
def run_with_messages(
    submit_and_await: Callable[..., WorkChainNode], slab_relax_builder: Callable[..., Any]
) -> WorkChainNode:
    """A run without rescue in which each slab meets another message, and the last one none."""
    builder = slab_relax_builder(
        slabs=copper_slabs(*LAYERS.values(), 2),
        incar={'ibrion': 2},
        environment={
            'VASP_STANDIN_MODEL': 'instant',
            'VASP_STANDIN_FAIL': ';'.join(
                [*(f'{message}@Cu{n}' for message, n in LAYERS.items()), 'warned@Cu2']
            ),
        },
        rescue=False,
    )
    return submit_and_await(builder, timeout=500)


def test_each_message_is_named_after_one_run(run_with_messages: WorkChainNode) -> None:
    run = run_with_messages
    assert run.exit_status == 402
    assert sorted(run.outputs.relaxed_slabs) == ['cu_2']
    slabs = {slab.label: slab for slab in collect(run).slabs}
    relaxations = relaxations_of(run)
    for message, name in NAMES.items():
        label = f'cu_{LAYERS[message]}'
        assert len(calculations(relaxations[label])) == 1, message
        failure = slabs[label].failure
        assert failure is not None
        assert failure.name == name
        assert failure.advice
        assert failure.last_lines
        assert f'{name}{ALSO.get(message, "")}: {failure.advice}' in run.exit_message
    assert slabs['cu_2'].warnings == ('BRMIX',)
