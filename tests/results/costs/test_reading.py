"""What the calculations of a run have cost, from nodes that have ended so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.common import AttributeDict, LinkType
from aiida.orm import CalcJobNode, Computer, Dict, WorkChainNode

from aiida_slabrelax.results.costs.amounts import Amount, Cost, StageCost, format_amount, total_of
from aiida_slabrelax.results.costs.reading import cost_of, costs_of
from aiida_slabrelax.results.runs import PROCESS_TYPE
from aiida_slabrelax.results.slabs import collect
from failed_relaxations import fail_calculation
from sample_structures import copper_slab, copper_slabs

COST = {'seconds': 1800.0, 'cores': 4, 'electronic_steps': 90}
MISC = {'cost': COST, 'run_status': {'last_iteration_index': [7, 12]}}
#: What sacct prints: the row of the job, and that of a step of it.
SACCT = (
    'AllocCPUS|CPUTimeRAW|ElapsedRaw|JobID|State|\n'
    '8|57600|7200|123|TIMEOUT|\n'
    '8|57600|7200|123.batch|CANCELLED|\n'
)
OUTCAR = (
    ' vasp.6.4.1\n executed on LinuxIFC\n'
    ' running   16 mpi-ranks, with    2 threads/rank, on    1 nodes\n'
    + 'x' * 20000
    + '\n                         Elapsed time (sec):      225.000\n'
)


@pytest.fixture
def relaxation(end_relaxation: Callable[..., Any]) -> Any:
    """A relaxation that has ended; of its caller nothing matters."""
    caller = AttributeDict({'node': WorkChainNode().store(), 'ctx': {'relaxations': {}}})
    return end_relaxation(caller, 'cu_3')


def test_all_calculations_of_a_relaxation(
    relaxation: WorkChainNode, end_calculation: Callable[..., CalcJobNode]
) -> None:
    end_calculation(relaxation, Dict(MISC), exit_status=702)
    end_calculation(relaxation, Dict({**MISC, 'cost': {**COST, 'seconds': 900.0}}))
    cost = cost_of(relaxation)
    assert cost == Cost(2, Amount(3.0), Amount(14), Amount(180))
    assert cost.describe() == '3.00 core-hours, 14 ionic and 180 electronic steps in 2 calculations'


def test_what_one_calculation_did_not_record_is_missing_in_the_sum(
    relaxation: WorkChainNode, end_calculation: Callable[..., CalcJobNode], localhost: Computer
) -> None:
    end_calculation(relaxation, Dict(MISC))
    fail_calculation(relaxation, localhost, copper_slab(3), {}, misc={**MISC, 'cost': {'cores': 4}})
    cost = cost_of(relaxation)
    assert cost == Cost(2, Amount(2.0, unknown=1), Amount(14), Amount(90, unknown=1))
    assert (cost.core_hours.value, cost.ionic_steps.value) == (None, 14)
    assert cost.describe() == (
        'at least 2.00 core-hours, 14 ionic and at least 90 electronic steps in 2 calculations; '
        'not all is known of 1 of them'
    )
    assert [format_amount(amount, 2) for amount in (cost.core_hours, cost.ionic_steps)] == [
        '≥ 2.00',
        '14',
    ]


def test_slurm_tells_of_a_job_that_was_killed(
    relaxation: WorkChainNode, localhost: Computer
) -> None:
    calculation = fail_calculation(relaxation, localhost, copper_slab(3), {}, misc={})
    calculation.set_detailed_job_info({'retval': 0, 'stdout': SACCT, 'stderr': ''})
    assert cost_of(relaxation).core_hours == Amount(16.0)


@pytest.mark.parametrize('printed', ['', 'sacct: error', 'AllocCPUS|ElapsedRaw|\n8|\n'])
def test_other_accounting_is_no_accounting(
    relaxation: WorkChainNode, localhost: Computer, printed: str
) -> None:
    calculation = fail_calculation(relaxation, localhost, copper_slab(3), {}, misc={})
    calculation.set_detailed_job_info({'retval': 0, 'stdout': printed, 'stderr': ''})
    assert cost_of(relaxation).core_hours == Amount(unknown=1)


def test_a_calculation_of_an_earlier_version_is_read_from_its_files(
    relaxation: WorkChainNode, localhost: Computer
) -> None:
    misc = {'run_status': {'last_iteration_index': [5, 8]}}
    fail_calculation(relaxation, localhost, copper_slab(3), {'OUTCAR': OUTCAR}, misc=misc)
    assert cost_of(relaxation) == Cost(1, Amount(2.0), Amount(5), Amount(unknown=1))


@pytest.mark.parametrize(
    ('resources', 'core_hours'),
    [
        ({'num_machines': 2, 'num_mpiprocs_per_machine': 8}, Amount(4.0)),
        (
            {'num_machines': 1, 'num_mpiprocs_per_machine': 8, 'num_cores_per_mpiproc': 4},
            Amount(8.0),
        ),
        ({'tot_num_mpiprocs': 12}, Amount(3.0)),
        ({'num_machines': 2}, Amount(unknown=1)),  # the rest is a default of the computer
    ],
)
def test_the_requested_cores_count_where_vasp_names_none(
    relaxation: WorkChainNode, localhost: Computer, resources: dict[str, int], core_hours: Amount
) -> None:
    misc, slab = {'cost': {'seconds': 900.0}}, copper_slab(3)
    fail_calculation(relaxation, localhost, slab, {}, misc=misc, resources=resources)
    assert cost_of(relaxation).core_hours == core_hours


def test_what_never_ran_or_was_in_the_cache_has_cost_nothing(
    relaxation: WorkChainNode, end_calculation: Callable[..., CalcJobNode]
) -> None:
    end_calculation(relaxation, exit_status=100)  # it never got a job
    cached = end_calculation(relaxation, Dict(MISC))
    cached.base.extras.set('_aiida_cached_from', 'uuid')
    assert cost_of(relaxation) == Cost()
    assert cost_of(relaxation).describe() == ''


def test_a_job_that_has_left_nothing_is_unknown(
    relaxation: WorkChainNode, end_calculation: Callable[..., CalcJobNode]
) -> None:
    end_calculation(relaxation, exit_status=100).set_job_id('17')
    unknown = Amount(unknown=1)
    assert cost_of(relaxation) == Cost(1, unknown, unknown, unknown)
    assert format_amount(unknown, 1) == '–'


def test_slabs_by_stage(
    instantiate: Callable[..., Any],
    end_relaxation: Callable[..., WorkChainNode],
    end_calculation: Callable[..., CalcJobNode],
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    # An earlier stage, a failed attempt, and the relaxation itself.
    for link in ('prerelax__cu_3', 'cu_3', 'cu_3'):
        end_calculation(end_relaxation(process, link), Dict(MISC))
    once = Cost(1, Amount(2.0), Amount(7), Amount(90))
    stages = [StageCost('cu_3', 'prerelax', once), StageCost('cu_3', 'relaxation', once + once)]
    assert costs_of(process.node) == stages
    by_label = {slab.label: slab for slab in collect(process.node).slabs}
    assert by_label['cu_3'].costs == tuple(stages)
    assert (by_label['cu_3'].core_hours, by_label['cu_3'].electronic_steps) == (6.0, 270)
    assert (by_label['cu_4'].costs, by_label['cu_4'].core_hours) == ((), None)
    assert collect(process.node).cost == total_of(stages) == once + once + once


def test_phases_with_which_slabs_are_compared_count(
    instantiate: Callable[..., Any],
    end_relaxation: Callable[..., WorkChainNode],
    end_calculation: Callable[..., CalcJobNode],
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    for link in ('screen__bulk', 'prerelax__cu_3'):
        end_calculation(end_relaxation(process, link), Dict(MISC))
    once = Cost(1, Amount(2.0), Amount(7), Amount(90))
    results = collect(process.node)
    assert results.costs_of_phases == (StageCost('bulk', 'screen', once),)
    assert results.cost == total_of(costs_of(process.node)) == once + once


def test_a_workflow_counts_the_bulk_and_the_runs_that_it_has_called(
    relaxation: WorkChainNode, end_calculation: Callable[..., CalcJobNode]
) -> None:
    end_calculation(relaxation, Dict(MISC))  # which it has not called
    workflow = WorkChainNode().store()
    for incar in ({'nsw': 60, 'ibrion': 2}, {'NSW': 0, 'ibrion': -1}):
        bulk = WorkChainNode(label='bulk', process_type='aiida.workflows:vasp.v2.vasp')
        bulk.base.links.add_incoming(
            Dict({'incar': incar}).store(), LinkType.INPUT_WORK, 'parameters'
        )
        bulk.base.links.add_incoming(workflow, LinkType.CALL_WORK, 'CALL')
        end_calculation(bulk.store(), Dict(MISC))
    run = WorkChainNode(process_type=PROCESS_TYPE)
    run.base.links.add_incoming(workflow, LinkType.CALL_WORK, 'slabs')
    run.store()
    called = WorkChainNode(process_type='aiida.workflows:vasp.v2.vasp')
    called.base.links.add_incoming(run, LinkType.CALL_WORK, 'slab_00')
    end_calculation(called.store(), Dict(MISC))
    once = Cost(1, Amount(2.0), Amount(7), Amount(90))
    assert costs_of(workflow) == [
        StageCost('bulk', 'relaxation', once),
        StageCost('bulk', 'single point', once),
        StageCost('slab_00', 'relaxation', once),
    ]
