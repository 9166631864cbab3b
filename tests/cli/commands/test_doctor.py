"""``aiida-slabrelax doctor``: faults on the profile of the tests, a sound setup on the demo's."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiida.brokers import Broker
from aiida.engine import ProcessState
from aiida.manage import get_manager
from aiida.manage.configuration.profile import Profile
from aiida.orm import Computer, InstalledCode, StructureData, User, WorkChainNode
from aiida_vasp.data.potcar import PotcarGroup
from ase.build import fcc100
from click.testing import Result
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

import aiida_slabrelax
from aiida_slabrelax.cli.doctor import checks, input_checks, service_checks
from aiida_slabrelax.cli.doctor.checks import Fault, Finding, Mark, Setup
from aiida_slabrelax.engine.lost import find_lost
from demo import BIN, Demo

LINE = re.compile(r'^(\[..\]) (\w+): (.*(?:\n {5}.*)*)', re.MULTILINE)

SERVICES = ['profile', 'storage', 'broker', 'daemon', 'workers', 'slots', 'submissions']
INPUTS = ['code', 'computer', 'executable', 'scheduler', 'resources']
INPUTS += ['family', 'structure', 'potentials', 'settings']


@dataclass
class Report:
    """The exit status of the command, and its lines by their names."""

    status: int
    findings: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.findings[name]

    @property
    def faults(self) -> list[str]:
        return [name for name, text in self.findings.items() if text.startswith('[!!]')]


def read(output: str, status: int) -> Report:
    """Take the output apart; there must be nothing in it but the lines of the checks."""
    assert LINE.sub('', output).strip() == ''
    findings = {name: ' '.join([mark, *text.split()]) for mark, name, text in LINE.findall(output)}
    assert list(findings) == SERVICES + INPUTS
    return Report(status, findings)


@pytest.fixture
def examine(invoke: Callable[..., Result]) -> Callable[..., Report]:
    """Return a function that examines the profile of the tests."""

    def run(*options: object) -> Report:
        result = invoke('doctor', *options)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return read(result.output, result.exit_code)

    return run


Examine = Callable[..., Report]


@pytest.mark.usefixtures('no_daemon')
def test_every_fault_is_named(
    examine: Examine, aiida_profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Earlier tests leave runs behind that nobody has submitted.
    monkeypatch.setattr(service_checks, 'find_lost', partial(find_lost, grace=1e9))
    report = examine('--family', 'nothing', '--code', 'nobody@nowhere')
    assert report.status == 1
    assert report.faults == ['daemon', 'code', 'family']
    assert report['profile'] == f'[OK] {aiida_profile.name}'
    assert report['daemon'].startswith('[!!] it is not running: `verdi ')
    assert report['daemon'].endswith(' daemon start`')
    assert report['workers'] == '[--] not checked: it needs the daemon'
    assert report['slots'] == '[--] not checked: it needs the daemon'
    assert report['code'] == "[!!] there is no code 'nobody@nowhere'; `verdi code list` shows yours"
    assert report['computer'] == '[--] not checked: it needs a code'
    assert report['family'].startswith('[!!] nothing has not been uploaded (there is ')
    assert '`aiida-vasp potcar uploadfamily --path FOLDER --name nothing' in report['family']
    assert report['potentials'] == '[--] not checked: it needs a family'


def test_options_that_are_not_given_are_no_fault(examine: Examine) -> None:
    report = examine()
    assert report['code'] == '[--] not checked: give --code'
    assert report['structure'] == '[--] not checked: give --structure'


def test_the_family_is_that_of_the_protocols(examine: Examine) -> None:
    assert re.match(r'\[(OK|!!)\] PBE\.54\b', examine()['family'])


def test_an_empty_family_counts_as_not_uploaded(examine: Examine) -> None:
    PotcarGroup(label='empty').store()
    report = examine('--family', 'empty')
    assert report['family'].startswith('[!!] empty has not been uploaded ')


def test_an_unknown_profile(examine: Examine) -> None:
    report = examine('--profile', 'nobody')
    assert report.status == 1
    assert (
        report['profile']
        == '[!!] profile `nobody` does not exist: `verdi profile list` shows yours'
    )
    assert report.faults == ['profile']
    assert report['storage'] == '[--] not checked: it needs a profile'


def test_a_sound_code(examine: Examine, vasp_code: InstalledCode) -> None:
    report = examine('--code', vasp_code.full_label)
    assert report['code'] == '[OK] vasp-standin@localhost-test, plugin vasp.vasp'
    assert report['computer'] == '[OK] localhost-test (core.local to localhost) can be reached'
    assert report['executable'] == f'[OK] {vasp_code.filepath_executable} on localhost-test'
    assert report['scheduler'] == '[OK] core.direct answers'
    assert report['resources'].startswith('[OK] num_machines 1, num_mpiprocs_per_machine 1')


def test_a_code_of_another_plugin(examine: Examine, localhost: Computer) -> None:
    code = InstalledCode(
        label='add',
        computer=localhost,
        filepath_executable='/bin/sh',
        default_calc_job_plugin='core.arithmetic.add',
    ).store()
    report = examine('--code', code.pk)
    assert report.status == 1
    assert report['code'].startswith(
        '[!!] add@localhost-test has the plugin core.arithmetic.add, not vasp.vasp: `verdi code'
    )
    assert report['executable'] == '[OK] /bin/sh on localhost-test'


@pytest.fixture
def make_code(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., InstalledCode]:
    """Return a function that makes a code on a computer of its own, named as the test is."""

    def make(
        executable: object = '/bin/sh',
        configuration: dict[str, Any] | None = None,
        mpiprocs: int | None = 1,
        **attributes: str,
    ) -> InstalledCode:
        defaults = {
            'hostname': 'localhost',
            'transport_type': 'core.local',
            'scheduler_type': 'core.direct',
        }
        computer = Computer(
            label=request.node.name.replace('_', '-'),
            workdir=str(tmp_path),
            **{**defaults, **attributes},
        ).store()
        if mpiprocs is not None:
            computer.set_default_mpiprocs_per_machine(mpiprocs)
        if configuration is not None:
            computer.configure(**configuration)
        return InstalledCode(
            label='vasp',
            computer=computer,
            filepath_executable=str(executable),
            default_calc_job_plugin='vasp.vasp',
        ).store()

    return make


MakeCode = Callable[..., InstalledCode]


def test_an_executable_that_is_not_there(examine: Examine, make_code: MakeCode) -> None:
    code = make_code('/nowhere/vasp_std', configuration={})
    report = examine('--code', code.pk)
    assert report['executable'].startswith(
        f'[!!] there is no /nowhere/vasp_std on {code.computer.label}: '
    )
    assert report['scheduler'] == '[OK] core.direct answers'


def test_a_file_that_is_not_executable(
    examine: Examine, make_code: MakeCode, tmp_path: Path
) -> None:
    path = tmp_path / 'vasp_std'
    path.touch(mode=0o644)
    report = examine('--code', make_code(path, configuration={}).pk)
    assert report['executable'].startswith(f'[!!] {path} is not executable: `chmod +x {path}` ')


def test_an_executable_without_its_folder(examine: Examine, make_code: MakeCode) -> None:
    report = examine('--code', make_code('vasp_std', configuration={}).pk)
    assert report['executable'] == '[--] not checked: vasp_std is looked for when the job runs'


def test_a_computer_that_is_not_configured(examine: Examine, make_code: MakeCode) -> None:
    code = make_code()
    report = examine('--code', code.pk)
    assert report['computer'].endswith(
        f': `verdi computer configure core.local {code.computer.label}`'
    )
    assert report['executable'] == '[--] not checked: it needs the computer'
    assert report['scheduler'] == '[--] not checked: it needs the computer'


def test_a_disabled_computer(examine: Examine, make_code: MakeCode) -> None:
    code = make_code(configuration={})
    user = User.collection.get_default()
    code.computer.get_authinfo(user).enabled = False
    report = examine('--code', code.pk)
    label = code.computer.label
    assert report['computer'] == (
        f'[!!] {label} is disabled for {user.email}: `verdi computer enable {label} {user.email}`'
    )


def test_a_computer_out_of_reach(examine: Examine, make_code: MakeCode) -> None:
    code = make_code(transport_type='core.ssh', hostname='127.0.0.1', configuration={'port': 1})
    report = examine('--code', code.pk)
    label = code.computer.label
    assert report.status == 1
    assert report['computer'].startswith(f'[!!] {label} (127.0.0.1) cannot be reached, ')
    assert report['computer'].endswith(f': `verdi computer test {label}`')


def test_an_asynchronous_transport_needs_the_broker(make_code: MakeCode) -> None:
    code = make_code(transport_type='core.ssh_async', hostname='127.0.0.1', configuration={})
    setup = Setup(None, None, None, None, 1, ExitStack(), code=code)
    setup.broker = get_manager().get_broker()
    with pytest.raises(checks.NotChecked, match=r'^core\.ssh_async needs the broker$'):
        input_checks.check_computer(setup)


def test_a_scheduler_that_does_not_answer(
    examine: Examine, make_code: MakeCode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Where Slurm is installed: a cluster that nobody serves.
    config = tmp_path / 'slurm.conf'
    config.write_text(
        'ClusterName=none\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort=1\n'
        'NodeName=localhost\nPartitionName=none Nodes=localhost\n'
    )
    monkeypatch.setenv('SLURM_CONF', str(config))
    code = make_code(scheduler_type='core.slurm', configuration={})
    report = examine('--code', code.pk)
    assert report['computer'].startswith('[OK] ')
    assert report['scheduler'].startswith('[!!] core.slurm does not answer, squeue returned ')


def test_resources_that_are_not_complete(examine: Examine, make_code: MakeCode) -> None:
    code = make_code(mpiprocs=None, configuration={})
    report = examine('--code', code.pk)
    assert report['resources'] == (
        f'[!!] {code.computer.label} has no default number of MPI processes on a node: '
        'give `launch` --num-mpiprocs-per-machine'
    )


def test_resources_of_another_kind(examine: Examine, make_code: MakeCode) -> None:
    code = make_code(scheduler_type='core.sge', configuration={})
    report = examine('--code', code.pk)
    assert report['resources'].startswith('[!!] `parallel_env` must be specified')


def test_a_sound_crystal(examine: Examine, copper_file: Path, potential_family: str) -> None:
    report = examine('--structure', copper_file, '--family', potential_family)
    assert report['family'].startswith('[OK] standin, potentials: ')
    assert report['structure'] == f'[OK] {copper_file}, Cu4'
    assert report['potentials'] == '[OK] Cu of standin'


def test_kinds_have_the_potential_of_their_element(examine: Examine, potential_family: str) -> None:
    node = StructureData(cell=[[3.5, 0, 0], [0, 3.5, 0], [0, 0, 3.5]])
    node.append_atom(position=(0, 0, 0), symbols='Ni', name='Ni_up')
    node.append_atom(position=(1.75, 1.75, 1.75), symbols='Ni', name='Ni_down')
    report = examine('--structure', node.store().pk, '--family', potential_family)
    assert report['potentials'] == '[OK] Ni_pv of standin'


def test_a_missing_potential(examine: Examine, potential_family: str, tmp_path: Path) -> None:
    chromium = Structure(Lattice.cubic(2.88), ['Cr', 'Cr'], [[0, 0, 0], [0.5, 0.5, 0.5]])
    chromium.to(str(tmp_path / 'Cr.cif'))
    report = examine('--structure', tmp_path / 'Cr.cif', '--family', potential_family)
    assert report.status == 1
    assert report['structure'].startswith('[OK] ')
    assert report['potentials'].startswith(
        '[!!] standin has no Cr_pv for the kind Cr: upload them, or '
    )


def test_an_element_that_the_protocols_do_not_know(
    examine: Examine, potential_family: str, tmp_path: Path
) -> None:
    polonium = Structure(Lattice.cubic(3.35), ['Po'], [[0, 0, 0]])
    polonium.to(str(tmp_path / 'Po.cif'))
    report = examine('--structure', tmp_path / 'Po.cif', '--family', potential_family)
    assert report.status == 1
    assert report['potentials'].startswith('[!!] the protocols have none for Po: choose others ')


def test_a_disordered_crystal(examine: Examine, potential_family: str, tmp_path: Path) -> None:
    alloy = Structure(Lattice.cubic(3.0), [{'Cu': 0.5, 'Ni': 0.5}], [[0, 0, 0]])
    alloy.to(str(tmp_path / 'CuNi.cif'))
    report = examine('--structure', tmp_path / 'CuNi.cif', '--family', potential_family)
    assert report.status == 1
    assert report['structure'].startswith('[!!] ')
    assert 'The crystal is disordered: a site is partly occupied' in report['structure']
    assert report['potentials'] == '[--] not checked: it needs an ordered structure'


def test_a_slab_instead_of_a_crystal(
    examine: Examine, potential_family: str, tmp_path: Path
) -> None:
    slab = fcc100('Cu', (1, 1, 4), a=3.6, vacuum=8.0, periodic=True)
    slab.write(tmp_path / 'slab.cif')
    report = examine('--structure', tmp_path / 'slab.cif', '--family', potential_family)
    assert report.status == 1
    assert 'a slab or a molecule in a box' in report['structure']
    assert report['structure'].endswith('slabs of your own go into the input `slabs`')
    assert report['potentials'] == '[OK] Cu of standin'


def test_no_such_file(examine: Examine) -> None:
    report = examine('--structure', 'nothing.cif')
    assert report['structure'] == (
        '[!!] nothing.cif: there is neither such a file nor a node with this pk or uuid'
    )


def raise_anything(setup: Setup) -> str:
    raise RuntimeError('what nobody\nexpected')


def raise_fault(setup: Setup) -> str:
    raise Fault('it is broken', '`mend it`')


@pytest.mark.parametrize(
    ('check', 'line'),
    [
        (raise_anything, '[!!] name: RuntimeError: what nobody expected'),
        (raise_fault, '[!!] name: it is broken: `mend it`'),
    ],
)
def test_a_check_never_raises(check: Callable[[Setup], str], line: str) -> None:
    setup = Setup(None, None, None, None, 1, ExitStack())
    assert str(checks.make('name', check, setup)) == line


def test_a_long_line_is_broken_before_the_remedy() -> None:
    finding = Finding('name', Mark.FAULT, 'x' * 90, '`mend it`')
    assert str(finding) == f'[!!] name: {"x" * 90}:\n     `mend it`'


def run(
    demo: Demo, *options: object, folder: Path | None = None, source: Path | None = None
) -> Report:
    """Run the command as a program.

    :param folder: the AIIDA_PATH, by default that of the demo.
    :param source: a folder with a package to use in place of the one that is installed.
    """
    result = subprocess.run(
        [str(BIN / 'aiida-slabrelax'), 'doctor', *map(str, options)],
        env=environment(demo, folder or demo.workdir, source),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert 'Traceback' not in result.stderr
    return read(result.stdout, result.returncode)


def environment(demo: Demo, folder: Path, source: Path | None) -> dict[str, str]:
    paths = {'PATH': f'{BIN}{os.pathsep}{os.environ["PATH"]}', 'AIIDA_PATH': str(folder)}
    return demo.environment(**paths, **({'PYTHONPATH': str(source)} if source else {}))


@pytest.fixture(scope='module')
def source(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a copy of the package, which the running daemon of the demo uses."""
    source = tmp_path_factory.mktemp('source')
    shutil.copytree(Path(aiida_slabrelax.__file__).parent, source / 'aiida_slabrelax')
    verdi = [str(BIN / 'verdi'), 'daemon']
    variables = environment(demo, demo.workdir, source)
    subprocess.run([*verdi, 'start', '--timeout', '60'], env=variables, check=True)
    try:
        yield source
    finally:
        subprocess.run([*verdi, 'stop', '--timeout', '60'], env=variables, check=True)


