"""The steps of the work chain, one by one, on an instantiated process; no daemon."""

import re

import pytest
from aiida.common import AttributeDict, LinkType
from aiida.engine.persistence import AiiDAPersister
from aiida.engine.runners import Runner
from aiida.manage import get_manager
from aiida.orm import CalcFunctionNode, Dict, Float, Log, StructureData, WorkChainNode
from aiida.plugins import WorkflowFactory
from plumpy import ProcessState
from plumpy.persistence import LoadSaveContext

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax import work_chain
from aiida_slabrelax.workflows.slab_relax.context import BEGIN, lay_out
from aiida_slabrelax.workflows.slab_relax.own_inputs import CALL_LABEL
from aiida_slabrelax.workflows.slab_relax.validators import LABEL
from sample_structures import copper_slab, copper_slabs, gallium_arsenide, silver_phosphate
from transactions import one_transaction


def energies(value: float) -> Dict:
    return Dict({'total_energies': {'energy_extrapolated': value}})


def reports(process) -> list[str]:
    logs = Log.collection.get_logs_for(process.node)
    return [log.message.split(']: ', 1)[-1] for log in logs]


def test_entry_point():
    assert WorkflowFactory('slabrelax.relax') is SlabRelaxWorkChain


def test_a_bulk_is_cut(instantiate):
    assert instantiate().should_generate_slabs()


def test_own_slabs_are_not_cut(instantiate):
    process = instantiate(slabs=copper_slabs(3))
    assert not process.should_generate_slabs()
    assert process.prepare_relaxations() is None
    assert process.slabs_remain()
    assert process.ctx.remaining == ['cu_3']


def test_a_run_of_an_earlier_version_lacks_nothing(instantiate):
    process = instantiate(slabs=copper_slabs(3))
    for name in {*BEGIN} - {'slabs'}:  # without any entry the run has not begun
        del process.ctx[name]
    persister, runner = AiiDAPersister(), Runner(loop=get_manager().get_runner().loop)
    persister.save_checkpoint(process)
    process.close()
    saved = persister.load_checkpoint(process.node.pk)
    loaded = saved.unbundle(LoadSaveContext(runner=runner, loop=runner.loop))
    assert {**loaded.ctx, 'slabs': {}} == {name: begin() for name, begin in BEGIN.items()}
    loaded.close()


@pytest.mark.parametrize('name', BEGIN)
def test_an_entry_that_is_missing_is_added(name):
    context = AttributeDict({one: begin() for one, begin in BEGIN.items() if one != name})
    lay_out(context)
    assert context[name] == BEGIN[name]()


@pytest.mark.parametrize(
    ('changes', 'warning'),
    [
        ({'min_vacuum_thickness': 8.0}, 'min_vacuum_thickness: a vacuum of 8.00 Å is thin'),
        ({'miller_indices': [2, 0, 0]}, 'miller_indices: Miller indices (2, 0, 0) are taken as'),
        (
            {'miller_indices': [[1, 0, 0], [2, 2, 0]]},
            'miller_indices: Miller indices (2, 2, 0) are taken as (1, 1, 0)',
        ),
        ({'lll_reduce': False}, 'lll_reduce: has no effect with the generator exact'),
        ({'max_normal_search': 1}, 'max_normal_search: has no effect with the generator exact'),
    ],
)
def test_unusual_inputs_are_reported(instantiate, changes, warning):
    process = instantiate(**changes)
    assert [line for line in reports(process) if line.startswith(f'warning: {warning}')]


@pytest.mark.parametrize(('noise', 'count'), [(0.0005, 0), (0.01, 1)])
def test_noise_that_hides_symmetry_is_reported(instantiate, noise, count):
    atoms = silver_phosphate().get_ase()
    atoms.rattle(noise, seed=1)
    process = instantiate(bulk_structure=StructureData(ase=atoms))
    warning = 'warning: bulk_structure: the crystal has 1 symmetry operation within 0.01 Å, but 24'
    assert sum(line.startswith(warning) for line in reports(process)) == count


