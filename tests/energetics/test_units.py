import pytest

from aiida_slabrelax.energetics import EV_PER_A2_IN_J_PER_M2, EnergyPerArea


def test_one_ev_per_square_angstrom():
    assert pytest.approx(16.02176634, abs=1e-12) == EV_PER_A2_IN_J_PER_M2
    assert EnergyPerArea(0.1).j_per_m2 == pytest.approx(1.602176634, abs=1e-12)


def test_both_units_are_given():
    assert EnergyPerArea(2.0).describe() == {'eV/Å²': 2.0, 'J/m²': pytest.approx(32.04353268)}
