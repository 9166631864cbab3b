"""Files in VASP's form, which the stand-in has written: a relaxation of a slab of copper."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from types import MappingProxyType

import pytest
from ase import Atoms

from vasp_job import Job, rattled_slab

FILES = ('vasprun.xml', 'OUTCAR', 'CONTCAR')
RELAX = {'IBRION': 1, 'NSW': 30, 'EDIFFG': -0.02, 'NELM': 40}

Written = Callable[..., dict[str, bytes]]


@pytest.fixture
def rattled() -> Atoms:
    """A Cu (111) slab of four layers, its atoms off their places."""
    return rattled_slab()


@pytest.fixture(scope='session')
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Return a function that relaxes the slab and returns the content of the files.

    ``incar`` is laid over the INCAR; the environment variables are given without their prefix. What
    is asked for a second time is not computed again.
    """
    runs: dict[str, dict[str, bytes]] = {}

    def write(
        incar: Mapping[str, object] = MappingProxyType({}), **variables: object
    ) -> dict[str, bytes]:
        asked = repr((sorted(incar.items()), sorted(variables.items())))
        if asked not in runs:
            job = Job(tmp_path_factory.mktemp('vasp')).write(rattled_slab(), {**RELAX, **incar})
            stdout = io.BytesIO()
            with redirect_stdout(io.TextIOWrapper(stdout, 'utf-8')) as text:
                job.run(**variables)
                text.flush()
            files = {name: job.path(name).read_bytes() for name in FILES if job.path(name).exists()}
            runs[asked] = {**files, 'vasp_output': stdout.getvalue()}
        return dict(runs[asked])

    return write


@pytest.fixture
def symbols(rattled: Atoms) -> list[str]:
    """The elements of the sites."""
    found: list[str] = rattled.get_chemical_symbols()
    return found