def test_unusual_slabs_are_reported(instantiate):
    atoms = copper_slabs(4)['cu_4'].get_ase()
    atoms.cell[2, 0] += 3.0
    atoms.pbc = (True, True, False)
    process = instantiate(slabs={'tilted': StructureData(ase=atoms)})
    tilt, period = reports(process)
    assert tilt.startswith('warning: slabs.tilted: its third lattice vector is ')
    assert period == (
        'warning: slabs.tilted: it is not periodic along its third lattice vector; '
        'in VASP it will be.'
    )


def test_a_kpoints_spacing_that_seems_to_include_2_pi(start_process, slab_relax_builder):
    builder = slab_relax_builder()
    builder.vasp.kpoints_spacing = 0.3
    process = start_process(builder)
    process.setup()
    assert reports(process) == [
        'warning: vasp.kpoints_spacing: 0.3 is in units of 2π/Å; if it was meant in 1/Å, like '
        "VASP's KSPACING, it must be 0.048"
    ]


def test_usual_inputs_give_no_warning(instantiate):
    assert reports(instantiate()) == []


def test_generate_slabs(instantiate):
    process = instantiate(
        bulk_structure=silver_phosphate(), min_slab_thickness=10.0, min_vacuum_thickness=15.0
    )
    assert process.generate_slabs() is None
    labels = ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    assert sorted(process.outputs['generated_slabs']) == labels
    lines = [line for line in reports(process) if 'warning' not in line]
    assert [line.split(':')[0] for line in lines] == labels
    assert {tuple(line.split(': ')[1].split(', ')[:2]) for line in lines} == {
        ('Ag10P3O16', '29 atoms'),
        ('Ag11P4O16', '31 atoms'),
        ('Ag13P4O16', '33 atoms'),
        ('Ag14P5O16', '35 atoms'),
    }
    assert set(process.outputs['terminations'].get_dict()) == set(labels)


def test_thin_slabs_of_pymatgen_are_reported(instantiate):
    process = instantiate(
        bulk_structure=silver_phosphate(),
        min_slab_thickness=10.0,
        min_vacuum_thickness=15.0,
        generator='pymatgen',
    )
    process.generate_slabs()
    assert sum('less than the 10.00 Å asked for' in line for line in reports(process)) == 2


def test_excluded_slabs_are_reported(instantiate):
    process = instantiate(
        bulk_structure=gallium_arsenide(), miller_indices=[[1, 1, 0], [1, 0, 1], [1, 1, 1]]
    )
    assert process.generate_slabs() is None
    first, second = [line for line in reports(process) if line.startswith('excluded')]
    assert first == 'excluded: (101): equivalent to (110)'
    assert second.startswith('excluded: (111): No symmetric slab (111) exists')


def test_the_spacing_of_k_points_is_for_the_terminations(instantiate):
    process = instantiate(kpoints_spacing=0.1)
    process.generate_slabs()
    assert process.outputs['terminations']['slab_00']['kpoints'] == [4, 4, 1]


def test_why_no_slabs_could_be_cut(instantiate):
    process = instantiate(bulk_structure=gallium_arsenide(), miller_indices=[1, 1, 1])
    exit_code = process.generate_slabs()
    assert exit_code.status == 310
    assert 'No symmetric slab (111) exists' in exit_code.message


def test_the_largest_slabs_go_first(instantiate):
    process = instantiate(slabs=copper_slabs(3, 5, 4))
    process.prepare_relaxations()
    assert process.ctx.remaining == ['cu_5', 'cu_4', 'cu_3']


def test_what_slabs_have_of_their_own_is_made_once(instantiate):
    """A run that began with an earlier version has made nothing before its first relaxation."""
    process = instantiate(slabs=copper_slabs(3, 4))
    process.prepare_relaxations()
    made = process.ctx.own_inputs
    assert sorted(made.inputs.slabs) == ['cu_3', 'cu_4']
    process.make_own_inputs_once()
    assert process.ctx.own_inputs is made


def call(process, state: ProcessState, exit_status: int | None = None) -> CalcFunctionNode:
    """Return a call of the calcfunction that an earlier worker of a run has left."""
    node = CalcFunctionNode()
    node.base.links.add_incoming(process.node, LinkType.CALL_CALC, CALL_LABEL)
    node.set_process_state(state)
    node.set_exit_status(exit_status)
    return node.store()


