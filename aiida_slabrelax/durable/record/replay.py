"""Check that the function of a workflow agrees with its provenance."""

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

from ...engine.children import find_children
from ..calls import Call
from ..engine import CHECKPOINT_KEY, JOURNAL_EXTRA, DurableWorkChain, answered, parse_inputs
from ..errors import (
    NOT_AWAITED,
    ChildFailed,
    ContinueAsNew,
    NondeterminismError,
    ReplayError,
    describe_error,
    find_line,
)
from ..execution import Execution
from ..places import Place
from ..renewal import bind_again, restore_arguments
from ..results import read_outputs, read_tree
from ..scheduling.tasks import Position
from ..values.plain import to_node, to_plain
from ..values.trees import computed_part, name_outputs, split_end, to_nodes
from .history import Recorded, find_difference, read_history, same_content
from .journal import Journal, format_position


def replay(node: orm.ProcessNode, workflow: type[DurableWorkChain] | None = None) -> None:
    """Run the function of a workflow against its provenance, without launching or storing anything.

    For tests of a changed function, and before a daemon is restarted with it. A workflow that is
    still running is replayed up to its present call.

    The node may come from a stranger's archive: of all that it names, only the workflow is
    imported, and only if it is registered as an entry point or its module is imported already.

    :param node: a workflow, terminated or running.
    :param workflow: the workflow to run in place of the node's own class.
    :raises ReplayError: if the function makes other calls or returns other outputs; if the record
        is damaged; or if the node's own class is neither an entry point nor imported.
    :raises ValueError: if the node has no journal: it is not a workflow, or was killed.
    """
    text = find_journal(node)
    try:
        _replay(node, workflow or _find_workflow(node), text)
    except NondeterminismError as mismatch:
        raise ReplayError(str(mismatch)) from None
    except ReplayError:
        raise
    except Exception as error:  # a damaged or forged record can lead to anything
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
        arguments = {
            **workflow.interface.with_none(inputs),
            **restore_arguments(journal.arguments or {}),
        }
        function = partial(workflow.function, **workflow.interface.arguments(arguments))
        rebind = partial(bind_again, workflow.interface, workflow.spec().inputs, arguments)
        backend = _ReplayBackend(node)
        execution = Execution(function, journal, history, backend, answered, rebind)
        try:
            execution.advance(len(journal.order))
            if epoch < last.epoch:
                following = last if epoch + 1 == last.epoch else _read_epoch(node, epoch + 1)
                _check_new_beginning(following, execution)
            elif node.is_terminated:
                _check_end(node, execution)
            elif execution.root.done():
                _check_coming_end(execution, workflow.__name__)
        except _Frontier:
            pass
        finally:
            execution.drop()


def _find_workflow(node: orm.ProcessNode) -> type[DurableWorkChain]:
    """Return the class of a workflow, without importing modules that only the database names."""
    named = node.process_type or ''
    group, colon, name = named.partition(':')
    loaded: Any = None
    if colon and group == 'aiida.workflows':
        try:
            loaded = load_entry_point(group, name)
        except EntryPointError as error:
            raise ReplayError(f'{_advise(node)}: {error}') from error
    elif not colon:
        module, _, name = named.rpartition('.')
        loaded = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if not (isinstance(loaded, type) and issubclass(loaded, DurableWorkChain)):
        raise ReplayError(_advise(node))
    return loaded


def _advise(node: orm.ProcessNode) -> str:
    return (
        f'{node.process_label}<{node.pk}> has the type {node.process_type!r}, which is no entry '
        'point of aiida.workflows for a workflow and not in a module that is imported: import '
        'its module first, or name the workflow, replay(node, workflow=…)'
    )


class _Frontier(BaseException):
    """The function has reached the present call of its workflow."""


class _ReplayBackend:
    """Launches nothing: every call of the function has to be in the history."""

    def __init__(self, node: orm.ProcessNode) -> None:
        self._node = node
        self.uuid: str = node.uuid

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        """Refuse a call that is not recorded, or stop at the present call of the workflow."""
        if (mistake := self.find_mistake(call)) is not None:
            raise mistake
        if not self._node.is_terminated:
            raise _Frontier
        raise NondeterminismError(
            f'the function calls {call.name} as call {format_position(position)}, '
            'which it did not call before'
        )

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        """Refuse a call that is not recorded, like :meth:`launch`."""
        return self.launch(call, position)

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return how a call differs from a recorded one."""
        return find_difference(recorded, call, parse_inputs(call)[0])

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call could not have been launched."""
        return parse_inputs(call)[1]

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        """Return the node."""
        return node

    def kill(self, node: orm.ProcessNode) -> None:
        """Do nothing: no process is running."""

    def has(self, place: Place) -> bool:
        """Return true: what is recorded had its places."""
        return True

    def leave(self, place: Place) -> None:
        """Do nothing: no place was taken."""

    def report(self, message: str) -> None:
        """Do nothing: the report is in the database."""

    def publish(self, values: dict[str, Any]) -> bool:
        """Do nothing: what was published is in the database."""
        return True

    def keep_journal(self) -> None:
        """Do nothing: the journal is in the database."""


