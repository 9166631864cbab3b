"""The command ``submit``, which calls a process with arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aiida import orm
from aiida.common.exceptions import InvalidEntryPointTypeError, MissingEntryPointError
from aiida.engine import Process, ProcessBuilder
from aiida.plugins import CalculationFactory, WorkflowFactory

from .calls import Call, Handle
from .engine import DurableWorkChain, FunctionRun
from .execution import current_execution
from .remote.jobs import describe_remote_call
from .results import Outputs, read_function, read_process, read_process_function
from .scheduling.tasks import Task, current_task
from .signatures.functions import find_annotation, function_name, name_arguments
from .values.trees import merge


class _Submit:
    """Launches a process and returns a handle; ``await`` it for the result."""

    def __call__(self, callee: Any, *args: Any, **kwargs: Any) -> Handle:
        """Launch a process.

        :param callee: a WorkChain, CalcJob or ``@workflow``; a builder; a calcfunction or
            workfunction; the name of an entry point; or a plain function, which then runs as a
            process of its own, in a thread of a worker.
        :param args: its arguments, where it is a function.
        :param kwargs: its inputs or arguments: nodes, plain values, results of other calls.
        :raises TypeError: if it cannot be called, or not with these arguments.
        :raises ValueError: at the ``await``, if the inputs are refused by the process.
        """
        return _start(describe_call, callee, args, kwargs)

    def on(
        self, place: str | orm.Computer | orm.AbstractCode, **options: Any
    ) -> Callable[..., Handle]:
        """Return a ``submit`` for plain functions that run on another computer.

        ``await submit.on('cluster', max_wallclock_seconds=600)(evaluate, x=x)``, or keep it as
        ``cluster = submit.on(…)`` for many calls. Each one is a ``PythonJob`` of aiida-pythonjob
        (``pip install 'aiida-slabrelax[pythonjob]'``), which needs cloudpickle on that computer.
        Results are transferred as data: files of that computer are never unpickled here.

        Only the source of the function is sent: its imports must be inside the function, and
        everything else is an argument. It takes and returns plain values, arrays and
        :class:`ase.Atoms`; structures arrive as these.

        :param place: a code that runs Python there, or a computer, whose code ``python3`` is then
            used, or made; or the label of either, that of a code with its ``@``.
        :param options: options of the job: ``resources``, ``queue_name``, ``prepend_text`` ….
        :raises ImportError: at a call, if aiida-pythonjob is not installed.
        :raises TypeError: at a call, if the function is not self-contained.
        :raises ValueError: at the ``await``, if the options are refused.
        """
        return lambda function, /, *args, **kwargs: _start(
            partial(describe_remote_call, place, options), function, args, kwargs
        )


submit = _Submit()


def _start(
    describe: Callable[[Any, tuple[Any, ...], dict[str, Any]], Call],
    callee: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> Handle:
    current_task('submit()')
    args = tuple(_await_results(value) for value in args)
    kwargs = {name: _await_results(value) for name, value in kwargs.items()}
    call = describe(callee, args, kwargs)
    if 'call_link_label' in (call.inputs.get('metadata') or {}):
        raise TypeError(
            f'{call.name}: the call_link_label of a call is its place in the workflow, by which it '
            'is found again: give it a label or a description'
        )
    return current_execution('submit()').start(call)


def describe_call(callee: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    """Return the call of a process.

    :raises TypeError: if the callee cannot be called, or not with these arguments.
    """
    if isinstance(callee, str):
        callee = _load_entry_point(callee)
    if isinstance(callee, ProcessBuilder):
        inputs = merge(_prune(callee), kwargs)
        return _call_process(callee.process_class, args, inputs)
    if inspect.isclass(callee) and issubclass(callee, Process):
        return _call_process(callee, args, dict(kwargs))
    if getattr(callee, 'is_process_function', False):
        process_class = callee.process_class
        inputs = process_class.create_inputs(*args, **kwargs)
        return Call(callee.__name__, process_class, inputs, read_process_function)
    if inspect.iscoroutinefunction(callee):
        raise TypeError(
            f'{callee.__name__} is a coroutine function: make it a @workflow to submit it, or '
            'await it directly, as a part of this workflow'
        )
    if inspect.isfunction(callee):
        return _call_function(callee, args, kwargs)
    raise TypeError(
        f'{callee!r} cannot be submitted: give a process class, a builder, a calcfunction, a '
        '@workflow, a function, or the name of an entry point'
    )


def _call_process(
    process_class: type[Process], args: tuple[Any, ...], inputs: dict[str, Any]
) -> Call:
    if issubclass(process_class, DurableWorkChain):
        inputs = process_class.interface.bind(args, inputs)
    elif args:
        raise TypeError(f'{process_class.__name__} takes inputs by name only')
    return Call(process_class.__name__, process_class, inputs, read_process)


def _call_function(callee: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Call:
    name = function_name(callee)
    given = dict(kwargs)
    inputs: dict[str, Any] = {'function': name}
    if 'metadata' in given and 'metadata' not in inspect.signature(callee).parameters:
        inputs['metadata'] = given.pop('metadata')
    inputs['arguments'] = name_arguments(callee, args, given)
    read = partial(read_function, annotation=find_annotation(callee, 'return'))
    return Call(callee.__name__, FunctionRun, inputs, read, function=name)


def _load_entry_point(name: str) -> Any:
    for factory in (WorkflowFactory, CalculationFactory):
        try:
            return factory(
                name.removeprefix('aiida.workflows:').removeprefix('aiida.calculations:')
            )
        except (InvalidEntryPointTypeError, MissingEntryPointError):
            continue
    raise TypeError(f'there is no workflow and no calculation with the entry point {name!r}')


def _await_results(value: Any) -> Any:
    """Return an argument with all handles and tasks in it replaced by their results."""
    if isinstance(value, (Handle, Task)):
        return _await_results(value.result())
    if isinstance(value, Outputs):
        return {name: _await_results(value[name]) for name in value}
    if isinstance(value, dict):
        return {name: _await_results(member) for name, member in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_await_results(member) for member in value)
    if getattr(value, 'ndim', None) == 0 and hasattr(value, 'item'):
        return value.item()
    return value


def _prune(builder: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a builder without empty namespaces."""
    inputs: dict[str, Any] = {}
    for name, value in builder.items():
        kept = _prune(value) if isinstance(value, Mapping) else value
        if kept is not None and not (isinstance(value, Mapping) and not kept):
            inputs[name] = kept
    return inputs
