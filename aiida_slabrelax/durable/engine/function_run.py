"""Plain functions as processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from aiida import orm
from aiida.engine import ExitCode

from ..encoding import VERSION
from ..functions import find_annotation, load_function
from ..plain import check_member, to_node, to_plain
from ..record.history import ENCODED_ATTRIBUTE
from .deaths import MortalProcess
from .failures import as_failure
from .threads import run_reading


class FunctionRun(MortalProcess):
    """A plain function that runs as a process: its arguments and its result become nodes."""

    _node_class = orm.CalcFunctionNode

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports."""
        super().define(spec)
        spec.input('function', valid_type=str, non_db=True, help='module:name of the function.')
        spec.input_namespace('arguments', dynamic=True, valid_type=orm.Data, help='Arguments.')
        spec.output('result', valid_type=orm.Data, required=False, help='The return value.')

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process: the function had not finished."""
        super().load_instance_state(saved_state, load_context)
        self._reloaded = True

    async def run(self) -> ExitCode | None:
        """Run the function in a thread, so that the event loop is not blocked."""
        if self.node.exit_status is not None and not getattr(self, '_reloaded', False):
            return ExitCode(self.node.exit_status, self.node.exit_message)  # cached
        try:
            function = load_function(self.inputs.function)
        except BaseException as error:  # its module can raise anything
            failure = as_failure(error, self.inputs.function)
            raise failure from failure.__cause__
        arguments = {
            name: to_plain(node, find_annotation(function, name))
            for name, node in self.inputs.arguments.items()
        }
        # Checkpoints of 0.1.0 keep beside the graph which arguments are None.
        arguments.update(dict.fromkeys(self.inputs.get('nothing', ())))
        run = partial(run_reading, partial(function, **arguments), self.inputs.function)
        try:
            value, raised = await self.loop.run_in_executor(None, _try, run)
        except asyncio.CancelledError:  # the worker is shut down
            self.expect_stop()
            raise
        if raised is not None:
            raise as_failure(raised, self.inputs.function)
        if isinstance(value, orm.Node):
            raise TypeError(
                f'{self.inputs.function} has returned a node: a plain function takes and returns '
                'plain values; make it a calcfunction'
            )
        if value is not None:
            node = to_node(value, lists=False)
            if message := check_member(node, find_annotation(function, 'return')):
                name = self.inputs.function
                raise TypeError(f'{name} returns a value that cannot be stored: {message}')
            self.out('result', node)
        return None

    def _build_process_label(self) -> str:
        name: str = self.inputs.function
        return name.partition(':')[2]

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set('function', self.inputs.function)
        self.node.base.attributes.set(ENCODED_ATTRIBUTE, VERSION)
        self.node.store_source_info(load_function(self.inputs.function))


def _try(function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """Return what a function returns, and what it raises: futures do not take every exception."""
    try:
        return function(), None
    except BaseException as error:  # raised again in the process
        return None, error
