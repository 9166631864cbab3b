"""Crystals from files."""

from __future__ import annotations

from pathlib import Path

import ase.io
import click
import numpy as np
import pytest
from ase.build import bulk
from pymatgen.core import Lattice, Structure
from pymatgen.io.vasp import Poscar
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from aiida_slabrelax.calculations.structures import to_pymatgen
from aiida_slabrelax.cli.inputs.structures import read_structure, silver_phosphate
from aiida_slabrelax.crystals import read_crystal
from aiida_slabrelax.surfaces.bulk.kinds import kind_names
from bulk_crystals import from_spacegroup


@pytest.mark.parametrize('name', ['Cu.cif', 'POSCAR', 'Cu.json', 'Cu.xsf', 'Cu.xyz', 'Cu.traj'])
def test_formats_of_pymatgen_and_ase(tmp_path: Path, name: str) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    ase.io.write(tmp_path / name, atoms)
    node = read_structure(tmp_path / name)
    assert node.get_formula() == 'Cu4'
    assert node.pbc == (True, True, True)
    assert np.allclose(node.cell_lengths, 3.6)


def test_nothing_is_stored(copper_file: Path) -> None:
    assert not read_structure(copper_file).is_stored


def test_partial_occupancies_are_refused(tmp_path: Path) -> None:
    crystal = Structure(Lattice.cubic(3.6), [{'Cu': 0.5, 'Au': 0.5}], [[0, 0, 0]])
    crystal.to(filename=str(tmp_path / 'CuAu.cif'))
    with pytest.raises(click.ClickException, match=r'is disordered: a site is partly occupied'):
        read_structure(tmp_path / 'CuAu.cif')


def test_deuterium_keeps_its_mass(tmp_path: Path) -> None:
    crystal = Structure(Lattice.cubic(4.08), ['Li', 'H'], [[0, 0, 0], [0.5, 0.5, 0.5]])
    path = tmp_path / 'POSCAR'
    path.write_text(Poscar(crystal).get_str().replace('Li H', 'Li D'))
    kinds = {kind.name: kind for kind in read_structure(path).kinds}
    assert kinds['D'].symbol == 'H'
    assert kinds['D'].mass == pytest.approx(2.014, abs=1e-3)
    assert kinds['Li'].mass == pytest.approx(6.94, abs=0.01)


def test_oxidation_states_do_not_become_kinds(tmp_path: Path) -> None:
    crystal = from_spacegroup(
        'Fm-3m', Lattice.cubic(4.2), ['Mg2+', 'O2-'], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    crystal.to(filename=str(tmp_path / 'MgO.cif'))
    assert read_structure(tmp_path / 'MgO.cif').get_kind_names() == ['Mg', 'O']


def test_a_file_that_neither_reads(tmp_path: Path) -> None:
    path = tmp_path / 'words.cif'
    path.write_text('words')
    with pytest.raises(click.ClickException) as info:
        read_structure(path)
    assert info.value.message.startswith(f'{path} cannot be read as a crystal: ')
    assert '\n' not in info.value.message


@pytest.mark.parametrize('name', ['NiO.cif', 'POSCAR', 'NiO.xyz', 'NiO.traj'])
def test_the_same_crystal_as_without_aiida(tmp_path: Path, name: str) -> None:
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    if name.endswith(('xyz', 'traj')):
        atoms.set_tags([1, 0, 2, 0, 2, 0, 1, 0])
        masses = atoms.get_masses()
        masses[1] = 17.999
        atoms.set_masses(masses)
    ase.io.write(tmp_path / name, atoms)
    expected = read_crystal(tmp_path / name)
    read = to_pymatgen(read_structure(tmp_path / name))
    assert kind_names(read) == kind_names(expected)
    np.testing.assert_allclose(read.lattice.matrix, expected.lattice.matrix, atol=1e-12)
    np.testing.assert_allclose(read.cart_coords, expected.cart_coords, atol=1e-12)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match='no such file'):
        read_structure(tmp_path / 'nothing.cif')


def test_the_crystal_of_the_demo() -> None:
    crystal = silver_phosphate().get_pymatgen()
    assert crystal.composition.formula == 'Ag6 P2 O8'
    assert SpacegroupAnalyzer(crystal).get_space_group_symbol() == 'P-43n'
    assert crystal.lattice.abc == pytest.approx((6.12, 6.12, 6.12))
