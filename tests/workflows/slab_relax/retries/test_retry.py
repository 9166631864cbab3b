"""The inputs of a run that goes on where an earlier one has stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiida.common import LinkType
from aiida.engine import ProcessBuilder, run_get_node
from aiida.orm import (
    Computer,
    Dict,
    InstalledCode,
    Int,
    Node,
    RemoteData,
    StructureData,
    WorkChainNode,
)
from aiida.tools import delete_nodes
from plumpy import ProcessState
from sqlalchemy import event

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.own_inputs import read_own_inputs
from failed_relaxations import MAGNETIZATION
from quick_aiida.known_rows import read_each_time
from sample_structures import copper_slab, copper_slabs
from transactions import one_transaction

Fixture = Callable[..., Any]
PREVIOUS = ('relaxed_slabs', 'slab_energies', 'misc', 'geometries', 'remote_folders', 'moments')


def problem(builder: ProcessBuilder) -> str | None:
    """Return what is wrong with the inputs, all together, if anything is."""
    ports = SlabRelaxWorkChain.spec().inputs
    error = ports.validate(ports.pre_process(builder._inputs(prune=True)))
    return None if error is None else str(error)


def retry(node: Node, *args: Any, **kwargs: Any) -> ProcessBuilder:
    """Return a builder for what has not relaxed; its inputs are valid."""
    builder = SlabRelaxWorkChain.get_builder_retry(node, *args, **kwargs)
    assert problem(builder) is None
    return builder


def uuids(nodes: Mapping[str, Node]) -> dict[str, str]:
    return {label: node.uuid for label, node in nodes.items()}


def previous(builder: ProcessBuilder) -> dict[str, dict[str, str]]:
    """Return the uuids of what is handed over, by namespace and label; empty ones are left out."""
    found = {name: uuids(builder.previous[name]) for name in PREVIOUS}
    return {name: nodes for name, nodes in found.items() if nodes}


@pytest.fixture
def start(start_process: Fixture) -> Fixture:
    """Return a function that makes a process that has gone as far as to its first submissions."""

    def make(builder: ProcessBuilder) -> Any:
        with one_transaction():
            process = start_process(builder)
            process.setup()
            process.prepare_relaxations()
        return process

    return make


@pytest.fixture(scope='session')
def fail(end_relaxation: Fixture, end_calculation: Fixture) -> Fixture:
    """Return a function that lets a relaxation fail, its only calculation with a geometry."""

    def make(
        process: Any,
        label: str,
        structure: StructureData | None = None,
        remote_path: Path | None = None,
    ) -> WorkChainNode:
        relaxation: WorkChainNode = end_relaxation(process, label, exit_status=401)
        end_calculation(
            relaxation,
            structure=structure,
            exit_status=702,
            remote_path=str(remote_path) if remote_path else None,
        )
        return relaxation

    return make


@dataclass(frozen=True)
class Failed:
    """A run of four slabs in which all but one have failed.

    :ivar last: the last geometries of two of them.
    """

    run: WorkChainNode
    slabs: dict[str, StructureData]
    relaxation: WorkChainNode
    last: dict[str, StructureData]


@pytest.fixture(scope='module')
def failed(
    instantiate_for_all: Fixture,
    relax: Fixture,
    fail: Fixture,
    end_relaxation: Fixture,
    end_run: Fixture,
) -> Failed:
    """A run that is only read: one slab has relaxed, one has failed before its calculation."""
    slabs = copper_slabs(3, 4, 5, 6)
    process = instantiate_for_all(slabs=slabs)
    relaxation = relax(process, 'cu_3')
    last = {label: copper_slab(4) for label in ('cu_4', 'cu_6')}
    for label, structure in last.items():
        fail(process, label, structure)
    end_relaxation(process, 'cu_5', exit_status=700)
    return Failed(end_run(process), slabs, relaxation, last)


@pytest.fixture(scope='module')
def killed(instantiate_for_all: Fixture, end_run: Fixture) -> WorkChainNode:
    """A run that is only read, and was killed before its only slab was relaxed."""
    return end_run(instantiate_for_all(slabs=copper_slabs(3)), ProcessState.KILLED)


def test_after_some_have_failed(failed: Failed) -> None:
    assert failed.run.exit_status == 402
    builder = retry(failed.run)
    assert uuids(builder.slabs) == uuids(failed.slabs)
    assert previous(builder) == {
        'relaxed_slabs': {'cu_3': failed.relaxation.outputs.structure.uuid},
        'slab_energies': {'cu_3': failed.run.outputs.slab_energies.cu_3.uuid},
        'geometries': uuids(failed.last),
    }


def test_the_links_of_all_slabs_are_read_at_once(
    instantiate: Fixture, fail: Fixture, end_run: Fixture, vasp_code: InstalledCode
) -> None:
    asked: list[str] = []
    engine = vasp_code.backend.get_session().get_bind()

    def note(*args: Any) -> None:
        asked.append(args[2])

    counts = []
    for labels in (['cu_3'], ['cu_3', 'cu_4', 'cu_5']):
        process = instantiate(slabs={label: copper_slab(2) for label in labels})
        for label in labels:
            fail(process, label)
        run = end_run(process, ProcessState.KILLED)
        asked.clear()
        event.listen(engine, 'before_cursor_execute', note)
        with read_each_time():
            SlabRelaxWorkChain.get_builder_retry(run)
        event.remove(engine, 'before_cursor_execute', note)
        counts.append(sum('db_dblink' in query for query in asked))
    assert counts[0] == counts[1]
    assert counts[0] < 40


@pytest.fixture
def magnetic(
    instantiate: Fixture, end_relaxation: Fixture, end_calculation: Fixture, end_run: Fixture
) -> WorkChainNode:
    """A run whose slab has failed after its moments had changed."""
    process = instantiate(slabs=copper_slabs(2), incar={'ispin': 2, 'magmom': [5, 5]})
    relaxation = end_relaxation(process, 'cu_2', exit_status=401)
    misc = Dict({'site_magnetization': MAGNETIZATION})
    end_calculation(relaxation, misc, copper_slab(2), exit_status=702)
    return end_run(process)


def test_moments_of_the_last_step_are_handed_over(start: Fixture, magnetic: WorkChainNode) -> None:
    builder = retry(magnetic)
    assert builder.previous.moments['cu_2'].get_list() == [2.1, -1.9]
    process = start(builder)
    assert process.prepare_relaxations() is None
    parameters = read_own_inputs(process.ctx.own_inputs, 'cu_2')['parameters']
    assert parameters['incar']['magmom'] == [2.1, -1.9]


def test_moments_that_are_asked_for_go_first(magnetic: WorkChainNode) -> None:
    builder = retry(magnetic, {'vasp': {'parameters': {'incar': {'magmom': [3, 3]}}}})
    assert dict(builder.previous.moments) == {}


def test_after_all_have_failed(instantiate: Fixture, fail: Fixture, end_run: Fixture) -> None:
    slabs, last = copper_slabs(3, 4), copper_slab(4)
    process = instantiate(slabs=slabs)
    fail(process, 'cu_3')
    fail(process, 'cu_4', last)
    run = end_run(process)
    assert run.exit_status == 401
    builder = retry(run)
    assert uuids(builder.slabs) == uuids(slabs)
    assert previous(builder) == {'geometries': {'cu_4': last.uuid}}


@pytest.mark.parametrize('state', [ProcessState.KILLED, ProcessState.EXCEPTED])
def test_energies_that_were_not_gathered_are_handed_over_as_misc(
    instantiate: Fixture, relax: Fixture, end_run: Fixture, state: ProcessState
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relaxation = relax(process, 'cu_3')
    builder = retry(end_run(process, state))
    assert sorted(builder.slabs) == ['cu_3', 'cu_4']
    assert previous(builder) == {
        'relaxed_slabs': {'cu_3': relaxation.outputs.structure.uuid},
        'misc': {'cu_3': relaxation.outputs.misc.uuid},
    }


def test_relaxations_that_were_killed_with_their_run(
    instantiate: Fixture, end_relaxation: Fixture, end_calculation: Fixture, end_run: Fixture
) -> None:
    process, last = instantiate(slabs=copper_slabs(3)), copper_slab(3)
    relaxation = end_relaxation(process, 'cu_3', exit_status=None, state=ProcessState.KILLED)
    end_calculation(relaxation, structure=last, exit_status=702)
    end_calculation(relaxation).set_process_state(ProcessState.KILLED)
    builder = retry(end_run(process, ProcessState.KILLED))
    assert previous(builder) == {'geometries': {'cu_3': last.uuid}}


def test_a_relaxation_that_will_never_run(
    instantiate: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> None:
    """Its worker died before there was a checkpoint: nobody can run it, nor kill it."""
    process = instantiate(slabs=copper_slabs(3))
    end_relaxation(process, 'cu_3', exit_status=None, state=ProcessState.CREATED)
    builder = retry(end_run(process, ProcessState.KILLED))
    assert list(builder.slabs) == ['cu_3']
    assert previous(builder) == {}


def test_a_success_with_failures(
    instantiate: Fixture, relax: Fixture, fail: Fixture, end_run: Fixture
) -> None:
    """As many failed as `min_success_fraction` allows: they can be run again all the same."""
    process = instantiate(slabs=copper_slabs(3, 4), min_success_fraction=0.5)
    relax(process, 'cu_3')
    fail(process, 'cu_4')
    run = end_run(process)
    assert run.exit_status == 0
    assert list(retry(run).previous.relaxed_slabs) == ['cu_3']


def test_a_relaxation_that_was_recovered_is_not_run_again(
    instantiate: Fixture,
    fail: Fixture,
    end_relaxation: Fixture,
    end_calculation: Fixture,
    end_run: Fixture,
) -> None:
    process, relaxed = instantiate(slabs=copper_slabs(3, 4)), copper_slab(3)
    relaxation = end_relaxation(process, 'cu_3', exit_status=500)
    misc = Dict({'total_energies': {'energy_extrapolated': -1.0}})
    end_calculation(relaxation, misc, relaxed)
    fail(process, 'cu_4')
    run = end_run(process)
    assert previous(retry(run)) == {
        'relaxed_slabs': {'cu_3': relaxed.uuid},
        'slab_energies': {'cu_3': run.outputs.slab_energies.cu_3.uuid},
    }


def test_a_relaxation_without_energy_is_run_again(
    instantiate: Fixture,
    relax: Fixture,
    end_relaxation: Fixture,
    end_calculation: Fixture,
    end_run: Fixture,
) -> None:
    process, last = instantiate(slabs=copper_slabs(3, 4)), copper_slab(3)
    relaxation = end_relaxation(process, 'cu_3', Dict({}), last)
    end_calculation(relaxation, Dict({}), last)
    relax(process, 'cu_4')
    run = end_run(process)
    assert run.exit_status == 320
    builder = retry(run)
    assert list(builder.previous.relaxed_slabs) == ['cu_4']
    assert uuids(builder.previous.geometries) == {'cu_3': last.uuid}


def test_slabs_that_were_cut_are_not_cut_again(
    instantiate: Fixture, fail: Fixture, end_run: Fixture
) -> None:
    process = instantiate()
    with process._process_scope():
        process.generate_slabs()
    fail(process, 'slab_00')
    inputs = retry(end_run(process))._inputs(prune=True)
    assert uuids(inputs['slabs']) == uuids(process.ctx.slabs)
    assert sorted(inputs) == [
        'dipole_correction',
        'min_success_fraction',
        'rescue',
        'retry_of',
        'slabs',
        'vasp',
    ]


@pytest.mark.parametrize('state', [ProcessState.KILLED, ProcessState.EXCEPTED])
def test_a_run_that_ended_before_its_slabs_were_cut_begins_anew(
    instantiate: Fixture, end_run: Fixture, state: ProcessState
) -> None:
    process = instantiate(miller_indices=[1, 1, 0])
    builder = retry(end_run(process, state), {'vasp': {'max_iterations': 2}})
    assert builder.bulk_structure.uuid == process.inputs.bulk_structure.uuid
    assert builder.miller_indices.get_list() == [1, 1, 0]
    assert not builder.slabs
    assert builder.vasp.max_iterations.value == 2


def test_all_else_is_as_in_the_earlier_run(
    instantiate: Fixture, fail: Fixture, end_run: Fixture
) -> None:
    process = instantiate(
        slabs=copper_slabs(3, 4),
        environment={'NAME': 'value'},
        fix={'layers': 1, 'side': 'bottom'},
        dipole_correction='on',
        max_concurrent=2,
        min_success_fraction=0.5,
    )
    fail(process, 'cu_3')
    builder = retry(end_run(process))
    for name in ('fix', 'dipole_correction', 'max_concurrent', 'min_success_fraction'):
        assert builder[name].uuid == process.inputs[name].uuid
    for name in ('code', 'parameters', 'potential_mapping', 'kpoints_spacing'):
        assert builder.vasp[name].uuid == process.inputs.vasp[name].uuid
    options = builder.vasp.calc.metadata.options
    assert options['max_wallclock_seconds'] == 600
    assert options['environment_variables'] == {'NAME': 'value'}


def test_overrides_change_the_inputs_of_vasp_alone(failed: Failed) -> None:
    run = failed.run
    changes = {
        'parameters': {'incar': {'ALGO': 'all', 'NSW': 99}},
        'calc': {'metadata': {'options': {'max_wallclock_seconds': 9000}}},
        'max_iterations': 7,
    }
    plain, changed = retry(run), retry(run, {'vasp': changes})
    assert changed.vasp.parameters.get_dict()['incar'] == {
        **plain.vasp.parameters.get_dict()['incar'],
        'algo': 'all',
        'nsw': 99,
    }
    options = plain.vasp.calc.metadata.options
    assert changed.vasp.calc.metadata.options == {**options, 'max_wallclock_seconds': 9000}
    assert changed.vasp.max_iterations.value == 7
    for name in ('code', 'potential_mapping', 'kpoints_spacing', 'clean_workdir'):
        assert changed.vasp[name].uuid == plain.vasp[name].uuid
    assert previous(changed) == previous(plain)
    assert changed.slab_overrides is None


def test_overrides_of_slabs_are_kept_where_they_match(
    instantiate: Fixture, relax: Fixture, fail: Fixture, end_run: Fixture
) -> None:
    overrides = {
        'cu_3': {'max_iterations': 1},
        'cu_4': {'max_iterations': 2},
        'cu_5': {'max_iterations': 3},
        'Cu > 3': {'kpoints': [2, 2, 1]},
        'atoms == 5': {'kpoints': [3, 3, 1]},
    }
    process = instantiate(slabs=copper_slabs(3, 4, 5), slab_overrides=overrides)
    relax(process, 'cu_3')
    fail(process, 'cu_4')
    fail(process, 'cu_5')
    run = end_run(process)
    assert retry(run).slab_overrides.get_dict() == overrides
    kept = retry(run, only=['cu_4']).slab_overrides.get_dict()
    assert kept == {key: overrides[key] for key in ('cu_3', 'cu_4', 'Cu > 3')}


def test_only_some(failed: Failed) -> None:
    builder = retry(failed.run, only=['cu_6'])
    assert sorted(builder.slabs) == ['cu_3', 'cu_6']
    assert list(builder.previous.relaxed_slabs) == ['cu_3']
    assert uuids(builder.previous.geometries) == {'cu_6': failed.last['cu_6'].uuid}


#: What a folder contains, by the label of its slab.
FOLDERS = {
    'density': {'CHGCAR': 'density'},
    'orbitals': {'WAVECAR': 'orbitals'},
    'empty_density': {'CHGCAR': '', 'WAVECAR': 'orbitals'},
    # VASP leaves empty files behind when it is killed at the end of its wall time.
    'empty': {'CHGCAR': '', 'WAVECAR': ''},
    'others': {'OUTCAR': 'text', 'CONTCAR': 'positions'},
    'nothing': {},
}


@dataclass(frozen=True)
class Folders:
    """What a retry makes of the folders of a run.

    :ivar root: where the folders of :data:`FOLDERS` are.
    :ivar handed_over: those in which a relaxation begins, by the label of the slab.
    """

    root: Path
    handed_over: dict[str, str]


@pytest.fixture(scope='module')
def folders(
    instantiate_for_all: Fixture,
    fail: Fixture,
    end_calculation: Fixture,
    end_run: Fixture,
    tmp_path_factory: pytest.TempPathFactory,
) -> Folders:
    """The retry of a run in which each slab has failed with another folder."""
    root = tmp_path_factory.mktemp('folders')
    labels = [*FOLDERS, 'gone', 'cleaned', 'elsewhere', 'second']
    process = instantiate_for_all(slabs={label: copper_slab(2) for label in labels})
    for label, files in FOLDERS.items():
        write(root / label, files)
        fail(process, label, remote_path=root / label)

    fail(process, 'gone', remote_path=root / 'nowhere')

    cleaned = fail(process, 'cleaned', remote_path=root / 'cleaned').called[0]
    (root / 'cleaned').mkdir()
    cleaned.outputs.remote_folder._clean()
    write(root / 'cleaned', {'WAVECAR': 'of something else'})

    write(root / 'elsewhere', {'WAVECAR': 'orbitals'})
    folder = RemoteData(computer=other_computer(root), remote_path=str(root / 'elsewhere'))
    assert folder.listdir() == ['WAVECAR']
    calculation = fail(process, 'elsewhere').called[0]
    folder.base.links.add_incoming(calculation, LinkType.CREATE, 'remote_folder')
    folder.store()

    write(root / 'first', {'WAVECAR': 'orbitals'})
    write(root / 'second', {})
    relaxation = fail(process, 'second', remote_path=root / 'first')
    end_calculation(relaxation, exit_status=700, remote_path=str(root / 'second'))

    found = retry(end_run(process)).previous.remote_folders
    return Folders(root, {label: node.get_remote_path() for label, node in found.items()})


def write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def other_computer(workdir: Path) -> Computer:
    other = Computer(
        label='other',
        hostname='localhost',
        transport_type='core.local',
        scheduler_type='core.direct',
        workdir=str(workdir),
    ).store()
    other.configure(safe_interval=0.0)
    return other


@pytest.mark.parametrize(
    ('label', 'expected'),
    [
        ('density', True),
        ('orbitals', True),
        ('empty_density', True),
        ('empty', False),
        ('others', False),
        ('nothing', False),
    ],
)
def test_folders_with_something_to_restart_from(
    folders: Folders, label: str, expected: bool
) -> None:
    assert folders.handed_over.get(label) == (str(folders.root / label) if expected else None)


def test_a_folder_that_is_gone(folders: Folders) -> None:
    assert 'gone' not in folders.handed_over


def test_a_folder_that_was_cleaned(folders: Folders) -> None:
    assert 'cleaned' not in folders.handed_over


def test_a_folder_on_another_computer(folders: Folders) -> None:
    assert 'elsewhere' not in folders.handed_over


def test_the_folder_of_the_last_calculation_counts(folders: Folders) -> None:
    assert 'second' not in folders.handed_over


def test_a_retry_of_a_retry(
    start: Fixture,
    instantiate: Fixture,
    relax: Fixture,
    fail: Fixture,
    end_relaxation: Fixture,
    end_run: Fixture,
) -> None:
    process, last = instantiate(slabs=copper_slabs(3, 4, 5, 6)), copper_slab(5)
    relax(process, 'cu_3')
    fail(process, 'cu_4', copper_slab(4))
    fail(process, 'cu_5', last)
    fail(process, 'cu_6', copper_slab(6))
    first = end_run(process)

    again, newer = start(retry(first, {'vasp': {'max_iterations': 9}})), copper_slab(6)
    assert again.ctx.remaining == ['cu_6', 'cu_5', 'cu_4']
    relax(again, 'cu_4')
    end_relaxation(again, 'cu_5', exit_status=700)
    fail(again, 'cu_6', newer)
    second = end_run(again)
    assert second.exit_status == 402
    assert uuids(second.outputs.slab_energies)['cu_3'] == first.outputs.slab_energies.cu_3.uuid

    builder = retry(second)
    assert uuids(builder.slabs) == uuids(process.inputs.slabs)
    assert previous(builder) == {
        'relaxed_slabs': {
            'cu_3': first.outputs.relaxed_slabs.cu_3.uuid,
            'cu_4': second.outputs.relaxed_slabs.cu_4.uuid,
        },
        'slab_energies': {
            'cu_3': first.outputs.slab_energies.cu_3.uuid,
            'cu_4': second.outputs.slab_energies.cu_4.uuid,
        },
        'geometries': {'cu_5': last.uuid, 'cu_6': newer.uuid},
    }
    assert builder.vasp.max_iterations.value == 9


def test_a_retry_of_a_retry_that_was_killed_at_once(
    start: Fixture,
    instantiate: Fixture,
    relax: Fixture,
    fail: Fixture,
    end_run: Fixture,
    tmp_path: Path,
) -> None:
    for name in ('there', 'gone'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'WAVECAR').write_text('orbitals')
    process = instantiate(slabs=copper_slabs(3, 4, 5))
    relax(process, 'cu_3')
    fail(process, 'cu_4', copper_slab(4), tmp_path / 'there')
    fail(process, 'cu_5', copper_slab(5), tmp_path / 'gone')
    builder = retry(end_run(process, ProcessState.KILLED))
    handed_over = previous(builder)
    assert list(handed_over['misc']) == ['cu_3']
    assert sorted(handed_over['remote_folders']) == ['cu_4', 'cu_5']

    (tmp_path / 'gone' / 'WAVECAR').unlink()
    again = previous(retry(end_run(start(builder), ProcessState.KILLED)))
    del handed_over['remote_folders']['cu_5']
    assert again == handed_over


def test_energies_that_a_retry_has_gathered(
    start: Fixture, instantiate: Fixture, relax: Fixture, fail: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relax(process, 'cu_3')
    again = start(retry(end_run(process, ProcessState.KILLED)))
    fail(again, 'cu_4')
    second = end_run(again)
    builder = retry(second)
    assert uuids(builder.previous.slab_energies) == uuids(second.outputs.slab_energies)
    assert not builder.previous.misc


def refused(node: Node, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ValueError, match=r'^.+$') as refusal:
        SlabRelaxWorkChain.get_builder_retry(node, *args, **kwargs)
    return str(refusal.value)


def test_something_else() -> None:
    node = Int(3).store()
    assert refused(node) == f'node {node.pk} is a Int, not a SlabRelaxWorkChain'


def test_a_relaxation(instantiate: Fixture, fail: Fixture) -> None:
    process = instantiate(slabs=copper_slabs(3))
    child = fail(process, 'cu_3')
    assert refused(child) == (
        f'node {child.pk} is a VaspWorkChain, not a SlabRelaxWorkChain; it belongs to '
        f'SlabRelaxWorkChain<{process.node.pk}>'
    )


def test_an_active_run(instantiate: Fixture) -> None:
    node = instantiate(slabs=copper_slabs(3)).node
    for state in (ProcessState.CREATED, ProcessState.RUNNING, ProcessState.WAITING):
        node.set_process_state(state)
        assert refused(node) == f'SlabRelaxWorkChain<{node.pk}> has not ended, it is {state.value}'


def test_an_active_relaxation(
    instantiate: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    end_relaxation(process, 'cu_3', exit_status=401)
    child = end_relaxation(process, 'cu_4', exit_status=None, state=ProcessState.WAITING)
    child.set_checkpoint('{}')
    node = end_run(process, ProcessState.EXCEPTED)
    assert refused(node) == (
        f'VaspWorkChain<{child.pk}> of cu_4 still runs: wait for it, or '
        f'`verdi process kill {child.pk}`'
    )


def test_a_run_that_succeeded(instantiate: Fixture, relax: Fixture, end_run: Fixture) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relax(process, 'cu_3')
    relax(process, 'cu_4')
    node = end_run(process)
    assert refused(node) == (
        f'all 2 slabs of SlabRelaxWorkChain<{node.pk}> have relaxed: there is nothing to run again'
    )


def test_a_run_that_was_deleted(instantiate: Fixture, end_run: Fixture) -> None:
    node = end_run(instantiate(slabs=copper_slabs(3)))
    delete_nodes([node.pk], dry_run=False)
    assert refused(node) == 'the node of the earlier run has been deleted'


def test_a_run_that_cut_no_slab(instantiate: Fixture) -> None:
    process = instantiate(max_atoms=Int(1))
    with process._process_scope():
        exit_code = process.generate_slabs()
    process.node.set_exit_status(exit_code.status)
    process.node.set_exit_message(exit_code.message)
    process.node.set_process_state(ProcessState.FINISHED)
    message = refused(process.node)
    assert message.startswith(f'SlabRelaxWorkChain<{process.node.pk}> has cut no slab: No slabs')
    assert 'max_atoms' in message


def test_only_of_a_run_without_slabs(instantiate: Fixture, end_run: Fixture) -> None:
    node = end_run(instantiate(), ProcessState.KILLED)
    assert refused(node, only=['slab_00']) == (
        f'SlabRelaxWorkChain<{node.pk}> ended before its slabs were cut: none can be chosen'
    )


def test_only_what_cannot_be_run_again(
    instantiate: Fixture, relax: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4, 5))
    relax(process, 'cu_3')
    node = end_run(process, ProcessState.KILLED)
    assert refused(node, only=['cu_9', 'cu_4', 'cu_3']) == (
        f'cu_3, cu_9 cannot be run again; the slabs of SlabRelaxWorkChain<{node.pk}> that have '
        'not relaxed are: cu_4, cu_5'
    )


def test_only_nothing(killed: WorkChainNode) -> None:
    assert refused(killed, only=[]) == (
        '`only` names no slab: leave it out to run all that have not relaxed'
    )


@pytest.mark.parametrize(
    ('overrides', 'message'),
    [
        (
            {'slabs': {}},
            "`overrides`: a retry changes inputs under `vasp` only, got 'slabs'; the builder takes "
            'other changes',
        ),
        ({'vasp': 3}, '`overrides`: vasp must be a mapping, got 3'),
        ({'vasp': {'slabs': {}}}, "`vasp` has no port 'slabs'"),
        ({'vasp': {'structure': 1}}, '`structure` cannot be overridden'),
        ({'vasp': {'max_iterations': 'many'}}, "`max_iterations` must be a int, got 'many'"),
    ],
)
def test_overrides_that_are_not_valid(
    killed: WorkChainNode, overrides: dict[str, Any], message: str
) -> None:
    assert refused(killed, overrides) == message


def test_overrides_that_relax_the_cell(killed: WorkChainNode) -> None:
    """Validators of the inputs look at what the overrides have changed."""
    changes = {'parameters': {'incar': {'ISIF': 3}}}
    builder = SlabRelaxWorkChain.get_builder_retry(killed, {'vasp': changes})
    assert 'ISIF = 3 changes the cell' in str(problem(builder))


def test_a_run_cut_off_after_its_last_relaxation_is_only_gathered(
    instantiate: Fixture, relax: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4))
    relaxed = [relax(process, label).outputs.structure.uuid for label in ('cu_3', 'cu_4')]
    builder = SlabRelaxWorkChain.get_builder_retry(end_run(process, ProcessState.KILLED))
    _, node = run_get_node(builder)
    assert (node.exit_status, node.exit_message) == (0, None)
    assert [slab.uuid for _, slab in sorted(node.outputs.relaxed_slabs.items())] == relaxed
    assert {energy.value for energy in node.outputs.slab_energies.values()} == {-1.5}
    assert [child.process_label for child in node.called] == ['gather_energies']


def test_a_run_that_excepted_after_its_last_relaxation_lacks_no_result(
    instantiate: Fixture, relax: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3))
    relaxation = relax(process, 'cu_3')
    builder = retry(end_run(process, ProcessState.EXCEPTED))
    assert sorted(builder.slabs) == ['cu_3']
    assert previous(builder) == {
        'relaxed_slabs': {'cu_3': relaxation.outputs.structure.uuid},
        'misc': {'cu_3': relaxation.outputs.misc.uuid},
    }


def test_new_kpoints_win_over_those_of_a_slab(
    instantiate: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> None:
    process = instantiate(slabs=copper_slabs(3), slab_overrides={'cu_3': {'kpoints': [2, 2, 1]}})
    end_relaxation(process, 'cu_3', exit_status=401)
    changes = {'vasp': {'kpoints_spacing': 0.1}}
    builder = SlabRelaxWorkChain.get_builder_retry(end_run(process), changes)
    assert builder.slab_overrides.get_dict() == {'cu_3': {'kpoints_spacing': 0.1}}
