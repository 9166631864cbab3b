"""Fixtures of tests that need AiiDA: a real profile with a broker, a code in VASP's place.

``tests/conftest.py`` loads them with the first test module that needs them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiida.common import LinkType
from aiida.engine import ProcessBuilder
from aiida.engine.daemon.client import DaemonClient, get_daemon_client
from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager
from aiida.manage.configuration.profile import Profile
from aiida.orm import (
    Bool,
    CalcFunctionNode,
    CalcJobNode,
    Computer,
    Data,
    Dict,
    Float,
    InstalledCode,
    Int,
    List,
    Node,
    RemoteData,
    Str,
    StructureData,
    WorkChainNode,
)
from aiida.orm.entities import EntityTypes
from aiida_vasp.data.potcar import PotcarData
from ase import Atoms
from ase.build import bulk
from plumpy import ProcessState

import quick_aiida  # noqa: F401 - for its effect
from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from aiida_slabrelax.calculations.surface_energies import calculate_surface_energies
from aiida_slabrelax.results.runs import PRERELAXATION
from aiida_slabrelax.standin.inputs.potcar import write_potcar_family
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from process_tree import stop_daemon
from transactions import one_transaction

COPPER = """Cu
1.0
3.6 0.0 0.0
0.0 3.6 0.0
0.0 0.0 3.6
Cu
4
direct
0.0 0.0 0.0
0.0 0.5 0.5
0.5 0.0 0.5
0.5 0.5 0.0
"""


#: The rings whose tests have workers of a daemon, and whether these are quick (`quick_aiida`).
QUICK_WORKERS = {'daemon': '1', 'promise': '', 'infrastructure': ''}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop a daemon whose workers are of the other kind than those of the ring of a test."""
    for ring, quick in QUICK_WORKERS.items():
        if item.get_closest_marker(ring) and os.environ.get('SLABRELAX_QUICK_WORKERS', '') != quick:
            if profile := get_manager().get_profile():
                stop_daemon(get_daemon_client(profile.name))
            os.environ['SLABRELAX_QUICK_WORKERS'] = quick


@pytest.fixture(scope='session', autouse=True)
def aiida_profile(aiida_config: Any, aiida_profile_factory: Any) -> Iterator[Profile]:
    """A temporary profile with SQLite and the embedded ZeroMQ broker."""
    with aiida_profile_factory(aiida_config, broker_backend='core.zeromq') as profile:
        profile.set_option('daemon.timeout', 60)  # the default of 2 s is too short under load
        # The runners of a test profile wait busily, for one query of the database after the other.
        profile.is_test_profile = False
        profile.set_option('runner.poll.interval', 1)
        aiida_config.update_profile(profile)
        aiida_config.store()
        yield profile


@pytest.fixture(scope='session')
def daemon_client(aiida_profile: Profile) -> Iterator[DaemonClient]:
    """The daemon of the profile, which a test has to start.

    The fixture of aiida-core stops it even if it does not run, which takes ``daemon.timeout``.
    """
    client = get_daemon_client(aiida_profile.name)
    yield client
    stop_daemon(client)


