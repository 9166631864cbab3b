"""Magnetic moments in files, however they are written there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import ase.io
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from monty.serialization import dumpfn
from pymatgen.core.structure import Structure
from pymatgen.electronic_structure.core import Magmom
from pymatgen.io.cif import CifWriter

from aiida_slabrelax.crystals import CrystalFileError, DoubtfulCrystalError, read_file
from aiida_slabrelax.surfaces.bulk.kinds import kind_names, moments_of_kinds
from magnetic_crystals import antiferromagnetic_nickel_oxide, hematite

KINDS = ['Ni1', 'Ni1', 'Ni2', 'Ni2', 'O', 'O', 'O', 'O']
MOMENTS = {'Ni1': 2.0, 'Ni2': -2.0, 'O': 0.0}


def with_moments(moments: list) -> Structure:
    crystal = antiferromagnetic_nickel_oxide()
    crystal.add_site_property('magmom', moments)
    return crystal


def with_spins() -> Structure:
    crystal = antiferromagnetic_nickel_oxide()
    crystal.remove_site_property('magmom')
    crystal.add_spin_by_site([2, 2, -2, -2, 0, 0, 0, 0])
    return crystal


def atoms() -> Atoms:
    crystal = antiferromagnetic_nickel_oxide()
    return Atoms(
        [site.specie.symbol for site in crystal],
        positions=crystal.cart_coords,
        cell=crystal.lattice.matrix,
        pbc=True,
        magmoms=crystal.site_properties['magmom'],
    )


def write_mcif(path: Path) -> None:
    path.write_text(str(CifWriter(antiferromagnetic_nickel_oxide(), write_magmoms=True)))


FILES: dict[str, Callable[[Path], object]] = {
    'property.json': lambda path: antiferromagnetic_nickel_oxide().to(str(path)),
    'property.yaml': lambda path: antiferromagnetic_nickel_oxide().to(str(path)),
    'vectors.json': lambda path: with_moments(
        [[0, one, 0] for one in (2, 2, -2, -2, 0, 0, 0, 0)]
    ).to(str(path)),
    'objects.json': lambda path: dumpfn(
        with_moments([Magmom(one, [1, 0, 0]) for one in (2, 2, -2, -2, 0, 0, 0, 0)]), str(path)
    ),
    'spins.json': lambda path: with_spins().to(str(path)),
    'spins.cif': lambda path: with_spins().to(str(path)),
    'moments.mcif': write_mcif,
    'moments.cif': write_mcif,
    'atoms.extxyz': lambda path: ase.io.write(path, atoms()),
    'atoms.traj': lambda path: ase.io.write(path, atoms()),
    'atoms.json': lambda path: ase.io.write(path, atoms()),
}


@pytest.mark.parametrize('name', FILES)
def test_moments_make_kinds(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    reading = read_file(tmp_path / name)
    assert kind_names(reading.structure) == KINDS
    assert moments_of_kinds(reading.structure) == MOMENTS
    assert reading.remarks == ()


def test_magnetic_operations_and_axes_of_the_crystal(tmp_path: Path) -> None:
    path = tmp_path / 'Fe2O3.mcif'
    path.write_text(str(CifWriter(hematite(), write_magmoms=True)))
    reading = read_file(path)
    assert moments_of_kinds(reading.structure) == {'Fe1': 4.2, 'Fe2': -4.2, 'O': 0.0}


@pytest.mark.parametrize('name', ['run.extxyz', 'run.json'])
def test_moments_of_a_calculation_go_before_those_it_began_with(tmp_path: Path, name: str) -> None:
    run = atoms()
    run.calc = SinglePointCalculator(run, magmoms=[1.7] * 2 + [-1.7] * 2 + [0.001] * 4)
    ase.io.write(tmp_path / name, run)
    reading = read_file(tmp_path / name)
    assert moments_of_kinds(reading.structure) == {'Ni1': 1.7, 'Ni2': -1.7, 'O': 0.0}


def test_masses_go_with_the_kinds(tmp_path: Path) -> None:
    heavy = atoms()
    heavy.set_masses([60.0] * 4 + [15.999] * 4)
    ase.io.write(tmp_path / 'NiO.traj', heavy)
    assert read_file(tmp_path / 'NiO.traj').masses == {'Ni1': 60.0, 'Ni2': 60.0}


def test_moments_that_are_not_collinear(tmp_path: Path) -> None:
    path = tmp_path / 'NiO.json'
    round_about = [[2, 0, 0], [0, 2, 0], [-2, 0, 0], [0, -2, 0]]
    with_moments([*round_about, *[[0, 0, 0]] * 4]).to(str(path))
    with pytest.raises(DoubtfulCrystalError, match='the magnetic moments are not collinear'):
        read_file(path)
    reading = read_file(path, read_anyway=True)
    assert kind_names(reading.structure) == ['Ni'] * 4 + ['O'] * 4
    assert 'not collinear' in reading.remarks[0]


def test_canted_moments_are_told(tmp_path: Path) -> None:
    path = tmp_path / 'NiO.json'
    with_moments([[2, 0, 0.1]] * 2 + [[-2, 0, 0.1]] * 2 + [[0, 0, 0]] * 4).to(str(path))
    assert read_file(path).remarks == (
        'its magnetic moments lean by up to 2.9°; they are taken for up or down',
    )


def test_a_modulated_order_is_not_that_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / 'NiO.mcif'
    write_mcif(path)
    path.write_text(f'{path.read_text()}\n_cell_modulation_dimension 1\n')
    with pytest.raises(CrystalFileError, match='Incommensurate structures not currently supported'):
        read_file(path)


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        (' Ni0 0', ' Zz9\x1b 0', r'moments of sites that it does not list: Zz9'),
        (' Ni0 0', ' Ni0 ?', r'moments of sites are no numbers, and left out: Ni0\.'),
        ('2.00000000', '?', r'moments of sites are no numbers, and left out: Ni0\.'),
    ],
)
def test_moments_that_no_site_gets(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / 'NiO.mcif'
    write_mcif(path)
    sites, moments = path.read_text().split('_atom_site_moment_label')
    moments = re.sub(r' +', ' ', moments)
    assert old in moments
    path.write_text(f'{sites}_atom_site_moment_label{moments.replace(old, new, 1)}')
    with pytest.raises(DoubtfulCrystalError, match=message):
        read_file(path)
