"""The nodes behind the links of a process, in an order of their own."""

from __future__ import annotations

from typing import Any

from aiida.common import LinkType
from aiida.orm import ProcessNode


def linked(
    process: ProcessNode, links: tuple[LinkType, ...], incoming: bool = False
) -> dict[str, Any]:
    """Return the nodes behind links of a process by label, sorted; what has come twice counts once.

    The database has no order of its own. Two workers that go on with one process both return its
    outputs (aiida-core #4595), perhaps while this is read: ``process.outputs`` cannot be read then.
    Here the first of them counts, since it may have been read before.

    :param links: the types of the links.
    :param incoming: whether they lead to the process, as inputs do.
    """
    find = process.base.links.get_incoming if incoming else process.base.links.get_outgoing
    found = find(link_type=links).all()
    found.sort(key=lambda link: (link.link_label, -(link.node.pk or 0)))
    return {link.link_label: link.node for link in found}


def outputs_of(process: ProcessNode) -> dict[str, Any]:
    """Return what a process has returned so far, by label."""
    return linked(process, (LinkType.CREATE, LinkType.RETURN))
