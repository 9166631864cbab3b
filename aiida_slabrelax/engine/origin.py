"""Who has made a node: this profile and its user, or somebody else.

Everybody can put a node with any user, label and time into an archive. What an archive cannot bring
is the hash that AiiDA gives to a node when it is stored here: on import all private extras are left
out. ``verdi node rehash`` gives imported nodes one too; these are in the group of their import.
"""

from __future__ import annotations

from aiida.orm import ImportGroup, Node, QueryBuilder, User


def describe_origin(node: Node) -> str | None:
    """Return where a node comes from if this user has not made it here, else ``None``.

    Nodes that were made here and came back in an archive count as imported while the group of that
    import is there. A node that is not stored is the user's own.
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
