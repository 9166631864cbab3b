"""What can be drawn."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc100
from hypothesis import given, settings
from hypothesis import strategies as st

from aiida_slabrelax.plots import plot_relaxation, plot_slabs
from aiida_slabrelax.plots.layout.limits import MOST_ATOMS, find_flaw
from aiida_slabrelax.results.slabs import RunResults, SlabResult

NUMBERS = st.sampled_from(
    [0.0, 1e-300, 1e-5, 0.3, 1.0, 3.0, 20.0, -4.0, 1e4, 1e300, np.inf, np.nan]
)
VECTORS = st.lists(NUMBERS, min_size=3, max_size=3)


def copper() -> Atoms:
    return fcc100('Cu', (1, 1, 4), a=3.6, vacuum=6.0, periodic=True)


def stretched(axis: int, length: float) -> Atoms:
    atoms = copper()
    atoms.cell[axis] *= length / atoms.cell.lengths()[axis]
    return atoms


def test_a_slab_can_be_drawn() -> None:
    assert find_flaw(copper()) is None


@pytest.mark.parametrize(
    ('atoms', 'flaw'),
    [
        (Atoms(), 'it has 0 atoms, not 1 to 5000'),
        (copper().repeat((71, 71, 1)), f'it has {71 * 71 * 4} atoms, not 1 to {MOST_ATOMS}'),
        (stretched(0, 1e-5), 'a vector of its cell is 1e-05 Å long, not 0.5 to 1000'),
        (stretched(2, 1e5), 'a vector of its cell is 1e+05 Å long, not 0.5 to 1000'),
        (stretched(1, 1e300), 'its cell or positions are not finite numbers'),
        (
            Atoms('Cu', cell=[[5, 0, 0], [5, 0.01, 0], [0, 0, 9]]),
            'its cell is 0.01 Å wide, less than 0.1',
        ),
        (
            Atoms('Cu', cell=np.zeros((3, 3))),
            'a vector of its cell is 0 Å long, not 0.5 to 1000',
        ),
        (
            Atoms('Cu2', [[0, 0, 0], [0, 0, 1e4]], cell=[5, 5, 9]),
            'its atoms are 1e+04 Å apart, more than 1000',
        ),
        (Atoms('Cu900', cell=[1, 1, 9]), 'it has 900 atoms over only 1 Å²'),
        (
            Atoms('Cu', [[np.nan, 0, 0]], cell=[5, 5, 9]),
            'its cell or positions are not finite numbers',
        ),
    ],
)
def test_what_cannot(atoms: Atoms, flaw: str) -> None:
    assert find_flaw(atoms) == flaw


@settings(max_examples=60, derandomize=True, database=None)
@given(st.lists(VECTORS, min_size=3, max_size=3), st.lists(VECTORS, min_size=1, max_size=4))
def test_whatever_the_numbers_are_it_is_drawn_or_named(
    cell: list[list[float]], places: list[list[float]]
) -> None:
    atoms = Atoms(['Cu'] * len(places), places, cell=cell, pbc=True)
    slab = SlabResult('bad', 'relaxed', 'Cu', len(atoms), None, None, initial=atoms, relaxed=atoms)
    results = RunResults(1, 'uuid', 'finished', False, 0, None, (slab,))
    for plot in (plot_slabs, plot_relaxation):
        if find_flaw(atoms) is not None:
            with pytest.raises(ValueError, match=r'^Cannot be drawn: bad: '):
                plot(results)
        elif plot is plot_slabs:
            assert plot(results).axes
