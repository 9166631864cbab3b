"""The method of a calculation in the words of a paper."""

from __future__ import annotations

from typing import Any

import pytest

from aiida_slabrelax.results.method import describe_method

IRON_OXIDE = {'Fe1': 'PAW_PBE Fe_pv 02Aug2007', 'Fe2': 'PAW_PBE Fe_pv 02Aug2007', 'O': 'PAW_PBE O'}


@pytest.mark.parametrize(
    ('incar', 'functional'),
    [
        ({}, 'PBE'),
        ({'GGA': 'ps'}, 'PBEsol'),
        ({'gga': 'RP'}, 'RPBE'),
        ({'gga': 'XX'}, 'GGA = XX'),
        ({'metagga': 'r2scan'}, 'R2SCAN'),
        ({'metagga': 'none', 'gga': 'pe'}, 'PBE'),
        ({'xc': 'PBE SCAN'}, 'XC = PBE SCAN'),
        ({'lhfcalc': True, 'hfscreen': 0.2}, 'HSE06'),
        ({'lhfcalc': '.TRUE.', 'hfscreen': '0.3', 'gga': 'pe'}, 'HSE03'),
        ({'lhfcalc': True}, 'PBE0'),
        ({'lhfcalc': True, 'aexx': 0.35}, 'hybrid of PBE with 35 % exact exchange'),
        (
            {'lhfcalc': True, 'gga': 'ps', 'hfscreen': 0.2},
            'hybrid of PBEsol with 25 % exact exchange, screened with 0.2 1/Å',
        ),
        ({'lhfcalc': '.FALSE.', 'hfscreen': 0.2}, 'PBE'),
    ],
)
def test_functionals(incar: dict[str, Any], functional: str) -> None:
    assert describe_method(incar, IRON_OXIDE)['functional'] == functional


@pytest.mark.parametrize(
    ('title', 'functional'),
    [('PAW Cu 05Jan2001', 'LDA'), ('PAW_GGA O 05Jan2001', 'PW91'), ('US O', 'that of US')],
)
def test_functionals_of_potentials(title: str, functional: str) -> None:
    assert describe_method({}, {'X': title})['functional'] == functional


def test_hubbard_u_is_that_of_each_kind() -> None:
    incar = {'ldau': True, 'ldaul': [2, 2, -1], 'ldauu': [5.3, 4.3, 0], 'ldauj': [0, 0.3, 0]}
    assert describe_method(incar, IRON_OXIDE)['Hubbard U'] == (
        'Fe1 d: U - J = 5.3 eV, Fe2 d: U - J = 4 eV'
    )
    written = {'LDAU': '.TRUE.', 'LDAUTYPE': '1', 'LDAUL': '2 -1 -1', 'LDAUU': '5 0 0'}
    assert describe_method(written, IRON_OXIDE)['Hubbard U'] == 'Fe1 d: U = 5 eV, J = 0 eV'
    assert describe_method({**written, 'LDAU': '.FALSE.'}, IRON_OXIDE)['Hubbard U'] == 'none'


@pytest.mark.parametrize(
    ('incar', 'dispersion'),
    [
        ({}, 'none'),
        ({'ivdw': 0}, 'none'),
        ({'ivdw': 12}, 'DFT-D3(BJ)'),
        ({'IVDW': '11'}, 'DFT-D3 (zero damping)'),
        ({'ivdw': 99}, 'IVDW = 99'),
        ({'luse_vdw': True, 'gga': 'bo'}, 'nonlocal correlation (vdW-DF)'),
    ],
)
def test_dispersion(incar: dict[str, Any], dispersion: str) -> None:
    assert describe_method(incar, IRON_OXIDE)['dispersion'] == dispersion


@pytest.mark.parametrize(
    ('incar', 'spin'),
    [
        ({}, 'unpolarised'),
        ({'ispin': '2'}, 'polarised'),
        ({'ispin': 2, 'lnoncollinear': True}, 'noncollinear'),
        ({'lsorbit': '.TRUE.'}, 'noncollinear, with spin-orbit coupling'),
    ],
)
def test_spin(incar: dict[str, Any], spin: str) -> None:
    assert describe_method(incar, IRON_OXIDE)['spin'] == spin


def test_the_cut_off() -> None:
    assert describe_method({'encut': 520}, IRON_OXIDE)['cut-off'] == '520 eV'
    assert describe_method({}, IRON_OXIDE, 400.0)['cut-off'] == '400 eV'
    assert describe_method({}, IRON_OXIDE)['cut-off'] == 'that of the potentials'
