"""Slabs that an earlier parser has called relaxed, because VASP had ended: their files decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.common import LinkType
from aiida.orm import CalcJobNode, Computer, Dict, FolderData, StructureData, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.results.relaxations.sources import describe_failure
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows.slab_relax.retries.rereading import lost_calculations, read_lost
from aiida_slabrelax.workflows.slab_relax.retries.retry import retry_inputs
from sample_structures import copper_slabs
from vasp_job import Job

RELAX = {'IBRION': 1, 'NSW': 60, 'EDIFFG': -0.01}
#: What the earlier parser made of any normal end.
MISC = {
    'total_energies': {'energy_extrapolated': 1.25},
    'run_status': {'finished': True, 'electronic_converged': True, 'ionic_converged': True},
}


@pytest.fixture
def ended(
    instantiate: Callable[..., Any],
    end_relaxation: Callable[..., WorkChainNode],
    end_run: Callable[..., WorkChainNode],
    localhost: Computer,
    tmp_path: Path,
) -> Callable[..., WorkChainNode]:
    """Return a function that makes a run of one slab, relaxed by the stand-in in some way."""

    def make(**variables: object) -> WorkChainNode:
        process = instantiate(slabs=copper_slabs(4))
        slab: StructureData = process.ctx.slabs['cu_4']
        job = Job(tmp_path).write(slab.get_ase(), RELAX)
        job.spawn_binary(MODEL='emt', **variables)
        misc = Dict(MISC)
        relaxation = end_relaxation(process, 'cu_4', misc, slab.clone())
        calculation = CalcJobNode(computer=localhost, process_type='aiida.calculations:vasp.vasp')
        calculation.set_process_label('VaspCalculation')
        calculation.base.links.add_incoming(relaxation, LinkType.CALL_CALC, 'iteration_01')
        parameters = Dict({tag.lower(): value for tag, value in RELAX.items()}).store()
        for name, node in (('structure', slab.store()), ('parameters', parameters)):
            calculation.base.links.add_incoming(node, LinkType.INPUT_CALC, name)
        calculation.set_process_state(ProcessState.FINISHED)
        calculation.set_exit_status(0)
        calculation.store()
        retrieved = FolderData(tree=tmp_path)
        outputs = {
            'misc': misc,
            'structure': relaxation.outputs.structure,
            'retrieved': retrieved,
        }
        for name, output in outputs.items():
            output.base.links.add_incoming(calculation, LinkType.CREATE, name)
            output.store()
        return end_run(process)

    return make


def test_a_relaxation_that_stopcar_stopped(ended: Callable[..., WorkChainNode]) -> None:
    run = ended(FAIL='lstop=2')
    assert collect(run).slabs[0].state == 'relaxed'
    assert list(lost_calculations(run)) == ['cu_4']
    [reading] = read_lost(run).values()
    slab = collect(run).slabs[0]
    assert (slab.state, slab.failure is not None) == ('failed', True)
    [relaxation] = [child for child in run.called if isinstance(child, WorkChainNode)]
    assert describe_failure(relaxation).startswith(
        f'VaspWorkChain<{relaxation.pk}> finished, but has not converged: stopped by STOPCAR '
        '(LSTOP = .TRUE.); STOPPED: a STOPCAR (LSTOP or LABORT) ended it: continue from the last '
        'geometry; last lines: '
    )
    inputs = retry_inputs(run, {}, None)
    assert inputs['previous'] == {'geometries': {'cu_4': reading.outputs.structure}}


def test_a_converged_calculation_is_not_changed(ended: Callable[..., WorkChainNode]) -> None:
    run = ended()
    assert lost_calculations(run) == {}
    assert collect(run).slabs[0].energy == 1.25
