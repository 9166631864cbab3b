"""The services of a production setup, each of the tests' own, and a profile on them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiida.engine import ProcessBuilder
from aiida.engine.daemon.client import DaemonClient
from aiida.manage.configuration.profile import Profile
from aiida.orm import Computer, InstalledCode

from durable.workers import change_workers
from infrastructure.postgresql import PostgreSQL
from infrastructure.rabbitmq import RabbitMQ
from infrastructure.slurm import Slurm
from infrastructure.ssh import SSH

_Service = TypeVar('_Service', RabbitMQ, SSH, Slurm)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            # aiormq leaves the streams of a lost connection to the garbage collector.
            item.add_marker(
                pytest.mark.filterwarnings(r'ignore:unclosed <StreamWriter:ResourceWarning')
            )


def _need(*services: type[PostgreSQL] | type[RabbitMQ] | type[SSH] | type[Slurm]) -> None:
    for service in services:
        if missing := service.missing():
            names = ', '.join(missing)
            pytest.skip(f'{service.__name__} is not installed (no {names}); see scripts/services')


def _serve(server: _Service) -> Iterator[_Service]:
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope='session')
def folder() -> Iterator[Callable[[str], Path]]:
    """Return a function that makes a folder; the names of sockets in it must be short."""
    root = Path(tempfile.mkdtemp(prefix='slabrelax-'))
    root.chmod(0o755)  # munge insists that others can reach its socket

    def make(name: str) -> Path:
        made = root / name
        made.mkdir()
        return made

    yield make
    shutil.rmtree(root)


@pytest.fixture(scope='session')
def postgresql(folder: Callable[[str], Path]) -> PostgreSQL:
    _need(PostgreSQL)
    server = PostgreSQL(folder('postgresql'))
    os.environ['PATH'] = os.pathsep.join([server.path, os.environ['PATH']])
    return server


@pytest.fixture(scope='session')
def rabbitmq(folder: Callable[[str], Path]) -> Iterator[RabbitMQ]:
    _need(RabbitMQ)
    yield from _serve(RabbitMQ(folder('rabbitmq')))


@pytest.fixture(scope='session')
def slurm(folder: Callable[[str], Path]) -> Iterator[Slurm]:
    _need(Slurm)
    yield from _serve(Slurm(folder('slurm')))


@pytest.fixture(scope='session')
def ssh(folder: Callable[[str], Path], slurm: Slurm) -> Iterator[SSH]:
    _need(SSH)
    # AiiDA calls squeue without the computer's prepend text.
    server = SSH(folder('ssh'), slurm.environment)
    home = folder('home')
    (home / '.ssh').mkdir(mode=0o700)
    (home / '.ssh' / 'config').write_text(server.client_config)
    os.environ['HOME'] = str(home)
    yield from _serve(server)


@pytest.fixture(scope='session', autouse=True)
def aiida_profile(
    postgresql: PostgreSQL,
    rabbitmq: RabbitMQ,
    ssh: SSH,
    aiida_config: Any,
    aiida_profile_factory: Any,
    postgres_cluster: Any,
    config_psql_dos: Callable[..., dict[str, Any]],
) -> Iterator[Profile]:
    """A profile as in production, on PostgreSQL and RabbitMQ."""
    storage = config_psql_dos()
    postgresql.watch(postgres_cluster.cluster.cluster, storage)
    with aiida_profile_factory(
        aiida_config,
        storage_backend='core.psql_dos',
        storage_config=storage,
        broker_backend='core.rabbitmq',
        broker_config=rabbitmq.broker_config,
    ) as profile:
        # The queues of a test profile end with their last worker, and its runners wait busily.
        profile.is_test_profile = False
        profile.set_option('runner.poll.interval', 10)
        profile.set_option('daemon.timeout', 60)
        profile.set_option('warnings.rabbitmq_version', False)  # see the server's configuration
        # A transport that fails pauses its job after 1 + 2 + 4 + 8 s instead of five minutes.
        profile.set_option('transport.task_retry_initial_interval', 1)
        aiida_config.update_profile(profile)
        aiida_config.store()
        yield profile


def _run(client: DaemonClient, workers: int) -> DaemonClient:
    """Have the daemon run with so many workers."""
    if not client.is_daemon_running:
        client.start_daemon(number_workers=workers)
    elif more := workers - len(client.get_worker_info()['info']):
        change_workers(client, more)
    return client


@pytest.fixture
def two_workers(daemon_client: DaemonClient) -> DaemonClient:
    return _run(daemon_client, 2)


@pytest.fixture
def one_worker(daemon_client: DaemonClient) -> DaemonClient:
    """A daemon whose worker does everything: for what does not depend on their number."""
    return _run(daemon_client, 1)


@pytest.fixture(scope='session')
def cluster(aiida_profile: Profile, ssh: SSH, slurm: Slurm, folder: Callable[[str], Path]) -> Any:
    """Return a function that makes a computer with Slurm, reached by a transport."""

    def make(transport: str, workdir: Path | None = None) -> Computer:
        name = transport.removeprefix('core.')
        computer = Computer(
            label=f'cluster-{name}' if workdir is None else workdir.name,
            hostname=ssh.host if transport == 'core.ssh_async' else '127.0.0.1',
            transport_type=transport,
            scheduler_type='core.slurm',
            workdir=str(workdir or folder(f'work-{name}')),
        ).store()
        computer.set_minimum_job_poll_interval(1.0)
        computer.set_default_mpiprocs_per_machine(1)
        config = ssh.transport_config if transport == 'core.ssh' else {'host': ssh.host}
        computer.configure(**config, safe_interval=0.0, use_login_shell=False)
        return computer

    return make


@pytest.fixture(scope='session')
def code(cluster: Callable[..., Computer]) -> Callable[..., InstalledCode]:
    """Return a function that makes the code that stands in for VASP on a new cluster."""

    def make(transport: str, workdir: Path | None = None) -> InstalledCode:
        return InstalledCode(
            label='vasp-standin',
            computer=cluster(transport, workdir),
            filepath_executable=str(Path(sys.executable).parent / 'vasp-standin'),
            default_calc_job_plugin='vasp.vasp',
            with_mpi=False,
        ).store()

    return make


@pytest.fixture(scope='session')
def vasp_code(code: Callable[..., InstalledCode]) -> InstalledCode:
    """The code on the cluster that is reached by ``core.ssh_async``."""
    return code('core.ssh_async')


@pytest.fixture(scope='session')
def ssh_code(code: Callable[..., InstalledCode]) -> InstalledCode:
    """The code on the cluster that is reached by ``core.ssh``."""
    return code('core.ssh')


@pytest.fixture(scope='session')
def cluster_builder(
    slab_relax_builder: Callable[..., ProcessBuilder],
) -> Callable[..., ProcessBuilder]:
    """Return a function that fills a builder whose calculations are instant and run on the cluster.

    ``fail`` is a rule of the stand-in; ``options`` are laid over those of the calculations.
    """

    def build(
        code: InstalledCode | None = None,
        fail: str = '',
        options: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> ProcessBuilder:
        variables = {'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': fail}
        builder = slab_relax_builder(environment=variables, **inputs)
        if code is not None:
            builder.vasp.code = code
        chosen = builder.vasp.calc.metadata.options
        builder.vasp.calc.metadata.options = {
            **chosen,
            'queue_name': Slurm.partition,
            **(options or {}),
        }
        return builder

    return build
