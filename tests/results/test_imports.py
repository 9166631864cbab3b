"""Results are read where no work chain is loaded: in notebooks and in fast commands."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from aiida_slabrelax import results


@pytest.mark.parametrize('name', results.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    found: Any = getattr(results, name)
    assert found.__name__ == name


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'aiida_slabrelax\.results' has no attribute 'none'"):
        results.none  # noqa: B018


@pytest.fixture(scope='module')
def loaded() -> list[list[str]]:
    """Modules in a new process: with the slabs of a file, and with results of runs as well."""
    program = (
        'import sys, aiida_slabrelax.results.terminations, aiida_slabrelax.results.columns; '
        'print(*sys.modules); '
        'import aiida_slabrelax.results.slabs; '
        'import aiida_slabrelax.results.energies.surface_energies; '
        'print(*sys.modules)'
    )
    printed = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True
    )
    return [line.split() for line in printed.stdout.splitlines()]


def test_the_slabs_of_a_file_need_no_aiida(loaded: list[list[str]]) -> None:
    assert 'aiida_slabrelax.results.columns' in loaded[0]
    assert 'aiida' not in loaded[0]


def test_results_load_neither_work_chains_nor_aiida_vasp(loaded: list[list[str]]) -> None:
    others = (
        'aiida_vasp',
        'aiida_slabrelax.workflows',
        'aiida_slabrelax.cli',
        'aiida_slabrelax.durable',
    )
    assert 'aiida_slabrelax.results.energies.surface_energies' in loaded[1]
    assert [name for name in loaded[1] if name.startswith(others)] == []