def test_a_sound_setup(demo: Demo, source: Path) -> None:
    report = run(
        demo,
        *('--code', 'vasp-standin@localhost'),
        *('--structure', demo.copper_file),
        *('--family', 'synthetic'),
        source=source,
    )
    assert {text[:4] for text in report.findings.values()} == {'[OK]'}
    assert report.status == 0
    assert report['daemon'] == '[OK] running with 1 worker'
    assert (
        report['workers'] == f'[OK] aiida-slabrelax {aiida_slabrelax.__version__}, as this command'
    )
    assert re.fullmatch(
        r'\[OK\] 200 \(1 worker\), \d+ in use, 17 needed for 8 slabs', report['slots']
    )


def test_too_few_slots(demo: Demo, source: Path) -> None:
    report = run(demo, '--slabs', '1000', source=source)
    assert report.status == 1
    match = re.fullmatch(
        r'\[!!\] 200 \(1 worker\), (\d+) in use, 2001 needed for 1000 slabs: '
        r'`verdi daemon incr (\d+)`, or `launch --max-concurrent (\d+)`',
        report['slots'],
    )
    assert match is not None
    used, more, concurrent = map(int, match.groups())
    assert more == math.ceil((used + 2001 - 200) / 200)
    assert concurrent == (200 - used - 1) // 2


