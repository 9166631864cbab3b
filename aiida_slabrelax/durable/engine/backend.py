"""The backend in a worker: the calls of a workflow become processes."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, cast

from aiida import orm
from sqlalchemy.exc import OperationalError

from ...engine.faults import reach
from ..calls import Call
from ..errors import NotPersistedError
from ..places import Place
from ..publishing import PUBLISHED_EXTRA
from ..record.history import STORE_OUTPUTS, Recorded, find_difference
from ..record.journal import format_label
from ..scheduling.tasks import Position
from ..values.trees import flatten
from .failures import as_failure

if TYPE_CHECKING:
    from .work_chain import DurableWorkChain

LOGGER = logging.getLogger(__name__)


class ProcessBackend:
    """Launches the calls of a workflow as children of its process."""

    def __init__(self, process: DurableWorkChain) -> None:
        self._process = process
        self.uuid: str = process.node.uuid

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        """Launch a child, by the label of its position."""
        label = self._label(call, position)
        return self._process.submit_child(call.process_class, label, **call.inputs)

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        """Run a process function here."""
        self._process.check_owner()
        reach('before a function is run')
        label = self._label(call, position)
        metadata = {**call.inputs.get('metadata', {}), 'call_link_label': label}
        process = call.process_class(
            inputs={**call.inputs, 'metadata': metadata}, runner=self._process.runner
        )
        # What stores the outputs is no code of a user, and others run meanwhile.
        guard = nullcontext() if call.name == STORE_OUTPUTS else self._process.own_code()
        try:
            with guard:
                process.execute()
        except BaseException as error:
            if not process.node.is_terminated:  # else the node has the exception of the function
                if isinstance(error, Exception):
                    raise
                process.fail(as_failure(error, call.name), error.__traceback__)
        reach('after a function is run')
        return process.node

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return how a call differs from a recorded one."""
        return find_difference(recorded, call, parse_inputs(call)[0])

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call cannot be launched, ``None`` if it can."""
        return parse_inputs(call)[1]

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        """Return a child as it is in the database; another worker may have written it."""
        return cast(orm.ProcessNode, orm.load_node(node.pk))

    def kill(self, node: orm.ProcessNode) -> None:
        """Request that a child is killed."""
        if not node.is_terminated:
            self._process.kill_child(node, f'Killed by <{self._process.node.pk}>')

    def has(self, place: Place) -> bool:
        """Return whether the workflow has a place of a semaphore; if not, it queues up for it."""
        self._process.check_owner()
        return self._process.turns.has(place)

    def leave(self, place: Place) -> None:
        """Give a place of a semaphore back."""
        self._process.check_owner()
        self._process.turns.leave(place)

    def report(self, message: str) -> None:
        """Write a line into the report of the workflow."""
        self._process.report(message)

    def publish(self, values: dict[str, Any]) -> bool:
        """Show values on the node of the workflow; not while the database is locked."""
        self._process.check_owner()
        extras = self._process.node.base.extras
        before = extras.get(PUBLISHED_EXTRA, {})
        if {**before, **values} != before:
            reach('before values are published')
            try:
                extras.set(PUBLISHED_EXTRA, {**before, **values})
            except OperationalError as error:
                LOGGER.warning('%s: values could not be shown: %s', self._process.pid, error.orig)
                return False
            reach('after values are published')
        return True

    def keep_journal(self) -> None:
        """Save a checkpoint, unless the last one contains all values already.

        :raises NotPersistedError: if it could not be saved now.
        """
        if not self._process.has_persisted_values():
            self._process._save_checkpoint()
        if not self._process.has_persisted_values():
            raise NotPersistedError

    def _label(self, call: Call, position: Position) -> str:
        return format_label(call.name, position, self._process._journal.epoch)


def parse_inputs(call: Call) -> tuple[dict[str, Any], Exception | None]:
    """Return the input nodes of a call by link label, and the error of a process for them."""
    ports = call.process_class.spec().inputs
    try:
        parsed = ports.pre_process(ports.serialize(call.inputs) or {})
    except (TypeError, ValueError) as error:
        return {}, error
    mistake = ports.validate(parsed)
    nodes = {name: value for name, value in parsed.items() if name != 'metadata'}
    labelled = {name: value for name, value in flatten(nodes) if isinstance(value, orm.Data)}
    return labelled, None if mistake is None else ValueError(mistake)
