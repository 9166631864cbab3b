from itertools import product

import numpy as np
import pytest
from aiida.common import LinkType
from aiida.orm import Dict, Float, Int, StructureData
from ase.build import fcc100
from plumpy import ProcessState
from sqlalchemy import event

from aiida_slabrelax.engine.links import TOGETHER
from aiida_slabrelax.report import write_page
from aiida_slabrelax.results import Failure
from aiida_slabrelax.results.runs import energies_of
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from large_runs import make_run
from quick_aiida.known_rows import read_each_time
from sample_structures import copper_slab, copper_slabs

MISC = {
    'total_energies': {'energy_extrapolated': -3.5},
    'forces': [[0.0, 0.0, 0.02], [0.03, 0.04, 0.0], [0.0, 0.0, 0.0]],
    'run_status': {'last_iteration_index': [7, 5]},
}


def by_label(process) -> dict:
    return {slab.label: slab for slab in collect(process.node).slabs}


@pytest.fixture(scope='module')
def waiting(instantiate_for_all):
    """A run of two slabs that has submitted nothing."""
    return instantiate_for_all(slabs=copper_slabs(4, 3))


def test_other_nodes_are_refused():
    node = Int(3).store()
    with pytest.raises(ValueError, match=f'node {node.pk} is a Int, not a SlabRelaxWorkChain'):
        collect(node)


def test_before_anything_has_been_submitted(waiting):
    results = collect(waiting.node)
    assert (results.pk, results.uuid) == (waiting.node.pk, waiting.node.uuid)
    assert results.state == 'created'
    assert [slab.label for slab in results.slabs] == ['cu_3', 'cu_4']
    assert [slab.state for slab in results.slabs] == ['waiting', 'waiting']
    assert results.n_done == 0
    assert not results.comparable


def test_the_data_of_a_slab(waiting):
    slab = by_label(waiting)['cu_3']
    assert (slab.formula, slab.n_atoms) == ('Cu3', 3)
    assert slab.area == pytest.approx(3.6**2 / 2)
    assert slab.thickness == pytest.approx(3.6 * 1.02)
    np.testing.assert_allclose(slab.initial.positions, copper_slab(3).get_ase().positions)
    assert slab.relaxed is None
    assert (slab.energy, slab.max_force, slab.ionic_steps, slab.pk) == (None, None, None, None)
    assert (slab.taken_over, slab.recovered, slab.failure) == (False, False, None)


SHIFTS, SLANTS = (0.0, 3.0, 8.0, -5.0), (0.0, 4.0)


@pytest.fixture(scope='module')
def shifted(instantiate_for_all):
    """The slabs of a run, by how far they are shifted and how oblique their cells are."""
    slabs = {}
    for number, (shift, slant) in enumerate(product(SHIFTS, SLANTS)):
        atoms = fcc100('Cu', (1, 1, 5), a=3.6, vacuum=6.0, periodic=True)
        atoms.set_tags(0)
        atoms.cell[2, 0] += slant
        atoms.positions[:, 2] += shift
        atoms.wrap()
        slabs[f'slab_{number}'] = StructureData(ase=atoms)
    results = collect(instantiate_for_all(slabs=slabs).node)
    return dict(zip(product(SHIFTS, SLANTS), results.slabs, strict=True))


@pytest.mark.parametrize('shift', SHIFTS)
@pytest.mark.parametrize('slant', SLANTS)
def test_a_slab_that_crosses_the_boundary_of_its_cell_is_as_thick(shifted, shift, slant):
    slab = shifted[shift, slant]
    assert slab.thickness == pytest.approx(7.2)
    assert slab.area == pytest.approx(3.6**2 / 2)


def test_a_relaxed_slab(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3))
    node = end_relaxation(process, 'cu_3', Dict(MISC), copper_slab(4))
    slab = by_label(process)['cu_3']
    assert (slab.state, slab.pk, slab.exit_status) == ('relaxed', node.pk, 0)
    assert slab.energy == -3.5
    assert slab.max_force == pytest.approx(0.05)
    assert slab.converged is None
    np.testing.assert_allclose(slab.relaxed.positions, copper_slab(4).get_ase().positions)
    assert (slab.taken_over, slab.recovered, slab.failure) == (False, False, None)


