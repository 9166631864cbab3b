"""Which relaxations are rescued and how, on nodes and on the steps of an instantiated process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.common import AttributeDict
from aiida.orm import Computer, Log, StructureData, WorkChainNode
from aiida_vasp.assistant.parameters import ParametersMassage
from plumpy import ProcessState

from aiida_slabrelax.failures import MACHINE_FAILURES, OUTCOMES, VASP_ERRORS
from aiida_slabrelax.results.relaxations.rescues import Rescue, rescues_of
from aiida_slabrelax.results.runs import attempts_of
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows.slab_relax import work_chain
from aiida_slabrelax.workflows.slab_relax.retries.rescue import find_rescue, rescue_inputs
from aiida_slabrelax.workflows.vasp.work_chain import VaspWorkChain
from failed_relaxations import (
    INCAR,
    MAGNETIZATION,
    TIME_LIMIT,
    ZBRENT,
    fail_calculation,
    fail_relaxation,
    shifted,
)
from sample_structures import copper_slab, copper_slabs

Fail = Callable[..., WorkChainNode]


@pytest.fixture
def fail(localhost: Computer) -> Fail:
    """Return a function that makes a relaxation of a slab that has failed with such an output."""

    def make(
        run: WorkChainNode | None = None,
        output: str = ZBRENT,
        incar: dict[str, Any] | None = None,
        slab: StructureData | None = None,
        state: ProcessState = ProcessState.FINISHED,
        label: str = 'cu_3',
        **outcome: Any,
    ) -> WorkChainNode:
        slab = slab or copper_slab(3)
        relaxation = fail_relaxation(run or WorkChainNode().store(), label, slab, incar, state)
        files = {'vasp_output': output}
        fail_calculation(relaxation, localhost, slab, files, incar, **outcome)
        return relaxation

    return make


def reports(process: Any) -> list[str]:
    logs = Log.collection.get_logs_for(process.node)
    return [log.message.split(']: ', 1)[-1] for log in logs]


def test_a_known_error_is_cured(fail: Fail) -> None:
    rescue = find_rescue(fail(), 0)
    assert rescue is not None
    assert rescue == Rescue('ZBRENT', {'ibrion': 1, 'ediff': 1e-6}, keeps_orbitals=True)
    assert str(rescue) == 'ZBRENT; again with IBRION = 1, EDIFF = 1e-6'


def test_the_next_cure_is_tried_where_the_first_was_of_no_help(fail: Fail) -> None:
    rescue = find_rescue(fail(incar={**INCAR, 'ibrion': 1, 'ediff': 1e-6}), 1)
    assert rescue is not None
    assert rescue.changes == {'ediff': 1e-7, 'nelmin': 8}


def test_two_rescues_are_enough(fail: Fail) -> None:
    assert find_rescue(fail(), 2) is None


def test_what_has_no_safe_cure_is_not_rescued(fail: Fail) -> None:
    assert find_rescue(fail(output=' REAL_OPTLAY: internal error (1)'), 0) is None
    assert find_rescue(fail(output=' something else'), 0) is None


@pytest.mark.parametrize('state', [ProcessState.KILLED, ProcessState.WAITING])
def test_killed_and_active_relaxations_are_not_rescued(fail: Fail, state: ProcessState) -> None:
    assert find_rescue(fail(state=state), 0) is None


def test_a_killed_calculation_is_not_rescued(localhost: Computer) -> None:
    relaxation = fail_relaxation(WorkChainNode().store(), 'cu_3', copper_slab(3))
    files = {'vasp_output': ZBRENT}
    killed = ProcessState.KILLED
    fail_calculation(relaxation, localhost, copper_slab(3), files, state=killed)
    assert find_rescue(relaxation, 0) is None


@pytest.mark.parametrize(
    ('output', 'status', 'name'),
    [
        (TIME_LIMIT, 700, 'WALL TIME'),
        (' RMM: 1\n', 702, 'NSW REACHED'),
        (' soft stop encountered!  aborting job ...\n', 702, 'STOPPED'),
    ],
)
def test_a_calculation_that_was_cut_off_continues(
    fail: Fail, output: str, status: int, name: str
) -> None:
    slab = copper_slab(3)
    moved = fail(output=output, slab=slab, exit_status=status, reached=shifted(slab))
    assert find_rescue(moved, 0) == Rescue(name, {}, keeps_orbitals=True)
    assert str(find_rescue(moved, 0)) == f'{name}; again from its last geometry'
    stuck = fail(output=output, slab=slab, exit_status=status, reached=slab.clone())
    assert find_rescue(stuck, 0) is None


def test_a_calculation_that_ended_without_convergence_continues(fail: Fail) -> None:
    slab = copper_slab(3)
    status = {'finished': True, 'electronic_converged': True, 'ionic_converged': False}
    outcome = {'exit_status': 0, 'misc': {'run_status': status}, 'reached': shifted(slab)}
    rescue = find_rescue(fail(output=' RMM: 1\n', slab=slab, **outcome), 0)
    assert rescue is not None
    assert rescue.name == 'NSW REACHED'


def test_what_ended_well_is_not_rescued_for_a_warning(fail: Fail) -> None:
    assert find_rescue(fail(output=' BRMIX: very serious problems\n', exit_status=0), 0) is None


def test_the_number_of_bands_that_vasp_chose_is_increased(fail: Fail) -> None:
    relaxation = fail(output=' TOO FEW BANDS!!', misc={'run_status': {'nbands': 40}})
    rescue = find_rescue(relaxation, 0)
    assert rescue is not None
    assert rescue.changes == {'nbands': 44}


def test_the_inputs_of_a_rescue_begin_where_the_relaxation_ended(fail: Fail) -> None:
    slab = copper_slab(3)
    reached = shifted(slab)
    failed = fail(slab=slab, reached=reached)
    given: Any = failed.inputs
    inputs = rescue_inputs({'structure': slab, 'parameters': given.parameters}, failed, 0)
    assert inputs.structure == reached
    assert inputs.parameters.get_dict() == {'incar': {**INCAR, 'ibrion': 1, 'ediff': 1e-6}}
    assert 'restart_folder' not in inputs
    assert given.parameters.get_dict() == {'incar': INCAR}


def test_a_rescue_begins_anew_where_there_is_no_geometry(fail: Fail) -> None:
    slab = copper_slab(3)
    failed = fail(slab=slab)
    given: Any = failed.inputs
    inputs = rescue_inputs({'structure': slab, 'parameters': given.parameters}, failed, 0)
    assert inputs.structure == given.structure


def test_moments_are_carried_into_a_rescue(fail: Fail) -> None:
    slab = copper_slab(2)
    incar = {**INCAR, 'ispin': 2, 'magmom': [5.0, -5.0]}
    misc = {'site_magnetization': MAGNETIZATION}
    failed = fail(slab=slab, incar=incar, misc=misc, reached=shifted(slab))
    given: Any = failed.inputs
    inputs = rescue_inputs({'structure': slab, 'parameters': given.parameters}, failed, 0)
    assert inputs.parameters['incar']['magmom'] == [2.1, -1.9]


@pytest.mark.parametrize('kind', [*VASP_ERRORS, *MACHINE_FAILURES, *OUTCOMES], ids=lambda k: k.name)
def test_aiida_vasp_knows_the_tags_of_each_cure(kind: Any) -> None:
    tags = {change.tag.lower(): 1 for cure in kind.cures for change in cure.changes}
    assert set(ParametersMassage({'incar': tags}).parameters.incar) == set(tags)


def test_rescues_are_read_from_the_graph(fail: Fail) -> None:
    run = WorkChainNode().store()
    first = fail(run)
    second = fail(run, output=TIME_LIMIT, incar={**INCAR, 'ibrion': 1, 'ediff': 1e-6})
    last = fail(run, incar={**INCAR, 'ibrion': 1, 'ediff': 1e-6})
    fail(run, label='cu_4')
    assert [attempt.pk for attempt in attempts_of(last)] == [first.pk, second.pk, last.pk]
    assert rescues_of(first) == []
    assert rescues_of(last) == [
        Rescue('ZBRENT', {'ibrion': 1, 'ediff': 1e-6}),
        Rescue('WALL TIME', {}),
    ]


@pytest.fixture
def started(instantiate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that begins a run, whose submissions it notes in place of making them."""

    def make(**inputs: Any) -> Any:
        process = instantiate(slabs=copper_slabs(3, 4), **inputs)
        process.prepare_relaxations()
        process.submitted = []

        def submit(process_class: Any, label: str, **given: Any) -> WorkChainNode:
            process.submitted.append((label, AttributeDict(given)))
            return fail_relaxation(process.node, label, given['structure'])

        monkeypatch.setattr(process, 'submit_child', submit)
        process.submit_relaxations()
        return process

    return make


