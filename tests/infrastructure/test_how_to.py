"""The how-tos for production and for a cluster: every command of them, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pgtest.pgtest import PGTest

from aiida_slabrelax.standin.inputs.potcar import write_potcar_family
from infrastructure.how_to_machine import Machine, make_repository
from infrastructure.how_to_page import Section, read
from infrastructure.postgresql import PostgreSQL
from infrastructure.rabbitmq import RabbitMQ
from infrastructure.servers import find
from infrastructure.slurm import Slurm
from infrastructure.ssh import SSH
from process_tree import await_that
from sample_structures import silver_phosphate

HOW_TO = Path(__file__).parents[2] / 'docs/how-to'
PRODUCTION, CLUSTER = HOW_TO / 'production.md', HOW_TO / 'cluster.md'

#: How often, in s, a command is repeated, which costs seconds of processor time.
INTERVAL = 8

#: What tells in the database that a job has begun.
MONITORED = 'Monitoring scheduler: job state RUNNING'

#: The pks that the pages give to the runs that they launch, in this order.
FIRST, SECOND = '26', '2600'


@pytest.fixture
def home(folder: Callable[[str], Path], ssh: SSH) -> Path:
    """The home of a user who can log in on the cluster and has the files that the pages suppose."""
    home = folder('alice')
    (home / '.ssh').mkdir(mode=0o700)
    config = ssh.client_config.replace(f'Host {ssh.host}', 'Host cluster.example.org')
    (home / '.ssh' / 'config').write_text(config)
    (home / 'backup').mkdir()
    (home / 'work').mkdir()
    silver_phosphate().get_ase().write(home / 'work' / 'Ag3PO4.cif')
    write_potcar_family(home / 'work' / 'potpaw_PBE.54', ('Ag', 'P', 'O'))
    make_repository(home / 'repository')
    return home


@pytest.fixture
def fresh_postgresql(
    postgresql: PostgreSQL, folder: Callable[[str], Path]
) -> Iterator[tuple[PostgreSQL, int]]:
    """A server without AiiDA's role, whose restart touches nobody else, and its port."""
    with PGTest() as cluster:
        server = PostgreSQL(folder('fresh-postgresql'))
        server.watch(cluster.cluster)
        yield server, cluster.port


@pytest.fixture
def fresh_rabbitmq(folder: Callable[[str], Path]) -> Iterator[tuple[RabbitMQ, Path]]:
    """A server with RabbitMQ's own time-out, and its configuration."""
    place = folder('fresh-rabbitmq')
    server = RabbitMQ(place)
    config = place / 'rabbitmq.conf'
    config.write_text(f'listeners.tcp.1 = 127.0.0.1:{server.port}\n')
    server.start()
    yield server, config
    server.stop()


@pytest.fixture
def gate(folder: Callable[[str], Path]) -> Path:
    """A file without which no job on the cluster begins."""
    gate = folder('gate') / 'open'
    gate.touch()
    return gate


@pytest.fixture
def machine(
    home: Path,
    fresh_postgresql: tuple[PostgreSQL, int],
    fresh_rabbitmq: tuple[RabbitMQ, Path],
    gate: Path,
    slurm: Slurm,
) -> Iterator[Machine]:
    """The machine of the pages, with what is different here."""
    rabbitmq, config = fresh_rabbitmq
    as_postgres = f'env PGHOST=localhost PGPORT={fresh_postgresql[1]} PGUSER=postgres'
    variables = ' '.join(f'{name}={value}' for name, value in rabbitmq.environment.items())
    # Debian's command on the path wants to be the user rabbitmq.
    rabbitmqctl = f'env {variables} /usr/lib/rabbitmq/bin/rabbitmqctl'
    begin = f'export VASP_STANDIN_MODEL=instant; until [ -e {gate} ]; do sleep 0.5; done'

    def restart_rabbitmq() -> None:
        rabbitmq.stop()
        config.write_text((home / 'work' / 'rabbitmq.conf').read_text())
        rabbitmq.start()

    machine = Machine(
        home,
        {
            '<repository>': str(home / 'repository'),
            # The environment of the tests has the package already, with all that it needs.
            'pip install ': f'pip install --no-deps --target {home}/installed ',
            'sudo -u postgres ': f'{as_postgres} ',
            'sudo rabbitmqctl': rabbitmqctl,
            '5432': str(fresh_postgresql[1]),
            '5672': str(rabbitmq.port),
            '/home/alice': str(home),
            '/backup': str(home / 'backup'),
            '/scratch/{username}': str(home / 'scratch'),
            # OpenSSH looks up the home in the list of users.
            'ssh cluster': 'ssh -F ~/.ssh/config cluster',
            # The defaults spare a cluster that others use too.
            '--non-interactive cluster': '--non-interactive --safe-interval 1 cluster',
            'poll_interval(60)': 'poll_interval(2)',
            '/opt/vasp/6.4.2/bin/vasp_std': str(find('vasp-standin')),
            'module load intel impi': begin,
            'mpiprocs_per_machine: 32': 'mpiprocs_per_machine: 1',
            '--num-machines 2': '--num-machines 1',
            '--queue-name normal': f'--queue-name {slurm.partition}',
            ', queue normal': f', queue {slurm.partition}',
        },
        {'sudo systemctl restart rabbitmq-server': restart_rabbitmq},
        [FIRST, SECOND],
    )
    yield machine
    gate.touch()
    if [*home.glob('.aiida/daemon/*.pid')]:
        machine.run('verdi daemon stop')


