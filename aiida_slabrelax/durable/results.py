"""The results of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida import orm
from aiida.common.links import LinkType

from ..engine.links import linked
from .errors import ChildExcepted, ChildFailed, ChildKilled
from .values.plain import to_plain


class Outputs(Mapping[str, Any]):
    """The outputs of a process, by attribute and by key; namespaces are nested.

    :ivar node: the node of the process.
    """

    def __init__(self, node: orm.ProcessNode, tree: Mapping[str, Any]) -> None:
        self.node = node
        self._tree = tree

    def __getitem__(self, key: str) -> Any:
        """Return an output, or a namespace of outputs.

        :raises KeyError: if there is no such output; the message lists the outputs.
        """
        try:
            value = self._tree[key]
        except KeyError:
            names = ', '.join(sorted(self._tree)) or 'none'
            raise KeyError(
                f'{self.node.process_label}<{self.node.pk}> has no output {key!r}; it has: {names}'
            ) from None
        return Outputs(self.node, value) if isinstance(value, dict) else value

    def __getattr__(self, name: str) -> Any:
        if name.startswith('__'):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def __len__(self) -> int:
        return len(self._tree)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._tree]

    def __repr__(self) -> str:
        return f'<outputs of {self.node.process_label}<{self.node.pk}>: {", ".join(self._tree)}>'


def read_outputs(node: orm.ProcessNode) -> dict[str, Any]:
    """Return the outputs of a process, nested by their namespaces."""
    return read_tree(node, (LinkType.CREATE, LinkType.RETURN))


def read_tree(
    node: orm.ProcessNode, links: tuple[LinkType, ...], incoming: bool = False
) -> dict[str, Any]:
    """Return the nodes behind the links of a process, nested by their namespaces."""
    tree: dict[str, Any] = {}
    for label, linked_node in linked(node, links, incoming).items():
        *namespaces, name = label.split('__')
        branch = tree
        for namespace in namespaces:
            branch = branch.setdefault(namespace, {})
        branch[name] = linked_node
    return tree


def read_process(node: orm.ProcessNode) -> Outputs:
    """Return the result of a work chain, a calculation job or another workflow."""
    return Outputs(node, read_outputs(node))


def read_process_function(node: orm.ProcessNode) -> Any:
    """Return the result of a calcfunction: a node, a mapping of nodes, or ``None``."""
    outputs = read_outputs(node)
    if set(outputs) == {'result'}:
        return outputs['result']
    return outputs or None


def read_function(node: orm.ProcessNode, annotation: Any = None) -> Any:
    """Return the result of a plain function.

    :param annotation: the annotation of its return value.
    """
    outputs = read_outputs(node)
    return to_plain(outputs['result'], annotation) if 'result' in outputs else None


def check_success(node: orm.ProcessNode) -> None:
    """Raise if a process has not succeeded.

    :raises ChildFailed: if it has not finished with 0, or one of its subclasses.
    """
    if node.is_killed:
        raise ChildKilled(node)
    if node.is_excepted:
        raise ChildExcepted(node)
    if not node.is_finished_ok:
        raise ChildFailed(node)
