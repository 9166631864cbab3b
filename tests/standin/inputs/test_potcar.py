from pathlib import Path

import pytest

from aiida_slabrelax.standin.elements import ELEMENTS
from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.potcar import (
    DEFAULT_VARIANTS,
    read_potcar,
    synthetic_potcar,
    write_potcar_family,
)


def test_potentials_are_read_in_order() -> None:
    potentials = read_potcar(synthetic_potcar('Fe_pv') + synthetic_potcar('O'))
    assert [potential.element for potential in potentials] == ['Fe', 'O']
    assert [potential.valence for potential in potentials] == [14.0, 6.0]
    assert potentials[0].title == potentials[0].header == 'PAW_PBE Fe_pv 01Jan2000'
    assert potentials[1].mass == pytest.approx(15.999)
    assert potentials[1].enmax == 400.0


@pytest.mark.parametrize(
    ('symbol', 'valence'),
    {
        'H': 1,
        'O': 6,
        'P': 5,
        'Ca_sv': 10,
        'Ti': 4,
        'Ti_pv': 10,
        'Cu': 11,
        'Zn': 12,
        'Ga': 3,
        'Ga_d': 13,
        'Ag': 11,
        'Xe': 8,
        'Nd_3': 3,
        'Au': 11,
        'Pb': 4,
    }.items(),
)
def test_valence_electrons(symbol: str, valence: int) -> None:
    assert read_potcar(synthetic_potcar(symbol))[0].valence == valence


def test_every_element_has_valence_electrons() -> None:
    potentials = read_potcar(''.join(map(synthetic_potcar, ELEMENTS)))
    assert all(1 <= potential.valence <= 17 for potential in potentials)


def test_family_of_all_elements_and_the_usual_variants(tmp_path: Path) -> None:
    paths = write_potcar_family(tmp_path / 'family')
    assert [path.parent.name for path in paths] == [*ELEMENTS, *DEFAULT_VARIANTS]
    assert {path.name for path in paths} == {'POTCAR'}
    contents = {path.read_text() for path in paths}
    assert len(contents) == len(paths)


def test_family_of_some(tmp_path: Path) -> None:
    paths = write_potcar_family(tmp_path, ['Ag', 'Fe_pv'])
    assert paths == [tmp_path / 'Ag' / 'POTCAR', tmp_path / 'Fe_pv' / 'POTCAR']


def test_a_potential_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / 'Fe_pv' / 'POTCAR'
    path.parent.mkdir()
    path.write_text('a real one')
    with pytest.raises(FileExistsError, match=f'there is already {path}'):
        write_potcar_family(tmp_path, ['Ag', 'Fe_pv'])
    assert [file for file in tmp_path.rglob('*') if file.is_file()] == [path]
    assert path.read_text() == 'a real one'


@pytest.mark.parametrize('symbol', ['Qq', '', 'Fe_p/v', '../Fe'])
def test_no_element(symbol: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='neither an element nor a variant'):
        write_potcar_family(tmp_path, [symbol])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('', 'no potential'),
        ('nothing', 'no potential'),
        ('End of Dataset\n', 'TITEL is missing'),
        (synthetic_potcar('Cu').replace('PAW_PBE Cu', 'PAW_PBE Qq'), 'does not name an element'),
        (synthetic_potcar('Cu').replace('ZVAL', 'VALZ'), 'ZVAL is missing'),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_potcar(text)