def state(machine: Machine, run: str) -> dict[str, Any]:
    """Return where a run stands that a page has launched, and its slabs."""
    shown: dict[str, Any] = json.loads(
        machine.run(f'aiida-slabrelax show --json {machine.launched[run]}')
    )
    return shown


def assert_under_way(machine: Machine, run: str) -> None:
    """Check that a run has not ended, and that none of its slabs is lost."""
    shown = state(machine, run)
    failures = [slab['failure'] for slab in shown['slabs'] if slab['state'] == 'failed']
    report = machine.run(f'verdi process report {machine.launched[run]}') if failures else ''
    assert failures == [], report
    assert shown['state'] == 'waiting'


def ask(port: int, question: str, value: object) -> Any:
    """Ask the database of the pages, which is done in no time, in place of a command."""
    with psycopg.connect(host='localhost', port=port, user='postgres', dbname='aiida') as database:
        (found,) = database.execute(question, (value,)).fetchone() or (None,)
    return found


def attribute(machine: Machine, port: int, run: str, name: str) -> Any:
    """Return an attribute of a run that a page has launched."""
    question = f"SELECT attributes -> '{name}' FROM db_dbnode WHERE id = %s"
    return ask(port, question, machine.launched[run])


def await_success(machine: Machine, port: int, run: str) -> None:
    """Wait until a run has ended; it must have all its slabs."""
    ended = ('finished', 'excepted', 'killed')
    await_that(lambda: attribute(machine, port, run, 'process_state') in ended, 600, 0.5)
    shown = state(machine, run)
    assert (shown['state'], shown['exit_status']) == ('finished', 0), shown
    assert {slab['state'] for slab in shown['slabs']} == {'relaxed'}


@pytest.mark.timeout(1800)
def test_every_command_of_the_how_tos(
    machine: Machine,
    fresh_postgresql: tuple[PostgreSQL, int],
    gate: Path,
    slurm: Slurm,
) -> None:
    """The cluster is set up in the middle of the page about production, as that page says."""
    postgresql, port = fresh_postgresql

    def the_time_out_is_raised() -> None:
        assert machine.printed == '{ok,31536000000}\n'

    def first_run_has_ended() -> None:
        await_success(machine, port, FIRST)

    def hold_the_second() -> None:
        gate.unlink()

    def jobs_wait() -> None:
        # A calculation that is just changing its state when the daemon stops may be lost.
        question = "SELECT count(*) FROM db_dbnode WHERE attributes ->> 'process_status' = %s"
        await_that(lambda: bool(slurm.jobs()), 300)
        slabs = len(state(machine, SECOND)['slabs'])
        await_that(lambda: ask(port, question, MONITORED) == slabs, 300, 0.5)

    def still_under_way() -> None:
        assert_under_way(machine, SECOND)

    def restart_postgresql() -> None:
        assert_under_way(machine, SECOND)
        postgresql.restart()
        time.sleep(5)

    def pause() -> None:
        pk = machine.launched[SECOND]
        assert_under_way(machine, SECOND)
        # The workers may not have taken it up yet.
        await_that(
            lambda: 'unreachable' not in machine.run(f'verdi process pause {pk}'), 120, INTERVAL
        )
        await_that(lambda: attribute(machine, port, SECOND, 'paused') is True, 60)

    def let_the_second_end() -> None:
        await_that(lambda: not attribute(machine, port, SECOND, 'paused'), 60)
        gate.touch()
        await_success(machine, port, SECOND)

    machine.at_section = {
        'The profile': the_time_out_is_raised,
        'The results': first_run_has_ended,
        'Limits': hold_the_second,
        'Update while runs are under way': jobs_wait,
        'After a fault': still_under_way,
        'PostgreSQL was restarted, or processes are stuck': restart_postgresql,
        'Calculations are paused': pause,
        'Back up': let_the_second_end,
    }
    production = read(PRODUCTION)
    middle = production.index(Section('Limits'))
    machine.carry_out([*production[:middle], *read(CLUSTER), *production[middle:]])
    machine.assert_all_was_used()
    assert slurm.jobs() == {}
