"""What a stranger can have in a database: labels that no method of AiiDA would have stored."""

from __future__ import annotations

from aiida.manage import get_manager
from aiida.orm import Node
from sqlalchemy import text

#: Clears the screen, names the window, turns the direction, forges a line.
CONTROLS = '\x1b[2J\x1b]0;x\x07\x9b31m\u202e\nslab_99  relaxed'


def relabel(node: Node, old: str, new: str) -> None:
    """Give the links of a node, in both directions, that are called so another name."""
    session = get_manager().get_profile_storage().get_session()
    where = 'label = :old AND (input_id = :pk OR output_id = :pk)'
    statement = text(f'UPDATE db_dblink SET label = :new WHERE {where}')
    found = session.execute(statement, {'old': old, 'new': new, 'pk': node.pk})
    assert found.rowcount > 0  # type: ignore[attr-defined] # not of every result
    session.commit()
