"""What befalls a job on the cluster: cancelled, over its time, a full disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient

from infrastructure.slurm import Slurm
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import assert_each_slab_once, await_end, await_that, calculations, stand
from sample_structures import copper_slabs

SLABS = ['cu_3', 'cu_4', 'cu_5']


def test_a_job_is_cancelled(
    two_workers: DaemonClient, cluster_builder: Callable[..., Any], slurm: Slurm
) -> None:
    """The relaxation that it belongs to fails; the others do not notice."""
    node = submit(cluster_builder(slabs=copper_slabs(3, 4, 5), fail='slow=600@Cu4'))

    def job() -> str | None:
        found = [calculation for calculation in calculations(node) if calculation.label == 'cu_4']
        number = found[0].get_job_id() if found else None
        return number if slurm.jobs().get(str(number)) == 'RUNNING' else None

    await_that(lambda: job() is not None)
    slurm.cancel(str(job()))
    await_end(node)
    assert node.exit_status == 402, stand(node)
    assert 'cu_4: VaspWorkChain<' in node.exit_message
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3', 'cu_5']
    assert_nothing_is_left(node, slurm)


def test_a_job_is_over_its_time(
    two_workers: DaemonClient, cluster_builder: Callable[..., Any], slurm: Slurm
) -> None:
    """Slurm counts in minutes, so that this takes a little more than one."""
    node = submit(
        cluster_builder(
            slabs=copper_slabs(3, 4, 5),
            fail='slow=600@Cu4',
            options={'max_wallclock_seconds': 1},
        )
    )
    await_end(node)
    assert node.exit_status == 402, stand(node)
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3', 'cu_5']
    assert_nothing_is_left(node, slurm)


@pytest.fixture
def small_disk(folder: Callable[[str], Path]) -> Iterator[Path]:
    """A disk of 2 MiB."""
    if os.getuid() != 0:
        pytest.skip('only root can mount a small disk')
    disk = folder('small-disk')
    mount = ['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f'a small disk cannot be mounted here: {mounted.stderr.strip()}')
    yield disk
    subprocess.run(['umount', str(disk)], check=True)


def test_the_disk_of_the_work_directory_is_full(
    two_workers: DaemonClient,
    cluster_builder: Callable[..., Any],
    code: Callable[..., Any],
    slurm: Slurm,
    small_disk: Path,
) -> None:
    """The uploads are tried again, then the jobs pause; they go on when there is room again."""
    workdir, ballast = small_disk / 'work', small_disk / 'ballast'
    workdir.mkdir()
    with ballast.open('wb') as file, pytest.raises(OSError, match='No space left'):
        file.write(bytes(4 * 2**20))
    node = submit(
        cluster_builder(code=code('core.ssh_async', workdir=workdir), slabs=copper_slabs(3, 4, 5))
    )
    await_that(
        lambda: len([calculation for calculation in calculations(node) if calculation.paused]) == 3
    )
    ballast.unlink()
    for one in calculations(node):
        subprocess.run(['verdi', 'process', 'play', str(one.pk)], check=True, capture_output=True)
    await_end(node)
    assert_each_slab_once(node, SLABS)
    assert_nothing_is_left(node, slurm)
