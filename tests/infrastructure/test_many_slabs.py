"""Many slabs at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient

from infrastructure.slurm import Slurm
from infrastructure.what_is_left import assert_nothing_is_left
from process_tree import assert_each_slab_once, await_end
from sample_structures import copper_slab


@pytest.mark.timeout(900)
def test_sixty_four_slabs_at_once(
    two_workers: DaemonClient, cluster_builder: Callable[..., Any], slurm: Slurm
) -> None:
    slabs = {f'cu_{number:02d}': copper_slab(3) for number in range(64)}
    node = submit(cluster_builder(slabs=slabs))
    await_end(node, timeout=800)
    assert_each_slab_once(node, sorted(slabs))
    assert_nothing_is_left(node, slurm)
