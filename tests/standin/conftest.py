"""Fixtures of the tests of the stand-in: a folder to run in, and a slab."""

from __future__ import annotations

from pathlib import Path

import pytest
from ase import Atoms

from vasp_job import Job, rattled_slab


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.fixture
def copper_slab() -> Atoms:
    return rattled_slab()
