"""Names of inputs: what has no port is named, with the nearest name that has one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from aiida.engine.processes.ports import PortNamespace


def describe_unknown(
    values: Mapping[str, Any],
    ports: PortNamespace,
    path: str,
    also: Collection[str] = (),
) -> str | None:
    """Return which of some inputs has no port, or ``None``.

    aiida-core counts the namespaces of calculations as dynamic, and takes any node there; nothing
    reads it. Names are free only where a namespace has no ports of its own (``potential``).

    :param values: the inputs, nested like the ports; keys that begin with ``$!`` are the
        instructions of aiida-vasp's merging.
    :param path: how the namespace is called in messages.
    :param also: names that mean something to a protocol without being ports.
    """
    known = [*ports, *also]
    for name, value in values.items():
        if name not in known and (ports or not ports.dynamic) and not str(name).startswith('$!'):
            nearest = get_close_matches(str(name), known, n=1)
            hint = f'; the nearest is {nearest[0]!r}' if nearest else ''
            place = f'`{path}` has no port' if path else 'there is no input'
            return f'{place} {name!r}{hint}'
        port = ports.get(name)
        if isinstance(port, PortNamespace) and isinstance(value, Mapping):
            inner = f'{path}.{name}' if path else str(name)
            if (problem := describe_unknown(value, port, inner)) is not None:
                return problem
    return None
