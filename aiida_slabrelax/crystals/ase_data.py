"""Crystals that ASE reads, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..surfaces.bulk.ase_atoms import moments_of_atoms
from .content import CrystalData, Found, NoCrystalError, choose, count_elements

#: Formats that name servers, are databases or folders, run a program (that of CASTEP), or are read
#: elsewhere as data.
_NOT_READ = frozenset(
    (
        *('aselmdb', 'db', 'mysql', 'postgresql', 'bundletrajectory', 'eon'),
        *('castep-cell', 'json', 'nomad-json'),
    )
)

#: The format that numbers the types of atoms; ASE takes the numbers for those of the elements.
WITHOUT_ELEMENTS = 'lammps-dump-text'

#: Formats in which ASE guesses elements from the names of atoms.
_GUESSED = frozenset(('gromacs', 'gromos'))

#: The structures are steps of one calculation; the last one is its result.
_OF_CALCULATIONS = frozenset(
    (
        *('abinit-out', 'aims-output', 'castep-castep', 'castep-geom', 'dmol-arc', 'espresso-out'),
        *('gamess-us-out', 'gaussian-out', 'gpaw-out', 'nwchem-out', 'onetep-out', 'orca-output'),
        *('qbox', 'turbomole-gradient', 'vasp-out', 'vasp-xml'),
    )
)

#: Names under which ASE keeps occupancies of atoms.
_OCCUPANCIES = ('occupancy', 'occupancies', 'occ')


def format_of(file: Path) -> str:
    """Return ASE's name of the format of a file; empty if ASE does not know it."""
    from ase.io.formats import UnknownFileTypeError

    try:
        return _find_format(file)
    except UnknownFileTypeError:
        return ''


def _find_format(file: Path) -> str:
    from ase.io.formats import filetype

    form = str(filetype(str(file)))
    if form == 'vasp':
        # POSCARs are not read here: only its name begins like theirs, and its ending is another.
        form = str(filetype(f'crystal{file.suffix}', read=False))
    return form


def read_by_ase(file: Path, elements: Sequence[str] | None, index: int | None) -> Found:
    """Read a file.

    :param elements: those of the types that a format only numbers.
    :param index: which of several structures, counted from 0.
    :raises Exception: whatever its readers raise.
    """
    import ase.io
    from ase.io.formats import ioformats

    form = _find_format(file)
    known = ioformats.get(form)
    if known is None or form in _NOT_READ or not known.module_name.startswith('ase.io.'):
        raise NoCrystalError(f'{form} is no format of files with crystals')
    if form in ('xyz', 'extxyz'):
        _check_length(file)
    keywords = _types_of(file, form, elements)
    several: Any = ase.io.read(
        str(file), index=':', format=form, do_not_split_by_at_sign=True, **keywords
    )
    remarks = []
    if len(several) > 1 and index is None and form in _OF_CALCULATIONS:
        remarks.append(f'the last of its {len(several)} steps is taken')
        index = -1
    if form == 'vasp-xml' and _is_cut_off(file):
        remarks.append('it is cut off: what comes before its end is taken')
    if not several:
        raise NoCrystalError('there are no atoms in it')
    atoms = several[choose(len(several), index, 'structures')]
    crystal = CrystalData(
        matrix=atoms.cell.array.tolist(),
        pbc=atoms.pbc.tolist(),
        species=_species(atoms),
        coordinates=atoms.positions.tolist(),
        cartesian=True,
        kinds=None,
        tags=atoms.get_tags().tolist(),
        masses=atoms.get_masses().tolist(),
        moments=moments_of_atoms(atoms),
    )
    objections = []
    if form in _GUESSED or (form == 'proteindatabank' and _lacks_elements(file)):
        names = ', '.join(sorted(count_elements(crystal['species'])))
        objections.append(f'its elements are guessed from the names of atoms: {names}')
    return Found(crystal=crystal, remarks=remarks, objections=objections, reader='ASE')


def _species(atoms: Any) -> list[dict[str, float]]:
    """Return the share of each element on each site.

    ASE stores one element for each site; where occupancies are depends on the format.
    """
    for name in _OCCUPANCIES:
        if name in atoms.arrays:
            occupancies = [1.0 if share is None else float(share) for share in atoms.arrays[name]]
            return [
                {symbol: share} for symbol, share in zip(atoms.symbols, occupancies, strict=True)
            ]
    shares = atoms.info.get('occupancy')
    kinds = atoms.arrays.get('spacegroup_kinds')
    if isinstance(shares, dict) and kinds is not None:
        return [
            {str(element): float(share) for element, share in shares[str(kind)].items()}
            if str(kind) in shares
            else {symbol: 1.0}
            for symbol, kind in zip(atoms.symbols, kinds, strict=True)
        ]
    return [{symbol: 1.0} for symbol in atoms.symbols]


def _types_of(file: Path, form: str, elements: Sequence[str] | None) -> dict[str, Any]:
    """Return the keywords that give ASE the elements of types.

    :raises NoCrystalError: if neither the file nor the user names them.
    """
    if form != WITHOUT_ELEMENTS or (elements is None and _names_elements(file)):
        return {}
    if elements is None:
        raise NoCrystalError(
            'it numbers the types of its atoms and does not name their elements: give them in this '
            'order, as elements=["Ti", "O"]'
        )
    return {'specorder': list(elements)}


def _names_elements(file: Path) -> bool:
    """Return whether the table of a dump of LAMMPS has a column of elements."""
    from ase.io.formats import open_with_compression

    with open_with_compression(str(file), 'rb') as lines:
        for line in lines:
            if line.startswith(b'ITEM: ATOMS'):
                return b'element' in line.split()
    return False


def _lacks_elements(file: Path) -> bool:
    """Return whether an atom of a PDB file has empty columns 77 and 78."""
    from ase.io.formats import open_with_compression

    with open_with_compression(str(file), 'rb') as lines:
        return any(
            line.startswith((b'ATOM', b'HETATM')) and not line.rstrip(b'\r\n')[76:78].strip()
            for line in lines
        )


def _is_cut_off(file: Path) -> bool:
    """Return whether a vasprun.xml is truncated, as after a killed calculation."""
    from ase.io.formats import open_with_compression

    last = b''
    with open_with_compression(str(file), 'rb') as lines:
        for line in lines:
            last = line.strip() or last
    return not last.endswith(b'</modeling>')


def _check_length(file: Path) -> None:
    """Make sure that a file of the format xyz has a line for each atom that it declares.

    :raises NoCrystalError: if it has not; ASE would allocate memory for all of them first.
    """
    from ase.io.formats import open_with_compression

    with open_with_compression(str(file), 'rb') as lines:
        announced = lines.readline(100).strip()
        if announced.isdigit() and int(announced) > sum(1 for _ in lines):
            raise NoCrystalError(
                f'{announced.decode()} atoms are announced, and there are fewer lines'
            )
