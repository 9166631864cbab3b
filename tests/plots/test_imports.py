"""`preview` draws files where there is no AiiDA profile."""

from __future__ import annotations

import subprocess
import sys


def test_figures_import_neither_aiida_nor_pyplot() -> None:
    program = (
        'import sys, aiida_slabrelax.plots; '
        "print({'aiida', 'plotly', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    printed = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (printed.stdout, printed.returncode) == ('set()\n', 0)