def test_what_an_earlier_worker_has_made_is_not_made_again(instantiate):
    process = instantiate(slabs=copper_slabs(3))
    made = call(process, ProcessState.FINISHED, 0)
    process.prepare_relaxations()
    assert process.ctx.own_inputs.uuid == made.uuid


def test_what_an_earlier_worker_died_over_is_closed_and_made_again(instantiate):
    process = instantiate(slabs=copper_slabs(3))
    left = call(process, ProcessState.RUNNING)
    process.prepare_relaxations()
    assert process.ctx.own_inputs.uuid != left.uuid
    assert process.ctx.own_inputs.is_finished_ok
    assert left.is_killed


def test_no_slab_can_be_taken_for_what_has_made_their_inputs():
    assert LABEL.fullmatch('make_own_inputs')
    assert LABEL.fullmatch(CALL_LABEL) is None


def test_slabs_that_are_taken_over_need_nothing(instantiate):
    previous = {
        'relaxed_slabs': {'cu_3': copper_slab(3).store()},
        'misc': {'cu_3': energies(-1.5).store()},
    }
    process = instantiate(slabs=copper_slabs(3), previous=previous)
    assert process.prepare_relaxations() is None
    assert process.ctx.own_inputs is None


def test_the_status_is_the_progress_and_written_when_it_changes(instantiate):
    process = instantiate(slabs=copper_slabs(3, 4))
    process.ctx.remaining = ['cu_3']
    process.to_context(**{'relaxations.cu_4': WorkChainNode().store()})
    assert process.node.process_status == '0 of 2 slabs done'
    written = process.node.mtime
    process.await_again(process.ctx.relaxations['cu_4'])
    assert process.node.process_status == '0 of 2 slabs done'
    assert process.node.mtime == written


def test_overrides_of_slabs_that_are_not_there(instantiate):
    changes = {'max_iterations': 2}
    process = instantiate(slab_overrides={'slab_07': changes, 'slab_*': changes})
    process.generate_slabs()
    exit_code = process.prepare_relaxations()
    assert exit_code.status == 311
    assert exit_code.message == (
        'No slab matches these keys of `slab_overrides`: slab_07. The slabs are: slab_00'
    )


def test_more_layers_to_fix_than_there_are(instantiate):
    process = instantiate(fix={'layers': 9, 'side': 'bottom'})
    process.generate_slabs()
    exit_code = process.prepare_relaxations()
    assert exit_code.status == 312
    assert exit_code.message.startswith('`fix` does not suit every slab: slab_00: ')


def test_lists_in_the_incar_that_do_not_fit_every_slab(instantiate):
    process = instantiate(
        slabs=copper_slabs(3, 4, 5),
        incar={'magmom': [1.0, 1.0, 1.0]},
        slab_overrides={'cu_4': {'parameters': {'incar': {'magmom': '4*1.0'}}}},
    )
    exit_code = process.prepare_relaxations()
    assert exit_code.status == 313
    assert exit_code.message == (
        'The INCAR does not suit every slab: cu_5: MAGMOM has 3 values and needs 5, one for each '
        'of 5 sites; `magmom_mapping` gives them by kind'
    )


def test_the_cost_is_reported_at_the_end(instantiate, relax):
    process = instantiate(slabs=copper_slabs(3))
    cost = {'seconds': 900.0, 'cores': 8, 'electronic_steps': 90}
    relax(process, 'cu_3', cost=cost, run_status={'last_iteration_index': [7, 12]})
    process.results()
    assert reports(process)[-1] == (
        'cost: 2.00 core-hours, 7 ionic and 90 electronic steps in 1 calculation'
    )


