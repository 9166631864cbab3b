"""Names of inputs: those without a port are refused, with the most similar port."""

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
    """Return a message on an input without a port, or ``None``.

    aiida-core treats the namespaces of calculations as dynamic and accepts any node there; nothing
    reads it. Names are free only where a namespace has no ports of its own (``potential``).

    :param values: the inputs, nested like the ports; keys that begin with ``$!`` are the
        instructions of aiida-vasp's merging.
    :param path: the name of the namespace in messages.
    :param also: names that a protocol accepts although they are not ports.
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
