"""What an interpreter submits that was open while the daemon was restarted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import aiida_slabrelax
from demo import BIN, Demo

#: Submits like a notebook does: before a restart of the daemon, and after it in both ways.
PROGRAM = """
import json, subprocess, sys, time
from aiida import load_profile, orm
from aiida.engine import submit as submit_of_aiida
from aiida.manage import get_manager
from aiida.plugins import CalculationFactory

from aiida_slabrelax import submit
from aiida_slabrelax.engine.lost import find_lost, has_arrived

load_profile()
code = orm.InstalledCode(
    label='bash', computer=orm.load_computer('localhost'), filepath_executable='/bin/bash'
)

def prepared():
    builder = CalculationFactory('core.arithmetic.add').get_builder()
    builder.x, builder.y, builder.code = orm.Int(1), orm.Int(2), code
    builder.metadata.options.resources = {'num_machines': 1, 'num_mpiprocs_per_machine': 1}
    return builder

def ends(node):
    end = time.monotonic() + 120
    while not orm.load_node(node.pk).is_terminated and time.monotonic() < end:
        time.sleep(0.2)
    return orm.load_node(node.pk).process_state.value

before = submit_of_aiida(prepared())
state_before = ends(before)
subprocess.run(['verdi', 'daemon', 'restart'], check=True, capture_output=True)
lost = submit_of_aiida(prepared())
arrived = has_arrived(lost.pk)
found = find_lost(get_manager().get_broker(), grace=0)
ours = submit(prepared())
state_ours = ends(ours)
state_lost = orm.load_node(lost.pk).process_state.value
get_manager().get_process_controller().continue_process(lost.pk, nowait=False, no_reply=True)
print(json.dumps({
    'before': state_before, 'arrived': arrived, 'found': found == [lost.pk], 'ours': state_ours,
    'lost': state_lost, 'sent again': ends(lost),
}))
"""


@pytest.fixture
def started_demo(demo: Demo) -> Iterator[Demo]:
    """The demo, with a daemon."""
    for words in (('config', 'set', 'daemon.timeout', '60'), ('daemon', 'start')):
        assert demo.in_profile('verdi', *words).returncode == 0
    yield demo
    assert demo.in_profile('verdi', 'daemon', 'stop').returncode == 0


def test_only_our_submit_reaches_the_daemon(started_demo: Demo) -> None:
    environment = started_demo.environment(
        AIIDA_PATH=str(started_demo.workdir),
        PATH=f'{BIN}{os.pathsep}{os.environ["PATH"]}',
        PYTHONPATH=str(Path(aiida_slabrelax.__file__).parents[1]),
    )
    result = subprocess.run(
        [sys.executable, '-c', PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert json.loads(result.stdout.splitlines()[-1]) == {
        'before': 'finished',
        'arrived': False,
        'found': True,
        'ours': 'finished',
        'lost': 'created',
        'sent again': 'finished',
    }
