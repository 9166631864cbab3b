"""The formats of crystals that pymatgen and ASE read. Runs where limits are: see :mod:`.limited`.

A file is a file: ASE takes ``name@0``, ``postgres…`` and ``-`` for more than names, and some of its
formats are databases. None of these is followed here.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from .crystal_data import CrystalData, holds_data, read_data

#: Formats of ASE that name servers, are databases or folders, run a program (that of CASTEP), or
#: are read elsewhere as data.
_NOT_BY_ASE = frozenset(
    (
        *('aselmdb', 'db', 'mysql', 'postgresql', 'bundletrajectory', 'eon'),
        *('castep-cell', 'json', 'nomad-json'),
    )
)


def read_content(path: str) -> CrystalData:
    """Return the crystal in a file.

    pymatgen comes first because it keeps partial occupancies, so that they can be refused.

    :raises ValueError: if neither library can read it; the message has the reason of each.
    """
    warnings.simplefilter('ignore')  # remarks on the file, such as rounded coordinates
    file = Path(path).absolute()
    if holds_data(file):
        return read_data(file)
    reasons = []
    for name, read in (('pymatgen', _by_pymatgen), ('ASE', _by_ase)):
        try:
            return read(file)
        except MemoryError:
            raise
        except Exception as error:  # readers raise whatever a broken file leads them to
            reason = f'there is no {error}' if isinstance(error, KeyError) else str(error)
            reasons.append(f'{name}: {reason[:300] or type(error).__name__}')
    raise ValueError('; '.join(reasons))


def _by_pymatgen(file: Path) -> CrystalData:
    from pymatgen.core.structure import Structure

    structure = Structure.from_file(file).remove_oxidation_states()
    return CrystalData(
        matrix=structure.lattice.matrix.tolist(),
        pbc=list(map(bool, structure.lattice.pbc)),
        species=[
            {element.symbol: float(share) for element, share in site.species.items()}
            for site in structure
        ],
        coordinates=structure.frac_coords.tolist(),
        cartesian=False,
        kinds=None,
        tags=None,
        masses=None,
    )


def _by_ase(file: Path) -> CrystalData:
    import ase.io
    from ase.io.formats import filetype, ioformats

    form = filetype(str(file))
    known = ioformats.get(form)
    if known is None or form in _NOT_BY_ASE or not known.module_name.startswith('ase.io.'):
        raise ValueError(f'{form} is no format of files with crystals')
    if form in ('xyz', 'extxyz'):
        _check_length(file)
    atoms: Any = ase.io.read(str(file), format=form, do_not_split_by_at_sign=True)
    return CrystalData(
        matrix=atoms.cell.array.tolist(),
        pbc=atoms.pbc.tolist(),
        species=[{symbol: 1.0} for symbol in atoms.symbols],
        coordinates=atoms.positions.tolist(),
        cartesian=True,
        kinds=None,
        tags=atoms.get_tags().tolist(),
        masses=atoms.get_masses().tolist(),
    )


def _check_length(file: Path) -> None:
    """Make sure that a file of the format xyz has a line for each atom that it announces.

    :raises ValueError: if it has not: ASE would make room for all of them first.
    """
    from ase.io.formats import open_with_compression

    with open_with_compression(str(file), 'rb') as lines:
        announced = lines.readline(100).strip()
        if announced.isdigit() and int(announced) > sum(1 for _ in lines):
            raise ValueError(f'{announced.decode()} atoms are announced, and there are fewer lines')
