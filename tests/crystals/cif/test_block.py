"""CIF: what a file declares is held against the crystal that it gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aiida_slabrelax.crystals import (
    CrystalFileError,
    DoubtfulCrystalError,
    Reading,
    read_crystal,
    read_file,
)

CELL = """data_{name}
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c {c}
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma {gamma}
"""
SITES = ['label', 'type_symbol', 'fract_x', 'fract_y', 'fract_z']
P1 = "_symmetry_space_group_name_H-M 'P 1'"
CESIUM_CHLORIDE = ['Cs1 Cs 0 0 0', 'Cl1 Cl 0.5 0.5 0.5']


def block(
    rows: list[str],
    *head: str,
    columns: tuple[str, ...] = (),
    name: str = 'x',
    a: float = 4.12,
    c: float = 4.12,
    gamma: int = 90,
) -> str:
    loop = [f'_atom_site_{one}' for one in (*SITES, *columns)]
    cell = CELL.format(name=name, a=a, c=c, gamma=gamma)
    return cell + '\n'.join([*head, 'loop_', *loop, *rows, ''])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / 'crystal.cif'


def refusal(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(CrystalFileError) as info:
        read_crystal(path)
    return str(info.value)


def objection(path: Path, text: str) -> str:
    """Return why a file is refused that can be taken all the same."""
    path.write_text(text)
    with pytest.raises(DoubtfulCrystalError) as info:
        read_crystal(path)
    reading = read_file(path, read_anyway=True)
    for remark in reading.remarks:
        assert remark in str(info.value) or 'taken' in remark or 'left out' in remark
    return str(info.value)


def read(path: Path, text: str) -> Reading:
    path.write_text(text)
    return read_file(path)


@pytest.mark.parametrize(
    ('rows', 'message'),
    [
        (['A Ti 0 0 0 0.7', 'B Nb 0 0 0 0.4'], 'the occupancies of a site sum to 1.1'),
        (['A Ti 0 0 0 1.2'], 'the occupancies of a site sum to 1.2'),
        (['A Ti 0 0 0 0.7', 'B Nb 0 0 0 0.3'], 'is disordered'),
        (['A Ti 0 0 0 0.9(1)'], r'is disordered'),
        (['A Ti 0 0 0 much'], "'much' of the site A is not an occupancy"),
    ],
)
def test_occupancies(path: Path, rows: list[str], message: str) -> None:
    assert message in refusal(path, block(rows, P1, columns=('occupancy',)))


def test_an_occupancy_that_says_nothing_is_1_and_one_of_0_is_no_atom(path: Path) -> None:
    rows = ['A Cs 0 0 0 .', 'B Cl .5 .5 .5 ?', 'C Na 0 0 .5 0']
    reading = read(path, block(rows, P1, columns=('occupancy',)))
    assert reading.structure.composition.formula == 'Cs1 Cl1'
    assert reading.remarks == ('sites with the occupancy 0 are left out: C',)


@pytest.mark.parametrize(
    ('columns', 'values', 'message'),
    [
        (('attached_hydrogens',), ('0', '2'), 'hydrogen atoms are attached to sites, but not'),
        (('calc_flag',), ('d', 'dum'), 'it has dummy sites: Cl1'),
        (('disorder_group',), ('1', '2'), 'sites stand for each other (disorder groups 1, 2)'),
        (('disorder_group',), ('.', '-1'), 'sites stand for each other (disorder groups -1)'),
    ],
)
def test_what_the_columns_say(
    path: Path, columns: tuple[str, ...], values: tuple[str, str], message: str
) -> None:
    rows = [f'{row} {value}' for row, value in zip(CESIUM_CHLORIDE, values, strict=True)]
    assert message in objection(path, block(rows, P1, columns=columns))


def test_sites_without_coordinates(path: Path) -> None:
    text = block([*CESIUM_CHLORIDE, 'H1 H . . .'], P1)
    assert 'sites have no coordinates: H1' in objection(path, text)


@pytest.mark.parametrize(
    ('formula', 'units', 'message'),
    [
        ("'Cs Cl H2'", 1, 'H is missing'),
        ("'Cs Cl2'", 1, 'its formula is Cl2 Cs1, its sites give Cl1 Cs1'),
        ("'Cs Cl'", 2, 'Z is 2 for Cl1 Cs1, but its sites give 1 of them'),
    ],
)
def test_the_formula(path: Path, formula: str, units: int, message: str) -> None:
    head = (P1, f'_chemical_formula_sum {formula}', f'_cell_formula_units_Z {units}')
    assert message in objection(path, block(CESIUM_CHLORIDE, *head))


def test_a_formula_that_fits(path: Path) -> None:
    head = (P1, "_chemical_formula_sum 'Cl Cs'", '_cell_formula_units_Z 1')
    assert read(path, block(CESIUM_CHLORIDE, *head)).remarks == ()


@pytest.mark.parametrize('symbol', ['Vac', 'X', 'Wat', 'OH', 'Fe+Mn'])
def test_what_is_no_element(path: Path, symbol: str) -> None:
    text = block([*CESIUM_CHLORIDE, f'A {symbol} 0 0 0.5'], P1)
    assert f'the site A is of the type {symbol!r}, which is no element' in refusal(path, text)


def test_elements_that_are_guessed(path: Path) -> None:
    text = block(['CA1 CA 0 0 0', 'Cl1 Cl .5 .5 .5'], P1)
    assert 'elements are guessed from the names of sites: CA1 as Ca' in objection(path, text)
    sure = block(['CA1 CA 0 0 0', 'Cl1 Cl .5 .5 .5'], P1, "_chemical_formula_sum 'Ca Cl'")
    path.write_text(sure)
    assert read_file(path, read_anyway=True).structure.composition.formula == 'Ca1 Cl1'


def test_several_crystals(path: Path) -> None:
    text = 'data_global\n_audit_author x\n' + ''.join(
        block([f'A {symbol} 0 0 0'], P1, name='same') for symbol in ('Po', 'Cs')
    )
    assert 'it holds 2 crystals, each in a block: index=0' in refusal(path, text)
    assert read_crystal(path, index=0).composition.formula == 'Po1'
    assert read_crystal(path, index=1).composition.formula == 'Cs1'


def test_symmetry_that_nothing_is_said_of(path: Path) -> None:
    assert 'it says nothing of its symmetry, P 1' in objection(path, block(CESIUM_CHLORIDE))
    formula = ("_chemical_formula_sum 'Cl Cs'", '_cell_formula_units_Z 1')
    reading = read(path, block(CESIUM_CHLORIDE, *formula))
    assert reading.remarks == ('it says nothing of its symmetry, P 1 is taken',)


@pytest.mark.parametrize('name', ['_space_group_symop.operation_xyz', '_symmetry_equiv.pos_as_xyz'])
def test_names_with_dots(path: Path, name: str) -> None:
    """Those of the newer dictionaries, which pymatgen passes over."""
    text = block(['A Se 0.22 0.31 0.12'], f"loop_\n{name}\n'x, y, z'\n'-x, -y, -z'", a=7.1, c=7.1)
    dotted = text.replace('_atom_site_', '_atom_site.').replace('_cell_', '_cell.')
    assert len(read(path, dotted).structure) == 2


def test_two_readers_that_disagree(path: Path) -> None:
    """The name of the space group was changed and its number was not: each reader takes another."""
    head = ("_symmetry_space_group_name_H-M 'P -1'", '_symmetry_Int_Tables_number 1')
    text = block(['A Se 0.22 0.31 0.12'], *head, a=7.1, c=7.1)
    assert 'pymatgen and ASE disagree: atoms of Se are in different places' in objection(path, text)


@pytest.mark.parametrize(
    ('second', 'differs'),
    [("'x, y, z'", True), ("'-x,-y,1/2-z'", True), ("'x,y,z'\n'1-X, -Y, -Z'", False)],
)
def test_two_lists_of_operations(path: Path, second: str, differs: bool) -> None:
    """One of them may be left from another setting."""
    lists = (
        "loop_\n_symmetry_equiv_pos_as_xyz\n'x, y, z'\n'-x, -y, -z'",
        f'loop_\n_space_group_symop_operation_xyz\n{second}',
    )
    text = block(['A Se 0.22 0.31 0.12'], *lists, a=7.1, c=7.1)
    if differs:
        assert 'it lists its symmetry operations twice, and the lists differ' in objection(
            path, text
        )
    else:
        assert len(read(path, text).structure) == 2


def test_symmetry_that_does_not_fit_the_cell(path: Path) -> None:
    text = block(['A Po 0 0 0'], "_symmetry_space_group_name_H-M 'P 63/m m c'")
    assert 'its symmetry does not fit its cell' in objection(path, text)


@pytest.mark.parametrize('third', ['0.333', '0.3333', '0.33333'])
def test_coordinates_are_taken_to_the_special_positions_that_they_mean(
    path: Path, third: str
) -> None:
    two_thirds = third.replace('3', '6')[:-1] + '7'
    text = block(
        [f'Mg1 Mg {third} {two_thirds} 0.25'],
        "_symmetry_space_group_name_H-M 'P 63/m m c'",
        a=3.209,
        c=5.211,
        gamma=120,
    )
    reading = read(path, text)
    assert len(reading.structure) == 2
    np.testing.assert_allclose(
        sorted(map(tuple, reading.structure.frac_coords % 1)),
        [(1 / 3, 2 / 3, 1 / 4), (2 / 3, 1 / 3, 3 / 4)],
        atol=1e-9,
    )
    told = [remark for remark in reading.remarks if 'moved to the special positions' in remark]
    assert len(told) == (third != '0.33333')


def test_a_general_position_stays(path: Path) -> None:
    text = block(['A Se 0.22 0.31 0.12'], "_symmetry_space_group_name_H-M 'P -1'", a=7.1, c=7.1)
    structure = read(path, text).structure
    expected = [(0.22, 0.31, 0.12), (0.78, 0.69, 0.88)]
    np.testing.assert_allclose(sorted(map(tuple, structure.frac_coords % 1)), expected)


def test_deuterium_keeps_its_mass(path: Path) -> None:
    rows = ['Li1 Li 0 0 0', 'D1 D 0.5 0.5 0.5']
    reading = read(path, block(rows, P1, "_chemical_formula_sum 'D Li'"))
    assert reading.masses == {'D': pytest.approx(2.014, abs=1e-3)}
    assert [site.specie.symbol for site in reading.structure] == ['Li', 'H']


DIAMOND = {'a': 3.567, 'c': 3.567}


@pytest.mark.parametrize(('code', 'place'), [('1', '0 0 0'), ('2', '.125 .125 .125')])
@pytest.mark.parametrize(
    'head',
    [
        ("_space_group_name_H-M_alt 'F d -3 m'", '_space_group_IT_coordinate_system_code {}'),
        ('_space_group_IT_number 227', '_space_group_IT_coordinate_system_code {}'),
        ("_symmetry_space_group_name_H-M 'F d -3 m :{}'", '_symmetry_Int_Tables_number 227'),
        ("_space_group.name_H-M_alt 'Fd-3m:{}'", '_space_group.IT_number 227'),
    ],
)
def test_the_origin_that_a_file_names(
    path: Path, head: tuple[str, ...], code: str, place: str
) -> None:
    lines = [line.format(code) for line in head]
    reading = read(path, block([f'C1 C {place}'], *lines, **DIAMOND))
    assert len(reading.structure) == 8
    assert reading.structure.get_distance(0, 1) > 1.54
    (remark,) = reading.remarks
    assert remark.endswith(f'are taken, in the setting {code}')


@pytest.mark.parametrize(
    ('code', 'image'),
    [
        ('b1', [0.9, 0.7, 0.2]),  # P 21/c: -x, y+1/2, -z+1/2
        ('b2', [0.4, 0.7, 0.2]),  # P 21/n: -x+1/2, y+1/2, -z+1/2
        ('c1', [0.4, 0.8, 0.8]),  # P 1 1 21/a: -x+1/2, -y, z+1/2
    ],
)
def test_the_axis_and_the_cell_choice_that_a_file_names(
    path: Path, code: str, image: list[float]
) -> None:
    head = ('_space_group_IT_number 14', f'_space_group_IT_coordinate_system_code {code}')
    reading = read(path, block(['Cl1 Cl 0.1 0.2 0.3'], *head, a=8, c=8))
    places = reading.structure.frac_coords % 1
    assert len(places) == 4
    assert np.abs(places - image).sum(axis=1).min() < 1e-6


@pytest.mark.parametrize('code', ['3', 'b1', 'left'])
def test_a_setting_that_is_not_known(path: Path, code: str) -> None:
    head = ('_space_group_IT_number 48', f'_space_group_IT_coordinate_system_code {code}')
    message = f'the setting {code} of its space group 48 is not known'
    assert message in objection(path, block(['C1 C 0 0 0'], *head, **DIAMOND))


def test_operations_that_are_listed_go_before_a_setting(path: Path) -> None:
    head = (
        '_space_group_IT_number 2',
        '_space_group_IT_coordinate_system_code 7',
        'loop_',
        '_space_group_symop_operation_xyz',
        "'x, y, z'",
        "'-x, -y, -z'",
    )
    reading = read(path, block(['Cl1 Cl 0.1 0.2 0.3'], *head, a=6, c=6))
    assert len(reading.structure) == 2
    assert reading.remarks == ()
