"""The checks of AiiDA's services, from the profile to the workers. It imports aiida."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import psutil
from aiida.brokers.zeromq import ZeromqBroker
from aiida.common.exceptions import (
    ConfigurationError,
    IncompatibleStorageSchema,
    MissingConfigurationError,
)
from aiida.engine.daemon.client import (
    DaemonException,
    DaemonStalePidException,
    get_daemon_client,
)
from aiida.manage import get_config_option, get_manager
from aiida.manage.configuration import get_config
from aiida.manage.configuration.profile import Profile
from aiida.orm import ProcessNode, QueryBuilder

from ... import __file__ as package_file
from ... import __version__
from ...engine.lost import REMEDY, describe_lost, find_lost
from ..errors import one_line
from .checks import Fault, NotChecked, Setup, required

#: On a loaded machine, aiida-core's default of 2 s is too short.
_DAEMON_TIMEOUT = 15

#: The relaxation of a slab takes two slots: its VaspWorkChain and its VaspCalculation.
_SLOTS_OF_A_SLAB = 2

_HERE = 'in the environment of this command'

#: The code that prints which installation the interpreter of a worker uses.
_WHICH_INSTALLATION = (
    'import json, aiida_slabrelax as a; print(json.dumps([a.__version__, a.__file__]))'
)

#: The parts of the package that no worker imports.
_NOT_IN_WORKERS = ('cli', 'standin')

#: The precision of the start time of a process, s.
_CLOCK_TOLERANCE = 1.0


def check_profile(setup: Setup) -> str:
    """Load the given profile, or the default one."""
    try:
        setup.profile = get_manager().load_profile(setup.profile_name)
    except MissingConfigurationError as error:
        raise Fault('there is none yet', '`verdi presto` makes one') from error
    except ConfigurationError as error:
        raise Fault(one_line(error), '`verdi profile list` shows yours') from error
    return str(setup.profile.name)


def check_storage(setup: Setup) -> str:
    """Open the storage, which fails if its schema is not that of this aiida-core."""
    profile = required(setup.profile, 'it needs a profile')
    try:
        setup.storage = get_manager().get_profile_storage()
    except IncompatibleStorageSchema as error:
        raise Fault(
            f'its schema is not the one of this aiida-core, {profile.storage_cls.version_head()}',
            f'`{_verdi(profile)} storage migrate` (make a backup before)',
        ) from error
    except Exception as error:  # plugins raise what they like
        raise Fault(
            f'{profile.storage_backend} cannot be opened, {one_line(error)}',
            f'`verdi profile show {profile.name}` shows where it should be',
        ) from error
    return f'{profile.storage_backend}, schema {profile.storage_cls.version_head()}'


def check_broker(setup: Setup) -> str:
    """Check that the broker can be reached; the embedded one runs only with the daemon."""
    profile = required(setup.profile, 'it needs a profile')
    setup.broker = broker = get_manager().get_broker()
    if broker is None:
        raise Fault(
            'the profile has none, and the daemon needs one',
            f'`verdi profile configure-broker core.zeromq {profile.name}` (or core.rabbitmq)',
        )
    embedded = isinstance(broker, ZeromqBroker)
    if broker.check_service_reachable():
        setup.broker_reached = True
        return 'ZeroMQ, embedded in the daemon' if embedded else str(broker)
    if not embedded:
        raise Fault(
            f'{broker} cannot be reached',
            f'start it, or `verdi profile configure-broker core.rabbitmq {profile.name}`',
        )
    if not get_daemon_client().is_daemon_running:
        raise NotChecked('ZeroMQ, embedded in the daemon, runs only while the daemon does')
    raise Fault(
        'ZeroMQ, embedded in the daemon, is not running', f'`{_verdi(profile)} daemon restart`'
    )


def check_daemon(setup: Setup) -> str:
    """Ask the daemon for its workers."""
    profile = required(setup.profile, 'it needs a profile')
    required(setup.broker, 'it needs a broker')
    client = get_daemon_client()
    if not client.is_daemon_running:
        raise Fault('it is not running', f'`{_verdi(profile)} daemon start`')
    try:
        workers = client.get_worker_info(timeout=_DAEMON_TIMEOUT).get('info', {})
    except DaemonStalePidException as error:
        raise Fault('its process has died', f'`{_verdi(profile)} daemon restart`') from error
    except DaemonException as error:
        raise Fault(one_line(error), f'`{_verdi(profile)} daemon restart`') from error
    # For a worker that has just died, there is a text instead of numbers.
    setup.workers = [int(pid) for pid, numbers in workers.items() if isinstance(numbers, dict)]
    if not setup.workers:
        raise Fault(
            'it has no workers',
            f'`{_verdi(profile)} daemon incr`; if they die, `{_verdi(profile)} daemon logshow`',
        )
    return f'running with {_count(len(setup.workers), "worker")}'


def check_workers(setup: Setup) -> str:
    """Make sure that the workers run this package in its present version on the disk."""
    profile = required(setup.profile, 'it needs a profile')
    workers = required(setup.workers, 'it needs the daemon')
    restart = f'`{_restart(profile, len(workers))}`'
    for pid in workers:
        try:
            process = psutil.Process(pid)
            version, file = _installation_of(process)
            started = process.create_time()
        except ModuleNotFoundError as error:
            raise Fault(one_line(error), f'{restart} {_HERE}') from error
        except psutil.Error as error:
            raise NotChecked(f'process {pid} cannot be inspected, {one_line(error)}') from error
        here = Path(package_file)
        if not file.samefile(here):
            raise Fault(
                f'they run {version} of {file.parent}, this command is {__version__} of '
                f'{here.parent}',
                f'{restart} {_HERE}',
            )
        for path, changed in _sources(here.parent):
            if changed > started + _CLOCK_TOLERANCE:
                raise Fault(f'{path} has changed since they started, so they run old code', restart)
    return f'aiida-slabrelax {__version__}, as this command'


def check_slots(setup: Setup) -> str:
    """Compare the number of processes that the workers can hold with the number needed."""
    required(setup.storage, 'it needs the storage')
    profile = required(setup.profile, 'it needs a profile')
    workers = required(setup.workers, 'it needs the daemon')
    of_a_worker = get_config_option('daemon.worker_process_slots')
    slots = of_a_worker * len(workers)
    active = QueryBuilder()
    active.append(
        ProcessNode,
        filters={'attributes.process_state': {'in': ['created', 'running', 'waiting']}},
    )
    used = active.count()
    needed = 1 + _SLOTS_OF_A_SLAB * setup.n_slabs
    text = (
        f'{slots} ({_count(len(workers), "worker")}), {used} in use, '
        f'{needed} needed for {_count(setup.n_slabs, "slab")}'
    )
    if used + needed <= slots:
        return text
    remedy = f'`{_verdi(profile)} daemon incr {math.ceil((used + needed - slots) / of_a_worker)}`'
    if (n_slabs := (slots - used - 1) // _SLOTS_OF_A_SLAB) > 0:
        remedy += f', or `launch --max-concurrent {n_slabs}`'
    raise Fault(text, remedy)


def check_submissions(setup: Setup) -> str:
    """Look for processes that were submitted and never arrived: nothing will run them."""
    required(setup.storage, 'it needs the storage')
    lost = find_lost(required(setup.broker, 'it needs a broker'))
    if lost is None:
        raise NotChecked('only the queue of the ZeroMQ broker can be read')
    if lost:
        raise Fault(describe_lost(lost), REMEDY)
    return 'all have reached the daemon'


CHECKS = (
    ('profile', check_profile),
    ('storage', check_storage),
    ('broker', check_broker),
    ('daemon', check_daemon),
    ('workers', check_workers),
    ('slots', check_slots),
    ('submissions', check_submissions),
)


def _verdi(profile: Profile) -> str:
    if profile.name == get_config().default_profile_name:
        return 'verdi'
    return f'verdi -p {profile.name}'


def _restart(profile: Profile, n_workers: int) -> str:
    """Return the command that restarts the daemon with the same number of workers."""
    verdi = _verdi(profile)
    if n_workers == get_config_option('daemon.default_workers'):
        return f'{verdi} daemon restart'
    return f'{verdi} daemon stop && {verdi} daemon start {n_workers}'


def _installation_of(process: psutil.Process) -> tuple[str, Path]:
    """Return the version of this package that a process imports, and its ``__init__.py``.

    :raises ModuleNotFoundError: if it cannot import the package.
    :raises psutil.Error: if the process cannot be inspected.
    """
    python = next(iter(process.cmdline()), None)
    if not python:  # for a moment, as a process begins to run its program
        raise psutil.NoSuchProcess(process.pid, msg='it has no command line')
    answer = subprocess.run(
        [python, '-P', '-c', _WHICH_INSTALLATION],
        env=process.environ(),
        cwd=process.cwd(),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ModuleNotFoundError(
            f'they run in the environment of {python}, without aiida-slabrelax'
        )
    version, file = json.loads(answer.stdout)
    return version, Path(file)


def _sources(package: Path) -> Iterator[tuple[Path, float]]:
    """Yield the files of a package that its workers run, and their modification times, s.

    The record of the installation is included, because installers may keep the times of files.
    """
    for path in package.rglob('*'):
        inside = path.relative_to(package)
        if path.suffix in ('.py', '.yaml') and inside.parts[0] not in _NOT_IN_WORKERS:
            yield inside, path.stat().st_mtime
    for file in distribution('aiida-slabrelax').files or ():
        if file.name == 'RECORD':
            yield Path(file), Path(file.locate()).stat().st_mtime


def _count(number: int, noun: str) -> str:
    return f'{number} {noun}' if number == 1 else f'{number} {noun}s'
