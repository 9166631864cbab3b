import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.standin.output.electronic import electronic_iterations

ENERGIES = st.floats(-1e4, 1e4)
STEPS = st.integers(1, 100)


@given(ENERGIES, STEPS, st.floats(1e-9, 1e-2), st.integers(2, 200))
def test_fewer_than_nelm_and_the_energy_at_the_end(
    energy: float, step: int, ediff: float, nelm: int
) -> None:
    iterations = electronic_iterations(energy, step, ediff, nelm)
    assert 1 <= len(iterations) < nelm
    assert iterations[-1].energy == energy
    assert [iteration.number for iteration in iterations] == list(range(1, len(iterations) + 1))


@given(ENERGIES, STEPS, st.floats(1e-8, 1e-2))
def test_last_change_is_below_the_criterion(energy: float, step: int, ediff: float) -> None:
    iterations = electronic_iterations(energy, step, ediff, nelm=60)
    assert len(iterations) >= 3
    assert abs(iterations[-1].change) <= ediff * 1.001 + 1e-11


def test_first_ionic_step_takes_the_most() -> None:
    counts = [len(electronic_iterations(-3.0, step, 1e-6, 60)) for step in (1, 2, 3)]
    assert counts[0] > counts[1] == counts[2]


@given(ENERGIES, STEPS, st.floats(1e-9, 1e-2), st.integers(1, 100))
def test_unconverged_takes_all_iterations(
    energy: float, step: int, ediff: float, nelm: int
) -> None:
    iterations = electronic_iterations(energy, step, ediff, nelm, converges=False)
    assert len(iterations) == nelm
    assert iterations[-1].energy == energy


def test_changes_lead_from_energy_to_energy() -> None:
    iterations = electronic_iterations(-5.0, 1, 1e-4, 60)
    assert sum(iteration.change for iteration in iterations) == pytest.approx(-5.0)
