"""How far surface energies lie above the lowest one, at all potentials or at stable ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.energetics import (
    EnergyPerArea,
    NotComparableError,
    Phase,
    StabilityRegion,
    SurfaceEnergy,
    least_excess,
    stability_region,
)

#: Of AB: -2 < Δμ(B) < 0 eV, with A eliminated.
REGION = stability_region(
    Phase({'Cs': 1, 'F': 1}, -2.0), {'Cs': Phase({'Cs': 1}, 0.0), 'F': Phase({'F': 1}, 0.0)}
)


def line(constant: float, slope: float = 0.0, symmetric: bool = True) -> SurfaceEnergy:
    slopes = {'F': slope} if slope else {}
    return SurfaceEnergy(EnergyPerArea(constant), slopes, 'Cs' if slope else None, symmetric)


def excess(
    energies: dict[str, SurfaceEnergy], region: StabilityRegion | None = None
) -> dict[str, float]:
    found = least_excess(energies, region)
    return {label: round(float(one.ev_per_a2), 9) for label, one in found.items()}


def test_constants_are_compared_with_the_lowest() -> None:
    assert excess({'a': line(0.05), 'b': line(0.08)}) == {'a': 0.0, 'b': 0.03}


def test_the_lowest_of_one_is_itself() -> None:
    assert excess({'a': line(0.05, 0.1)}) == {'a': 0.0}


def test_equal_slopes_differ_by_the_same_everywhere() -> None:
    assert excess({'a': line(0.05, 0.1), 'b': line(0.09, 0.1)}) == {'a': 0.0, 'b': 0.04}


def test_other_slopes_are_the_lowest_somewhere() -> None:
    assert excess({'a': line(0.05), 'b': line(9.0, 0.1)}) == {'a': 0.0, 'b': 0.0}


def test_two_slabs_can_exclude_a_third_between_them() -> None:
    lines = {'a': line(0.0, 0.1), 'b': line(0.0, -0.1), 'c': line(0.05)}
    assert excess(lines) == {'a': 0.0, 'b': 0.0, 'c': 0.05}


def test_only_the_stable_potentials_count() -> None:
    """Of -2 to 0 eV, b is nearest to a at -2 eV: 0.5 - 0.2 eV/Å²."""
    lines = {'a': line(0.0), 'b': line(0.5, 0.1)}
    assert excess(lines) == {'a': 0.0, 'b': 0.0}
    assert excess(lines, REGION) == {'a': 0.0, 'b': 0.3}


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-0.2, 0.2)), min_size=1, max_size=5),
)
def test_it_is_the_smallest_distance_from_the_envelope(pairs: list[tuple[float, float]]) -> None:
    lines = {str(n): line(*pair) for n, pair in enumerate(pairs)}
    found = excess(lines, REGION)
    potentials = np.linspace(-2, 0, 401)
    values = np.array([constant + slope * potentials for constant, slope in pairs])
    above = (values - values.min(axis=0)).min(axis=1)
    # On a grid it is at most the largest slope of a difference times half a step larger.
    for n, height in enumerate(above):
        assert found[str(n)] <= height + 1e-6
        assert found[str(n)] >= height - 0.4 * 0.005 - 1e-6


def test_another_element_eliminated() -> None:
    other = SurfaceEnergy(EnergyPerArea(0.0), {'Cs': 0.1}, 'F', True)
    with pytest.raises(NotComparableError, match='Cs and F are eliminated'):
        least_excess({'a': line(0.0, 0.1), 'b': other})


def test_one_face_and_the_mean_of_two() -> None:
    with pytest.raises(NotComparableError, match='The mean of two different faces'):
        least_excess({'a': line(0.0), 'b': line(0.1, symmetric=False)})