def end(process: Any, label: str, relaxation: WorkChainNode) -> None:
    process.ctx.relaxations[label] = relaxation


def test_a_failed_slab_is_queued_first(started: Callable[..., Any], fail: Fail) -> None:
    process = started()
    slab = process.ctx.slabs['cu_3']
    relaxation = fail(process.node, slab=slab, reached=shifted(slab))
    end(process, 'cu_3', relaxation)
    process.gather_relaxations()
    assert process.ctx.remaining == ['cu_3']
    assert process.ctx.failures == {}
    assert reports(process)[-1] == 'cu_3: ZBRENT; again with IBRION = 1, EDIFF = 1e-6'
    process.gather_relaxations()
    assert process.ctx.rescued == {'cu_3': [relaxation.pk]}
    process.submit_relaxations()
    label, inputs = process.submitted[-1]
    assert (label, inputs.metadata.call_link_label) == ('cu_3', 'cu_3')
    assert inputs.parameters['incar']['ibrion'] == 1
    assert process.ctx.remaining == []


def test_a_rescue_that_was_launched_before_a_crash_is_found_again(
    started: Callable[..., Any], fail: Fail
) -> None:
    process = started()
    end(process, 'cu_3', fail(process.node))
    process.gather_relaxations()
    launched = fail(process.node)  # by the worker that died
    process._has_adopted = False  # as in the worker that has loaded the process after it
    before = len(process.submitted)
    process.submit_relaxations()
    assert len(process.submitted) == before
    assert f'cu_3: awaiting VaspWorkChain<{launched.pk}>, launched before' in reports(process)


