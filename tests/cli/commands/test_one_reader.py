"""Every command and Python read the same crystal from a file, or refuse it for the same reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiida.orm import InstalledCode
from click.testing import Result
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.crystals import CrystalFileError, read_file
from magnetic_crystals import antiferromagnetic_nickel_oxide

Run = Callable[..., Result]


def cif(cell: str, space_group: str, sites: str, columns: str = '', more: str = '') -> str:
    names = ('a', 'b', 'c', 'alpha', 'beta', 'gamma')
    lengths = [
        f'_cell_{"angle" if "a" in name[1:] else "length"}_{name} {value}'
        for name, value in zip(names, cell.split(), strict=True)
    ]
    lines = [
        *('data_x', *lengths, f"_symmetry_space_group_name_H-M '{space_group}'", *more.split('|')),
        *('loop_', '_atom_site_label', '_atom_site_type_symbol'),
        *('_atom_site_fract_x', '_atom_site_fract_y', '_atom_site_fract_z'),
        *(*columns.split(), *sites.split('|')),
    ]
    return '\n'.join(filter(None, lines)) + '\n'


@dataclass(frozen=True)
class File:
    """A file of one kind, and what is said of it.

    :ivar said: a part of the error or remark; without it there is nothing to say.
    """

    name: str
    text: str
    said: str = ''


HEXAGONAL = '2.95 2.95 4.69 90 90 120'
TITANIUM_60 = 'Ti\n1\n2.95 0 0\n1.475 2.554775 0\n0 0 4.69\nTi\n2\nDirect\n{}'

FILES = {
    'more than one atom on a site': File(
        'alloy.cif',
        cif(
            '4.6 4.6 3 90 90 90',
            'P 1',
            'A1 Sn 0 0 0 0.7|B1 Ti 0 0 0 0.4|O1 O 0.3 0.3 0 1|O2 O 0.7 0.7 0 1',
            '_atom_site_occupancy',
        ),
        'sum to 1.1',
    ),
    'no elements': File(
        'POSCAR', 'x\n1\n4.1 0 0\n0 4.1 0\n0 0 4.1\n1 1\nDirect\n0 0 0\n.5 .5 .5\n', '--elements'
    ),
    'hydrogen that is not placed': File(
        'portlandite.cif',
        cif(
            '3.59 3.59 4.91 90 90 120',
            'P -3 m 1',
            'Ca1 Ca 0 0 0 .|O1 O 0.3333 0.6667 0.234 1',
            '_atom_site_attached_hydrogens',
            "_chemical_formula_sum 'Ca H2 O2'",
        ),
        'H is missing',
    ),
    'a negative scale': File(
        'POSCAR', 'Mo\n-31.17\n1 0 0\n0 1 0\n0 0 1\nMo\n2\nCartesian\n0 0 0\n.5 .5 .5\n'
    ),
    'an angle of 60°': File('Ti.vasp', TITANIUM_60.format('0 0 0\n0.666667 0.666667 0.5\n')),
    'rounded coordinates': File(
        'Ti.cif',
        cif(HEXAGONAL, 'P 63/m m c', 'Ti1 Ti 0.333 0.667 0.25'),
        'moved to the special positions they mean',
    ),
    'magnetic moments': File('NiO.json', antiferromagnetic_nickel_oxide().to_json()),
    'nothing special': File(
        'Al.vasp',
        Structure(Lattice.cubic(4.05), ['Al'] * 4, [[0, 0, 0], *(Lattice.cubic(0.5).matrix[::-1])])
        .to(fmt='poscar'),
    ),
}  # fmt: skip


@pytest.fixture
def commands(
    invoke: Run, vasp_code: InstalledCode, potential_family: str, no_daemon: None, tmp_path: Path
) -> dict[str, Callable[[Path], Result]]:
    """Return for each command a function that has it read a file, and nothing computed."""
    code = vasp_code.full_label
    family = ('--family', potential_family, '--protocol', 'fast')
    return {
        'preview': lambda path: invoke('preview', path, '--miller', 1, 0, 0),
        'export': lambda path: invoke(
            'export', path, '--miller', 1, 0, 0, '--output', tmp_path / 'slabs'
        ),
        'launch': lambda path: invoke(
            'launch', code, path, '--miller', 1, 0, 0, *family, '--dry-run'
        ),
        'energies': lambda path: invoke('energies', path, '--miller', 1, 0, 0, '--code', code),
        'converge': lambda path: invoke(
            'converge', path, '--miller', 1, 0, 0, '--code', code, '--thickness', 8, 10
        ),
    }


def in_options(message: str) -> str:
    """Return a message of Python in the words of the command line."""
    return message.replace('elements=["Ti", "O"]', '--elements Ti O').replace(
        'read_anyway=True', '--read-anyway'
    )


@pytest.mark.parametrize('kind', FILES)
def test_every_command_says_what_python_says(
    commands: dict[str, Callable[[Path], Result]], tmp_path: Path, kind: str
) -> None:
    file = FILES[kind]
    path = tmp_path / file.name
    path.write_text(file.text)
    try:
        expected = [f'{path}: {remark}' for remark in read_file(path).remarks]
    except CrystalFileError as error:
        expected = [in_options(f'Error: {error}')]
    assert file.said in '\n'.join(expected)
    assert bool(file.said) == bool(expected)
    for name, run in commands.items():
        result = run(path)
        said = [line for line in result.stderr.splitlines() if str(path) in line]
        assert (name, said) == (name, expected)


@pytest.mark.parametrize('name', ['preview', 'export', 'energies', 'converge'])
def test_warnings_about_a_crystal_are_on_standard_error(
    commands: dict[str, Callable[[Path], Result]], tmp_path: Path, name: str
) -> None:
    path = tmp_path / 'NiO.vasp'
    antiferromagnetic_nickel_oxide().to(str(path), fmt='poscar')
    result = commands[name](path)
    assert result.stderr.count('Warning: Ni in an oxide') == 1
    assert 'Warning' not in result.stdout
