"""The nodes behind the links of a process, in a fixed order; one by one, or many at once.

aiida-core queries the database each time a node is used. To use many nodes, enter
:func:`read_ahead`; inside it the functions here need no queries. Inside :func:`read_once` they need
one for each node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from aiida.common import LinkType
from aiida.manage import get_manager
from aiida.orm import CalcFunctionNode, FolderData, Node, ProcessNode, QueryBuilder, WorkChainNode

CALLS = (LinkType.CALL_CALC, LinkType.CALL_WORK)
INPUTS = (LinkType.INPUT_CALC, LinkType.INPUT_WORK)
OUTPUTS = (LinkType.CREATE, LinkType.RETURN)

#: The number of relaxations that are read from the database at once.
TOGETHER = 50

T = TypeVar('T')


class Link(NamedTuple):
    """A link, and the node at its other end.

    :ivar pk: the pk of the node; the node itself may need a query to return it.
    """

    label: str
    type: LinkType
    pk: int
    node: Any


def links_of(
    node: Node, types: Collection[LinkType], incoming: bool = False, label: str | None = None
) -> list[Link]:
    """Return the links of a node, sorted by label, and by the pk of the other node.

    :param types: the types of the links.
    :param incoming: whether they lead to the node, as inputs do to a process.
    :param label: only those with this label.
    """
    assert node.pk is not None
    known = _KNOWN.get()
    found = known.links_of(node.pk, incoming, label) if known is not None else None
    if found is None:
        found = [link for _, link in _query([node.pk], incoming, types, label and [label])]
    return sorted(
        (link for link in found if link.type in types and label in (None, link.label)),
        key=lambda link: (link.label, link.pk),
    )


def linked(
    process: ProcessNode, links: tuple[LinkType, ...], incoming: bool = False
) -> dict[str, Any]:
    """Return the nodes behind links of a process, sorted by label; of equal labels the first one.

    The database has no order. If two workers run one process, both return its outputs (aiida-core
    #4595), and ``process.outputs`` fails then. The first output counts here, since it may have been
    read before.

    :param links: the types of the links.
    :param incoming: whether the links lead to the process, as inputs do.
    """
    found: dict[str, Any] = {}
    for link in links_of(process, links, incoming):
        found.setdefault(link.label, link.node)
    return found


def outputs_of(process: ProcessNode) -> dict[str, Any]:
    """Return the outputs of a process so far, by label."""
    return linked(process, OUTPUTS)


def inputs_of(process: ProcessNode) -> dict[str, Any]:
    """Return the inputs of a process, by label."""
    return linked(process, INPUTS, incoming=True)


def creator_of(data: Node) -> ProcessNode | None:
    """Return the process that created a node."""
    found = links_of(data, (LinkType.CREATE,), incoming=True)
    return found[0].node if found else None


def descendants_of(process: ProcessNode) -> list[int]:
    """Return the pks of all processes that a process and those that it called have called."""
    assert process.pk is not None
    found: list[int] = []
    level = [process.pk]
    while level:
        query = QueryBuilder().append(ProcessNode, filters={'id': {'in': level}}, tag='caller')
        query.append(
            ProcessNode,
            with_incoming='caller',
            edge_filters={'type': {'in': [kind.value for kind in CALLS]}},
            project='id',
        )
        level = query.all(flat=True)
        found += level
    return found


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield so many items at a time as are read ahead at once."""
    for start in range(0, len(items), TOGETHER):
        yield items[start : start + TOGETHER]


@contextmanager
def read_ahead(pks: Collection[int]) -> Iterator[None]:
    """Read the links around processes and data in advance, for use inside the block.

    For processes, these are their links, those of other processes with the same caller and label,
    of all descendants, and of calcfunctions that have read their files again. For data, they are
    the links of the processes that created them. Inside the block, the links are those at its
    beginning. It takes a dozen queries, whatever the number of nodes.

    SQLite blocks all writers inside the block: it should not last longer than about a second.
    """
    storage = get_manager().get_profile_storage()
    # A transaction within another one would end both.
    with nullcontext() if storage.in_transaction else storage.transaction():
        token = _KNOWN.set(_Known.around(pks))
        try:
            yield
        finally:
            _KNOWN.reset(token)


@contextmanager
def read_once() -> Iterator[None]:
    """Read the links of a node only once inside the block: when they are asked for first.

    For a few processes of which several functions read the same. Inside the block, the links are
    those at that time.
    """
    if _KNOWN.get() is not None:
        yield
        return
    token = _KNOWN.set(_Known(remembers=True))
    try:
        yield
    finally:
        _KNOWN.reset(token)


def _query(
    pks: Collection[int],
    incoming: bool,
    types: Collection[LinkType] = (),
    labels: Collection[str] | None = None,
) -> Iterator[tuple[int, Link]]:
    """Yield the links of nodes, each with the pk of its node."""
    filters: dict[str, Any] = {'type': {'in': [kind.value for kind in types]}} if types else {}
    if labels is not None:
        filters['label'] = {'in': list(labels)}
    joined: dict[str, Any] = {'with_outgoing' if incoming else 'with_incoming': 'near'}
    query = QueryBuilder()
    query.append(Node, filters={'id': {'in': list(pks)}}, tag='near', project='id')
    query.append(
        Node,
        **joined,
        project=['*', 'id'],
        edge_filters=filters,
        edge_project=['label', 'type'],
    )
    for near, node, pk, label, kind in query.all():
        yield near, Link(label, LinkType(kind), pk, node)


class _Known:
    """Links that were read before.

    :param remembers: whether to read and keep those that are asked for and are not known.
    """

    def __init__(self, remembers: bool = False) -> None:
        self._remembers = remembers
        #: Of these nodes all links of a direction are known.
        self._links: dict[tuple[int, bool], list[Link]] = {}
        #: Of these nodes all outgoing links of a label are known.
        self._labelled: dict[tuple[int, str], list[Link]] = {}

    @classmethod
    def around(cls, pks: Collection[int]) -> _Known:
        """Read the links around nodes."""
        known = cls()
        query = QueryBuilder().append(Node, filters={'id': {'in': list(pks)}}, project=['*', 'id'])
        nodes = {pk: node for node, pk in query.all()}
        processes = {pk for pk, node in nodes.items() if isinstance(node, ProcessNode)}
        behind = known._read_behind(nodes.keys() - processes)
        known._read_under(processes | behind | known._read_siblings(processes | behind))
        return known

    def links_of(self, pk: int, incoming: bool, label: str | None) -> list[Link] | None:
        """Return links of a node; None if they are not known."""
        if label is not None and not incoming and (pk, label) in self._labelled:
            return self._labelled[pk, label]
        if self._remembers and label is None:
            return self._read([pk], incoming)
        return self._links.get((pk, incoming))

    def _read(self, pks: Collection[int], incoming: bool) -> list[Link]:
        """Return all links of nodes in a direction, including those that are known already."""
        if unknown := [pk for pk in pks if (pk, incoming) not in self._links]:
            self._links |= {(pk, incoming): [] for pk in unknown}
            for near, link in _query(unknown, incoming):
                self._links[near, incoming].append(link)
        return [link for pk in pks for link in self._links[pk, incoming]]

    def _read_behind(self, data: Collection[int]) -> set[int]:
        """Read which processes created data; return the callers of these processes."""
        if not data:
            return set()
        makers = [link for link in self._read(data, True) if link.type is LinkType.CREATE]
        readers = {link.pk for link in makers if isinstance(link.node, CalcFunctionNode)}
        files = {link.pk for link in self._read(readers, True) if isinstance(link.node, FolderData)}
        makers += [link for link in self._read(files, True) if link.type is LinkType.CREATE]
        runs = {link.pk for link in makers} - readers
        return {link.pk for link in self._read(runs, True) if link.type in CALLS}

    def _read_siblings(self, processes: Collection[int]) -> set[int]:
        """Read which work chains were called by the same callers under the same labels."""
        calls = [link for link in self._read(processes, True) if link.type is LinkType.CALL_WORK]
        callers, labels = {link.pk for link in calls}, {link.label for link in calls}
        self._labelled |= {(pk, label): [] for pk in callers for label in labels}
        if not calls:
            return set()
        found = set()
        for caller, link in _query(callers, False, labels=labels):
            self._labelled[caller, link.label].append(link)
            if isinstance(link.node, WorkChainNode):
                found.add(link.pk)
        return found

    def _read_under(self, processes: Iterable[int]) -> None:
        """Read the links of processes and of all their descendants."""
        level = set(processes)
        while level:
            self._read(level, True)
            found = self._read(level, False)
            files = {link.pk for link in found if isinstance(link.node, FolderData)}
            readers = {
                link.pk
                for link in self._read(files, False)
                if isinstance(link.node, CalcFunctionNode)
            }
            level = readers | {link.pk for link in found if link.type in CALLS}
            level = {pk for pk in level if (pk, False) not in self._links}


_KNOWN: ContextVar[_Known | None] = ContextVar('_KNOWN', default=None)
