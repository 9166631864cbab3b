"""Of two retries of one run only the first runs a slab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.orm import WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from sample_structures import copper_slabs

Fixture = Callable[..., Any]
LABELS = ('cu_3', 'cu_4')


@pytest.fixture
def killed(instantiate: Fixture, end_run: Fixture) -> WorkChainNode:
    """A run of two slabs that was killed before any had relaxed."""
    run: WorkChainNode = end_run(instantiate(slabs=copper_slabs(3, 4)), ProcessState.KILLED)
    return run


@pytest.fixture
def retry(killed: WorkChainNode, start_process: Fixture) -> Fixture:
    """Return a function that makes the process of a retry, of all slabs or only some."""

    def make(*only: str) -> Any:
        builder = SlabRelaxWorkChain.get_builder_retry(killed, only=only or None)
        process = start_process(builder)
        process.setup()
        return process

    return make


def refusal(run: WorkChainNode, *only: str) -> str:
    with pytest.raises(ValueError, match='was retried before') as refused:
        SlabRelaxWorkChain.get_builder_retry(run, only=only or None)
    return str(refused.value).removeprefix(f'SlabRelaxWorkChain<{run.pk}> was retried before: ')


def test_the_second_is_refused_by_the_name_of_the_first(
    killed: WorkChainNode, retry: Fixture
) -> None:
    first = retry().node
    message = f'SlabRelaxWorkChain<{first.pk}> already runs the same slabs again'
    assert first.inputs.retry_of.value == killed.uuid
    assert refusal(killed) == message
    assert refusal(killed, 'cu_4') == message


def test_other_slabs_may_be_run(killed: WorkChainNode, retry: Fixture) -> None:
    first = retry('cu_3').node
    assert refusal(killed, 'cu_3').startswith(f'SlabRelaxWorkChain<{first.pk}>')
    assert set(retry('cu_4').inputs.slabs) == {'cu_4'}


def test_what_has_relaxed_in_the_first_is_not_run_again(
    killed: WorkChainNode, retry: Fixture, relax: Fixture, end_relaxation: Fixture, end_run: Fixture
) -> None:
    first = retry()
    relax(first, 'cu_3')
    end_relaxation(first, 'cu_4', exit_status=401)
    first.ctx.rescued = {}
    node = end_run(first)
    message = f'cu_3 relaxed in SlabRelaxWorkChain<{node.pk}> already: retry that one'
    assert refusal(killed) == message
    assert set(retry('cu_4').inputs.slabs) == {'cu_4'}  # it has failed there too


def test_a_killed_retry_is_no_rival(
    killed: WorkChainNode, retry: Fixture, end_run: Fixture
) -> None:
    end_run(retry(), ProcessState.KILLED)
    assert set(retry().inputs.slabs) == set(LABELS)


def test_a_relaxation_that_a_killed_one_has_left_behind_still_runs(
    killed: WorkChainNode, retry: Fixture, end_run: Fixture, end_relaxation: Fixture
) -> None:
    first = retry()
    child = end_relaxation(first, 'cu_3', state=ProcessState.WAITING)
    child.set_checkpoint('{}')
    node = end_run(first, ProcessState.KILLED)
    assert refusal(killed) == f'SlabRelaxWorkChain<{node.pk}> already runs the same slabs again'


def test_of_two_at_once_the_second_ends_before_it_submits(
    killed: WorkChainNode, start_process: Fixture
) -> None:
    """Both were made before either was stored."""
    builders = [SlabRelaxWorkChain.get_builder_retry(killed) for _ in range(2)]
    first, second = map(start_process, builders)
    for process in (first, second):
        process.setup()
    assert first.prepare_relaxations() is None
    code = second.prepare_relaxations()
    assert code.status == 314
    assert code.message == (
        f'The same run was retried twice: SlabRelaxWorkChain<{first.node.pk}> already runs the '
        'same slabs again.'
    )
    assert second.ctx.remaining == []


def test_before_the_slabs_are_cut_all_are_meant(
    instantiate: Fixture, end_run: Fixture, start_process: Fixture
) -> None:
    run = end_run(instantiate(), ProcessState.EXCEPTED)
    first = start_process(SlabRelaxWorkChain.get_builder_retry(run)).node
    assert refusal(run) == f'SlabRelaxWorkChain<{first.pk}> already runs the same slabs again'
