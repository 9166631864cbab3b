"""Files in VASP's form, which the stand-in has written: a relaxation of a slab of copper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from ase import Atoms
from ase.build import fcc111

from vasp_job import Job

FILES = ('vasprun.xml', 'OUTCAR', 'CONTCAR')
RELAX = {'IBRION': 1, 'NSW': 30, 'EDIFFG': -0.02, 'NELM': 40}

Written = Callable[..., dict[str, bytes]]


@pytest.fixture
def rattled() -> Atoms:
    """A Cu (111) slab of four layers, its atoms off their places."""
    atoms = fcc111('Cu', (1, 1, 4), a=3.6, vacuum=6.0)
    atoms.set_tags(0)
    atoms.rattle(0.05, seed=1)
    return atoms


@pytest.fixture
def written(tmp_path: Path, rattled: Atoms) -> Written:
    """Return a function that relaxes the slab and returns the content of the files.

    ``incar`` is laid over the INCAR; the environment variables are given without their prefix.
    """

    def write(
        incar: Mapping[str, object] = MappingProxyType({}), **variables: object
    ) -> dict[str, bytes]:
        job = Job(tmp_path).write(rattled, {**RELAX, **incar})
        stdout = job.spawn_binary(**variables).stdout
        files = {name: job.path(name).read_bytes() for name in FILES if job.path(name).exists()}
        return {**files, 'vasp_output': stdout}

    return write


@pytest.fixture
def symbols(rattled: Atoms) -> list[str]:
    """The elements of the sites."""
    found: list[str] = rattled.get_chemical_symbols()
    return found
