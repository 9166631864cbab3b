"""An archive as an attacker makes it: exported by AiiDA, then changed in its database.

Nothing of it is kept in the repository. Whatever in it is followed writes the sentinel: the module
:data:`MODULE` when it is imported, the texts for the shell when they are executed.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from aiida.orm import Node
from aiida.tools.archive import create_archive

#: A module that the archive names, and that is on the path of whoever reads it.
MODULE = 'hostile_module'

#: What must not reach a terminal as it is, a spreadsheet, a page, or matplotlib.
ESCAPES = '\x1b]0;owned\x07\x1b[2J\x9b31m\r'
FORMULA = '=HYPERLINK("http://evil.example","x")'
MARKUP = '"><script>document.title="owned"</script><img src="http://evil.example/x">'
MATHTEXT = r'$\frac{1}{$ $\undefined'
HOSTILE = f'{FORMULA} {ESCAPES} {MARKUP} {MATHTEXT}'


def write_module(folder: Path, sentinel: Path) -> None:
    """Write the module that leaves a trace of each import and each call."""
    (folder / f'{MODULE}.py').write_text(
        f'from pathlib import Path\n'
        f'SENTINEL = Path({str(sentinel)!r})\n'
        f'SENTINEL.write_text("imported")\n'
        f'def call(*args, **kwargs):\n'
        f'    SENTINEL.write_text("called")\n'
        f'class Workflow:\n'
        f'    __init__ = from_dict = call\n'
    )


def shell_text(sentinel: Path) -> str:
    """Return a text for the shell that leaves a trace, and hides from a terminal."""
    return f'touch {sentinel}\x1b[1A\x1b[2K\r# module load vasp'


def export_tampered(
    nodes: Iterable[Node], path: Path, tamper: Callable[[sqlite3.Connection], None]
) -> None:
    """Export nodes, and change the database of the archive."""
    clean = path.with_suffix('.clean')
    create_archive(list(nodes), filename=clean)
    database = path.with_suffix('.sqlite3')
    with ZipFile(clean) as archive:
        database.write_bytes(archive.read('db.sqlite3'))
        connection = sqlite3.connect(database)
        tamper(connection)
        connection.commit()
        connection.close()
        with ZipFile(path, 'w') as changed:
            # AiiDA looks for some files among the first ones only.
            for entry in archive.infolist():
                if entry.filename == 'db.sqlite3':
                    changed.write(database, 'db.sqlite3', entry.compress_type)
                    continue
                with archive.open(entry) as source, changed.open(entry, 'w') as target:
                    shutil.copyfileobj(source, target)


class Tamper:
    """Changes to the database of an archive, by the uuids of nodes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rename_links(self, old: str, new: str) -> None:
        """Give links with a label, or with this end of it, another one."""
        links = self._connection.execute('SELECT id, label FROM db_dblink').fetchall()
        for key, label in links:
            namespace, separator, last = label.rpartition('__')
            if last == old:
                changed = f'{namespace}{separator}{new}'
                self._connection.execute(
                    'UPDATE db_dblink SET label = ? WHERE id = ?', (changed, key)
                )

    def replace_input(self, node: Node, label: str, by: Node) -> None:
        """Give a process another input."""
        find = '(SELECT id FROM db_dbnode WHERE uuid = ?)'
        self._connection.execute(
            f'UPDATE db_dblink SET input_id = {find} WHERE output_id = {find} AND label = ?',
            (by.uuid, node.uuid, label),
        )

    def set_columns(self, node: Node, **columns: str) -> None:
        """Set columns of a node."""
        for name, value in columns.items():
            self._connection.execute(
                f'UPDATE db_dbnode SET {name} = ? WHERE uuid = ?',
                (value, node.uuid),
            )

    def set_attributes(self, node: Node, **attributes: Any) -> None:
        """Lay attributes over those of a node."""
        uuid = node.uuid
        query = 'SELECT attributes FROM db_dbnode WHERE uuid = ?'
        (text,) = self._connection.execute(query, (uuid,)).fetchone()
        content = {**json.loads(text), **attributes}
        self.set_columns(node, attributes=json.dumps(content))
