"""Processes that are members of a group before they can run; no daemon takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from aiida.engine import ProcessState
from aiida.engine.persistence import AiiDAPersister
from aiida.orm import Group, WorkChainNode

from aiida_slabrelax.engine import enrolment
from aiida_slabrelax.engine.children import NEVER_STARTED
from sample_structures import copper_slabs


@pytest.fixture
def group(aiida_profile: object) -> Group:
    return Group(label=f'metals-{uuid4()}').store()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that were sent, each with a group and a checkpoint; nothing is sent."""
    pks: list[int] = []

    def send(runner: Any, pk: int) -> None:
        pks.append(pk)

    monkeypatch.setattr(enrolment, 'send', send)
    monkeypatch.setattr(enrolment, 'has_arrived', lambda pk, patience: False)
    monkeypatch.setattr(enrolment, 'GRACE', 0.0)
    return pks


def test_a_member_is_in_its_group_and_has_a_checkpoint_before_it_is_sent(
    group: Group,
    slab_relax_builder: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def send(runner: Any, pk: int) -> None:
        (member,) = group.nodes
        seen.append((member.pk == pk, isinstance(member.checkpoint, str)))

    monkeypatch.setattr(enrolment, 'send', send)
    node = enrolment.submit_into(group, slab_relax_builder(slabs=copper_slabs(3)))
    assert seen == [(True, True)]
    assert node.process_state is ProcessState.CREATED


def test_without_a_broker_it_stays_in_the_group(
    group: Group, slab_relax_builder: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, 'send', lambda runner, pk: ConnectionError('gone'))
    with pytest.raises(enrolment.NotSentError, match='gone'):
        enrolment.submit_into(group, slab_relax_builder(slabs=copper_slabs(3)))
    assert len(group.nodes) == 1


@pytest.mark.parametrize('is_member', [True, False])
def test_one_that_was_not_sent_is_sent(
    group: Group,
    start_process: Callable[..., Any],
    slab_relax_builder: Any,
    sent: list[int],
    is_member: bool,
) -> None:
    builder = slab_relax_builder(slabs=copper_slabs(3))
    builder.metadata.description = enrolment.describe(group)
    process = start_process(builder)
    if is_member:
        group.add_nodes([process.node])
    AiiDAPersister().save_checkpoint(process)
    assert enrolment.take_up(group) == [process.node]
    assert sent == [process.node.pk]
    assert [node.pk for node in group.nodes] == sent


def test_one_without_a_checkpoint_can_never_run(
    group: Group, start_process: Callable[..., Any], slab_relax_builder: Any, sent: list[int]
) -> None:
    process = start_process(slab_relax_builder(slabs=copper_slabs(3)))
    group.add_nodes([process.node])
    process.node.delete_checkpoint()
    assert enrolment.take_up(group) == []
    assert sent == []
    assert list(group.nodes) == []
    assert process.node.process_status == NEVER_STARTED


@pytest.mark.parametrize(('state', 'is_member'), [('running', True), ('finished', False)])
def test_one_that_was_repaired_before_it_was_a_member(
    group: Group, sent: list[int], state: str, is_member: bool
) -> None:
    node = WorkChainNode(description=enrolment.describe(group))
    node.set_process_state(state)
    node.store()
    assert enrolment.take_up(group) == []
    assert sent == []
    assert (node in list(group.nodes)) is is_member


def test_one_that_runs_is_left_alone(group: Group, sent: list[int]) -> None:
    node = WorkChainNode()
    node.set_process_state('running')
    group.add_nodes([node.store()])
    assert enrolment.take_up(group) == []
    assert sent == []
    assert len(group.nodes) == 1
