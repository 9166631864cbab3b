"""Crystals from files without AiiDA are those that AiiDA would make of them."""

from __future__ import annotations

from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk

from aiida_slabrelax.calculations.structures import to_pymatgen
from aiida_slabrelax.cli.inputs.crystal_files import read_crystal
from aiida_slabrelax.cli.inputs.structures import read_structure
from aiida_slabrelax.surfaces.crystals.kinds import kind_names


@pytest.mark.parametrize('name', ['NiO.cif', 'POSCAR', 'NiO.xyz', 'NiO.traj'])
def test_the_same_crystal_as_with_aiida(tmp_path: Path, name: str) -> None:
    atoms = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    if name.endswith(('xyz', 'traj')):
        atoms.set_tags([1, 0, 2, 0, 2, 0, 1, 0])
        masses = atoms.get_masses()
        masses[1] = 17.999
        atoms.set_masses(masses)
    ase.io.write(tmp_path / name, atoms)
    read, expected = read_crystal(tmp_path / name), to_pymatgen(read_structure(tmp_path / name))
    assert kind_names(read) == kind_names(expected)
    np.testing.assert_allclose(read.lattice.matrix, expected.lattice.matrix, atol=1e-12)
    np.testing.assert_allclose(read.cart_coords, expected.cart_coords, atol=1e-12)


def test_tags_and_masses_make_kinds(tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.set_tags([0, 1, 1, 0])
    atoms.set_masses([63.546, 63.546, 63.546, 65.0])
    ase.io.write(tmp_path / 'Cu.traj', atoms)
    assert kind_names(read_crystal(tmp_path / 'Cu.traj')) == ['Cu', 'Cu1', 'Cu1', 'Cu2']


def test_elements_without_a_mass(tmp_path: Path) -> None:
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    atoms.set_masses([np.nan] * 4)
    ase.io.write(tmp_path / 'Cu.traj', atoms)
    assert kind_names(read_crystal(tmp_path / 'Cu.traj')) == ['Cu'] * 4
