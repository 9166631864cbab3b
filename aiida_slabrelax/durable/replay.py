"""Check that the function of a workflow still does what its provenance says it has done."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import yaml
from aiida import orm
from aiida.common.exceptions import EntryPointError
from aiida.common.links import LinkType
from aiida.plugins.entry_point import load_entry_point

from ..engine.children import find_children
from .calls import Call
from .engine import (
    CHECKPOINT_KEY,
    JOURNAL_EXTRA,
    DurableWorkChain,
    parse_inputs,
)
from .errors import ChildFailed, ContinueAsNew, HistoryMismatch, ReplayError
from .history import Recorded, find_difference, read_history, same_content
from .interface import name_outputs, split_end
from .journal import Journal, format_position
from .lines import Position
from .plain import to_node
from .results import read_outputs, read_tree
from .session import Session
from .trees import keep_arguments, restore_arguments


def replay(node: orm.ProcessNode, workflow: type[DurableWorkChain] | None = None) -> None:
    """Run the function of a workflow against its provenance; nothing is launched or stored.

    For tests of a changed function, and before a daemon is restarted with it. A workflow that still
    runs is gone through as far as it has come.

    The node may come from a stranger's archive: nothing that it names is imported or called but
    the workflow, and that only if it is registered as an entry point or its module is imported
    already.

    :param node: a workflow that has ended, or that runs.
    :param workflow: what to run in place of its own class.
    :raises ReplayError: if the function does something else, or comes to another result; if the
        record is damaged; or if its own class is neither an entry point nor imported.
    :raises ValueError: if the node has no journal: it is not a workflow, or was killed.
    """
    text = _find_journal(node)
    try:
        _replay(node, workflow or _find_workflow(node), text)
    except HistoryMismatch as mismatch:
        raise ReplayError(str(mismatch)) from None
    except ReplayError:
        raise
    except Exception as error:  # of whatever somebody has put into a database
        raise ReplayError(
            f'the record of {node.process_label}<{node.pk}> cannot be read: '
            f'{str(error) or type(error).__name__}'
        ) from error


def _replay(node: orm.ProcessNode, workflow: type[DurableWorkChain], text: str) -> None:
    last = Journal.loads(text)
    children = find_children(node) if node.is_sealed else _find_called(node)
    inputs = read_tree(node, (LinkType.INPUT_WORK,), incoming=True)
    for epoch in range(last.epoch + 1):
        journal = last if epoch == last.epoch else _read_epoch(node, epoch)
        history = read_history(children.items(), epoch)
        arguments = {**inputs, **restore_arguments(journal.arguments or {})}
        function = partial(workflow.function, **workflow.interface.arguments(arguments))
        session = Session(function, journal, history, _ReadingLedger(node))
        try:
            session.advance(len(journal.order))
            if epoch < last.epoch:
                following = last if epoch + 1 == last.epoch else _read_epoch(node, epoch + 1)
                _check_new_beginning(following, session)
            elif node.is_terminated:
                _check_end(node, session)
        except _Frontier:
            pass
        finally:
            session.drop()


def _find_workflow(node: orm.ProcessNode) -> type[DurableWorkChain]:
    """Return the class of a workflow, without importing what only the database names."""
    named = node.process_type or ''
    group, colon, name = named.partition(':')
    found: Any = None
    if colon and group == 'aiida.workflows':
        try:
            found = load_entry_point(group, name)
        except EntryPointError as error:
            raise ReplayError(f'{_advise(node)}: {error}') from error
    elif not colon:
        module, _, name = named.rpartition('.')
        found = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if not (isinstance(found, type) and issubclass(found, DurableWorkChain)):
        raise ReplayError(_advise(node))
    return found


def _advise(node: orm.ProcessNode) -> str:
    return (
        f'{node.process_label}<{node.pk}> is said to be {node.process_type!r}, which is no entry '
        'point of aiida.workflows for a workflow and none of a module that is imported: import '
        'its module first, or name the workflow, replay(node, workflow=…)'
    )


class _Frontier(BaseException):
    """The function has come to where its workflow stands."""


class _ReadingLedger:
    """Launches nothing: all that the function does has to be in the history."""

    def __init__(self, node: orm.ProcessNode) -> None:
        self._node = node
        self.uuid: str = node.uuid

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        """Refuse a call that was not made, or stop where the workflow stands."""
        if (mistake := self.find_mistake(call)) is not None:
            raise mistake
        if not self._node.is_terminated:
            raise _Frontier
        raise HistoryMismatch(
            f'the function calls {call.name} as call {format_position(position)}, '
            'which it did not call before'
        )

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        """Refuse likewise."""
        return self.launch(call, position)

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return what tells a call from a recorded one."""
        return find_difference(recorded, call, parse_inputs(call)[0])

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call could not have been launched."""
        return parse_inputs(call)[1]

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        """Return the node."""
        return node

    def kill(self, node: orm.ProcessNode) -> None:
        """Kill nothing."""

    def report(self, message: str) -> None:
        """Report nothing."""

    def keep_journal(self) -> None:
        """Keep nothing."""


def _find_journal(node: orm.ProcessNode) -> str:
    """Return the journal of a run: from its node, or from its checkpoint as long as it runs."""
    text = node.base.extras.get(JOURNAL_EXTRA, None)
    checkpoint = getattr(node, 'checkpoint', None)
    if text is None and checkpoint is not None:
        # Read as plain text: a checkpoint can hold tags that make objects.
        try:
            content = yaml.load(checkpoint, Loader=yaml.BaseLoader)
        except (yaml.YAMLError, RecursionError) as error:
            raise ReplayError(
                f'the checkpoint of {node.process_label}<{node.pk}> cannot be read: {error!r}'
            ) from error
        text = content.get(CHECKPOINT_KEY) if isinstance(content, dict) else None
    if text is None:
        raise ValueError(f'{node.process_label}<{node.pk}> has no journal of a workflow')
    return cast(str, text)


def _read_epoch(node: orm.ProcessNode, epoch: int) -> Journal:
    return Journal.loads(node.base.extras.get(f'{JOURNAL_EXTRA}_{epoch}'))


def _find_called(node: orm.ProcessNode) -> dict[str, orm.ProcessNode]:
    """Return the children of a workflow that runs, without closing any."""
    links = node.base.links.get_outgoing(orm.ProcessNode).all()
    called = sorted((cast(int, link.node.pk), link) for link in links)
    return {link.link_label: cast(orm.ProcessNode, link.node) for _, link in called}


def _check_new_beginning(following: Journal, session: Session) -> None:
    error = session.root.exception()
    if not isinstance(error, ContinueAsNew):
        raise HistoryMismatch('the function ends where it continued as new before')
    kept = keep_arguments(error.inputs)
    arguments = following.arguments or {}
    for name, value in kept.items():
        if arguments.get(name) != value:
            raise HistoryMismatch(
                f'the function continues as new with {name} = {value}, not {arguments.get(name)}'
            )


def _check_end(node: orm.ProcessNode, session: Session) -> None:
    """Compare the end of the function with that of its workflow."""
    if not session.root.settled:
        raise HistoryMismatch('the function waits for something where it had ended before')
    error = session.root.exception()
    if isinstance(error, ChildFailed):
        if node.exit_status != 400:
            raise HistoryMismatch(f'the function fails with {error!r}, which it did not before')
    elif error is not None:
        if not node.is_excepted:
            raise HistoryMismatch(f'the function raises {error!r}, which it did not before')
    else:
        result = session.root.result()
        _check_outputs(name_outputs(result, node.process_label or ''), read_outputs(node))
        _, exit_code = split_end(result)
        status = 0 if exit_code is None else exit_code.status
        # The engine itself ends a workflow without the outputs that it promises with 10 or 11.
        if status != node.exit_status and (status or (node.exit_status or 0) > 99):
            raise HistoryMismatch(
                f'the function ends with exit code {status}, where it was {node.exit_status} before'
            )


def _check_outputs(now: Mapping[str, Any], then: Mapping[str, Any]) -> None:
    if set(now) != set(then):
        raise HistoryMismatch(
            f'the function returns {sorted(now)}, where it returned {sorted(then)} before'
        )
    for name, value in now.items():
        if isinstance(value, Mapping) and isinstance(then[name], Mapping):
            _check_outputs(value, then[name])
        elif not _is_same(value, then[name]):
            raise HistoryMismatch(f'the function returns another {name} than before')


def _is_same(now: Any, then: orm.Node) -> bool:
    if isinstance(now, orm.Node) and now.is_stored:
        return now.uuid == then.uuid
    return same_content(to_node(now), then)
