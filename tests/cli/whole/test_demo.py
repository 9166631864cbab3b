"""``aiida-slabrelax demo``, run as a program with an empty home."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from demo import Demo


def daemon_status(demo: Demo) -> str:
    result = demo.in_profile('verdi', 'daemon', 'status')
    return result.stdout + result.stderr


def test_the_table(demo: Demo) -> None:
    assert demo.first.returncode == 0, demo.first.stderr
    (row,) = [line.split() for line in demo.first.stdout.splitlines() if line.startswith('slab_')]
    assert row[:5] == ['slab_00', 'relaxed', '(100)', 'Cu', 'yes']
    assert row[5:9] == ['yes', 'no', '–', '0.617']
    assert row[9:12] == ['Cu4', '4', '5.40']
    assert float(row[13]) < 0.1
    assert row[-1] == '0'


def test_no_progress_bar_without_a_terminal(demo: Demo) -> None:
    assert 'slabs [' not in demo.first.stderr


def test_the_picture(demo: Demo) -> None:
    picture = demo.workdir / 'slabs.png'
    assert picture.read_bytes().startswith(b'\x89PNG')
    assert str(picture) in demo.first.stdout


def test_it_says_what_the_numbers_are_and_how_to_look_further(demo: Demo) -> None:
    assert (
        'NOT VASP: the energies come from vasp-standin, a model, and must not be published.'
        in demo.first.stdout
    )
    assert f'AIIDA_PATH={demo.workdir}\n' in demo.first.stdout
    (pk,) = re.findall(r'verdi process report (\d+)', demo.first.stdout)
    assert (
        'slab_00: launching VaspWorkChain'
        in demo.in_profile('verdi', 'process', 'report', pk).stdout
    )


def test_show_prints_the_same_table(demo: Demo) -> None:
    (pk,) = re.findall(r'aiida-slabrelax show (\d+)', demo.first.stdout)
    shown = demo.in_profile('aiida-slabrelax', 'show', pk).stdout
    assert shown.strip() in demo.first.stdout


def test_the_daemon_is_stopped(demo: Demo) -> None:
    assert 'not running' in daemon_status(demo)


def test_nothing_is_written_outside_its_folder(demo: Demo) -> None:
    assert list(demo.home.rglob('*')) == []
    assert [path.name for path in demo.workdir.parent.iterdir() if path != demo.home] == ['demo']


@pytest.fixture(scope='module')
def failing(demo: Demo) -> subprocess.CompletedProcess[str]:
    """A second demo in the same folder, whose relaxation cannot end within its steps."""
    return demo.run(
        '--force-threshold',
        '1e-9',
        '--max-steps',
        '2',
        '--figure',
        str(demo.workdir / 'second.png'),
    )


def test_a_failed_run_has_a_status_and_a_message(
    failing: subprocess.CompletedProcess[str],
) -> None:
    assert failing.returncode == 1
    assert re.search(
        r'^slab_00 failed: VaspWorkChain<\d+> failed with exit status \d+: ',
        failing.stdout,
        re.MULTILINE,
    )
    assert re.search(
        r'^SlabRelaxWorkChain<\d+> finished \[401\] All 1 relaxations failed$',
        failing.stdout,
        re.MULTILINE,
    )


def test_a_second_run_uses_the_same_profile(
    demo: Demo, failing: subprocess.CompletedProcess[str]
) -> None:
    assert list(json.loads((demo.workdir / '.aiida' / 'config.json').read_text())['profiles']) == [
        'demo'
    ]
    assert len(demo.in_profile('verdi', 'code', 'list', '--raw').stdout.splitlines()) == 1
    pks = demo.in_profile('verdi', 'process', 'list', '--all', '--raw', '-P', 'pk').stdout.split()
    for run in (demo.first, failing):
        submitted = re.search(r'Submitted SlabRelaxWorkChain<(\d+)>', run.stdout)
        assert submitted is not None
        assert submitted[1] in pks


def test_the_picture_goes_where_it_is_asked_for(
    demo: Demo, failing: subprocess.CompletedProcess[str]
) -> None:
    assert (demo.workdir / 'second.png').read_bytes().startswith(b'\x89PNG')


def test_an_interrupted_demo_kills_its_run_and_stops_its_daemon(demo: Demo) -> None:
    environment = demo.environment(VASP_STANDIN_FAIL='slow=300')
    with subprocess.Popen(
        demo.command(), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_for_calculation(demo.workdir / 'scratch', process)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=180)
    assert process.returncode == 1
    assert 'is not dead' not in errors
    (pk,) = re.findall(r'Submitted SlabRelaxWorkChain<(\d+)>', output)
    assert 'killed' in demo.in_profile('aiida-slabrelax', 'show', pk).stdout.splitlines()[-1]
    assert 'not running' in daemon_status(demo)


def wait_for_calculation(scratch: Path, demo: subprocess.Popen[str]) -> None:
    """Wait until a demo has started its calculation on the computer."""
    before = set(scratch.rglob('_scheduler-stdout.txt'))
    deadline = time.monotonic() + 120
    while set(scratch.rglob('_scheduler-stdout.txt')) <= before:
        assert demo.poll() is None, demo.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (('--structure', 'nothing.cif'), 'nothing.cif: there is no such file'),
        (('--miller', '0', '0', '0'), 'Miller indices [0, 0, 0] describe no plane'),
    ],
)
def test_bad_input(demo: Demo, options: tuple[str, ...], message: str) -> None:
    result = demo.run(*options)
    assert result.returncode == 2
    assert result.stderr.startswith('Error: ')
    assert message in result.stderr
    assert result.stderr.count('\n') == 1


def test_a_folder_that_cannot_be_made(demo: Demo) -> None:
    result = demo.run('--workdir', str(demo.copper_file / 'below'))
    assert result.returncode == 2
    assert result.stderr.startswith('Error: --workdir: ')
    assert result.stderr.count('\n') == 1
