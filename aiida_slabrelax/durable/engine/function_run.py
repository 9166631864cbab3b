"""Plain functions as processes."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, ClassVar

from aiida import orm
from aiida.engine import ExitCode
from plumpy.process_states import Continue

from ..record.history import ENCODED_ATTRIBUTE
from ..signatures.functions import bind_nodes, find_annotation, load_function
from ..values.encoding import VERSION
from ..values.plain import check_member, to_node
from .apart import Apart, InterpreterDiedError, attempt
from .deaths import MortalProcess
from .failures import as_failure
from .threads import keep_user, run_reading


class FunctionRun(MortalProcess):
    """A plain function that runs as a process: its arguments and its result become nodes.

    :cvar apart_after: how many workers may die before it runs in an interpreter of its own.
    """

    apart_after: ClassVar[int] = 1

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

    async def run(self) -> ExitCode | Continue | None:
        """Run the function, beside the event loop, which is not blocked."""
        if self.node.exit_status is not None and not getattr(self, '_reloaded', False):
            return ExitCode(self.node.exit_status, self.node.exit_message)  # cached
        try:
            value, raised = await self._call()
        except InterpreterDiedError as death:
            return self._give_up(death)
        if raised is not None:
            failure = as_failure(raised, self.inputs.function)
            raise failure from failure.__cause__
        if value is not None:
            node = to_node(value, lists=False)
            hint = find_annotation(load_function(self.inputs.function), 'return')
            if message := check_member(node, hint):
                name = self.inputs.function
                raise TypeError(f'{name} returns a value that cannot be stored: {message}')
            self.out('result', node)
        return None

    async def _call(self) -> tuple[Any, BaseException | None]:
        """Return what the function returns, and what it raises.

        It runs in a thread of the worker. If that has died, this function or another one may be the
        reason: now it runs in an interpreter of its own.

        :raises InterpreterDiedError: if that has died, time after time.
        """
        # Checkpoints of 0.1.0 keep beside the graph which arguments are None.
        inputs = self.inputs.function, self.inputs.arguments, self.inputs.get('nothing', ())
        if self._deaths < self.apart_after:
            self.count_first_death()
        if self._deaths < self.apart_after:
            function, raised = attempt(partial(bind_nodes, *inputs))
            if raised is not None:  # its module can raise anything
                return None, raised
            run = partial(attempt, partial(run_reading, function, self.inputs.function))
            keep_user()
            try:
                return await self.loop.run_in_executor(None, run)
            except asyncio.CancelledError:  # the worker is shut down
                self.set_deaths(-1)
                raise
        while True:
            apart = Apart(*inputs)
            try:
                return await self.loop.run_in_executor(None, apart.run)
            except InterpreterDiedError:
                self.set_deaths(self._deaths + 1)
                if self.is_given_up:
                    raise
            finally:
                apart.kill()

    def _give_up(self, death: InterpreterDiedError) -> Continue:
        """Pause; played, the function is run again."""
        reason = self.describe_deaths('interpreters', f', the last one with {death}:')
        self.set_deaths(self.apart_after)  # then again in an interpreter of its own
        self.report(reason)
        self.pause(reason)
        return Continue(self.run)

    def _build_process_label(self) -> str:
        name: str = self.inputs.function
        return name.partition(':')[2]

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set('function', self.inputs.function)
        self.node.base.attributes.set(ENCODED_ATTRIBUTE, VERSION)
        self.node.store_source_info(load_function(self.inputs.function))