def test_results_of_good_slabs(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4))
    for label, energy in (('cu_3', -1.5), ('cu_4', -2.5)):
        end_relaxation(process, label, energies(energy), copper_slab(3))
    process.gather_relaxations()
    assert process.results() is None
    assert {k: v.value for k, v in process.outputs['slab_energies'].items()} == {
        'cu_3': -1.5,
        'cu_4': -2.5,
    }
    assert sorted(process.outputs['relaxed_slabs']) == ['cu_3', 'cu_4']
    first, *_ = Log.collection.get_logs_for(process.node)
    assert first.message.startswith(f'[{process.node.pk}|SlabRelaxWorkChain|gather_relaxations]: ')
    assert reports(process) == [
        'cu_3: relaxed, -1.500000 eV',
        'cu_4: relaxed, -2.500000 eV',
        '2 of 2 slabs relaxed; total energies of different compositions are not comparable',
    ]


def test_the_energies_of_many_slabs_are_gathered_in_parts(instantiate, end_relaxation, monkeypatch):
    monkeypatch.setattr(work_chain, 'GATHERED_AT_ONCE', 2)
    process = instantiate(slabs=copper_slabs(3, 4, 5))
    for layers in (3, 4, 5):
        end_relaxation(process, f'cu_{layers}', energies(-layers), copper_slab(layers))
    assert process.results() is None
    gathered = process.outputs['slab_energies']
    assert {label: energy.value for label, energy in gathered.items()} == {
        'cu_3': -3.0,
        'cu_4': -4.0,
        'cu_5': -5.0,
    }
    assert sorted(gathered['cu_3'].creator.inputs.misc) == ['cu_3', 'cu_4']
    assert gathered['cu_4'].creator == gathered['cu_3'].creator
    assert sorted(gathered['cu_5'].creator.inputs.misc) == ['cu_5']


def test_one_failure_is_named_and_the_rest_kept(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4))
    end_relaxation(process, 'cu_3', energies(-1.5), copper_slab(3))
    bad = end_relaxation(process, 'cu_4', exit_status=401, exit_message='too many iterations')
    process.gather_relaxations()
    exit_code = process.results()
    assert exit_code.status == 402
    assert exit_code.message == (
        '1 of 2 relaxations failed: '
        f'cu_4: VaspWorkChain<{bad.pk}> failed with exit status 401: too many iterations'
    )
    assert sorted(process.outputs['slab_energies']) == ['cu_3']


def test_all_failures_are_named(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4))
    killed = end_relaxation(process, 'cu_3', state=ProcessState.KILLED)
    excepted = end_relaxation(process, 'cu_4', state=ProcessState.EXCEPTED)
    excepted.set_exception('RuntimeError: out of luck')
    process.gather_relaxations()
    exit_code = process.results()
    assert exit_code.status == 401
    assert exit_code.message == (
        f'All 2 relaxations failed: cu_3: VaspWorkChain<{killed.pk}> was killed; '
        f'cu_4: VaspWorkChain<{excepted.pk}> excepted: RuntimeError: out of luck'
    )
    assert 'slab_energies' not in process.outputs


@pytest.mark.parametrize(
    'failing',  # the layers of each slab that fails, and the exit status of its calculation
    [
        {3: 352},
        {6: 700},
        {3: 701, 5: 702},
        {3: 703, 4: 703, 6: 352},
        {3: 700, 4: 701, 5: 702, 6: 703},
    ],
    ids=str,
)
def test_whatever_fails_good_slabs_are_output(
    instantiate, end_relaxation, end_calculation, relax, failing
):
    good = {f'cu_{n}' for n in {3, 4, 5, 6} - {*failing}}
    with one_transaction():
        process = instantiate(slabs=copper_slabs(3, 4, 5, 6))
        for label in good:
            relax(process, label)
        for n, status in failing.items():
            relaxation = end_relaxation(process, f'cu_{n}', exit_status=401, exit_message='no more')
            end_calculation(relaxation, exit_status=status, exit_message='a failure')
    process.gather_relaxations()
    exit_code = process.results()
    assert exit_code.status == (402 if good else 401)
    for n, status in failing.items():
        assert re.search(
            rf'cu_{n}: VaspWorkChain<\d+> failed with exit status 401: no more; '
            rf'[^;]*failed with exit status {status}: a failure',
            exit_code.message,
        )
    for name in ('relaxed_slabs', 'slab_energies'):
        assert (set(process.outputs[name]) if good else set()) == good


