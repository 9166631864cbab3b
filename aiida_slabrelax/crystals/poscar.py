"""POSCAR and the files of VASP that begin like it, read as VASP reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..standin.errors import InputError
from ..standin.inputs.poscar import read_poscar
from ..surfaces.bulk.masses import ISOTOPES
from .content import CrystalData, Found, NoCrystalError

#: Beginnings and endings of names; files of charges and potentials begin like a POSCAR.
_ANYWHERE = ('poscar', 'contcar', 'centcar')
_AT_THE_START = ('chg', 'aeccar', 'locpot', 'parchg', 'elfcar')
_AT_THE_END = ('.vasp', '.poscar')
_COMPRESSED = ('.gz', '.bz2', '.xz')

#: Endings of such names if the file has another format.
_OTHERS = (
    *('.cif', '.cssr', '.cube', '.extxyz', '.gen', '.json', '.mcif', '.mson', '.pdb', '.res'),
    *('.traj', '.xml', '.xsd', '.xsf', '.xyz', '.yaml', '.yml'),
)

#: Number of lines that are read: more than the allowed atoms, fewer than a charge density.
MOST_LINES = 30_000

#: Number of characters of a POTCAR that are read.
_MOST_OF_POTCAR = 100 * 1024**2


def is_poscar(path: Path) -> bool:
    """Return whether a file has a name of a POSCAR, or of a file that begins like one."""
    name = path.name.lower()
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return not name.endswith(_OTHERS) and (
        any(part in name for part in _ANYWHERE)
        or name.startswith(_AT_THE_START)
        or name.endswith(_AT_THE_END)
    )


def read_poscar_file(path: Path, elements: Sequence[str] | None) -> Found:
    """Read a POSCAR.

    :param elements: one for each number of atoms, for a file of VASP 4 without a line of elements.
    :raises NoCrystalError: if it is not a POSCAR, or its elements are unknown.
    """
    lines = _join_names(list(islice(_lines(path), MOST_LINES)))
    try:
        read = read_poscar('\n'.join(lines))
    except InputError as error:
        raise NoCrystalError(str(error)) from error
    remarks: list[str] = []
    potentials = _elements_of_potcar(path)
    if read.names:
        names = [name.split('/')[0].split('_')[0] for name in read.names]
        for name, symbol in zip(read.names, names, strict=True):
            if not _is_element(symbol):
                raise NoCrystalError(f'{name!r} in its line of elements is no element')
        if elements is not None and list(elements) != names:
            raise NoCrystalError(f'it names its elements, {" ".join(names)}: leave out elements')
        if potentials and len(potentials) >= len(names) and potentials[: len(names)] != names:
            remarks.append(
                f'the POTCAR beside it is for {" ".join(potentials)}; the elements are those that '
                f'the file names, {" ".join(names)}'
            )
        symbols = [
            symbol for name, n in zip(names, read.counts, strict=True) for symbol in [name] * n
        ]
    else:
        symbols, remark = _find_symbols(lines, read.counts, elements, potentials)
        remarks += [remark] if remark else []
    crystal = CrystalData(
        matrix=read.lattice,
        pbc=[True] * 3,
        species=[{symbol: 1.0} for symbol in symbols],
        coordinates=read.positions,
        cartesian=False,
        kinds=None,
        tags=None,
        masses=None,
        moments=None,
    )
    return Found(crystal=crystal, remarks=remarks, objections=[], reader=None)


def _lines(path: Path) -> Iterator[str]:
    from ase.io.formats import open_with_compression

    with open_with_compression(str(path), 'rb') as file:
        while line := file.readline(10_000):
            yield line.decode('utf-8', 'replace').rstrip('\r\n')


def _join_names(lines: list[str]) -> list[str]:
    """Return the lines with the names and the numbers of atoms on one line each.

    VASP breaks the lines after twenty entries.
    """
    start = 5
    end = start
    while end < len(lines) and re.match(r'\s*[A-Za-z]', lines[end]):
        end += 1
    rows = end - start
    numbers = lines[end : end + rows]
    if rows < 2 or not all(re.fullmatch(r'[\s\d]+', line) for line in numbers):
        return lines
    return [*lines[:start], ' '.join(lines[start:end]), ' '.join(numbers), *lines[end + rows :]]


def _find_symbols(
    lines: list[str],
    counts: list[int],
    elements: Sequence[str] | None,
    potentials: list[str] | None,
) -> tuple[list[str], str | None]:
    """Return the element of each atom in a POSCAR without a line of elements, and the source.

    :raises NoCrystalError: if there is no source, or it does not match the numbers of atoms.
    """
    numbers = ' '.join(map(str, counts))
    for names, where in ((elements, 'elements'), (potentials, 'the POTCAR beside it')):
        if names is None:
            continue
        if len(names) != len(counts):
            raise NoCrystalError(
                f'{where}: {len(names)} given ({" ".join(names)}), but its line of numbers, '
                f'{numbers}, needs {len(counts)}'
            )
        symbols = [symbol for name, n in zip(names, counts, strict=True) for symbol in [name] * n]
        remark = f'elements from {where}: {" ".join(names)}' if where != 'elements' else None
        return symbols, remark
    if (in_rows := _symbols_in_rows(lines, counts)) is not None:
        return in_rows, 'elements from the ends of its lines of coordinates'
    words = lines[0].split()
    hint = ''
    if len(words) == len(counts) and all(map(_is_element, words)):
        hint = f'; its first line may mean elements={words}'
    raise NoCrystalError(
        f'it has no line of elements before that of the numbers, {numbers} (the format of VASP 4), '
        f'and there is no POTCAR beside it: give them in this order, as elements=["Ti", "O"]{hint}'
    )


def _symbols_in_rows(lines: list[str], counts: list[int]) -> list[str] | None:
    """Return the elements at the ends of the lines of coordinates, if each line has one."""
    selective = lines[6].lstrip()[:1] in ('S', 's')
    start, place = (8, 6) if selective else (7, 3)
    rows = [line.split() for line in lines[start : start + sum(counts)]]
    if any(len(row) <= place or not _is_element(row[place]) for row in rows):
        return None
    return [row[place] for row in rows]


def _elements_of_potcar(path: Path) -> list[str] | None:
    """Return the elements of the POTCAR in the folder of a file, in its order; ``None`` without."""
    for name in ('POTCAR', 'POTCAR.gz'):
        potcar = path.with_name(name)
        if potcar.is_file():
            break
    else:
        return None
    titles, cores, read = [], [], 0
    for line in _lines(potcar):
        read += len(line)
        if read > _MOST_OF_POTCAR:
            break
        if match := re.match(r'\s*TITEL\s*=\s*(.*)', line):
            words = match[1].split()
            titles.append((words[1] if len(words) > 1 else words[0] if words else '').split('_')[0])
        elif match := re.match(r'\s*VRHFIN\s*=\s*([A-Za-z]+)', line):
            cores.append(match[1])
    names = [title for title in titles if _is_element(title)]
    if len(names) != len(titles) or not names:
        names = [core for core in cores if _is_element(core)]
        if len(names) != len(cores):
            return None
    return names or None


def _is_element(symbol: str) -> bool:
    from pymatgen.core.periodic_table import Element

    return symbol in ISOTOPES or Element.is_valid_symbol(symbol)