def test_an_older_relaxation_does_not_replace_one_that_could_not_be_stored(
    instantiate: Callable[..., Any], fail: Fail
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    fail(process.node)
    with pytest.raises(ValueError, match='required value was not provided'):
        process.submit_child(VaspWorkChain, 'cu_3')


def test_without_rescue_a_failure_stays_one(started: Callable[..., Any], fail: Fail) -> None:
    process = started(rescue=False)
    end(process, 'cu_3', fail(process.node))
    process.gather_relaxations()
    assert process.ctx.remaining == []
    assert 'ZBRENT: the line search' in process.ctx.failures['cu_3']


def test_what_fails_again_and_again_is_given_up(started: Callable[..., Any], fail: Fail) -> None:
    process = started()
    for incar in (INCAR, {**INCAR, 'ibrion': 1, 'ediff': 1e-6}, {**INCAR, 'ibrion': 1}):
        end(process, 'cu_3', fail(process.node, incar=incar))
        process.gather_relaxations()
        process.ctx.remaining = []
    assert process.ctx.failures['cu_3'].startswith('rescued twice; VaspWorkChain<')
    slab = next(slab for slab in collect(process.node).slabs if slab.label == 'cu_3')
    assert [rescue.name for rescue in slab.rescues][-2:] == ['ZBRENT', 'ZBRENT']
    assert slab.failure is not None
    assert slab.failure.name == 'ZBRENT'


def test_the_port_is_on_by_default() -> None:
    assert work_chain.SlabRelaxWorkChain.spec().inputs['rescue'].default().value is True
