"""No search for cycles through a node that is not stored, in a process that imports this.

For each input that is linked to a process aiida-core searches the database for a way from the
process to the input. A process that is being made is not stored yet, and nothing can follow it; the
search, by a recursive query, took two fifths of the time in which a process is made.
"""

from __future__ import annotations

from aiida.common import LinkType
from aiida.orm import Node
from aiida.orm.nodes.links import NodeLinks
from aiida.orm.utils.links import validate_link

_with_search = NodeLinks.validate_incoming


def _validate(self: NodeLinks, source: Node, link_type: LinkType, link_label: str) -> None:
    if self._node.is_stored:
        _with_search(self, source, link_type, link_label)
    else:
        validate_link(source, self._node, link_type, link_label, backend=self._node.backend)


NodeLinks.validate_incoming = _validate
