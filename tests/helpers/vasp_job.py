"""VASP's input files in a folder, and ways to run the stand-in there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ase import Atoms
from ase.build import fcc111
from ase.io import write

from aiida_slabrelax.standin.inputs.potcar import synthetic_potcar
from aiida_slabrelax.standin.run import run

KPOINTS = 'A mesh\n0\nGamma\n 2 2 1\n 0 0 0\n'


class Job:
    """A folder with INCAR, POSCAR, POTCAR and KPOINTS.

    The environment variables of a run are given without their prefix ``VASP_STANDIN_``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def text(self, name: str) -> str:
        return self.path(name).read_text(encoding='utf-8')

    def write(
        self,
        atoms: Atoms,
        incar: Mapping[str, object] = MappingProxyType({}),
        comment: str = 'slab_00',
    ) -> Job:
        """Write the input files for a structure."""
        write(self.path('POSCAR'), atoms, format='vasp')
        lines = self.text('POSCAR').splitlines()
        self.path('POSCAR').write_text('\n'.join([comment, *lines[1:]]))
        blocks = lines[5].split()
        self.path('POTCAR').write_text(''.join(map(synthetic_potcar, blocks)))
        self.path('KPOINTS').write_text(KPOINTS)
        self.path('INCAR').write_text(''.join(f'{tag} = {incar[tag]}\n' for tag in incar))
        return self

    def run(self, **variables: object) -> int:
        """Run in this process and return the exit code."""
        return run(self.folder, _environment(variables))

    def spawn(
        self, arguments: Sequence[str] = (), **variables: object
    ) -> subprocess.CompletedProcess[str]:
        """Run as a process of its own."""
        process = self.spawn_binary(arguments, **variables)
        return subprocess.CompletedProcess(
            process.args, process.returncode, process.stdout.decode(), process.stderr.decode()
        )

    def spawn_binary(
        self, arguments: Sequence[str] = (), **variables: object
    ) -> subprocess.CompletedProcess[bytes]:
        """Run as a process of its own, whose output may be no text."""
        return subprocess.run(
            [sys.executable, '-m', 'aiida_slabrelax.standin', *arguments],
            cwd=self.folder,
            env={**os.environ, **_environment(variables)},
            capture_output=True,
            check=False,
        )


def _environment(variables: Mapping[str, object]) -> dict[str, str]:
    return {f'VASP_STANDIN_{name}': str(value) for name, value in variables.items()}


def rattled_slab() -> Atoms:
    """A Cu (111) slab of four layers, its atoms off their places."""
    atoms = fcc111('Cu', (1, 1, 4), a=3.6, vacuum=6.0)
    atoms.set_tags(0)
    atoms.rattle(0.05, seed=1)
    return atoms