def test_a_missing_energy_is_an_error_that_lists_the_keys(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4))
    end_relaxation(process, 'cu_3', energies(-1.5), copper_slab(3))
    odd = Dict({'total_energies': {'e_fr': 1.0}})
    node = end_relaxation(process, 'cu_4', odd, copper_slab(4))
    process.gather_relaxations()
    exit_code = process.results()
    assert exit_code.status == 320
    assert exit_code.message.startswith('1 of 2 slabs have no total energy: cu_4: ')
    assert f'VaspWorkChain<{node.pk}>' in exit_code.message
    assert exit_code.message.endswith('e_fr')
    assert sorted(process.outputs['relaxed_slabs']) == ['cu_3', 'cu_4']
    assert sorted(process.outputs['slab_energies']) == ['cu_3']


def test_a_relaxation_without_structure_has_failed(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', energies(-1.5))
    process.gather_relaxations()
    exit_code = process.results()
    assert exit_code.status == 401
    assert 'without the output structure' in exit_code.message


def test_min_success_fraction_allows_failures(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4), min_success_fraction=0.5)
    end_relaxation(process, 'cu_3', energies(-1.5), copper_slab(3))
    bad = end_relaxation(process, 'cu_4', exit_status=401, exit_message='too many iterations')
    process.gather_relaxations()
    assert process.results() is None
    assert reports(process)[-1] == (
        '1 of 2 relaxations failed, which `min_success_fraction` allows: '
        f'cu_4: VaspWorkChain<{bad.pk}> failed with exit status 401: too many iterations'
    )


@pytest.mark.parametrize('fraction', [0.01, 1.0])
def test_none_relaxed_is_a_failure_at_any_fraction(instantiate, end_relaxation, fraction):
    process = instantiate(slabs=copper_slabs(3), min_success_fraction=fraction)
    end_relaxation(process, 'cu_3', exit_status=401)
    process.gather_relaxations()
    assert process.results().status == 401


def test_fewer_than_the_fraction_is_a_failure(instantiate, end_relaxation):
    process = instantiate(slabs=copper_slabs(3, 4, 5), min_success_fraction=0.67)
    for label in ('cu_3', 'cu_4'):
        end_relaxation(process, label, energies(-1.5), copper_slab(3))
    end_relaxation(process, 'cu_5', exit_status=401)
    process.gather_relaxations()
    assert process.results().status == 402


def test_a_relaxation_that_failed_after_its_calculation_is_recovered(
    instantiate, end_relaxation, end_calculation
):
    process = instantiate(slabs=copper_slabs(3))
    relaxed = copper_slab(4)
    relaxation = end_relaxation(process, 'cu_3', exit_status=500, exit_message='missing')
    calculation = end_calculation(relaxation, energies(-1.5), relaxed)
    process.gather_relaxations()
    assert process.results() is None
    assert process.outputs['relaxed_slabs']['cu_3'].uuid == relaxed.uuid
    assert process.outputs['slab_energies']['cu_3'].value == -1.5
    assert reports(process)[0] == (
        f'cu_3: VaspWorkChain<{relaxation.pk}> failed with exit status 500: missing; '
        f'recovered, VaspCalculation<{calculation.pk}> succeeded'
    )


def test_slabs_of_an_earlier_run_are_taken_over(instantiate, end_relaxation):
    relaxed, energy = copper_slab(4).store(), Float(-9.0).store()
    process = instantiate(
        slabs=copper_slabs(3, 4),
        previous={'relaxed_slabs': {'cu_4': relaxed}, 'slab_energies': {'cu_4': energy}},
    )
    process.prepare_relaxations()
    assert process.ctx.remaining == ['cu_3']
    end_relaxation(process, 'cu_3', energies(-1.5), copper_slab(3))
    process.gather_relaxations()
    assert process.results() is None
    assert process.outputs['relaxed_slabs']['cu_4'].uuid == relaxed.uuid
    assert process.outputs['slab_energies']['cu_4'].uuid == energy.uuid
    assert sorted(process.outputs['slab_energies']) == ['cu_3', 'cu_4']
