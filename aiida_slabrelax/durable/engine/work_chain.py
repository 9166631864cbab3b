"""The work chain of a workflow: its only step drives a :class:`Session`.

In a living worker the step goes on where the function waits. After a reload the function is run
again from the top, and its calls are answered from the graph.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, cast

from aiida.engine.processes.functions import FunctionProcess
from aiida.engine.processes.workchains.awaitable import Awaitable
from plumpy import PersistenceError, ProcessState
from plumpy.process_states import Continue, Wait

from ...engine.children import find_children
from ...engine.ownership import OwnedWorkChain
from ..calls import Handle, Timer, describe_pending
from ..errors import ChildFailed, ContinueAsNew, HistoryMismatch, NotImportableError
from ..faults import reach
from ..functions import is_importable
from ..history import History, read_history
from ..interface import Interface, split_end
from ..journal import Journal
from ..lines import Position
from ..results import read_outputs
from ..session import Session
from ..trees import keep_arguments, restore_arguments
from .ledger import ProcessLedger
from .outputs import store_outputs

#: Steps after which a workflow is advised to continue as new.
MANY_STEPS = 2000

#: The attribute of a workflow's node with the hash of its function's source.
SOURCE_ATTRIBUTE = 'durable_source'

#: The extra of a workflow's node with its journal, and those of the epochs before the last.
JOURNAL_EXTRA = 'durable_journal'

#: The key of the journal in a checkpoint.
CHECKPOINT_KEY = 'DURABLE_JOURNAL'


class DurableWorkChain(OwnedWorkChain):
    """A work chain whose outline is a plain Python function; made by ``@workflow``."""

    function: ClassVar[Callable[..., Any]]
    interface: ClassVar[Interface]

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
        self._importable = is_importable(type(self))
        super().__init__(inputs, *args, **kwargs)
        if self.runner.controller is not None and not self._importable:
            raise NotImportableError(type(self).__qualname__, type(self).__module__)

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports by the signature of the function."""
        super().define(spec)
        spec.outline(cls.run_function)
        spec.exit_code(400, 'ERROR_CHILD_FAILED', message='{message}')
        cls.interface.define(spec)

    def run_function(self) -> None:
        """Run the function of the workflow."""
        raise AssertionError('the step of the outline only gives its name; see _do_step')

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint. The function will be run again from the top."""
        self._prepare(Journal.loads(saved_state[CHECKPOINT_KEY]))
        self._importable = True
        self._reloaded = True
        super().load_instance_state(saved_state, load_context)
        if self.node.base.attributes.get(SOURCE_ATTRIBUTE) != self.interface.source_hash():
            self.report(f'warning: the source of {type(self).__name__} is not what it was')

    def save_instance_state(self, out_state: Any, save_context: Any) -> None:
        """Save the journal with the process."""
        super().save_instance_state(out_state, save_context)  # type: ignore[no-untyped-call] # plumpy
        out_state[CHECKPOINT_KEY] = self._journal.dumps()

    def on_kill(self, msg: Any) -> None:
        """Cancel the function: its ``finally`` clauses run, without commands."""
        super().on_kill(msg)
        self._forget()

    def _prepare(self, journal: Journal) -> None:
        self._journal = journal
        self._session: Session | None = None
        self._persisted = len(journal.order)
        self._reloaded = False
        self._warned = False
        self._watched: set[Position] = set()
        self._run_again: set[Position] = set()

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set(SOURCE_ATTRIBUTE, self.interface.source_hash())

    def _do_step(self) -> Any:
        """Run the function until it waits, or to its end."""
        self._awaitables = []
        try:
            session = self._session or self._begin()
            session.advance(self._persisted)
            if session.root.settled:
                return self._await_children() or self._end(session)
        except HistoryMismatch as mismatch:
            self._forget()
            self.report(str(mismatch))
            self.pause(str(mismatch))
            return Continue(self._do_step)
        self._watch(session)
        if session.delivered < len(self._journal.order):
            return Continue(self._do_step)
        # The engine waits only for something to wait for. What that is, the session knows.
        self._awaitables = [Awaitable(pk=self.node.pk, key='durable')]
        self._update_process_status()
        return Wait(self._do_step, 'Waiting for calls')

    def _begin(self) -> Session:
        """Begin to run the function, or to run it again."""
        ledger = ProcessLedger(self)
        history = History()
        if self._reloaded:
            children = find_children(self.node)
            history = read_history(children.items(), self._journal.epoch)
            self.lost_children.look_after(cast(int, child.pk) for child in children.values())
        inputs = {name: value for name, value in self.inputs.items() if name != 'metadata'}
        inputs.update(restore_arguments(self._journal.arguments or {}))
        arguments = self.interface.arguments(inputs)
        function = partial(type(self).function, **arguments)
        self._session = Session(function, self._journal, history, ledger)
        return self._session

    def _await_children(self) -> Wait | None:
        """Wait until no child is left that was stored and that no worker knows of."""
        tasks = self.lost_children.tasks()
        if not tasks:
            return None
        for task in tasks:
            task.add_done_callback(lambda _: self.call_soon(self._go_on))
        self._awaitables = [Awaitable(pk=self.node.pk, key='durable')]
        return Wait(self._do_step, 'Waiting for children to be taken up')

    def _forget(self) -> None:
        """Leave the function; it will be run again from the top."""
        session, self._session = self._session, None
        self._watched.clear()
        self._reloaded = True
        if session is not None:
            session.drop()

    def leave(self) -> None:
        """Forget the process and its function without a trace; the task of the daemon ends."""
        self._forget()
        super().leave()

    def _end(self, session: Session) -> Any:
        """Return what the process ends with."""
        error = session.root.exception()
        if isinstance(error, ContinueAsNew):
            return self._continue_as_new(error.inputs)
        self.set_status(None)
        reach('before the journal is filed')
        self.node.base.extras.set(JOURNAL_EXTRA, self._journal.dumps())
        reach('after the journal is filed')
        if isinstance(error, ChildFailed):
            return self.exit_codes.ERROR_CHILD_FAILED.format(message=str(error))
        if error is not None:
            raise error
        result, name = session.root.result(), type(self).__name__
        for port, value in store_outputs(session, result, name, self._flat_inputs()).items():
            self.out(port, value)
        left = [one for one in session.pending() if isinstance(one, Handle)]
        if left:
            names = ', '.join(map(repr, left))
            self.report(f'warning: the workflow ends before its children: {names}')
        return split_end(result)[1]

    def _continue_as_new(self, inputs: Mapping[str, Any]) -> Continue:
        """Begin the function anew with an empty journal; the old one is filed."""
        journal = self._journal
        self.node.base.extras.set(f'{JOURNAL_EXTRA}_{journal.epoch}', journal.dumps())
        arguments = {**(journal.arguments or {}), **keep_arguments(inputs)}
        self._forget()
        self._prepare(Journal(epoch=journal.epoch + 1, arguments=arguments))
        self._reloaded = True
        return Continue(self._do_step)

    def _watch(self, session: Session) -> None:
        """Ask to be told of the end of what is under way."""
        for waitable in session.pending():
            if waitable.position in self._watched:
                continue
            callback = partial(self._on_arrival, waitable)
            if isinstance(waitable, Timer):
                delay = max(0.0, waitable.deadline - time.time())
                self.loop.call_later(delay, self.call_soon, callback)
            elif waitable.node is not None:
                pk = cast(int, waitable.node.pk)
                self.runner.call_on_process_finish(pk, partial(self.call_soon, callback))
            else:
                continue
            self._watched.add(waitable.position)
        if len(self._journal.order) >= MANY_STEPS and not self._warned:
            self._warned = True
            self.report(
                f'warning: {len(self._journal.order)} calls so far, all of which are gone through '
                'again after a restart; continue_as_new() begins an empty history'
            )

    def _on_arrival(self, waitable: Handle | Timer) -> None:
        """Note the end of a call or timer and go on."""
        session = self._session
        if session is None or session.outstanding.get(waitable.position) is not waitable:
            return
        if session.root.settled:
            return  # the function has ended without it
        if isinstance(waitable, Handle) and self._ran_in_vain(waitable):
            self._run_again.add(waitable.position)
            self._watched.discard(waitable.position)
            waitable.node = session.ledger.launch(waitable.call, waitable.position)
            self._watch(session)
        elif session.arrive(waitable.position):
            self._go_on()

    def _ran_in_vain(self, handle: Handle) -> bool:
        """Return whether a calcfunction may have ended without storing what it returned.

        A worker that dies between its exit status and its outputs leaves one that aiida-core takes
        for cached when it is continued: it ends with 0 and without outputs. It is run again, once,
        since a calcfunction that returns nothing looks the same.
        """
        return (
            issubclass(handle.call.process_class, FunctionProcess)
            and handle.position not in self._run_again
            and handle.node is not None
            and handle.node.is_finished_ok
            and not read_outputs(handle.node)
        )

    def _action_awaitables(self) -> None:
        """Go on at once after a reload, and if something has arrived before the process waits.

        There is nothing to subscribe to: :meth:`_watch` has done that.
        """
        session = self._session
        if session is None or (
            not session.root.settled and session.delivered < len(self._journal.order)
        ):
            self.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self.state == ProcessState.WAITING:
            self.resume()

    def _update_process_status(self) -> None:
        """Tell in the status what is awaited."""
        if self._session is None or not self._awaitables:
            return
        awaited = describe_pending(self._session.pending())
        self.set_status(f'Waiting for {awaited} ({len(self._journal.order)} calls done)')

    def _save_checkpoint(self) -> None:
        """Save a checkpoint; what has been persisted may be delivered."""
        length = len(self._journal.order)
        # Of a workflow that only lives in this interpreter no checkpoint could be loaded.
        if self._enable_persistence and self._importable and not self._state.is_terminal():
            assert self.runner.persister is not None
            self.check_owner()
            reach('before a checkpoint')
            for pause in (0.1, 0.5, 2.0, None):
                try:
                    self.runner.persister.save_checkpoint(self)
                    break
                except PersistenceError:  # a locked database, for one
                    if pause is None:
                        raise
                    time.sleep(pause)
            reach('after a checkpoint')
        self._persisted = length
