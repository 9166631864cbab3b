"""The decorator that turns a function into a workflow."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any, Literal, cast, overload

from .engine import DurableWorkChain
from .signatures.interface import ExitCodes, Interface, Serializers, Validate


@overload
def workflow(function: Callable[..., Any], /) -> type[DurableWorkChain]: ...


@overload
def workflow(
    *,
    exit_codes: ExitCodes | None = None,
    validate: Validate | None = None,
    serializers: Serializers | None = None,
    strict: bool = False,
    on_error: Literal['pause', 'except'] = 'pause',
) -> Callable[[Callable[..., Any]], type[DurableWorkChain]]: ...


def workflow(
    function: Callable[..., Any] | None = None,
    /,
    *,
    exit_codes: ExitCodes | None = None,
    validate: Validate | None = None,
    serializers: Serializers | None = None,
    strict: bool = False,
    on_error: Literal['pause', 'except'] = 'pause',
) -> Any:
    """Turn a function, plain or ``async``, into a work chain.

    The parameters become inputs (typed by their annotations, with their defaults), the docstring
    the description, and what the function returns the outputs: a mapping by name, anything else as
    ``result``. A ``TypedDict`` as the type of what is returned makes them ports, which
    ``expose_outputs`` of a work chain needs; a mapping of nodes in it is a namespace. An
    ``ExitCode`` ends the workflow with its status, and a pair of outputs and an ``ExitCode`` with
    its status and the outputs.

    :param exit_codes: exit codes of its own: status and message by label.
    :param validate: takes the arguments of the function by name and returns what is wrong with
        them, or ``None``. It is called before the workflow is stored; its message is that of a
        ``ValueError`` of ``submit``.
    :param serializers: by parameter, what turns the values that are no data of AiiDA into nodes, in
        place of the conversion that all parameters have.
    :param strict: accept only nodes with an origin as outputs: those of calls, and inputs.
        Otherwise a calcfunction ``store_outputs`` stores what the function has computed itself;
        its inputs are all nodes that the function was given, whichever it used.
    :param on_error: what a worker of the daemon does with a workflow at an error of its function,
        or at outputs that cannot be stored: ``'pause'``, so that it can be mended and played, or
        ``'except'``. Without a daemon it excepts.
    :raises TypeError: if the function cannot be one.
    :raises ValueError: if ``on_error`` is something else.
    """
    if on_error not in ('pause', 'except'):
        raise ValueError(f"@workflow: on_error is 'pause' or 'except', not {on_error!r}")

    def make(function: Callable[..., Any]) -> type[DurableWorkChain]:
        if not inspect.isfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f'@workflow takes a function or an async function, not {function!r}')
        interface = Interface(function, exit_codes or {}, validate, serializers)
        return _make_workflow(function, interface, {'strict': strict, 'on_error': on_error})

    return make if function is None else make(function)


def _make_workflow(
    function: Callable[..., Any],
    interface: Interface,
    options: dict[str, Any],
) -> type[DurableWorkChain]:
    members = {
        '__module__': function.__module__,
        '__qualname__': function.__qualname__,
        '__doc__': function.__doc__,
        'function': staticmethod(function),
        'interface': interface,
        **options,
    }
    return cast(
        type[DurableWorkChain],
        types.new_class(
            function.__name__, (DurableWorkChain,), exec_body=lambda body: body.update(members)
        ),
    )
