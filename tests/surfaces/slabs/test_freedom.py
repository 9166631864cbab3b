"""Fixed sites, for pymatgen as flags and for ASE as constraints."""

from __future__ import annotations

from ase import Atoms
from ase.constraints import FixBondLength
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.surfaces.slabs.freedom import freedom_in, to_constraints

SITES = st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=6)


@given(SITES)
def test_the_way_back(free: list[list[bool]]) -> None:
    atoms = Atoms(['Cu'] * len(free), cell=[9, 9, 9], constraint=to_constraints(free))
    assert freedom_in(atoms) == (None if all(map(all, free)) else free)


def test_sites_that_are_fixed_in_all_directions_are_one_constraint() -> None:
    (constraint,) = to_constraints([[False] * 3, [True] * 3, [False] * 3])
    assert list(constraint.index) == [0, 2]


def test_other_constraints_are_ignored() -> None:
    assert freedom_in(Atoms('Cu2', constraint=FixBondLength(0, 1))) is None
