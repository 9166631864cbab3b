"""Where durable workflows meet the engine: all of plumpy and of what aiida-core keeps to itself.

A workflow is a work chain whose only step drives a :class:`Session`. In a living worker the step
goes on where the function waits. After a reload the function is run again from the top, and its
calls are answered from the graph.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, cast

from aiida import orm
from aiida.engine import ExitCode, Process
from aiida.engine.processes.functions import FunctionProcess
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.engine.utils import instantiate_process
from plumpy import PersistenceError, ProcessState
from plumpy.process_states import Continue, Wait

from ..children import ensure_taken_up, find_children, send_later
from ..ownership import OwnedWorkChain
from .calls import Call, Handle, Timer
from .errors import (
    ChildExcepted,
    ChildFailed,
    ContinueAsNew,
    HistoryMismatch,
    NotImportableError,
)
from .faults import reach
from .functions import load_function
from .history import STORE_OUTPUTS, History, Recorded, find_difference, read_history
from .interface import Interface, name_outputs
from .journal import Journal, format_label
from .lines import Position, running_line
from .results import check_success, read_outputs, to_node, to_plain
from .session import Session
from .trees import computed_part, flatten, keep_arguments, merge, restore_arguments, to_nodes

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

    _was_loaded = False

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
        self._reloaded = self._was_loaded = True
        super().load_instance_state(saved_state, load_context)
        if self.node.base.attributes.get(SOURCE_ATTRIBUTE) != self.interface.source_hash():
            self.report(f'warning: the source of {type(self).__name__} is not what it was')

    def save_instance_state(self, out_state: Any, save_context: Any) -> None:
        """Save the journal with the process."""
        super().save_instance_state(out_state, save_context)  # type: ignore[no-untyped-call]
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
        self._sendings: list[asyncio.Task[None]] = []
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
                return self._await_sendings() or self._end(session)
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
            if self._was_loaded:  # what this instance itself has launched is on its way
                self._was_loaded = False
                for child in children.values():
                    self.note_sending(ensure_taken_up(self, child))
        inputs = {name: value for name, value in self.inputs.items() if name != 'metadata'}
        inputs.update(restore_arguments(self._journal.arguments or {}))
        arguments = self.interface.arguments(inputs)
        function = partial(type(self).function, **arguments)
        self._session = Session(function, self._journal, history, ledger)
        return self._session

    def note_sending(self, task: asyncio.Task[None] | None) -> None:
        """Remember a child that may have to be sent again, lest the workflow ends before."""
        if task is not None:
            self._sendings.append(task)

    def _await_sendings(self) -> Wait | None:
        """Wait until no child is left that was stored and that no worker knows of."""
        self._sendings = [task for task in self._sendings if not task.done()]
        if not self._sendings:
            return None
        for task in self._sendings:
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
        result = session.root.result()
        for name, value in self._store_outputs(session, result).items():
            self.out(name, value)
        left = [one for one in session.pending() if isinstance(one, Handle)]
        if left:
            names = ', '.join(map(repr, left))
            self.report(f'warning: the workflow ends before its children: {names}')
        return result if isinstance(result, ExitCode) else None

    def _store_outputs(self, session: Session, result: Any) -> dict[str, Any]:
        """Return the outputs; what the function has computed is stored by a calcfunction."""
        outputs = name_outputs(result, type(self).__name__)
        computed = computed_part(outputs)
        if not computed:
            return outputs

        def store_outputs(**sources: orm.Data) -> dict[str, Any]:
            """Store what the function of a workflow has computed from its inputs and calls."""
            return to_nodes(computed)

        store_outputs.__qualname__ = STORE_OUTPUTS  # as verdi shows it
        process_class = FunctionProcess.build(store_outputs, node_class=orm.CalcFunctionNode)
        inputs = {**self._sources(session), 'metadata': {'disable_cache': True}}
        call = Call(STORE_OUTPUTS, process_class, inputs, read_outputs)
        node = session.execute_at(session.root, session.root.take_position(), call)
        if node.is_excepted:
            raise ChildExcepted(node)
        return merge(outputs, read_outputs(node))

    def _sources(self, session: Session) -> dict[str, orm.Data]:
        """Return the nodes from which the function has computed what it returns."""
        named = {f'input_{name}': node for name, node in self._flat_inputs().items()}
        for position, (name, node) in session.answered.items():
            if node.is_finished_ok:
                label = format_label(name, position)
                outputs = flatten(read_outputs(node))
                named.update({f'{label}_{output}': value for output, value in outputs})
        unique = {node.pk: name for name, node in named.items() if isinstance(node, orm.Data)}
        return {name.replace('__', '_'): named[name] for name in unique.values()}

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
        pending = self._session.pending()
        pks = [str(one.node.pk) for one in pending if isinstance(one, Handle) and one.node]
        waits = [f'child processes: {", ".join(pks)}'] if pks else []
        waits += ['a time'] if any(isinstance(one, Timer) for one in pending) else []
        done = len(self._journal.order)
        self.set_status(f'Waiting for {" and ".join(waits) or "nothing"} ({done} calls done)')

    def _save_checkpoint(self) -> None:
        """Save a checkpoint; what has been persisted may be delivered."""
        length = len(self._journal.order)
        # Of a workflow that only lives in this interpreter no checkpoint could be loaded.
        if self._enable_persistence and self._importable and not self._state.is_terminal():
            assert self.runner.persister is not None
            self.check_owner()
            reach('before a checkpoint')
            for pause in (0.1, 0.5, 2.0):
                try:
                    self.runner.persister.save_checkpoint(self)
                    break
                except PersistenceError:  # a locked database, for one
                    time.sleep(pause)
            else:
                self.runner.persister.save_checkpoint(self)
            reach('after a checkpoint')
        self._persisted = length


class ProcessLedger:
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
            child.node.logger.warning(f'could not be sent to the daemon, tried again: {error}')
            self._process.note_sending(send_later(self._process, child.node))
        reach('after a child is sent')
        return child.node

    def execute(self, call: Call, position: Position) -> orm.ProcessNode:
        """Run a process function here."""
        self._process.check_owner()
        reach('before a function is run')
        process = call.process_class(
            inputs=self._inputs(call, position), runner=self._process.runner
        )
        with contextlib.suppress(Exception):  # its node tells
            process.execute()
        reach('after a function is run')
        return process.node

    def find_difference(self, recorded: Recorded, call: Call) -> str | None:
        """Return what tells a call from a recorded one."""
        return find_difference(recorded, call, parse_inputs(call)[0])

    def find_mistake(self, call: Call) -> Exception | None:
        """Return why a call could not be launched."""
        return parse_inputs(call)[1]

    def read_again(self, node: orm.ProcessNode) -> orm.ProcessNode:
        """Return a child as it is in the database: another worker may have written it."""
        return cast(orm.ProcessNode, orm.load_node(node.pk))

    def kill(self, node: orm.ProcessNode) -> None:
        """Ask for a child to be killed."""
        controller = self._process.runner.controller
        if controller is not None and not node.is_terminated:
            controller.kill_process(node.pk, msg_text=f'Killed by <{self._process.node.pk}>')

    def report(self, message: str) -> None:
        """Write a line into the report of the workflow."""
        self._process.report(message)

    def keep_journal(self) -> None:
        """Save a checkpoint."""
        self._process._save_checkpoint()

    def _inputs(self, call: Call, position: Position) -> dict[str, Any]:
        label = format_label(call.name, position, self._process._journal.epoch)
        metadata = {**call.inputs.get('metadata', {}), 'call_link_label': label}
        return {**call.inputs, 'metadata': metadata}


class FunctionRun(Process):
    """A plain function that runs as a process: its arguments and its result become nodes."""

    _node_class = orm.CalcFunctionNode

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports."""
        super().define(spec)
        spec.input('function', valid_type=str, non_db=True, help='module:name of the function.')
        spec.input('nothing', valid_type=list, non_db=True, default=list, help='What is None.')
        spec.input_namespace('arguments', dynamic=True, valid_type=orm.Data, help='By name.')
        spec.output('result', valid_type=orm.Data, required=False, help='What it has returned.')

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process: the function had not come to its end."""
        super().load_instance_state(saved_state, load_context)
        self._reloaded = True

    async def run(self) -> ExitCode | None:
        """Run the function in a thread: the event loop goes on."""
        if self.node.exit_status is not None and not getattr(self, '_reloaded', False):
            return ExitCode(self.node.exit_status, self.node.exit_message)  # cached
        function = load_function(self.inputs.function)
        arguments = {name: to_plain(node) for name, node in self.inputs.arguments.items()}
        arguments.update(dict.fromkeys(self.inputs.nothing))
        value = await self.loop.run_in_executor(None, partial(function, **arguments))
        if isinstance(value, orm.Node):
            raise TypeError(
                f'{self.inputs.function} has returned a node: a plain function takes and returns '
                'plain values; make it a calcfunction'
            )
        if value is not None:
            self.out('result', to_node(value))
        return None

    def _build_process_label(self) -> str:
        name: str = self.inputs.function
        return name.partition(':')[2]

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set('function', self.inputs.function)
        self.node.store_source_info(load_function(self.inputs.function))


class _Ended:
    """Takes the place of the process of a calcfunction that the journal has answered."""

    def __init__(self, node: orm.ProcessNode) -> None:
        self.node = node
        self._called = 0

    def execute(self) -> Any:
        """Return what the calcfunction has returned."""
        outputs = read_outputs(self.node)
        return outputs['result'] if set(outputs) == {'result'} else outputs

    def create_initial_state(self) -> None:
        """Do nothing, like the next two: there is no process."""

    def transition_to(self, state: None) -> None:
        """Do nothing."""

    def init(self) -> None:
        """Do nothing but what plumpy counts."""
        self._called -= 1


def _create_process(cls: type[Process], *args: Any, **kwargs: Any) -> Any:
    """Create a process, or answer a calcfunction that the function of a workflow calls directly.

    aiida-core has no place to do this, so this takes that of ``Process.__new__``.
    """
    line = running_line()
    if line is None:
        return object.__new__(cls)
    if not issubclass(cls, FunctionProcess):
        raise TypeError(
            f'{cls.__name__} cannot be run or submitted inside a workflow by the functions of '
            f'aiida.engine: await submit({cls.__name__}, …) of aiida_slabrelax.durable'
        )
    call = Call(cls._func.__name__, cls, kwargs['inputs'], read_outputs)
    node = cast(Session, line.owner).execute(call)
    check_success(node)
    return _Ended(node)


Process.__new__ = staticmethod(_create_process)  # type: ignore[assignment, method-assign]


def is_importable(process_class: type[Process]) -> bool:
    """Return whether a daemon can import a workflow."""
    module, name = process_class.__module__, process_class.__qualname__
    found = None
    if module != '__main__':
        with contextlib.suppress(ImportError):
            found = getattr(importlib.import_module(module), name, None)
    return found is process_class


def parse_inputs(call: Call) -> tuple[dict[str, Any], Exception | None]:
    """Return the input nodes of a call by link label, and what a process would raise for them."""
    ports = call.process_class.spec().inputs
    try:
        parsed = ports.pre_process(ports.serialize(call.inputs) or {})
    except (TypeError, ValueError) as error:
        return {}, error
    mistake = ports.validate(parsed)
    nodes = {name: value for name, value in parsed.items() if name != 'metadata'}
    labelled = {name: value for name, value in flatten(nodes) if isinstance(value, orm.Data)}
    return labelled, None if mistake is None else ValueError(mistake)
