"""Record the histories of the workflows of the suite: ``pytest tests/durable/record_history.py``.

To be run when a version is released: later versions have to go through what this one has done. The
archive is kept in ``histories/``, and its workflows in ``programs.py`` must stay as they are.
"""

from __future__ import annotations

from pathlib import Path

from aiida.engine import run_get_node
from aiida.tools.archive import create_archive

import aiida_slabrelax
from durable import programs

FOLDER = Path(__file__).parent / 'histories'


def test_record() -> None:
    nodes = [run_get_node(getattr(programs, name)).node for name in programs.EXPECTED]
    FOLDER.mkdir(exist_ok=True)
    archive = FOLDER / f'{aiida_slabrelax.__version__}.aiida'
    create_archive(nodes, filename=archive, overwrite=True)
