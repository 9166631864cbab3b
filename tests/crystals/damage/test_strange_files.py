"""Crystals from strangers' files: read as data and within limits, or refused in one line."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pymatgen.io.vasp  # noqa: F401 - the forks that read need not import them each time
import pytest
import yaml
from ase import Atoms
from ase.build import bulk
from pymatgen.core import Lattice, Structure

from aiida_slabrelax.crystals import limited
from aiida_slabrelax.crystals.checking import MOST_ATOMS
from aiida_slabrelax.crystals.data_files import MOST_BYTES
from aiida_slabrelax.crystals.formats import read_content
from aiida_slabrelax.crystals.limited import MEMORY, LimitedError, run_limited
from aiida_slabrelax.crystals.reading import CrystalFileError, read_crystal
from aiida_slabrelax.surfaces.bulk.kinds import kind_names

CRYSTAL = Structure(
    Lattice.orthorhombic(3, 4, 5),
    ['Fe', 'Fe', 'O'],
    [[0, 0, 0], [0.5, 0.5, 0.5], [0, 0.5, 0]],
    site_properties={'kind_name': ['Fe1', 'Fe2', 'O']},
)

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def refused(path: Path) -> str:
    with pytest.raises(CrystalFileError) as info:
        read_crystal(path)
    assert '\n' not in str(info.value)
    assert len(str(info.value)) < 1000
    return str(info.value).removeprefix(f'{path} cannot be read as a crystal: ')


@pytest.mark.parametrize('name', ['FeO.json', 'FeO.mson', 'FeO.yaml', 'FeO.yml', 'FeO.json.gz'])
def test_what_pymatgen_writes(tmp_path: Path, name: str) -> None:
    CRYSTAL.to(filename=str(tmp_path / name), fmt='yaml' if 'y' in name else 'json')
    read = read_crystal(tmp_path / name)
    assert read == CRYSTAL
    assert kind_names(read) == ['Fe1', 'Fe2', 'O']


def test_shares_are_refused(tmp_path: Path) -> None:
    species = [{'Fe2+': 0.25, 'Mn3+': 0.5}, {'O2-': 1}]
    mixed = Structure(Lattice.cubic(4), species, [[0, 0, 0], [0.5] * 3])
    mixed.to(filename=str(tmp_path / 'mixed.json'))
    assert refused(tmp_path / 'mixed.json') == (
        'The crystal is disordered: a site is partly occupied or shared (Fe 0.25, Mn 0.5). Give an '
        'ordered structure.'
    )


def test_oxidation_states_are_left_out(tmp_path: Path) -> None:
    species = [{'Fe2+': 0.5, 'Fe3+': 0.5}, {'O2-': 1}]
    mixed = Structure(Lattice.cubic(4), species, [[0, 0, 0], [0.5] * 3])
    mixed.to(filename=str(tmp_path / 'mixed.json'))
    assert read_crystal(tmp_path / 'mixed.json').composition.formula == 'Fe1 O1'


def test_what_ase_writes(tmp_path: Path) -> None:
    atoms = bulk('NiO', 'rocksalt', a=4.17)
    atoms.set_tags([1, 0])
    ase.io.write(tmp_path / 'NiO.json', [bulk('Cu'), atoms])
    assert 'it holds 2 structures: index=0' in refused(tmp_path / 'NiO.json')
    read = read_crystal(tmp_path / 'NiO.json', index=-1)
    assert kind_names(read) == ['Ni1', 'O']
    np.testing.assert_allclose(read.cart_coords, atoms.positions, atol=1e-12)
    np.testing.assert_allclose(read.lattice.matrix, atoms.cell.array, atol=1e-12)


def plain() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(CRYSTAL.to_json())
    return content


def place_everywhere(content: dict[str, Any], evil: Any) -> None:
    content['properties'] = {'evil': evil}
    content['lattice']['evil'] = content['evil'] = evil
    for site in content['sites']:
        site['properties']['evil'] = site['evil'] = evil
        site['species'][0]['properties'] = {'evil': evil}


@pytest.mark.parametrize('name', ['evil.json', 'evil.yaml'])
def test_classes_that_a_file_names_are_not_imported(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    mark = tmp_path / 'mark'
    write('stranger_module.py', f'open({str(mark)!r}, "w")\nclass Evil: pass')
    monkeypatch.syspath_prepend(tmp_path)
    content = plain()
    place_everywhere(content, {'@module': 'stranger_module', '@class': 'Evil'})
    content['@module'] = 'stranger_module'
    path = write(name, json.dumps(content))  # which is YAML too
    assert read_crystal(path) == CRYSTAL
    assert 'stranger_module' not in sys.modules
    assert not mark.exists()


def test_tags_of_yaml_are_not_followed(write: Write, tmp_path: Path) -> None:
    text = yaml.safe_dump(plain())
    evil = f"evil: !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\n"
    assert read_crystal(write('evil.yaml', evil + text)) == CRYSTAL
    assert not (tmp_path / 'made').exists()


def nested(depth: int) -> str:
    return '[' * depth + ']' * depth


def laughs() -> str:
    """A few lines of YAML whose list has 10^12 entries."""
    lines = ['a0: &a0 [0, 0, 0]']
    lines += [f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]' for n in range(1, 13)]
    return '\n'.join([*lines, 'lattice: {matrix: *a12}', 'sites: *a12'])


def changed(change: Callable[[dict[str, Any]], Any]) -> str:
    content = plain()
    change(content)
    return json.dumps(content)


def change_site(**items: Any) -> str:
    return changed(lambda content: content['sites'][0].update(items))


def change_lattice(**items: Any) -> str:
    return changed(lambda content: content['lattice'].update(items))


def of_ase(**items: Any) -> str:
    """JSON of ASE: two atoms in a cell."""
    cell = [[3, 0, 0], [0, 3, 0], [0, 0, 3]]
    row = {'numbers': [26, 8], 'positions': [[0, 0, 0], [1.5] * 3], 'cell': cell, 'pbc': [True] * 3}
    return json.dumps({'ids': [1], '1': {**row, **items}})


def of_xyz(column: str, *values: str) -> str:
    """Extended xyz of two atoms with a further column."""
    first = f'Lattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3:{column} pbc="T T T"'
    return f'2\n{first}\nFe 0 0 0 {values[0]}\nO 1.5 1.5 1.5 {values[1]}\n'


def of_espresso(moment: str) -> str:
    """Input of Quantum ESPRESSO whose only atom begins with a moment."""
    return (
        f'&system\n ibrav=0, nat=1, ntyp=1, nspin=2, starting_magnetization(1)={moment} /\n'
        'ATOMIC_SPECIES\nFe 55 Fe.UPF\nCELL_PARAMETERS angstrom\n3 0 0\n0 3 0\n0 0 3\n'
        'ATOMIC_POSITIONS crystal\nFe 0 0 0\n'
    )


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('a.json', '', 'Expecting value: line 1 column 1 (char 0)'),
        ('a.json', '[]', 'it holds no mapping'),
        ('a.json', '{}', 'it holds no lattice: it is no structure of pymatgen'),
        ('a.json', '{"lattice": {}}', 'it holds no sites: it is no structure of pymatgen'),
        ('a.json', nested(100_000), 'maximum recursion depth exceeded'),
        ('a.yaml', nested(2000), 'while increasing flow level'),
        ('a.yaml', laughs(), 'there is a list where a number should be'),
        ('a.yaml', 'lattice: &a {matrix: *a}\nsites: []', ''),
        ('a.json', change_site(abc=[0, 0]), 'there is a vector that has not three components'),
        (
            'a.json',
            change_site(abc=['9' * 6000, 0, 0]),
            'There is a coordinate',
        ),
        ('a.json', change_site(abc=[True, 0, 0]), 'there is a bool where a number'),
        ('a.json', change_site(abc=[float('nan'), 0, 0]), 'There is a coordinate that is not'),
        (
            'a.json',
            change_site(species=[{'element': 'Evil', 'occu': 1}]),
            "There is no element 'Evil'",
        ),
        ('a.json', change_site(species=[{'element': 'Fe', 'occu': 2}]), ''),
        ('a.json', change_site(species=3), 'it is not what pymatgen or ASE writes: '),
        ('a.json', change_site(properties={'kind_name': {}}), 'kind_name is a name, not a dict'),
        ('a.json', change_lattice(matrix=[[1e300, 0, 0], [0, 1, 0], [0, 0, 1]]), 'The crystal has'),
        ('a.json', change_site(abc=[1e300, 0, 0]), 'There is a coordinate of 1e+300; up to 1e+06'),
        ('a.json', change_site(properties={'magmom': 1e300}), 'There is a magnetic moment of 1e+3'),
        ('a.json', change_site(properties={'magmom': [1, 2]}), 'a magnetic moment is a number or'),
        (
            'a.json',
            change_site(properties={'magmom': [1e200, 0, 0]}),
            'There is a magnetic moment of 1e+200 μB; up to 100 are taken.',
        ),
        (
            'a.json',
            change_site(properties={'kind_name': 'Fe\x1b[2J\n1'}),
            "The name of a kind is a word without blanks and line breaks, not 'Fe\\x1b[2J\\n1'.",
        ),
        (
            'a.json',
            change_site(properties={'kind_name': 'F' * 10**6}),
            'The name of a kind has 1000000 characters; up to 50 are taken.',
        ),
        (
            'a.json',
            change_site(properties={'kind_name': 'O'}),
            "The kind 'O' is both Fe and O.",
        ),
        ('a.json', change_lattice(pbc=[True] * 5), 'It is periodic in 3 directions or not, but it'),
        ('a.json', change_lattice(pbc=[]), 'It is periodic in 3 directions or not, but it says so'),
        (
            'a.json',
            of_ase(pbc=[True]),
            'It is periodic in 3 directions or not, but it says so of 1',
        ),
        ('a.json', of_ase(positions=[[0, 0, 0]]), 'It has 2 atoms, but 1 positions.'),
        ('a.json', of_ase(tags=[1]), 'It has 2 atoms, but 1 tags.'),
        ('a.json', of_ase(tags=[10**30, 0]), 'There is a tag with 31 digits; up to 9 are taken.'),
        ('a.json', of_ase(masses=[1]), 'It has 2 atoms, but 1 masses.'),
        ('a.json', of_ase(masses=[-1, 1]), 'There is a mass of -1 u; 0 to 1e+06 u are taken.'),
        (
            'a.json',
            of_ase(masses=[1, 1e300]),
            'There is a mass of 1e+300 u; 0 to 1e+06 u are taken',
        ),
        (
            'a.xyz',
            of_xyz('initial_magmoms:R:1', 'nan', '1'),
            'A magnetic moment is a number or three, in μB, not nan.',
        ),
        (
            'a.xyz',
            of_xyz('initial_magmoms:R:4', '1 2 3 4', '0 0 0 0'),
            'A magnetic moment is a number or three, in μB, not [1.0, 2.0, 3.0, 4.0].',
        ),
        (
            'a.xyz',
            of_xyz('magmoms:R:3', '1e300 0 0', '0 0 0'),
            'There is a magnetic moment of 1e+3',
        ),
        ('a.xyz', of_xyz('masses:R:1', '-4', '16'), 'There is a mass of -4 u; 0 to 1e+06 u are'),
        ('a.pwi', of_espresso('1e308'), 'There is a magnetic moment of 1e+308 μB; up to 100 are'),
        ('a.pwi', of_espresso('nan'), 'A magnetic moment is a number or three, in μB, not nan.'),
        (
            'a.json',
            changed(lambda content: content.update(sites=[])),
            'It holds 0 atoms; 1',
        ),
        ('a.json', '{"lattice": ' + '9' * 6000 + '}', 'Exceeds the limit'),
        ('a.json', '{"ids": [1], "1": {"numbers": {"__ndarray__": [[9000000000], "i", []]}}}', ''),
        ('a.json', '{"ids": [1], "1": {"numbers": [0], "positions": [[0, 0, 0]]}}', 'there is an'),
        ('a.json', '{"ids": []}', ''),
        ('big.xyz', '1000000000\n\nH 0 0 0\n', ''),
        (
            'POSCAR',
            'x\n1\n1e-5 0 0\n0 3 0\n0 0 3\nCu\n1\nD\n0 0 0\n',
            'The crystal has a',
        ),
        ('POSCAR', 'x\n1\n0 0 0\n0 3 0\n0 0 3\nCu\n1\nD\n0 0 0\n', ''),
        (
            'POSCAR',
            'x\n1e300\n3 0 0\n0 3 0\n0 0 3\nCu\n1\nD\n0 0 0\n',
            'POSCAR: the lattice vectors span no volume',
        ),
        (
            'POSCAR',
            'x\n1\n3 0 0\n3 1e-3 0\n0 0 3\nCu\n1\nD\n0 0 0\n',
            'The cell of the',
        ),
        ('a.py', 'from ase import Atoms\nimages = [Atoms("Cu")]', ''),
        ('a.cif', 'words', ''),
        ('a.cif', b'\x00' * 1000, ''),
        ('a.traj', b'- of UlmASE-Trajectory' + b'\xff' * 100, ''),
    ],
    ids=itertools.count(),
)
def test_what_is_no_crystal(write: Write, name: str, content: str | bytes, message: str) -> None:
    assert refused(write(name, content)).startswith(message)


def test_long_names_in_objections(write: Write) -> None:
    cell = ''.join(f'_cell_length_{name} 3\n' for name in 'abc')
    cell += ''.join(f'_cell_angle_{name} 90\n' for name in ('alpha', 'beta', 'gamma'))
    group = f"_symmetry_space_group_name_H-M '{'x' * 30_000}'\n"
    sites = 'loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n'
    path = write('a.cif', f'data_a\n{cell}{group}{sites}Fe1 0 0 0\n')
    assert 'its space group xxx' in refused(path)


def test_only_a_crystal_of_a_possible_size_leaves_the_fork(write: Write) -> None:
    """Else this process would take as much memory for it as the other one."""
    path = write('a.json', of_ase(numbers=[1] * (MOST_ATOMS + 1), positions=[]))
    with pytest.raises(LimitedError, match='It holds 10001 atoms'):
        run_limited(read_content, str(path), None, None)


def test_a_file_that_is_too_large(write: Write) -> None:
    path = write('a.json', '')
    os.truncate(path, MOST_BYTES + 1)
    assert refused(path) == 'it is larger than 50 MB'


def test_too_many_atoms(tmp_path: Path) -> None:
    n = MOST_ATOMS + 1
    atoms = Atoms('H' * n, np.arange(3 * n).reshape(n, 3) / n, cell=[10, 10, 10], pbc=True)
    ase.io.write(tmp_path / 'many.xyz', atoms)
    assert refused(tmp_path / 'many.xyz') == 'It holds 10001 atoms; 1 to 10000 are taken.'


@pytest.mark.parametrize('name', ['postgresql', 'postgres:x', 'mysql:x.json@0', 'Cu.xyz@0', '-'])
def test_a_file_is_a_file(write: Write, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """ASE takes these for servers, for a file with another name, or for the standard input."""
    path = write(name, 'x\n1\n3 0 0\n0 3 0\n0 0 3\nCu\n1\nD\n0 0 0\n')
    ase.io.write(path.with_name('Cu.xyz'), bulk('Cu'))
    monkeypatch.chdir(path.parent)
    assert refused(Path(name))


def test_a_database_is_not_opened(tmp_path: Path) -> None:
    from ase.db import connect

    connect(tmp_path / 'a.db').write(bulk('Cu'))
    with sqlite3.connect(tmp_path / 'a.db') as database:
        assert database.execute('select count(*) from systems').fetchone() == (1,)
    shutil.copy(tmp_path / 'a.db', tmp_path / 'a.aselmdb')
    for name in ('a.db', 'a.aselmdb'):
        assert 'db is no format of files with crystals' in refused(tmp_path / name)


def test_a_reader_without_end() -> None:
    def read() -> None:
        while True:
            pass

    with pytest.raises(LimitedError, match=r'^it takes more than 1 s$'):
        run_limited(read, seconds=1)


def test_work_that_has_no_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited, 'PATIENCE', 0.05)
    message = (
        r'^it takes more than 0.05 s by the clock, less than 6 s of the processor: the machine is '
        'busy, try again$'
    )
    with pytest.raises(LimitedError, match=message):
        run_limited(threading.Event().wait)


def test_a_reader_that_takes_all_memory() -> None:
    with pytest.raises(LimitedError, match=r'^it takes more than \d+ MB of memory$'):
        run_limited(lambda: len(bytearray(2 * MEMORY)))


def test_a_reader_that_crashes() -> None:
    with pytest.raises(LimitedError, match=r'^the reader has crashed$'):
        run_limited(os.abort)


def test_what_a_reader_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_limited(lambda: [print('words'), os.system('echo words')]) == [None, 0]
    assert capfd.readouterr() == ('', '')