def test_workers_of_another_installation(demo: Demo, source: Path, tmp_path: Path) -> None:
    shutil.copytree(source, tmp_path / 'other')
    version = aiida_slabrelax.__version__
    assert run(demo, source=tmp_path / 'other')['workers'] == (
        f'[!!] they run {version} of {source}/aiida_slabrelax, this command is {version} of '
        f'{tmp_path}/other/aiida_slabrelax: '
        '`verdi daemon restart` in the environment of this command'
    )


@contextmanager
def running_python(name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that runs the Python outside of this environment, called by any name."""
    with subprocess.Popen(
        [name, '-c', 'print(flush=True); input()'],
        executable=sys._base_executable,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.communicate(b'\n')


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason='there is no other environment')
def test_workers_of_an_environment_without_the_package(aiida_profile: Profile) -> None:
    setup = Setup(None, None, None, None, 1, ExitStack(), profile=aiida_profile)
    with running_python(sys._base_executable) as process:
        setup.workers = [process.pid]
        finding = checks.make('workers', service_checks.check_workers, setup)
    assert finding.mark is Mark.FAULT
    assert finding.text == (
        f'they run in the environment of {sys._base_executable}, without aiida-slabrelax'
    )
    assert finding.remedy.endswith(' daemon restart` in the environment of this command')


def test_a_worker_without_a_command_line(aiida_profile: Profile) -> None:
    setup = Setup(None, None, None, None, 1, ExitStack(), profile=aiida_profile)
    with running_python('') as process:
        setup.workers = [process.pid]
        finding = checks.make('workers', service_checks.check_workers, setup)
    assert finding.mark is Mark.NOT_CHECKED
    assert finding.text == (
        f'not checked: process {process.pid} cannot be inspected, '
        f'it has no command line (pid={process.pid})'
    )


def test_workers_of_old_code(demo: Demo, source: Path) -> None:
    now = time.time() + 5
    package = source / 'aiida_slabrelax'
    os.utime(package / 'cli' / 'commands' / 'doctor.py', (now, now))  # no worker imports it
    assert run(demo, source=source)['workers'].startswith('[OK] ')
    os.utime(package / 'protocols.yaml', (now, now))
    assert run(demo, source=source)['workers'] == (
        '[!!] protocols.yaml has changed since they started, so they run old '
        'code: `verdi daemon restart`'
    )


def test_no_profile_at_all(demo: Demo, tmp_path: Path) -> None:
    report = run(demo, folder=tmp_path)
    assert report.status == 1
    assert report.faults == ['profile']
    assert report['profile'] == '[!!] there is none yet: `verdi presto` makes one'


@pytest.fixture
def copied(demo: Demo, tmp_path: Path) -> Path:
    """An AIIDA_PATH with a copy of the profile of the demo."""
    shutil.copytree(demo.workdir / '.aiida' / 'repository', tmp_path / '.aiida' / 'repository')
    config = (demo.workdir / '.aiida' / 'config.json').read_text()
    moved = config.replace(str(demo.workdir), str(tmp_path))
    (tmp_path / '.aiida' / 'config.json').write_text(moved)
    return tmp_path


def test_a_daemon_that_takes_its_broker_along(demo: Demo, copied: Path) -> None:
    report = run(demo, folder=copied)
    assert report['broker'] == (
        '[--] not checked: ZeroMQ, embedded in the daemon, runs only while the daemon does'
    )
    assert report['daemon'] == '[!!] it is not running: `verdi daemon start`'


def test_a_storage_of_another_schema(demo: Demo, copied: Path) -> None:
    (database,) = copied.rglob('database.sqlite')
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'main_0001'")
    connection.close()
    report = run(demo, '--code', 'vasp-standin@localhost', folder=copied)
    assert report.status == 1
    assert report['storage'].startswith('[!!] its schema is not the one of this aiida-core, main_')
    assert '`verdi storage migrate`' in report['storage']
    for name in ('slots', 'code', 'family'):
        assert report[name] == '[--] not checked: it needs the storage'


def test_a_storage_that_is_gone(demo: Demo, copied: Path) -> None:
    shutil.rmtree(copied / '.aiida' / 'repository')
    report = run(demo, folder=copied)
    assert report.status == 1
    assert report['storage'].startswith('[!!] core.sqlite_dos cannot be opened, ')


@pytest.mark.parametrize(
    ('backend', 'config', 'finding'),
    [
        (
            None,
            {},
            '[!!] the profile has none, and the daemon needs one: '
            '`verdi profile configure-broker core.zeromq demo` (or core.rabbitmq)',
        ),
        (
            'core.rabbitmq',
            {
                'broker_protocol': 'amqp',
                'broker_username': 'guest',
                'broker_password': 'guest',
                'broker_host': '127.0.0.1',
                'broker_port': 1,
                'broker_virtual_host': '',
            },
            '[!!] RabbitMQ @ amqp://guest:***@127.0.0.1:1?heartbeat=600 <Connection failed> cannot '
            'be reached: start it, or `verdi profile configure-broker core.rabbitmq demo`',
        ),
    ],
)
def test_no_broker(
    demo: Demo, copied: Path, backend: str | None, config: dict[str, Any], finding: str
) -> None:
    path = copied / '.aiida' / 'config.json'
    content = json.loads(path.read_text())
    content['profiles']['demo']['process_control'] = {'backend': backend, 'config': config}
    path.write_text(json.dumps(content))
    report = run(demo, folder=copied)
    assert report.status == 1
    assert report['broker'] == finding


def test_settings_that_are_often_not_meant(
    examine: Examine,
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
    tmp_path: Path,
) -> None:
    words = ('--code', vasp_code.full_label, '--structure', copper_file)
    words += ('--family', potential_family)
    assert examine(*words)['settings'] == '[OK] no doubts'
    overrides = tmp_path / 'hybrid.yaml'
    overrides.write_text('vasp: {parameters: {incar: {lhfcalc: true, algo: damped}}}')
    report = examine(*words, '--overrides', overrides)
    assert report['settings'].startswith('[??] LHFCALC with GGA = PS: HSE06 and PBE0 need PE')
    assert 'LHFCALC without NKRED' in report['settings']
    assert 'settings' not in report.faults


def test_settings_that_cannot_be_prepared(
    examine: Examine,
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
    tmp_path: Path,
) -> None:
    overrides = tmp_path / 'wrong.yaml'
    overrides.write_text('vasp: {parameters: {incar: {no_tag: 1}}}')
    words = ('--code', vasp_code.full_label, '--structure', copper_file)
    report = examine(*words, '--family', potential_family, '--overrides', overrides)
    assert report['settings'].startswith('[--] not checked: the calculation cannot be prepared, ')


def test_submissions_that_never_arrived(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    node = WorkChainNode()
    node.set_process_label('SlabRelaxWorkChain')
    node.set_process_state(ProcessState.CREATED)
    node.store()
    node.set_checkpoint('bundle')

    def find_latest(broker: Broker | None) -> list[int]:
        # Earlier tests leave runs behind that nobody has submitted.
        return [pk for pk in find_lost(broker, grace=-60) or [] if pk >= node.pk]

    monkeypatch.setattr(service_checks, 'find_lost', find_latest)
    try:
        report = examine()
        assert re.match(
            r'\[!!\] submitted but never received by the daemon, so they stay Created: '
            rf'{node.pk}: .*`verdi process repair`',
            report['submissions'],
        )
        assert report.status == 1
    finally:
        node.set_process_state(ProcessState.KILLED)
