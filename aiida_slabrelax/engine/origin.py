"""The origin of a node: this profile and its user, or somebody else.

Anybody can put a node with any user, label and time into an archive. But an archive cannot contain
the hash that AiiDA computes when a node is stored: on import all private extras are dropped.
``verdi node rehash`` adds a hash to imported nodes too; these are in the group of their import.
"""

from __future__ import annotations

from aiida.orm import ImportGroup, Node, QueryBuilder, User


def describe_origin(node: Node) -> str | None:
    """Return where a node comes from, or ``None`` if this user has created it here.

    Nodes that were created here and imported again count as imported as long as the group of that
    import exists. A node that is not stored belongs to the user.
    """
    if not node.is_stored:
        return None
    user = User.collection.get_default()
    if user is None or node.user.pk != user.pk:
        return f'made by {node.user.email}'
    if not is_stored_here(node):
        return 'imported'
    query = QueryBuilder().append(Node, filters={'id': node.pk}, tag='node')
    query.append(ImportGroup, with_node='node', project='label')
    label = query.first(flat=True)
    return None if label is None else f'imported, group {label}'


def is_stored_here(node: Node) -> bool:
    """Return whether a node was stored by a process of this profile, not by an import."""
    return node.base.caching.get_hash() is not None
