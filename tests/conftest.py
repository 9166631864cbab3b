"""What all tests share: the environment, the rings, and AiiDA where a test needs it."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parent

# aiida makes folders in the user's home as soon as it is imported.
_SCRATCH = tempfile.mkdtemp(prefix='slabrelax-')
atexit.register(shutil.rmtree, _SCRATCH, ignore_errors=True)
for _variable in ('AIIDA_PATH', 'XDG_CACHE_HOME'):
    os.environ[_variable] = _SCRATCH
os.environ['OMP_NUM_THREADS'] = '1'


def _begin_with(variable: str, folder: Path) -> None:
    others = [one for one in os.environ.get(variable, '').split(os.pathsep) if one]
    os.environ[variable] = os.pathsep.join([str(folder), *others])


# How long an example takes depends on what else the machine does.
settings.register_profile('tests', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('tests')

# The daemon finds the console scripts of this environment and the work chains of the tests.
_begin_with('PATH', Path(sys.executable).parent)
_begin_with('PYTHONPATH', ROOT / 'helpers')

#: Folders whose subject knows nothing of AiiDA: their tests need no profile, and do not import it.
WITHOUT_AIIDA = {'comparisons', 'crystals', 'energetics', 'standin', 'surfaces'}

#: The ring of every test in a folder and below it. A test elsewhere is in the ring `daemon` if it
#: uses one of the fixtures in `DAEMONS`, and else in none.
RINGS = {
    'browser': 'browser',
    'cli/hostile': 'thorough',
    'cli/kills': 'crash',
    'cli/whole': 'daemon',
    'comparisons': 'thorough',
    'crystals/damage': 'thorough',
    'durable/crashes': 'crash',
    'durable/whole': 'daemon',
    'examples': 'daemon',
    'infrastructure': 'infrastructure',
    'plots/layout': 'thorough',
    'promises': 'promise',
    'recordings/damage': 'thorough',
    'workflows/whole': 'daemon',
}

#: Fixtures that start a daemon or a program that starts one, or that run calculations.
DAEMONS = {'calculate', 'daemon_client', 'demo'}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        '--every-crash',
        action='store_true',
        help='kill at every fault point of every workflow; invent workflows for half an hour',
    )
    parser.addoption(
        '--every-file',
        action='store_true',
        help='damage a thousand files of each format of crystals, not 15',
    )
    parser.addoption(
        '--every-surface',
        action='store_true',
        help='compare 1,000 surfaces of 200 crystals with brute force, not 300 of 60',
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep matplotlib's list of the fonts from one run to the next: each process would make it."""
    assert config.cache is not None
    os.environ['MPLCONFIGDIR'] = str(config.cache.mkdir('matplotlib'))


_terminal: pytest.TerminalReporter | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Keep what writes to the terminal; the processes of xdist have none."""
    global _terminal
    _terminal = session.config.pluginmanager.get_plugin('terminalreporter')


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Load the fixtures of AiiDA before the first module that needs them is imported."""
    if isinstance(collector, pytest.Module):
        if collector.path.relative_to(ROOT).parts[0] not in WITHOUT_AIIDA:
            # Of two fixtures of the same name the later one counts: ours.
            for plugin in ('aiida.tools.pytest_fixtures', 'aiida_fixtures'):
                collector.config.pluginmanager.import_plugin(plugin)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with its ring."""
    for item in items:
        folder = item.path.parent.relative_to(ROOT).as_posix()
        if folder in RINGS:
            item.add_marker(RINGS[folder])
        elif DAEMONS & set(getattr(item, 'fixturenames', ())):
            item.add_marker('daemon')


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Show a failure as soon as it is known, not at the end of a long run only."""
    if report.failed and _terminal is not None:
        _terminal.write_line(f'\n{report.nodeid}\n{report.longreprtext}')


def pytest_collection_finish() -> None:
    """Keep the collector of garbage from going through what stays: modules and all tests.

    It also looks through the rest less often: a test leaves little that only it can find.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
