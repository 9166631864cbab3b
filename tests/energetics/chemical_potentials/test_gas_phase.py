import math

import pytest

from aiida_slabrelax.energetics import (
    GASES,
    DiatomicGas,
    NotComparableError,
    gas_potential,
    gas_pressure,
)

KJ_PER_MOL = 1 / 96.48533212  # eV

#: S° (J/(K mol)) and H°(298.15 K) - H°(0) (kJ/mol) at 1 bar: J. D. Cox, D. D. Wagman and
#: V. A. Medvedev, CODATA Key Values for Thermodynamics, Hemisphere, New York (1989).
CODATA = {
    'H': (130.680, 8.468),
    'N': (191.609, 8.670),
    'O': (205.152, 8.680),
    'F': (202.791, 8.825),
    'Cl': (223.081, 9.181),
}

#: S°, H°(T) - H°(298.15 K) and H°(298.15 K) - H°(0) at 1000 and 2000 K, in the same units:
#: M. W. Chase, NIST-JANAF Thermochemical Tables, 4th ed. (1998).
JANAF = {
    ('H', 1000): (166.216, 20.680, 8.467),
    ('H', 2000): (188.418, 52.951, 8.467),
    ('N', 1000): (228.170, 21.463, 8.670),
    ('N', 2000): (252.074, 56.137, 8.670),
    ('O', 1000): (243.578, 22.703, 8.683),
    ('O', 2000): (268.748, 59.175, 8.683),
}

#: Δμ of O in O2 at 1 atm (eV): K. Reuter and M. Scheffler, Phys. Rev. B 65, 035406 (2001), table I.
REUTER_SCHEFFLER = {
    100: -0.08,
    200: -0.17,
    300: -0.27,
    400: -0.38,
    500: -0.50,
    600: -0.61,
    700: -0.73,
    800: -0.85,
    900: -0.98,
    1000: -1.10,
}


@pytest.mark.parametrize('element', GASES)
def test_at_room_temperature_it_is_that_of_codata(element):
    entropy, enthalpy = CODATA[element]
    expected = (enthalpy - 298.15 * entropy / 1000) * KJ_PER_MOL / 2
    tolerance = 2e-3 if element == 'H' else 2e-4
    found = gas_potential(element, 298.15)
    assert found.delta_mu_ev == pytest.approx(expected, abs=tolerance, rel=0)


@pytest.mark.parametrize(('element', 'temperature'), JANAF)
def test_at_high_temperature_it_is_that_of_janaf(element, temperature):
    entropy, rise, enthalpy = JANAF[element, temperature]
    expected = (enthalpy + rise - temperature * entropy / 1000) * KJ_PER_MOL / 2
    tolerance = {'H': 7e-3, 'N': 1e-3, 'O': 2.1e-3}[element]
    found = gas_potential(element, temperature)
    assert found.delta_mu_ev == pytest.approx(expected, abs=tolerance, rel=0)


@pytest.mark.parametrize(('temperature', 'expected'), REUTER_SCHEFFLER.items())
def test_oxygen_is_that_of_reuter_and_scheffler(temperature, expected):
    found = gas_potential('O', temperature, 101325)
    assert found.delta_mu_ev == pytest.approx(expected, abs=0.01, rel=0)


def test_ten_times_the_pressure_is_half_kt_ln_ten_more():
    low, high = (gas_potential('O', 600, p).delta_mu_ev for p in (1e-5, 1e-4))
    assert high - low == pytest.approx(8.617333e-5 * 600 * math.log(10) / 2, rel=1e-5)


def test_zero_point_energies_stand_apart():
    found = gas_potential('O', 300)
    # A quarter of ν = 1556.2 cm⁻¹ for each atom.
    assert found.zero_point_ev == pytest.approx(1556.231 / 8065.544 / 4, abs=1e-6)
    assert found.describe()['zero_point_energy'] == {'eV': found.zero_point_ev}
    assert 'Huber' in found.source


def test_the_pressure_belongs_to_the_potential():
    potential = gas_potential('N', 850, 0.37)
    assert gas_pressure('N', potential.delta_mu_ev, 850) == pytest.approx(0.37)
    assert gas_pressure('O', 200.0, 300) == math.inf
    assert gas_pressure('O', -40.0, 300) == 0.0


def test_a_gas_by_its_own_data():
    iodine = DiatomicGas('I', 2.666, 213.3, 0, 400.0, 'K. P. Huber and G. Herzberg (1979)')
    found = gas_potential(iodine, 1000)
    assert found.element == 'I'
    assert found.delta_mu_ev < gas_potential('Cl', 1000).delta_mu_ev
    assert found.source == iodine.source


@pytest.mark.parametrize(
    ('gas', 'temperature', 'pressure', 'message'),
    [
        ('Ar', 300, 1e5, "gas of 'Ar', only of H, N, O, F, Cl"),
        ('H', 100, 1e5, 'H2 hold from 250 to 2000 K, not at 100 K'),
        ('O', 2500, 1e5, 'O2 hold from 100 to 2000 K'),
        ('O', math.nan, 1e5, 'not at nan K'),
        ('O', 300, 0.0, '0.0 Pa is not positive'),
        ('O', 300, -1.0, '-1.0 Pa is not positive'),
        ('O', 300, math.inf, 'inf Pa is not positive'),
    ],
)
def test_what_is_not_known_is_refused(gas, temperature, pressure, message):
    with pytest.raises(NotComparableError, match=message):
        gas_potential(gas, temperature, pressure)
