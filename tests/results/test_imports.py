"""Results are read where no work chain is loaded: in notebooks and in fast commands."""

from __future__ import annotations

import subprocess
import sys


def test_results_load_neither_work_chains_nor_aiida_vasp() -> None:
    program = (
        'import sys, aiida_slabrelax.results, aiida_slabrelax.results.terminations; '
        "print([name for name in sys.modules if name.startswith(('aiida_vasp', "
        "'aiida_slabrelax.workflows', 'aiida_slabrelax.cli', 'aiida_slabrelax.durable'))])"
    )
    printed = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert (printed.stdout, printed.returncode) == ('[]\n', 0)
