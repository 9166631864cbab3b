from io import StringIO

import numpy as np
import pytest
from ase import Atoms
from ase.io import read, write
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.poscar import (
    inverse,
    nearest_ions,
    read_poscar,
    reciprocal,
    write_poscar,
)

LATTICE = '3.0 0 0\n-1.5 2.5 0\n0 0.1 8.0\n'
POSITIONS = '0 0 0\n0.25 0.5 0.125\n'


def test_direct_coordinates() -> None:
    structure = read_poscar(f'A comment\n1.0\n{LATTICE}Ni O\n1 1\nDirect\n{POSITIONS}')
    assert structure.comment == 'A comment'
    assert structure.lattice == [[3, 0, 0], [-1.5, 2.5, 0], [0, 0.1, 8]]
    assert structure.positions == [[0, 0, 0], [0.25, 0.5, 0.125]]
    assert structure.symbols == ['Ni', 'O']
    assert structure.selective is None


@pytest.mark.parametrize('scale', ['1.0', '1.1', '-80.0', '1.1 1.2 0.9', '2.0 ! a comment'])
@pytest.mark.parametrize('coordinates', ['Direct', 'Cartesian', 'kartesian'])
def test_scale_and_coordinates_as_ase_reads_them(scale: str, coordinates: str) -> None:
    text = f'Ni O\n{scale}\n{LATTICE}Ni O\n1 1\n{coordinates}\n{POSITIONS}'
    structure = read_poscar(text)
    # ASE reads neither comments after the scaling factor nor German.
    expected = read(
        StringIO(text.replace(' ! a comment', '').replace('kart', 'Cart')), format='vasp'
    )
    assert np.array(structure.lattice) == pytest.approx(expected.cell[:], abs=1e-12)
    positions = np.array(structure.positions) @ structure.lattice
    assert positions == pytest.approx(expected.positions, abs=1e-12)


def test_several_blocks_of_one_element_keep_their_order() -> None:
    structure = read_poscar(
        f'c\n1.0\n{LATTICE}Ni1 O Ni2\n1 2 1\nD\n0 0 0\n.5 0 0\n0 .5 0\n0 0 .5\n'
    )
    assert structure.names == ['Ni1', 'O', 'Ni2']
    assert structure.symbols == ['Ni', 'O', 'O', 'Ni']


def test_format_without_names() -> None:
    structure = read_poscar(f'c\n1.0\n{LATTICE}1 1\nDirect\n{POSITIONS}')
    assert (structure.names, structure.counts) == ([], [1, 1])


def test_selective_dynamics() -> None:
    structure = read_poscar(
        f'c\n1.0\n{LATTICE}Ni O\n1 1\nSelective dynamics\nDirect\n0 0 0 F F F\n.5 0 0 T .F. T\n'
    )
    assert structure.selective == [(False, False, False), (True, False, True)]


@given(arrays(float, (3, 3), elements=st.floats(-2, 2)))
def test_positions_survive_writing_and_reading(positions: np.ndarray) -> None:
    atoms = Atoms('Cu3', cell=[[3, 0, 0], [1, 4, 0], [0.3, 0.2, 9]], scaled_positions=positions)
    buffer = StringIO()
    write(buffer, atoms, format='vasp', direct=True)
    structure = read_poscar(buffer.getvalue())
    again = read_poscar(write_poscar(structure))
    assert np.array(again.positions) == pytest.approx(np.array(structure.positions), abs=2e-16)
    assert np.array(again.lattice) == pytest.approx(atoms.cell[:], abs=1e-15)


def test_written_selective_dynamics_is_read_back() -> None:
    structure = read_poscar(
        f'c\n1.0\n{LATTICE}Ni O\n1 1\nSelective\nDirect\n0 0 0 F F F\n.5 0 0 T F T\n'
    )
    assert read_poscar(write_poscar(structure)) == structure


def test_reciprocal_lattice_and_inverse() -> None:
    lattice = [[3.0, 0.0, 0.0], [-1.5, 2.5, 0.0], [0.0, 0.1, 8.0]]
    assert np.array(reciprocal(lattice)) @ np.transpose(lattice) == pytest.approx(np.eye(3))
    assert np.array(inverse(lattice)) == pytest.approx(np.linalg.inv(lattice))


def test_nearest_ions_are_found_across_the_boundary() -> None:
    structure = read_poscar(f'c\n1.0\n{LATTICE}O\n2\nDirect\n0.01 0.01 0.5\n0.99 0.01 0.5\n')
    assert nearest_ions(structure) == pytest.approx(0.06)


HEAD = f'c\n1.0\n{LATTICE}'


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'cannot be read'),
        ('c\n1.0\n1 0 0\n0 1 0\n', 'no volume'),
        (f'c\nfoo\n{LATTICE}Ni\n1\nD\n0 0 0\n', 'cannot be read'),
        (f'c\n0.0\n{LATTICE}Ni\n1\nD\n0 0 0\n', 'scaling factor is zero'),
        (f'c\n1 -1 1\n{LATTICE}Ni\n1\nD\n0 0 0\n', 'must be positive'),
        ('c\n1.0\n1 0 0\n2 0 0\n0 0 1\nNi\n1\nD\n0 0 0\n', 'no volume'),
        (f'{HEAD}Ni O\n1\nD\n0 0 0\n', '2 species but gives 1'),
        (f'{HEAD}Ni\n0\nD\n', 'are not numbers of ions'),
        (f'{HEAD}Ni\n2\nD\n0 0 0\n', '2 ions announced, 1 found'),
        (f'{HEAD}Ni\n1\nD\n0 0\n', 'does not begin with 3 numbers'),
        (f'{HEAD}Ni\n1\nD\n0 0 nan\n', 'does not begin with 3 numbers'),
        (f'{HEAD}Ni\n1\nS\nD\n0 0 0\n', 'no three flags'),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_poscar(text)


def test_name_of_no_element_is_refused() -> None:
    structure = read_poscar(f'{HEAD}Qq\n1\nDirect\n0 0 0\n')
    with pytest.raises(InputError, match="'Qq' is not the name of an element"):
        _ = structure.symbols
