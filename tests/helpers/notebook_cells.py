"""Runs the cells of a notebook in IPython within a running event loop, as a kernel does.

In a kernel, ``load_profile`` of aiida-core opens a portal at the begin of each cell, through which
processes run in the loop of the kernel; here it is opened for all cells.

``python notebook_cells.py NOTEBOOK OUTPUT`` writes, as JSON, what each cell of code shows.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from plumpy.greenback_bridge import ensure_portal


async def run_cells(path: Path) -> list[dict[str, Any]]:
    """Return the texts that each cell shows, by their type; ends at the first error."""
    shell = InteractiveShell.instance()
    await ensure_portal()
    shown = []
    for cell in json.loads(path.read_text('utf-8'))['cells']:
        if cell['cell_type'] != 'code':
            continue
        source = ''.join(cell['source'])
        result = await shell.run_cell_async(
            source, store_history=True, transformed_cell=shell.transform_cell(source)
        )
        if not result.success:
            raise SystemExit(f'{source}\n{result.error_before_exec or result.error_in_exec!r}')
        value = result.result
        formats, _ = shell.display_formatter.format(value) if value is not None else ({}, {})
        shown.append({kind: text for kind, text in formats.items() if isinstance(text, str)})
    return shown


if __name__ == '__main__':
    found = asyncio.run(run_cells(Path(sys.argv[1])))
    Path(sys.argv[2]).write_text(json.dumps(found))
