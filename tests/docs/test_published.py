"""The page on published surface energies says what was computed."""

from __future__ import annotations

from published_cases import CRYSTALS, surface_name
from published_table import PAGE, deviation, insert, read_results, tables


def test_the_tables_are_those_of_the_results() -> None:
    page = PAGE.read_text('utf-8')
    assert insert(page, tables(read_results())) == page


def test_each_number_agrees_with_the_published_one() -> None:
    rows = [row for row in read_results() if row['improved'] is None]
    far = {
        surface_name(row['crystal'], tuple(row['plane'])): deviation(row)
        for row in rows
        if abs(deviation(row)) > CRYSTALS[row['crystal']].tolerance
    }
    assert rows
    assert far == {}


def test_each_result_names_its_versions() -> None:
    for row in read_results():
        assert {'gpaw-data', 'ase', 'aiida-slabrelax', 'date', 'settings'} <= set(row)
        assert row['program'].startswith(f'GPAW (gpaw {row["gpaw"]}, ')


def test_tables_of_made_up_results() -> None:
    row = {
        'crystal': 'Al',
        'plane': [1, 1, 1],
        'improved': None,
        'gamma_j_per_m2': 0.795 * 0.95,
        'atoms': 7,
        'lattice_constant_a': 4.04,
        'core_hours': 0.25,
        'date': '2026-01-02',
        'settings': {
            'encut': 300,
            'kpoints_spacing': 0.025,
            'ismear': 1,
            'sigma': 0.2,
            'min_slab_thickness': 14.0,
            'min_vacuum_thickness': 10.0,
        },
    }
    better = {**row, 'improved': 'encut', 'gamma_j_per_m2': 0.795}
    better['settings'] = {**row['settings'], 'encut': 400}
    found = tables([row, better])
    assert found['surfaces'].splitlines()[2] == (
        '| Al (111) | 0.755 | 0.795 | −5.0 % | PBE, VASP | 7 | 0.25 | 2026-01-02 |'
    )
    assert found['convergence'].splitlines()[2] == (
        '| Al (111) | cut-off (eV) | 300 | 400 | 0.795 | +5.3 % |'
    )
    assert found['settings'].splitlines()[2] == (
        '| Al | 300 | 0.025 | ISMEAR = 1, SIGMA = 0.2 eV | ≥ 14 | ≥ 10 | 4.040 |'
    )
