"""Runs that VASP itself wrote, and an executable that plays them.

They are data outside of the repository: without them the tests that use them are skipped.
"""

from __future__ import annotations

import gzip
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pymatgen.core import Structure
from pymatgen.io.vasp.inputs import Poscar

FOLDER = Path(
    os.environ.get('SLABRELAX_RECORDINGS', Path(__file__).parents[3] / 'shared' / 'recordings')
)

needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f'there are no recordings of VASP in {FOLDER}'
)

#: What plays VASP: the first of the folders that has not been played yet, the last one ever again.
#: It copies the files into its own folder and prints the file `stdout`.
EXECUTABLE = f"""#!{sys.executable}
import os, pathlib, shutil, sys
folders = [pathlib.Path(name) for name in os.environ['REPLAYED'].split(':')]
folder = next((one for one in folders if not one.with_suffix('.played').exists()), folders[-1])
folder.with_suffix('.played').touch()
for path in folder.iterdir():
    if path.name == 'stdout':
        sys.stdout.buffer.write(path.read_bytes())
    else:
        shutil.copyfile(path, path.name)
"""


@dataclass(frozen=True, eq=False)
class Recording:
    """The files of one calculation.

    :ivar files: their content, decompressed.
    """

    name: str
    files: dict[str, bytes]

    def write(self, folder: Path) -> Path:
        """Write the files into a new folder."""
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return folder


@cache
def recording(name: str, number: int = 0) -> Recording:
    """Return a recorded calculation, whose files must not be changed."""
    folder = FOLDER / 'runs' / name / str(number)
    files = {}
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        zipped = path.suffix == '.gz'
        files[path.stem if zipped else path.name] = gzip.decompress(content) if zipped else content
    return Recording(f'{name}/{number}', files)


def poscar(content: bytes) -> Structure:
    """Return the structure in a POSCAR."""
    return Poscar.from_str(content.decode()).structure
