"""The work chain of a workflow: its only step drives an :class:`Execution`.

In a running worker the step continues where the function waits. After a reload the function is run
again from the top, and its calls are answered from the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from aiida.engine import ProcessBuilder
from aiida.engine.processes.workchains.awaitable import Awaitable
from plumpy import ProcessState
from plumpy.process_states import Continue, Wait

from ...engine.parent import ParentWorkChain
from ...engine.ports.builders import ReadableBuilder
from ..calls import describe_pending
from ..errors import (
    NOT_AWAITED,
    ContinueAsNew,
    NondeterminismError,
    NotImportableError,
    NotPersistedError,
)
from ..execution import Execution
from ..record.history import History, read_history
from ..record.journal import Journal
from ..renewal import bind_again, restore_arguments
from ..signatures.functions import is_importable
from ..signatures.interface import Interface
from .arrivals import Arrivals
from .backend import ProcessBackend
from .checkpoints import Checkpoints
from .deaths import MortalProcess
from .direct_calls import answered
from .endings import BugError, continue_as_new, end
from .failures import log_abandoned
from .turns import Turns

#: Steps after which a workflow is advised to continue as new.
MANY_STEPS = 2000

#: The attribute of a workflow's node with the hash of its function's source.
SOURCE_ATTRIBUTE = 'durable_source'

#: The key of the journal in a checkpoint.
CHECKPOINT_KEY = 'DURABLE_JOURNAL'


class DurableWorkChain(MortalProcess, ParentWorkChain):
    """A work chain whose outline is a plain Python function; created by ``@workflow``."""

    function: ClassVar[Callable[..., Any]]
    interface: ClassVar[Interface]
    strict: ClassVar[bool] = False
    on_error: ClassVar[str] = 'pause'

    def __init__(self, inputs: dict[str, Any] | None = None, *args: Any, **kwargs: Any) -> None:
        """Initialise the process.

        :raises TypeError: if the class was called like the function.
        :raises NotImportableError: if it is to be run by a daemon that cannot import it.
        """
        if not isinstance(inputs, Mapping | None):
            raise TypeError(
                f'{type(self).__name__} is a workflow: await submit({type(self).__name__}, …) in '
                'another one, or run it with aiida.engine.run or submit'
            )
        self._prepare(Journal())
        self.checkpoints = Checkpoints(self, self._go_on)
        self._importable = is_importable(type(self))
        super().__init__(inputs, *args, **kwargs)
        if self.runner.controller is not None and not self._importable:
            raise NotImportableError(type(self).__qualname__, type(self).__module__)

    @classmethod
    def get_builder(cls) -> ProcessBuilder:
        """Return an empty builder, which shows what it is given."""
        return ReadableBuilder(cls)

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports from the signature of the function."""
        super().define(spec)
        spec.outline(cls.run_function)
        spec.exit_code(400, 'ERROR_CHILD_FAILED', message='{message}')
        spec.exit_code(
            NOT_AWAITED,
            'ERROR_NOT_AWAITED',
            message='nobody awaited what failed: {message}',
        )
        cls.interface.define(spec)

    def run_function(self) -> None:
        """Run the function of the workflow."""
        raise AssertionError('the step of the outline only gives its name; see _do_step')

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint; the function will be run again from the top."""
        self._prepare(Journal.loads(saved_state[CHECKPOINT_KEY]))
        self.checkpoints = Checkpoints(self, self._go_on)
        self._importable = True
        self._reloaded = True
        super().load_instance_state(saved_state, load_context)
        if self.node.base.attributes.get(SOURCE_ATTRIBUTE) != self.interface.source_hash():
            self.report(
                f'warning: the source of {type(self).__name__} has changed since the workflow began'
            )

    def save_instance_state(self, out_state: Any, save_context: Any) -> None:
        """Save the journal with the process."""
        super().save_instance_state(out_state, save_context)  # type: ignore[no-untyped-call] # plumpy
        out_state[CHECKPOINT_KEY] = self._journal.dumps()

    def on_kill(self, msg: Any) -> None:
        """Cancel the function: its ``finally`` clauses run, without commands."""
        super().on_kill(msg)
        for message in self._forget():
            self.report(message)

    def _prepare(self, journal: Journal) -> None:
        self._journal = journal
        self.turns = Turns(self)
        self._execution: Execution | None = None
        self._persisted = len(journal.order)
        self._persisted_values = journal.count_values()
        self._reloaded = False
        self._warned = False
        self._arrivals: Arrivals | None = None

    @property
    def journal_epoch(self) -> int:
        """How often the workflow has continued as new."""
        return self._journal.epoch

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set(SOURCE_ATTRIBUTE, self.interface.source_hash())

    def _do_step(self) -> Any:
        """Run the function until it waits or ends, unless that has killed too many workers."""
        self._awaitables = []
        self.count_first_death()
        if self.is_given_up:
            reason = self.describe_deaths('workers', ': perhaps')
            self.set_deaths(0)
            return self._pause(reason)
        command = self._run_until_it_waits()
        self.set_deaths(0)
        return command

    def _run_until_it_waits(self) -> Any:
        self.checkpoints.check()
        try:
            execution = self._execution or self._begin()
            execution.advance(self._persisted)
            if execution.root.done():
                return self._await_children() or self._end(execution)
        except NondeterminismError as mismatch:
            return self._pause(str(mismatch))
        except NotPersistedError:
            return self._wait('Waiting for the database')
        assert self._arrivals is not None
        self._arrivals.watch()
        self._warn_of_many_steps()
        if execution.has_news and not self.checkpoints.failed:
            return Continue(self._do_step)
        return self._wait('Waiting for calls')

    def _wait(self, message: str) -> Wait:
        # The engine waits only if there is an awaitable. What is awaited, the execution knows.
        self._awaitables = [Awaitable(pk=self.node.pk, key='durable')]
        self._update_process_status()
        return Wait(self._do_step, message)

    def _begin(self) -> Execution:
        """Start an execution of the function, the first or a repeated one."""
        backend = ProcessBackend(self)
        history = History()
        if self._reloaded:
            history = read_history(self.adopt_children().items(), self._journal.epoch)
        inputs = {name: value for name, value in self.inputs.items() if name != 'metadata'}
        inputs.update(restore_arguments(self._journal.arguments or {}))
        arguments = self.interface.arguments(inputs)
        function = partial(type(self).function, **arguments)
        rebind = partial(bind_again, self.interface, self.spec().inputs, inputs)
        execution = Execution(function, self._journal, history, backend, self._guard, rebind)
        arrivals = Arrivals(self, execution, self._go_on, self.turns)
        self._execution, self._arrivals = execution, arrivals
        return execution

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Return the context in which the code of the function runs."""
        with self.own_code(), answered():
            yield

    def _await_children(self) -> Wait | None:
        """Wait until a worker has every child that was stored, and has heard what is to end."""
        tasks = [*self.lost_children.tasks(), *self.kills.tasks()]
        if not tasks:
            return None
        for task in tasks:
            task.add_done_callback(lambda _: self.call_soon(self._go_on))
        return self._wait('Waiting for children to be taken up')

    def _forget(self) -> list[str]:
        """Abandon the execution; the function will be run again from the top.

        :returns: a message for each task that has not let itself be ended.
        """
        execution, self._execution = self._execution, None
        arrivals, self._arrivals = self._arrivals, None
        self._reloaded = True
        if arrivals is not None:
            arrivals.stop()
        stubborn = [] if execution is None else execution.drop()
        return [log_abandoned(task, type(self).__name__) for task in stubborn]

    def leave(self) -> None:
        """Release the process without writing anything; the task of the daemon ends."""
        self._forget()
        super().leave()

    def _end(self, execution: Execution) -> Any:
        """Return the result with which the process ends."""
        error = execution.root.exception()
        if isinstance(error, ContinueAsNew):
            continue_as_new(self, error.inputs)
            return Continue(self._do_step)
        try:
            return end(self, execution)
        except BugError as bug:
            self.report(bug.details)
            return self._pause(str(bug))

    @property
    def pauses(self) -> bool:
        """Whether the process pauses at a bug of its function: only then it can be mended."""
        return self.on_error == 'pause' and self.runner.is_daemon_runner and self._importable

    def flat_inputs(self) -> dict[str, Any]:
        """Return the input nodes by link label."""
        return dict(self._flat_inputs())

    def _pause(self, reason: str) -> Continue:
        """Pause; the function will be run again from the top."""
        for message in [*self._forget(), reason]:
            self.report(message)
        self.pause(reason)
        return Continue(self._do_step)

    def _warn_of_many_steps(self) -> None:
        if len(self._journal.order) >= MANY_STEPS and not self._warned:
            self._warned = True
            self.report(
                f'warning: {len(self._journal.order)} calls so far, all of which are replayed '
                'after a restart; continue_as_new() begins an empty history'
            )

    def on_child_ended(self, pk: int) -> None:
        """Record the end of a call of the present execution of the function."""
        if self._arrivals is not None:
            self._arrivals.child_ended(pk)

    def _action_awaitables(self) -> None:
        """Continue at once after a reload, and if a result has arrived before the process waits.

        There is nothing to watch here: :class:`Arrivals` does that.
        """
        execution = self._execution
        if self.checkpoints.failed:
            return  # the next attempt to save it goes on
        if execution is None or (not execution.root.done() and execution.has_news):
            self.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self.state == ProcessState.WAITING:
            self.resume()

    def describe_progress(self) -> str:
        """Return which calls are awaited, and how many are done."""
        pending = [] if self._execution is None else self._execution.pending()
        done = len(self._journal.order)
        file, line = ('', 0) if self._execution is None else self._execution.root.source()
        place = f' at {Path(file).name}:{line}' if line else ''
        return f'Waiting for {describe_pending(pending)}{place} ({done} calls done)'

    def _save_checkpoint(self) -> None:
        """Save a checkpoint; completions that it contains may be delivered."""
        length, values = len(self._journal.order), self._journal.count_values()
        # Of a workflow that only lives in this interpreter no checkpoint could be loaded.
        if self._enable_persistence and self._importable and not self._state.is_terminal():
            self.check_owner()
            self.checkpoints.save()
        if not self.checkpoints.failed:
            self._persisted, self._persisted_values = length, values

    def has_persisted_values(self) -> bool:
        """Return whether the last checkpoint contains all values of the journal."""
        return self._persisted_values == self._journal.count_values()