def test_the_energy_is_the_one_that_the_run_has_gathered(instantiate, end_relaxation):
    """What the relaxation has returned is asked only as long as there is no output of the run."""
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', Dict(MISC), copper_slab(3))
    assert by_label(process)['cu_3'].energy == -3.5
    gathered = Float(-3.25).store()
    gathered.base.links.add_incoming(process.node, LinkType.RETURN, 'slab_energies__cu_3')
    assert by_label(process)['cu_3'].energy == -3.25
    assert energies_of(process.node) == {'cu_3': gathered}


def test_a_failed_slab_tells_how_far_its_last_calculation_came(
    instantiate, end_relaxation, end_calculation
):
    process = instantiate(slabs=copper_slabs(3))
    relaxation = end_relaxation(process, 'cu_3', exit_status=401)
    end_calculation(relaxation, Dict(MISC), copper_slab(3), exit_status=702)
    misc = {'forces': [[0.0, 0.3, 0.4]], 'run_status': {'ionic_converged': False}}
    end_calculation(relaxation, Dict(misc), copper_slab(3), exit_status=702)
    slab = by_label(process)['cu_3']
    assert (slab.state, slab.converged) == ('failed', False)
    assert slab.max_force == pytest.approx(0.5)


def test_a_failed_slab_among_good_ones(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4))
    end_relaxation(process, 'cu_3', Dict(MISC), copper_slab(3))
    end_relaxation(process, 'cu_4', exit_status=401, exit_message='too many iterations')
    results = collect(process.node)
    assert results.n_done == 2
    failed = by_label(process)['cu_4']
    assert (failed.state, failed.exit_status) == ('failed', 401)
    assert failed.exit_message == 'too many iterations'
    assert failed.energy is None


