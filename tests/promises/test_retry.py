"""Only what has failed is run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida.engine import submit
from aiida.engine.daemon.client import DaemonClient
from aiida.engine.processes.control import kill_processes

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from process_tree import await_that, relaxations
from sample_structures import copper_slabs

EMT = {'VASP_STANDIN_MODEL': 'emt'}


def test_after_a_kill(
    started_daemon_client: DaemonClient,
    slab_relax_builder: Callable[..., Any],
    submit_and_await: Any,
) -> None:
    """Killing the run kills its relaxations; those that had ended are not lost."""
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4), environment=EMT | {'VASP_STANDIN_FAIL': 'slow=60@Cu4'}
    )
    first = submit(builder)
    await_that(lambda: any(child.is_finished for child in relaxations(first)))
    kill_processes([first], timeout=60)
    await_that(lambda: all(child.is_terminated for child in [first, *relaxations(first)]))
    assert first.is_killed
    below = [child for relaxation in relaxations(first) for child in relaxation.called]
    assert [child.pk for child in below if not child.is_terminated] == []

    builder = SlabRelaxWorkChain.get_builder_retry(first)
    builder.vasp.calc.metadata.options.environment_variables = EMT
    second = submit_and_await(builder, timeout=300)
    assert (second.exit_status, second.exit_message) == (0, None)
    assert [child.label for child in relaxations(second)] == ['cu_4']
    assert sorted(second.outputs.slab_energies) == ['cu_3', 'cu_4']
