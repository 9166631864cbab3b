"""Crystals from files: their kinds, masses, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk

from aiida_slabrelax.crystals import CrystalFileError, read_crystal, read_file
from aiida_slabrelax.crystals import reading as readers
from aiida_slabrelax.surfaces.bulk.kinds import kind_names


def test_tags_and_masses_make_kinds(tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.set_tags([0, 1, 1, 0])
    atoms.set_masses([63.546, 63.546, 63.546, 65.0])
    ase.io.write(tmp_path / 'Cu.traj', atoms)
    reading = read_file(tmp_path / 'Cu.traj')
    assert kind_names(reading.structure) == ['Cu', 'Cu1', 'Cu1', 'Cu2']
    assert reading.masses == {'Cu2': 65.0}


def test_elements_without_a_mass(tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.set_masses([np.nan] * 4)
    ase.io.write(tmp_path / 'Cu.traj', atoms)
    assert kind_names(read_crystal(tmp_path / 'Cu.traj')) == ['Cu'] * 4


def test_several_structures_are_chosen_from(tmp_path: Path) -> None:
    path = tmp_path / 'metals.xyz'
    ase.io.write(path, [bulk('Cu'), bulk('Ag'), bulk('Au')])
    with pytest.raises(CrystalFileError, match='it holds 3 structures: index=0 takes the first'):
        read_crystal(path)
    assert read_crystal(path, index=1).composition.formula == 'Ag1'
    assert read_crystal(path, index=-1).composition.formula == 'Au1'
    with pytest.raises(CrystalFileError, match='index=3: it holds 3 structures, counted from 0'):
        read_crystal(path, index=3)


def test_occupancies_that_ase_keeps_beside_its_atoms(tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.set_array('occupancies', np.array([1.0, 1.0, 1.0, 0.5]))
    ase.io.write(tmp_path / 'Cu.xyz', atoms)
    with pytest.raises(CrystalFileError, match=r'partly occupied or shared \(Cu 0.5\)'):
        read_crystal(tmp_path / 'Cu.xyz')


def test_a_file_without_a_cell(tmp_path: Path) -> None:
    (tmp_path / 'H2.xyz').write_text('2\n\nH 0 0 0\nH 0 0 0.74\n')
    with pytest.raises(CrystalFileError, match='It has no cell'):
        read_crystal(tmp_path / 'H2.xyz')


def test_types_of_lammps_are_no_elements(tmp_path: Path) -> None:
    path = tmp_path / 'dump.lammpstrj'
    path.write_text(
        'ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n'
        '0 3\n0 3\n0 3\nITEM: ATOMS id type x y z\n1 1 0 0 0\n2 2 1.5 1.5 1.5\n'
    )
    with pytest.raises(CrystalFileError, match='does not name their elements'):
        read_crystal(path)
    assert read_crystal(path, elements=['Cs', 'Cl']).composition.formula == 'Cs1 Cl1'


def test_elements_of_a_file_that_names_them(tmp_path: Path) -> None:
    ase.io.write(tmp_path / 'Cu.cif', bulk('Cu'))
    with pytest.raises(CrystalFileError, match='its format names the elements'):
        read_crystal(tmp_path / 'Cu.cif', elements=['Ag'])
    with pytest.raises(CrystalFileError, match="elements: there is no element 'Xx'"):
        read_crystal(tmp_path / 'Cu.cif', elements=['Xx'])


def test_a_second_reader_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one reader has found is taken, and it is said that nothing was compared."""

    def read_for_ever(path: str, index: int | None) -> None:
        while True:
            pass

    monkeypatch.setattr(readers, 'read_second', read_for_ever)
    monkeypatch.setattr(readers, '_SECONDS', 1)
    bulk('Cu').write(tmp_path / 'Cu.cif')
    found = read_file(tmp_path / 'Cu.cif')
    assert len(found.structure) == 1
    assert 'only pymatgen has read it, not ASE: it takes more than 1 s' in found.remarks