def test_a_running_relaxation(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', exit_status=None, state=ProcessState.WAITING)
    results = collect(process.node)
    assert results.slabs[0].state == 'running'
    assert results.n_done == 0


def test_the_last_of_two_relaxations_counts(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', exit_status=401)
    last = end_relaxation(process, 'cu_3', Dict(MISC), copper_slab(3))
    assert by_label(process)['cu_3'].pk == last.pk


def test_a_slab_that_was_never_submitted_has_failed_when_the_run_has_ended(instantiate):
    process = instantiate(slabs=copper_slabs(3))
    process.node.set_process_state(ProcessState.EXCEPTED)
    slab = collect(process.node).slabs[0]
    assert (slab.state, slab.failure) == ('failed', None)


def test_one_composition_can_be_compared(instantiate):
    slabs = {'a': copper_slab(3), 'b': copper_slab(3, vacuum=8.0)}
    assert collect(instantiate(slabs=slabs).node).comparable


def test_the_last_results_of_a_failed_slab(instantiate, end_relaxation, end_calculation, tmp_path):
    process, last = instantiate(slabs=copper_slabs(3)), copper_slab(4)
    relaxation = end_relaxation(process, 'cu_3', exit_status=401, exit_message='too many')
    end_calculation(relaxation, Dict({}), copper_slab(3), exit_status=700)
    calculation = end_calculation(
        relaxation,
        Dict(MISC),
        last,
        exit_status=702,
        exit_message='ions not converged',
        remote_path=str(tmp_path),
    )
    slab = by_label(process)['cu_3']
    assert slab.failure == Failure(
        message=(
            f'VaspWorkChain<{relaxation.pk}> failed with exit status 401: too many; its last '
            f'VaspCalculation<{calculation.pk}> failed with exit status 702: ions not converged'
        ),
        calculation_pk=calculation.pk,
        calculation_status=702,
        calculation_message='ions not converged',
        energy=-3.5,
        structure_pk=last.pk,
        computer='localhost-test',
        remote_folder=str(tmp_path),
    )
    np.testing.assert_allclose(slab.failure.structure.positions, last.get_ase().positions)
    assert (slab.state, slab.ionic_steps, slab.recovered) == ('failed', 7, False)
    assert (slab.energy, slab.relaxed) == (None, None)


def test_the_geometry_may_be_of_an_earlier_calculation(
    instantiate, end_relaxation, end_calculation
):
    process, last = instantiate(slabs=copper_slabs(3)), copper_slab(3)
    relaxation = end_relaxation(process, 'cu_3', exit_status=500)
    end_calculation(relaxation, Dict(MISC), last, exit_status=702)
    calculation = end_calculation(relaxation, exit_status=352)
    failure = by_label(process)['cu_3'].failure
    assert (failure.calculation_pk, failure.calculation_status) == (calculation.pk, 352)
    assert (failure.structure_pk, failure.energy) == (last.pk, None)
    assert (failure.computer, failure.remote_folder) == (None, None)


def test_a_relaxation_without_calculations_has_no_results(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3))
    relaxation = end_relaxation(process, 'cu_3', exit_status=None, state=ProcessState.KILLED)
    slab = by_label(process)['cu_3']
    assert slab.state == 'failed'
    assert slab.failure == Failure(message=f'VaspWorkChain<{relaxation.pk}> was killed')
    assert slab.failure.structure is None


def test_a_recovered_slab(instantiate, end_relaxation, end_calculation):
    process, relaxed = instantiate(slabs=copper_slabs(3)), copper_slab(4)
    relaxation = end_relaxation(process, 'cu_3', exit_status=500, exit_message='missing')
    end_calculation(relaxation, Dict(MISC), relaxed)
    slab = by_label(process)['cu_3']
    assert (slab.state, slab.recovered, slab.failure) == ('relaxed', True, None)
    assert (slab.pk, slab.exit_status, slab.exit_message) == (relaxation.pk, 500, 'missing')
    assert (slab.energy, slab.ionic_steps) == (-3.5, 7)
    assert slab.max_force == pytest.approx(0.05)
    np.testing.assert_allclose(slab.relaxed.positions, relaxed.get_ase().positions)


def test_a_slab_taken_over_from_an_earlier_run(instantiate, start_process, relax, end_run):
    earlier = instantiate(slabs=copper_slabs(3, 4))
    relaxation = relax(earlier, 'cu_3', energy=-2.5)
    builder = SlabRelaxWorkChain.get_builder_retry(end_run(earlier, ProcessState.KILLED))
    process = start_process(builder)
    results = collect(process.node)
    taken_over, waiting = results.slabs
    assert (taken_over.label, taken_over.state) == ('cu_3', 'relaxed')
    assert (taken_over.taken_over, taken_over.recovered) == (True, False)
    assert (taken_over.pk, taken_over.exit_status, taken_over.energy) == (relaxation.pk, 0, -2.5)
    assert (waiting.label, waiting.state, waiting.taken_over) == ('cu_4', 'waiting', False)
    assert results.n_done == 1


def test_a_slab_that_was_recovered_and_then_taken_over(
    instantiate, start_process, end_relaxation, end_calculation, end_run
):
    earlier = instantiate(slabs=copper_slabs(3, 4))
    relaxation = end_relaxation(earlier, 'cu_3', exit_status=500)
    end_calculation(relaxation, Dict(MISC), copper_slab(3))
    builder = SlabRelaxWorkChain.get_builder_retry(end_run(earlier, ProcessState.KILLED))
    process = start_process(builder)
    slab = by_label(process)['cu_3']
    assert (slab.state, slab.taken_over, slab.recovered) == ('relaxed', True, True)
    assert (slab.pk, slab.energy) == (relaxation.pk, -3.5)


def test_a_slab_that_was_given_as_relaxed_by_hand(instantiate):
    relaxed, energy = copper_slab(4).store(), Float(-9.0).store()
    process = instantiate(
        slabs=copper_slabs(3, 4),
        previous={'relaxed_slabs': {'cu_4': relaxed}, 'slab_energies': {'cu_4': energy}},
    )
    slab = by_label(process)['cu_4']
    assert (slab.state, slab.taken_over, slab.energy, slab.pk) == ('relaxed', True, -9.0, None)
    np.testing.assert_allclose(slab.relaxed.positions, relaxed.get_ase().positions)


@pytest.fixture(scope='module')
def runs(vasp_code):
    """Runs of one slab and of two."""
    return [make_run(vasp_code, number, layers=1) for number in (1, 2)]


@pytest.mark.parametrize('read', [collect, write_page])
def test_the_number_of_queries_does_not_grow_with_that_of_the_slabs(vasp_code, runs, read):
    asked = []
    engine = vasp_code.backend.get_session().get_bind()
    assert TOGETHER >= 2
    counts = []

    def note(*args):
        asked.append(args[2])

    event.listen(engine, 'before_cursor_execute', note)
    with read_each_time():
        for run in runs:
            asked.clear()
            read(run)
            counts.append(len(asked))
    event.remove(engine, 'before_cursor_execute', note)
    assert counts[0] == counts[1]
    assert counts[0] < 200
