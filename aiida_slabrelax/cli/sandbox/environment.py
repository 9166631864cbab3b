"""The AiiDA of the demo: a folder with a profile, a computer, a code and potentials.

:func:`isolated` must be entered before anything imports aiida or matplotlib; the other functions
import aiida themselves.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

import click

from ..errors import CommandFailed, reported

if TYPE_CHECKING:
    from aiida.engine.daemon.client import DaemonClient
    from aiida.orm import Computer, InstalledCode

PROFILE = 'demo'
POTENTIAL_FAMILY = 'synthetic'

#: On a loaded machine, aiida-core's default of 2 s is too short. As an option of the profile, this
#: value would also make `verdi status` wait that long for a stopped daemon.
_DAEMON_TIMEOUT = 60

#: The path of a socket has at most 107 characters, and the sockets of the daemon and its broker add
#: up to 46 to the path of the folder.
_LONGEST_PATH_FOR_SOCKETS = 107 - 46


@contextmanager
def isolated(folder: Path) -> Iterator[None]:
    """Keep all files of the block in the demo's folder.

    It must be entered before anything imports aiida or matplotlib. Only one demo at a time can use
    the folder, because each stops the daemon at its end.

    :param folder: the absolute path of the folder; created if necessary.
    :raises click.ClickException: if it cannot be created or written to, another demo uses it, or
        AiiDA cannot use its name.
    """
    if os.pathsep in str(folder):
        raise click.ClickException(f'--workdir: {folder} contains {os.pathsep!r}')
    cache = folder / '.cache'
    try:
        for path in (folder / '.aiida', cache / 'matplotlib'):
            path.mkdir(parents=True, exist_ok=True)
        lock = _open_lock(folder / '.lock')
    except OSError as error:
        raise click.ClickException(f'--workdir: {error}') from error
    # If the path is too long for sockets, they are in the system's temporary folder.
    near = folder if len(str(folder)) <= _LONGEST_PATH_FOR_SOCKETS else None
    with lock, TemporaryDirectory(dir=near, ignore_cleanup_errors=True) as temporary:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(f'another demo is running in {folder}') from error
        programs = os.environ.get('PATH', os.defpath)
        os.environ |= {
            'AIIDA_PATH': str(folder),
            'MPLCONFIGDIR': str(cache / 'matplotlib'),
            'XDG_CACHE_HOME': str(cache),
            'TMPDIR': temporary,
            # The daemon is started through `verdi`, which is beside the interpreter.
            'PATH': f'{Path(sys.executable).parent}{os.pathsep}{programs}',
        }
        tempfile.tempdir = temporary
        yield


def _open_lock(path: Path) -> BinaryIO:
    """Open a file for locking without changing its content; create it if necessary.

    :raises OSError: if it is a link, or cannot be opened.
    """
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666), 'rb+')


def load_profile(folder: Path) -> None:
    """Load the profile of the folder; create it if necessary.

    :param folder: the folder that is :func:`isolated`.
    """
    from aiida import load_profile as load
    from aiida.manage.configuration import create_profile, get_config
    from aiida.plugins import BrokerFactory

    config = get_config(create=True)
    if Path(config.dirpath) != folder / '.aiida':
        raise RuntimeError(f'aiida was imported before its files were sent to {folder}')
    if PROFILE not in config.profile_names:
        create_profile(
            config,
            name=PROFILE,
            email='demo@localhost',
            storage_backend='core.sqlite_dos',
            storage_config={},
            broker_backend='core.zeromq',
            broker_config=BrokerFactory('core.zeromq').get_default_config(),
        )
        config.set_option('runner.poll.interval', 1, scope=PROFILE)
        config.set_default_profile(PROFILE, overwrite=True)
        config.store()
    load(PROFILE)


def set_up_computer(folder: Path) -> Computer:
    """Return this machine as a computer, with its scratch space in the folder."""
    from aiida.orm import Computer

    created, computer = Computer.collection.get_or_create(
        label='localhost',
        hostname='localhost',
        transport_type='core.local',
        scheduler_type='core.direct',
        workdir=str(folder / 'scratch'),
    )
    if created:
        computer.set_minimum_job_poll_interval(0)
        computer.set_default_mpiprocs_per_machine(1)
        computer.store()
        # A login shell may be slow, and is not needed here.
        computer.configure(safe_interval=0, use_login_shell=False)
    return computer


def set_up_code(computer: Computer) -> InstalledCode:
    """Return the ``vasp-standin`` of this environment as a code.

    :raises click.ClickException: if it is not installed.
    """
    from aiida.orm import Computer, InstalledCode, QueryBuilder

    executable = shutil.which('vasp-standin', path=str(Path(sys.executable).parent))
    if executable is None:
        raise click.ClickException(f'there is no vasp-standin beside {sys.executable}')
    query = QueryBuilder().append(Computer, filters={'id': computer.pk}, tag='computer')
    query.append(
        InstalledCode,
        with_computer='computer',
        filters={'attributes.filepath_executable': executable},
    )
    if (code := query.first(flat=True)) is not None:
        assert isinstance(code, InstalledCode)
        return code
    return InstalledCode(
        label='vasp-standin',
        description='A stand-in for VASP: its energies are not those of VASP.',
        computer=computer,
        filepath_executable=executable,
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text='export OMP_NUM_THREADS=1',
    ).store()


def set_up_potentials(elements: Iterable[str]) -> None:
    """Add the missing synthetic potentials of the elements to the family."""
    from aiida.orm import QueryBuilder
    from aiida_vasp.data.potcar import PotcarData, PotcarGroup

    from ...standin.inputs.potcar import write_potcar_family

    query = QueryBuilder().append(PotcarGroup, filters={'label': POTENTIAL_FAMILY}, tag='family')
    query.append(PotcarData, with_group='family', project='attributes.symbol')
    if missing := sorted(set(elements) - set(query.all(flat=True))):
        with TemporaryDirectory() as family:
            write_potcar_family(Path(family), missing)
            PotcarData.upload_potcar_family(
                family,
                POTENTIAL_FAMILY,
                'For vasp-standin; without any pseudopotential data.',
                stop_if_existing=False,
            )


@contextmanager
def daemon() -> Iterator[Callable[[], None]]:
    """Run the daemon of the loaded profile with one worker, and always stop it at the end.

    Signals are deferred inside the block: if one ended the program while the daemon starts or
    stops, the daemon would be left running. The yielded function lets them through, as in
    :func:`~aiida_slabrelax.cli.interruption.held_back`.

    :raises CommandFailed: if the daemon does not start or stop.
    """
    from aiida.engine.daemon.client import DaemonException, get_daemon_client

    from ..interruption import held_back

    client = get_daemon_client()
    refused = reported(DaemonException, prefix='the daemon: ', raising=CommandFailed)
    with held_back() as let_through, refused:
        try:
            if not client.is_daemon_running:
                client.start_daemon(number_workers=1, timeout=_DAEMON_TIMEOUT)
            else:
                client.get_status(timeout=_DAEMON_TIMEOUT)
            _await_broker(let_through)
            yield let_through
        finally:
            _stop(client)


def _stop(client: DaemonClient) -> None:
    """Stop the daemon, if it runs, and wait for its end.

    A daemon that is still starting refuses. A daemon that has confirmed its stop no longer answers,
    but its pid file exists a little longer.

    :raises CommandFailed: if the daemon does not stop in time.
    """
    from aiida.engine.daemon.client import DaemonNotRunningException

    end, obeys = time.monotonic() + _DAEMON_TIMEOUT, False
    with suppress(DaemonNotRunningException):
        while client.is_daemon_running:
            if time.monotonic() > end:
                raise CommandFailed(f'the daemon does not stop within {_DAEMON_TIMEOUT} s')
            obeys = obeys or client.stop_daemon(timeout=_DAEMON_TIMEOUT)['status'] == 'ok'
            time.sleep(0.05)


def _await_broker(at_each_look: Callable[[], None]) -> None:
    """Connect to the broker; on a loaded machine that takes longer than aiida-core waits.

    :raises CommandFailed: if the broker does not answer in time.
    """
    from aiida.manage import get_manager

    end = time.monotonic() + _DAEMON_TIMEOUT
    while True:
        at_each_look()
        try:
            get_manager().get_communicator()
        except ConnectionError as error:
            if time.monotonic() > end:
                raise CommandFailed(f'the broker: {error}') from error
        else:
            return


def describe_profile(workdir: Path, pk: int | None, *commands: str) -> str:
    """Return the commands to look at a run in the profile of a folder.

    :param commands: arguments of further calls of ``aiida-slabrelax``.
    """
    return '\n'.join(
        [
            'The provenance is in an AiiDA profile of its own. To look at it:',
            f'  export PATH={quote(str(Path(sys.executable).parent))}:$PATH',
            f'  export AIIDA_PATH={quote(str(workdir))}',
            f'  verdi process status {pk}',
            f'  verdi process report {pk}',
            *(f'  aiida-slabrelax {command}' for command in commands),
        ]
    )
