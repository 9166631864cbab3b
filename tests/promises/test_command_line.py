"""A run that is launched, followed and shown by commands."""

from __future__ import annotations

import re
from pathlib import Path

from aiida.cmdline.utils.common import get_workchain_report
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, load_node
from click.testing import CliRunner, Result

from aiida_slabrelax.cli import cli


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result


def test_launch_show_and_report(
    started_daemon_client: DaemonClient,
    vasp_code: InstalledCode,
    potential_family: str,
    copper_file: Path,
    tmp_path: Path,
) -> None:
    settings = ('--protocol', 'fast', '--family', potential_family, '--num-machines', 1)
    slab = ('--miller', 1, 0, 0, '--thickness', 4, '--vacuum', 10)
    launched = run('launch', vasp_code.full_label, copper_file, *slab, *settings, '--wait')
    found = re.search(r'Submitted SlabRelaxWorkChain<(\d+)>', launched.output)
    assert found is not None
    node = load_node(int(found[1]))
    assert f'SlabRelaxWorkChain<{node.pk}> finished [0]' in launched.output

    (row,) = [line.split() for line in run('show', node.pk).stdout.splitlines() if 'Cu4' in line]
    assert row[:7] == ['slab_00', 'relaxed', '(100)', 'Cu', 'yes', 'yes', 'no']
    assert row[7:10] == ['–', '0.617', 'Cu4']
    assert float(row[12]) == round(node.outputs.slab_energies.slab_00.value, 4)
    assert 'slab_00: relaxed' in get_workchain_report(node, 'REPORT')

    page = tmp_path / 'page.html'
    run('report', node.pk, '--output', page)
    assert 'slab_00' in page.read_text('utf-8')
