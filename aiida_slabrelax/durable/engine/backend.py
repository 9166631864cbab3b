"""The backend in a worker: the calls of a workflow become processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aiida import orm
from aiida.engine.utils import instantiate_process

from ..calls import Call
from ..errors import NotPersistedError
from ..faults import reach
from ..history import Recorded, find_difference
from ..journal import format_label
from ..tasks import Position
from ..trees import flatten

if TYPE_CHECKING:
    from .work_chain import DurableWorkChain


class ProcessBackend:
    """Launches the calls of a workflow as children of its process."""

    def __init__(self, process: DurableWorkChain) -> None:
        self._process = process
        self.uuid: str = process.node.uuid

    def launch(self, call: Call, position: Position) -> orm.ProcessNode:
        """Store a child and hand it to the daemon, or to this event loop where there is none."""
        runner = self._process.runner
        self._process.check_owner()
        reach('before a child is stored')
        child = instantiate_process(runner, call.process_class, **self._inputs(call, position))
        reach('after a child is stored')
        self._process.lost_children.note(child.node)
        if not child.metadata.store_provenance or child.metadata.get('dry_run', False):
            raise ValueError('a workflow cannot call a process without provenance or as a dry run')
        if not runner.is_daemon_runner:
            runner.loop.create_task(child.step_until_terminated())
            return child.node
        assert runner.persister is not None
        assert runner.controller is not None
        runner.persister.save_checkpoint(child)
        child.close()
        reach('before a child is sent')
        try:
            runner.controller.continue_process(child.pid, nowait=False, no_reply=True)
        except Exception as error:  # of the broker: no fault of the function, and it will be back
            self._process.lost_children.send_later(child.node, error)
        reach('after a child is sent')
        return child.node

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        """Run a process function here."""
        self._process.check_owner()
        reach('before a function is run')
        process = call.process_class(
            inputs=self._inputs(call, position), runner=self._process.runner
        )
        try:
            process.execute()
        except Exception:
            if not process.node.is_terminated:  # else the node has the exception of the function
                raise
        reach('after a function is run')
        return process.node

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return how a call differs from a recorded one."""
        return find_difference(recorded, call, parse_inputs(call)[0])

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call cannot be launched, ``None`` if it can."""
        return parse_inputs(call)[1]

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        """Return a child as it is in the database: another worker may have written it."""
        return cast(orm.ProcessNode, orm.load_node(node.pk))

    def kill(self, node: orm.ProcessNode) -> None:
        """Send a child the request to be killed."""
        controller = self._process.runner.controller
        if controller is not None and not node.is_terminated:
            controller.kill_process(node.pk, msg_text=f'Killed by <{self._process.node.pk}>')

    def report(self, message: str) -> None:
        """Write a line into the report of the workflow."""
        self._process.report(message)

    def keep_journal(self) -> None:
        """Save a checkpoint, unless the last one has all values already.

        :raises NotPersistedError: if it could not be saved now.
        """
        if not self._process.has_persisted_values():
            self._process._save_checkpoint()
        if not self._process.has_persisted_values():
            raise NotPersistedError

    def _inputs(self, call: Call, position: Position) -> dict[str, Any]:
        label = format_label(call.name, position, self._process._journal.epoch)
        metadata = {**call.inputs.get('metadata', {}), 'call_link_label': label}
        return {**call.inputs, 'metadata': metadata}


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
