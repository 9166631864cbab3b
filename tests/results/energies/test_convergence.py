"""Surface energies against the thickness, as dataclasses."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Int

from aiida_slabrelax.results.energies.convergence import (
    Convergence,
    convergence_of,
    read_convergence,
)

ENERGIES: dict[str, Any] = {
    label: {'constant': {'J/m²': value}} for label, value in (('a_11', 1.2), ('a_8', 1.3))
}
ENTRY: dict[str, Any] = {
    'labels': ['a_11', 'a_8'],
    'n_atoms': [11, 8],
    'thickness': {'Å': [12.5, 9.0]},
    'fit': {
        'residuals': {'eV': [0.001, -0.001]},
        'surface_energy': {'constant': {'J/m²': 1.1}},
        'standard_error': {'eV/Å²': None},
    },
}


def test_slabs_are_sorted_by_thickness() -> None:
    assert read_convergence({'O-1-Ti': ENTRY}, ENERGIES) == [
        Convergence(
            identity='O-1-Ti',
            labels=('a_8', 'a_11'),
            n_atoms=(8, 11),
            thickness_a=(9.0, 12.5),
            plain_j_per_m2=(1.3, 1.2),
            fitted_j_per_m2=1.1,
            residuals_mev=(-1.0, 1.0),
        )
    ]


def test_an_error_is_in_joules() -> None:
    entry = {**ENTRY, 'fit': {**ENTRY['fit'], 'standard_error': {'eV/Å²': 0.01}}}
    (found,) = read_convergence({'O-1-Ti': entry}, ENERGIES)
    assert found.error_j_per_m2 == pytest.approx(0.1602176634)


def test_without_a_fit_there_is_the_reason() -> None:
    entry = {**{name: ENTRY[name] for name in ENTRY if name != 'fit'}, 'refused': 'too few'}
    (found,) = read_convergence({'O-1-Ti': entry}, ENERGIES)
    assert (found.fitted_j_per_m2, found.residuals_mev, found.refused) == (None, None, 'too few')


def test_another_node_has_none() -> None:
    assert convergence_of(Int(1).store()) == []