def find_journal(node: orm.ProcessNode) -> str:
    """Return the journal of a run: from its node, or from its checkpoint while it is running."""
    text = node.base.extras.get(JOURNAL_EXTRA, None)
    checkpoint = getattr(node, 'checkpoint', None)
    if text is None and checkpoint is not None:
        # Read as plain text: a checkpoint can hold tags that create objects.
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


def _check_coming_end(execution: Execution, name: str) -> None:
    """Refuse an end of the function at which its process would pause."""
    error = execution.root.exception()
    if error is None:
        try:
            to_nodes(computed_part(name_outputs(execution.root.result(), name)))
        except TypeError as refused:
            raise NondeterminismError(str(refused)) from refused
    elif not isinstance(error, ChildFailed | ContinueAsNew):
        raise NondeterminismError(
            f'the function raises {describe_error(error)} at {find_line(error)}'
        )


def _read_epoch(node: orm.ProcessNode, epoch: int) -> Journal:
    return Journal.loads(node.base.extras.get(f'{JOURNAL_EXTRA}_{epoch}'))


def _find_called(node: orm.ProcessNode) -> dict[str, orm.ProcessNode]:
    """Return the children of a running workflow, without closing any."""
    links = node.base.links.get_outgoing(orm.ProcessNode).all()
    called = sorted((cast(int, link.node.pk), link) for link in links)
    return {link.link_label: cast(orm.ProcessNode, link.node) for _, link in called}


def _check_new_beginning(following: Journal, execution: Execution) -> None:
    error = execution.root.exception()
    if not isinstance(error, ContinueAsNew):
        raise NondeterminismError('the function ends where it continued as new before')
    before = restore_arguments(following.arguments or {})
    for name, value in error.inputs.items():
        if not _is_same_argument(value, before.get(name)):
            shown, other = (to_plain(argument) for argument in (value, before.get(name)))
            raise NondeterminismError(
                f'the function continues as new with {name} = {shown}, not {other}'
            )


def _is_same_argument(now: Any, before: Any) -> bool:
    if isinstance(now, Mapping) and isinstance(before, Mapping):
        return set(now) == set(before) and all(
            _is_same_argument(now[name], before[name]) for name in now
        )
    if isinstance(now, orm.Node) and isinstance(before, orm.Node):
        return same_content(now, before)
    return now is before


def _check_end(node: orm.ProcessNode, execution: Execution) -> None:
    """Compare the end of the function with that of its workflow."""
    if not execution.root.done():
        raise NondeterminismError('the function waits for something where it had ended before')
    error = execution.root.exception()
    if isinstance(error, ChildFailed):
        if node.exit_status != 400:
            raise NondeterminismError(f'the function fails with {error!r}, which it did not before')
    elif error is not None:
        if not node.is_excepted:
            raise NondeterminismError(f'the function raises {error!r}, which it did not before')
    else:
        result = execution.root.result()
        given = {link.node.uuid for link in node.base.links.get_incoming(orm.Data).all()}
        _check_outputs(name_outputs(result, node.process_label or ''), read_outputs(node), given)
        _, exit_code = split_end(result)
        status = 0 if exit_code is None else exit_code.status
        if not status and execution.journal.rules and execution.unheeded():
            status = NOT_AWAITED
        # The engine itself ends a workflow without the outputs that it promises with 10 or 11.
        if status != node.exit_status and (status or (node.exit_status or 0) > 99):
            raise NondeterminismError(
                f'the function ends with exit code {status}, where it was {node.exit_status} before'
            )


def _check_outputs(now: Mapping[str, Any], before: Mapping[str, Any], given: set[str]) -> None:
    if set(now) != set(before):
        raise NondeterminismError(
            f'the function returns {sorted(now)}, where it returned {sorted(before)} before'
        )
    for name, value in now.items():
        if isinstance(value, Mapping) and isinstance(before[name], Mapping):
            _check_outputs(value, before[name], given)
        elif not _is_same(value, before[name], given):
            raise NondeterminismError(f'the function returns another {name} than before')


def _is_same(now: Any, before: orm.Node, given: set[str]) -> bool:
    """Return whether an output is that of before.

    :param given: the UUIDs of the inputs of the workflow.
    """
    if isinstance(now, orm.Data) and now.is_stored:
        # What the function itself stores is stored again each time, as another node.
        known = {now.uuid, before.uuid} & given or now.creator or cast(orm.Data, before).creator
        return now.uuid == before.uuid or (not known and same_content(now, before))
    return same_content(to_node(now), before)
