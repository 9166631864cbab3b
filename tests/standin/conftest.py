"""Fixtures of the tests of the stand-in: VASP's input files, and ways to run there."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms
from ase.build import fcc111

from vasp_job import Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.fixture
def copper_slab() -> Atoms:
    """A Cu (111) slab of four layers, its atoms off their places."""
    atoms = fcc111('Cu', (1, 1, 4), a=3.6, vacuum=6.0)
    atoms.set_tags(0)
    atoms.rattle(0.05, seed=1)
    return atoms