@pytest.fixture(scope='session')
def localhost(aiida_profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Computer:
    """This machine, without a scheduler and without waiting times."""
    computer = Computer(
        label='localhost-test',
        hostname='localhost',
        transport_type='core.local',
        scheduler_type='core.direct',
        workdir=str(tmp_path_factory.mktemp('calculations')),
    ).store()
    computer.set_minimum_job_poll_interval(0.0)
    computer.set_default_mpiprocs_per_machine(1)
    # A login shell that is killed can leave a lock behind, on which all later ones wait.
    computer.configure(safe_interval=0.0, use_login_shell=False)
    return computer


@pytest.fixture(scope='session')
def vasp_code(localhost: Computer) -> InstalledCode:
    """The executable that stands in for VASP."""
    return InstalledCode(
        label='vasp-standin',
        computer=localhost,
        filepath_executable=str(Path(sys.executable).parent / 'vasp-standin'),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
    ).store()


@pytest.fixture(scope='session')
def potential_family(aiida_profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an uploaded family of synthetic potentials."""
    folder = tmp_path_factory.mktemp('potentials') / 'standin'
    elements = ('Ag', 'Al', 'As', 'Au', 'Cu', 'Fe_pv', 'Ga', 'Ni', 'Ni_pv', 'O', 'P', 'Pd', 'Pt')
    write_potcar_family(folder, elements)
    PotcarData.upload_potcar_family(
        str(folder), 'standin', 'Synthetic, for tests', stop_if_existing=False
    )
    return 'standin'


@pytest.fixture(scope='session')
def copper() -> StructureData:
    """The conventional cell of fcc copper."""
    return StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True))


@pytest.fixture(scope='session')
def copper_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A POSCAR of fcc copper."""
    path = tmp_path_factory.mktemp('crystals') / 'Cu.vasp'
    path.write_text(COPPER)
    return path


@pytest.fixture(scope='session')
def relax_best_inputs(potential_family: str) -> Callable[..., dict[str, Any]]:
    """Return a function that makes inputs of the example workflow :func:`relax_best`.

    ``environment`` is laid over the variables of the calculations, ``options`` over their options.
    """

    def make(
        code: InstalledCode,
        crystal: StructureData,
        planes: list[Any],
        thickness: float,
        vacuum: float,
        model: str,
        environment: dict[str, str] | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        return {
            'code': code,
            'crystal': crystal,
            'miller_indices': planes,
            'thickness': thickness,
            'vacuum': vacuum,
            'incar': {'ibrion': 1, 'isif': 2, 'nsw': 60, 'ediffg': -0.05, 'encut': 400},
            'vasp': {
                'potential_family': potential_family,
                'potential_mapping': {kind.name: kind.symbol for kind in crystal.kinds},
                'kpoints_spacing': 0.05,
                'calc': {
                    'metadata': {
                        'options': {
                            'resources': {'num_machines': 1},
                            'max_wallclock_seconds': 600,
                            'environment_variables': {
                                'VASP_STANDIN_MODEL': model,
                                **(environment or {}),
                            },
                            **options,
                        }
                    }
                },
            },
        }

    return make


@pytest.fixture(scope='session')
def slab_relax_builder(
    vasp_code: InstalledCode, potential_family: str, copper: StructureData
) -> Callable[..., ProcessBuilder]:
    """Return a function that fills a builder: Cu (100), or any inputs given by name.

    ``incar`` and ``environment`` are laid over the INCAR and the variables of the calculations.
    ``prerelax`` has the two for a pre-relaxation.
    """

    def build(
        incar: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
        kpoints_spacing: float = 0.05,
        prerelax: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> ProcessBuilder:
        builder = SlabRelaxWorkChain.get_builder()
        if 'slabs' not in inputs:
            builder.bulk_structure = copper
            builder.miller_indices = [1, 0, 0]
            builder.min_slab_thickness = 5.0
            builder.min_vacuum_thickness = 10.0
        for name, value in inputs.items():
            builder[name] = value
        structures = [builder.bulk_structure] if builder.bulk_structure else builder.slabs.values()
        mapping = {kind.name: kind.symbol for node in structures for kind in node.kinds}
        stages = {'vasp': {'incar': incar, 'environment': environment}}
        if prerelax is not None:
            stages['prerelax'] = prerelax
        relaxation = {'ibrion': 1, 'isif': 2, 'nsw': 60, 'ediffg': -0.05, 'encut': 400}
        for name, own in stages.items():
            builder[name].code = vasp_code
            builder[name].kpoints_spacing = kpoints_spacing
            builder[name].potential_family = potential_family
            builder[name].potential_mapping = mapping
            builder[name].parameters = {'incar': {**relaxation, **(own.get('incar') or {})}}
            builder[name].calc.metadata.options = {
                'resources': {'num_machines': 1},
                'max_wallclock_seconds': 600,
                'environment_variables': own.get('environment') or {},
            }
        return builder

    return build


def _link(source: Node, targets: Mapping[str, Node], kind: LinkType) -> None:
    """Link a stored node to others, by label, without a query of what is linked already."""
    rows = [
        {'input_id': source.pk, 'output_id': target.pk, 'label': label, 'type': kind.value}
        for label, target in targets.items()
    ]
    if rows:
        get_manager().get_profile_storage().bulk_insert(EntityTypes.LINK, rows)


class _Processes:
    """Makes processes, which are closed at the end.

    The communicator holds a process that is open, with all its nodes, and SQLAlchemy looks at every
    node that is held whenever it stores something.

    :param kept: numbers, texts and truth values that runs have been given, by port and value. Of
        the two dozen inputs of a run most are always the same; they are stored once.
    """

    def __init__(self, kept: dict[Any, Data]) -> None:
        self._kept = kept
        self._made: list[Any] = []

    def start(self, builder: ProcessBuilder, set_up: bool = False) -> Any:
        """Return a process, which has gone through its setup if that is asked for."""
        inputs = builder._inputs(prune=True)
        if builder.process_class is SlabRelaxWorkChain:
            # Not in the transaction below: the process may be refused.
            # This adds all defaults to what it is given.
            complete = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))
            inputs = self._with_kept(inputs, complete)
        with one_transaction():
            runner = get_manager().get_runner()
            process = instantiate_process(runner, builder.process_class, **inputs)
            self._made.append(process)
            if set_up:
                process.setup()
        return process

    def close(self) -> None:
        """Close all processes."""
        for process in self._made:
            process.close()

    def _with_kept(
        self, inputs: Mapping[str, Any], complete: Mapping[str, Any], port: str = ''
    ) -> dict[str, Any]:
        """Return inputs with nodes that are stored already in place of equal ones.

        :param complete: the inputs with all defaults.
        """
        found = dict(inputs)
        for name, value in complete.items():
            if isinstance(value, Mapping):
                if within := self._with_kept(inputs.get(name) or {}, value, f'{port}{name}.'):
                    found[name] = within
            elif isinstance(value, (Bool, Float, Int, Str)) and not value.is_stored:
                key = (f'{port}{name}', type(value), value.value)
                if key not in self._kept:
                    self._kept[key] = value.store()
                found[name] = self._kept[key]
        return found


@pytest.fixture(scope='session')
def kept_inputs(aiida_profile: Profile) -> dict[Any, Data]:
    """Inputs of runs that are stored and never change."""
    return {}


@contextmanager
def _closing_processes(kept: dict[Any, Data]) -> Iterator[_Processes]:
    processes = _Processes(kept)
    yield processes
    processes.close()


@pytest.fixture
def start_process(kept_inputs: dict[Any, Data]) -> Iterator[Callable[[ProcessBuilder], Any]]:
    """Return a function that makes a process."""
    with _closing_processes(kept_inputs) as processes:
        yield processes.start


@pytest.fixture
def instantiate(
    kept_inputs: dict[Any, Data], slab_relax_builder: Callable[..., ProcessBuilder]
) -> Iterator[Callable[..., Any]]:
    """Return a function that makes a process that has gone through its setup."""
    with _closing_processes(kept_inputs) as processes:
        yield partial(_set_up, processes, slab_relax_builder)


@pytest.fixture(scope='module')
def instantiate_for_all(
    kept_inputs: dict[Any, Data], slab_relax_builder: Callable[..., ProcessBuilder]
) -> Iterator[Callable[..., Any]]:
    """Return the same function for a run that all tests of a module only read."""
    with _closing_processes(kept_inputs) as processes:
        yield partial(_set_up, processes, slab_relax_builder)


def _set_up(processes: _Processes, build: Callable[..., ProcessBuilder], **inputs: Any) -> Any:
    return processes.start(build(**inputs), set_up=True)


@pytest.fixture(scope='session')
def end_relaxation() -> Callable[..., WorkChainNode]:
    """Return a function that puts a relaxation that has ended into the context.

    With the label ``prerelax__…`` it is a pre-relaxation.
    """

    def end(
        process: Any,
        label: str,
        misc: Dict | None = None,
        structure: StructureData | None = None,
        exit_status: int = 0,
        exit_message: str | None = None,
        state: ProcessState = ProcessState.FINISHED,
        inputs: Mapping[str, Data] | None = None,
    ) -> WorkChainNode:
        node = WorkChainNode(process_type='aiida.workflows:vasp.v2.vasp')
        node.set_process_label('VaspWorkChain')
        node.base.links.add_incoming(process.node, LinkType.CALL_WORK, label)
        node.set_process_state(state)
        node.set_exit_status(exit_status)
        node.set_exit_message(exit_message)
        with one_transaction():
            for name, data in (inputs or {}).items():
                node.base.links.add_incoming(data.store(), LinkType.INPUT_WORK, name)
            node.store()
            _return(node, misc, structure)
        stage = 'prerelaxations' if label.startswith(PRERELAXATION) else 'relaxations'
        process.ctx[stage][label.removeprefix(PRERELAXATION)] = node
        return node

    return end


def _return(relaxation: WorkChainNode, misc: Dict | None, structure: StructureData | None) -> None:
    given = {'misc': misc, 'structure': structure}
    outputs = {name: output.store() for name, output in given.items() if output is not None}
    _link(relaxation, outputs, LinkType.RETURN)


@pytest.fixture(scope='session')
def end_calculation(localhost: Computer) -> Callable[..., CalcJobNode]:
    """Return a function that gives a relaxation a calculation that has ended."""

    def end(
        relaxation: WorkChainNode,
        misc: Dict | None = None,
        structure: StructureData | None = None,
        exit_status: int = 0,
        exit_message: str | None = None,
        remote_path: str | None = None,
    ) -> CalcJobNode:
        node = CalcJobNode(computer=localhost, process_type='aiida.calculations:vasp.vasp')
        node.set_process_label('VaspCalculation')
        node.set_process_state(ProcessState.FINISHED)
        node.set_exit_status(exit_status)
        node.set_exit_message(exit_message)
        folder = RemoteData(computer=localhost, remote_path=remote_path) if remote_path else None
        outputs = {'misc': misc, 'structure': structure, 'remote_folder': folder}
        with one_transaction():
            iteration = f'iteration_{len(relaxation.called) + 1:02d}'
            node.base.links.add_incoming(relaxation, LinkType.CALL_CALC, iteration)
            given = {name: output for name, output in outputs.items() if output is not None}
            stored = {name: output for name, output in given.items() if output.is_stored}
            new = {name: output for name, output in given.items() if not output.is_stored}
            # Before the node is stored this needs no query of its outputs.
            for name, output in new.items():
                output.base.links.add_incoming(node, LinkType.CREATE, name)
            for one in (node, *new.values()):
                one.store()
            _link(node, stored, LinkType.CREATE)
        return node

    return end


@pytest.fixture(scope='session')
def relax(
    end_relaxation: Callable[..., WorkChainNode], end_calculation: Callable[..., CalcJobNode]
) -> Callable[..., WorkChainNode]:
    """Return a function that relaxes a slab of a run in one calculation, which made the outputs.

    Further arguments are entries of `misc`.
    """

    def make(process: Any, label: str, energy: float = -1.5, **more: Any) -> WorkChainNode:
        structure = process.ctx.slabs[label].clone()
        misc = Dict({'total_energies': {'energy_extrapolated': energy}, **more})
        with one_transaction():
            relaxation = end_relaxation(process, label)
            end_calculation(relaxation, misc, structure)
            _return(relaxation, misc, structure)
        return relaxation

    return make


@pytest.fixture(scope='session')
def end_run() -> Callable[..., WorkChainNode]:
    """Return a function that ends a run: by its last steps, or at once by any other state."""

    def end(process: Any, state: ProcessState = ProcessState.FINISHED) -> WorkChainNode:
        node: WorkChainNode = process.node
        with one_transaction():
            if state is ProcessState.FINISHED:
                process.gather_relaxations()
                exit_code = process.results()
                _link(node, process._flat_outputs(), LinkType.RETURN)
                node.set_exit_status(exit_code.status if exit_code else 0)
                node.set_exit_message(exit_code.message if exit_code else None)
            node.set_process_state(state)
            node.seal()
        return node

    return end


@pytest.fixture(scope='session')
def phosphate_energies(aiida_profile: Profile) -> Callable[[], CalcFunctionNode]:
    """Return a function that computes surface energies of the slabs of Ag3PO4 (100).

    The energies are invented: those of the elements, -0.4 eV for each atom, and so much for each
    slab that three of the four terminations are the lowest somewhere.
    """
    from sample_structures import silver_phosphate_slabs

    references = {'Ag': (1, -2.72), 'P': (4, -5.3), 'O': (2, -4.93)}  # atoms, and eV an atom
    shifts = {'slab_00': 0.0, 'slab_01': 1.0, 'slab_02': 4.4, 'slab_03': 0.5}  # eV

    def elemental(element: str, count: int) -> StructureData:
        places = [(0, 0, 1.2 * n) for n in range(count)]
        return StructureData(ase=Atoms(f'{element}{count}', places, cell=[8, 8, 8], pbc=True))

    def energy(label: str, slab: StructureData) -> Float:
        elements = [references[symbol][1] - 0.4 for symbol in slab.get_ase().symbols]
        return Float(sum(elements) + shifts[label])

    def compute() -> CalcFunctionNode:
        crystal, cut = silver_phosphate_slabs()
        slabs = dict(cut['slabs'])
        _, node = calculate_surface_energies.run_get_node(
            bulk_structure=crystal,
            bulk_energy=Float(-88.41),
            terminations=cut['terminations'],
            slabs=slabs,
            energies={label: energy(label, slab) for label, slab in slabs.items()},
            reference_structures={one: elemental(one, n) for one, (n, _) in references.items()},
            reference_energies={one: Float(n * each) for one, (n, each) in references.items()},
        )
        return node

    return compute


#: The settings of all calculations of `copper_run`.
_SETTINGS: dict[str, Any] = {
    'incar': {'encut': 400, 'gga': 'ps'},
    'potentials': {'Cu': 'PAW_PBE Cu'},
    'kpoints_spacing': 0.05,
}


@pytest.fixture
def copper_run(aiida_profile: Profile) -> Callable[..., CalcFunctionNode]:
    """Return a function: surface energies of Cu (100) with some settings."""

    def make(
        energy: float = -18.0,
        vacuum: float = 10.0,
        thickness: float = 6.0,
        element: str = 'Cu',
        incar: dict[str, Any] | None = None,
        **settings: Any,
    ) -> CalcFunctionNode:
        crystal = StructureData(ase=bulk(element, 'fcc', a=3.6, cubic=True))
        cut: Any = generate_slabs(
            bulk_structure=crystal,
            miller_indices=List([1, 0, 0]),
            min_slab_thickness=Float(thickness),
            min_vacuum_thickness=Float(vacuum),
        )
        slabs = dict(cut['slabs'])
        used = {**_SETTINGS, 'incar': {**_SETTINGS['incar'], **(incar or {})}, **settings}
        _, node = calculate_surface_energies.run_get_node(
            bulk_structure=crystal,
            bulk_energy=Float(-16.0),
            terminations=cut['terminations'],
            settings=Dict({'bulk': used, 'slabs': dict.fromkeys(slabs, used)}),
            slabs=slabs,
            energies={label: Float(energy) for label in slabs},
        )
        assert node.is_finished_ok, node.exit_message
        return node

    return make
