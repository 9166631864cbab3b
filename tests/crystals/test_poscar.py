"""POSCAR as VASP reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aiida_slabrelax.crystals import CrystalFileError, read_crystal, read_file

HEAD = '{comment}\n{scale}\n4.2 0 0\n0 4.2 0\n0 0 4.2\n'
ROWS = 'Direct\n0 0 0\n0.5 0.5 0.5\n'
POTCAR = '  TITEL  = PAW_PBE {title} 06Sep2000\n   VRHFIN ={core}: s\n'


def write(path: Path, middle: str, scale: str = '1.0', comment: str = 'crystal') -> Path:
    path.write_text(HEAD.format(comment=comment, scale=scale) + middle)
    return path


def refusal(path: Path, elements: list[str] | None = None) -> str:
    with pytest.raises(CrystalFileError) as info:
        read_file(path, elements=elements)
    return str(info.value).removeprefix(f'{path} cannot be read as a crystal: ')


@pytest.mark.parametrize(
    'name', ['POSCAR', 'CONTCAR', 'a.vasp', 'a.poscar', 'CHGCAR', 'PARCHG.0001']
)
def test_without_elements_it_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, f'1 1\n{ROWS}')
    assert refusal(path) == (
        'it has no line of elements before that of the numbers, 1 1 (the format of VASP 4), and '
        'there is no POTCAR beside it: give them in this order, as elements=["Ti", "O"]'
    )
    assert read_crystal(path, elements=['Cs', 'Cl']).composition.formula == 'Cs1 Cl1'


def test_the_first_line_is_a_hint(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', f'1 1\n{ROWS}', comment='Cs Cl')
    assert refusal(path).endswith("its first line may mean elements=['Cs', 'Cl']")


@pytest.mark.parametrize('elements', [['Cs'], ['Cs', 'Cl', 'O']])
def test_a_wrong_number_of_elements(tmp_path: Path, elements: list[str]) -> None:
    path = write(tmp_path / 'POSCAR', f'1 1\n{ROWS}')
    assert refusal(path, elements).endswith('but its line of numbers, 1 1, needs 2')


def test_a_potcar_gives_them_in_its_order(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', f'1 1\n{ROWS}')
    titles = POTCAR.format(title='Cs_sv', core='Cs') + POTCAR.format(title='Cl', core='Cl')
    (tmp_path / 'POTCAR').write_text(titles)
    reading = read_file(path)
    assert [site.specie.symbol for site in reading.structure] == ['Cs', 'Cl']
    assert reading.remarks == ('elements from the POTCAR beside it: Cs Cl',)
    (tmp_path / 'POTCAR').write_text(POTCAR.format(title='Cs_sv', core='Cs'))
    assert 'the POTCAR beside it: 1 given (Cs)' in refusal(path)


def test_its_own_elements_count_beside_another_potcar(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', f'Cs Cl\n1 1\n{ROWS}')
    titles = POTCAR.format(title='Na', core='Na') + POTCAR.format(title='Cl', core='Cl')
    (tmp_path / 'POTCAR').write_text(titles)
    reading = read_file(path)
    assert reading.structure.composition.formula == 'Cs1 Cl1'
    assert reading.remarks == (
        'the POTCAR beside it is for Na Cl; the elements are those that the file names, Cs Cl',
    )


def test_elements_at_the_ends_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', '1 1\nDirect\n0 0 0 Cs\n0.5 0.5 0.5 Cl\n')
    reading = read_file(path)
    assert reading.structure.composition.formula == 'Cs1 Cl1'
    assert reading.remarks == ('elements from the ends of its lines of coordinates',)


def test_elements_that_it_names_are_not_replaced(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', f'Cs Cl\n1 1\n{ROWS}')
    assert refusal(path, ['Na', 'Cl']) == 'it names its elements, Cs Cl: leave out elements'


def test_names_with_suffixes_and_names_of_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / 'POSCAR', f'Cs_sv/f474ac0d Cl\n1 1\n{ROWS}')
    assert read_crystal(path).composition.formula == 'Cs1 Cl1'
    write(path, f'Vac Cl\n1 1\n{ROWS}')
    assert refusal(path) == "'Vac' in its line of elements is no element"


@pytest.mark.parametrize(
    ('scale', 'lengths'),
    [('-592.704', [8.4] * 3), ('2.0', [8.4] * 3), ('1 2 0.5', [4.2, 8.4, 2.1])],
)
def test_the_scale_is_that_of_coordinates_too(
    tmp_path: Path, scale: str, lengths: list[float]
) -> None:
    path = write(tmp_path / 'POSCAR', 'Cs Cl\n1 1\nCartesian\n0 0 0\n2.1 2.1 2.1\n', scale)
    read = read_crystal(path)
    np.testing.assert_allclose(read.lattice.abc, lengths)
    np.testing.assert_allclose(read.frac_coords, [[0, 0, 0], [0.5, 0.5, 0.5]], atol=1e-9)


def test_names_and_numbers_on_several_lines(tmp_path: Path) -> None:
    rows = '\n'.join(f'0 0 {n / 22}' for n in range(22))
    names = ' '.join(['Cs Cl'] * 10) + '\nCs Cl\n' + ' 1' * 20 + '\n 1 1\n'
    read = read_crystal(write(tmp_path / 'POSCAR', f'{names}Direct\n{rows}\n', '10'))
    assert read.composition.formula == 'Cs11 Cl11'


def test_deuterium_keeps_its_mass(tmp_path: Path) -> None:
    reading = read_file(write(tmp_path / 'POSCAR', f'Li D\n1 1\n{ROWS}'))
    assert reading.structure.composition.formula == 'Li1 H1'
    assert reading.masses == {'D': pytest.approx(2.014, abs=1e-3)}
