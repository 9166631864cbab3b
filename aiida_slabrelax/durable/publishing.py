"""Values that a workflow shows while it runs, on its node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida import orm

from .execution import current_execution
from .scheduling.futures import NotAResult
from .values.encoding import decode, encode

#: The extra of a workflow's node with what it has published.
PUBLISHED_EXTRA = 'durable_published'


def publish(**values: Any) -> None:
    """Show values on the node of the workflow, by name, while it runs and afterwards.

    They are for people and programs that look at the workflow: it does not read them itself. They
    are written when the function next waits or ends. :func:`status` reads them.

    :param values: plain values, small ones, and stored nodes; a name that was there is replaced.
    :raises TypeError: if a value is neither.
    """
    current_execution('publish()').publish({name: _keep(name, values[name]) for name in values})


def read_published(node: orm.ProcessNode) -> dict[str, Any]:
    """Return what a workflow has published, by name."""
    published = node.base.extras.get(PUBLISHED_EXTRA, {})
    return {name: _restore(kept) for name, kept in published.items()}


def _keep(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, NotAResult):
        raise TypeError(f'publish(): {name} is {value!r}, which is no result yet: await it')
    if isinstance(value, orm.Node):
        if value.is_stored:
            return {'node': value.uuid}
        raise TypeError(f'publish(): {name} is a node that is not stored: return it, or its value')
    content, arrays = encode(value, f'publish(): {name}')
    if arrays:
        raise TypeError(f'publish(): {name} holds an array: publish numbers of it, or a node')
    return {'value': content}


def _restore(kept: Mapping[str, Any]) -> Any:
    if 'node' in kept:
        return orm.load_node(kept['node'])
    return decode(kept['value'], {})
