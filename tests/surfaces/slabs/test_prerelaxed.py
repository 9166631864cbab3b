"""Pre-relaxed slabs: what is refused by which test, and what is kept of the cut slab."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111, surface
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import from_ase, is_symmetric
from aiida_slabrelax.surfaces.slabs.prerelaxed import AbsurdError, start_from


def copper(layers: int = 5) -> Atoms:
    """Cu (111), a cell of 2 × 2."""
    atoms = fcc111('Cu', (2, 2, layers), a=3.6, vacuum=6.0, periodic=True)
    atoms.set_tags(0)
    return atoms


def magnesia() -> Atoms:
    """MgO (100), three layers."""
    atoms = surface(bulk('MgO', 'rocksalt', a=4.2, cubic=True), (1, 0, 0), 2, vacuum=6.0)
    atoms.pbc = True
    atoms.set_tags(0)
    return atoms


def start(before: Atoms, after: Atoms, free: Any = None) -> Structure:
    return start_from(from_ase(before), from_ase(after), free)


def relaxed(atoms: Atoms, by: float = 0.95) -> Atoms:
    """The slab with its distances along the normal changed."""
    changed = atoms.copy()
    middle = atoms.positions[:, 2].mean()
    changed.positions[:, 2] = middle + by * (atoms.positions[:, 2] - middle)
    return changed


def refused(before: Atoms, after: Atoms, free: Any = None) -> str:
    with pytest.raises(AbsurdError) as info:
        start(before, after, free)
    assert str(info.value).startswith(f'{info.value.test}: ')
    return str(info.value)


def test_a_relaxed_slab_is_taken() -> None:
    after = relaxed(copper())
    np.testing.assert_allclose(start(copper(), after).cart_coords, after.positions, atol=1e-9)


def test_cell_and_kinds_are_those_of_the_slab() -> None:
    before = copper()
    taken = start(before, relaxed(before))
    assert taken.lattice == from_ase(before).lattice
    assert taken.site_properties == from_ase(before).site_properties


@pytest.mark.parametrize('shift', [(0.3, 0.1, 0.4), (0, 0, 10.0), (1.3, 0, -9.0)])
def test_a_shift_of_all_atoms_is_removed(shift: tuple[float, float, float]) -> None:
    after = relaxed(copper())
    after.translate(shift)
    after.wrap()
    np.testing.assert_allclose(
        start(copper(), after).cart_coords, relaxed(copper()).positions, atol=1e-9
    )


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([copper(), copper(6), magnesia()]))
def test_a_slab_that_is_disturbed_keeps_its_symmetry(seed: int, before: Atoms) -> None:
    after = relaxed(before)
    after.rattle(0.02, seed=seed)
    taken = start(before, after)
    exact = from_ase(before).get_space_group_info(symprec=1e-4)
    assert taken.get_space_group_info(symprec=1e-4) == exact
    assert is_symmetric(taken)
    assert np.linalg.norm(taken.cart_coords - relaxed(before).positions, axis=1).max() < 0.05


def test_a_slab_without_symmetry_is_taken_as_it_is() -> None:
    before = copper()
    before.rattle(0.05, seed=3)
    after = relaxed(before)
    np.testing.assert_allclose(start(before, after).cart_coords, after.positions, atol=1e-9)


def fixed_below(atoms: Atoms) -> list[list[bool]]:
    """Whether each atom may move: those in the lower half may not."""
    middle = atoms.positions[:, 2].mean()
    return [[bool(z > middle + 0.1)] * 3 for z in atoms.positions[:, 2]]


def test_fixed_atoms_stay_where_they_were() -> None:
    before, after = copper(), copper()
    free = fixed_below(before)
    upper = np.array(free)[:, 0]
    after.positions[upper, 2] -= 0.1
    after.positions[~upper] += 0.0005
    taken = start(before, after, free)
    np.testing.assert_allclose(taken.cart_coords[~upper], before.positions[~upper], atol=1e-12)
    np.testing.assert_allclose(taken.cart_coords[upper], after.positions[upper], atol=1e-9)


def test_atoms_that_may_move_along_one_vector_do() -> None:
    before, after = copper(), copper()
    free = [[False, False, True]] * len(before)
    after.positions[-4:, 2] -= 0.1
    after.positions[:4, 2] += 0.1
    np.testing.assert_allclose(start(before, after, free).cart_coords, after.positions, atol=1e-9)


def test_fixed_atoms_that_moved() -> None:
    before, after = copper(), copper()
    after.positions[0, 0] += 0.02
    assert refused(before, after, fixed_below(before)) == 'FIXED ATOMS MOVED: atom 0 by 0.020 Å'


def test_another_cell() -> None:
    after = copper()
    after.set_cell(after.cell * [1.01, 1, 1], scale_atoms=True)
    assert refused(copper(), after).startswith('CELL CHANGED: a lattice vector by 0.05')


def test_other_atoms() -> None:
    before, after = magnesia(), magnesia()
    after.numbers = after.numbers[::-1]
    assert refused(before, after) == 'ATOMS EXCHANGED: its sites have other kinds'
    del after[0]
    assert refused(before, after) == f'ATOMS LOST: it has {len(after)} atoms of {len(before)}'


def with_adatom(height: float = 1.8) -> Atoms:
    atoms = copper()
    add_adsorbate(atoms, 'Ag', height, 'fcc')
    atoms.center(vacuum=8.0, axis=2)
    return atoms


def test_an_atom_that_leaves_the_face() -> None:
    before, after = with_adatom(), with_adatom()
    after.positions[-1, 2] += 1.5
    assert re.fullmatch(
        r'ATOMS LOST: 1 of 21 atoms are beyond a gap of 3\.\d\d Å, '
        r'none was wider than 2\.\d\d Å before',
        refused(before, after),
    )


def test_positions_that_are_not_numbers() -> None:
    after = from_ase(copper())
    after[0].frac_coords = [np.nan, 0, 0]
    with pytest.raises(AbsurdError, match='ATOMS LOST: positions are not finite numbers'):
        start_from(from_ase(copper()), after)


def test_a_collapse() -> None:
    assert refused(copper(), relaxed(copper(), 0.2)).startswith('COLLAPSED: atoms ')
    after = with_adatom()
    after.positions[-1, 2] -= 1.3
    assert refused(with_adatom(), after).endswith('no two were closer than 2.32 Å before')


def test_layers_that_change_places() -> None:
    before, after = copper(), copper()
    top, below = before.positions[-1, 2], before.positions[-5, 2]
    after.positions[-4:, 2], after.positions[-8:-4, 2] = below, top
    assert refused(before, after) == 'LAYERS EXCHANGED: layer 0 and layer 1 from the top'


def test_close_layers_may_change_places() -> None:
    """As the rumpling of the faces of oxides does."""
    before, after = magnesia(), magnesia()
    for atoms, sign in ((before, 1), (after, -1)):
        oxygen = atoms.numbers == 8
        middle = atoms.positions[:, 2].mean()
        outwards = np.sign(atoms.positions[:, 2] - middle)
        atoms.positions[oxygen, 2] += sign * 0.2 * outwards[oxygen]
    np.testing.assert_allclose(start(before, after).cart_coords, after.positions, atol=1e-9)


def test_an_atom_that_moves_too_far() -> None:
    before, after = with_adatom(), with_adatom()
    after.positions[-1, :2] += before.cell[0, :2] / 2
    assert refused(before, after) == 'MOVED TOO FAR: atom 20 by 2.42 Å'


def test_a_symmetry_that_is_really_broken() -> None:
    after = copper()
    after.positions[-1, 2] += 0.3
    assert re.match(
        r'SYMMETRY BROKEN: atom 19 is 0\.2\d Å from where the 48 ', refused(copper(), after)
    )


def test_moments_that_are_reversed_count_as_symmetry() -> None:
    """Layers of alternating spin: only operations that reverse all moments turn the slab over."""
    before = copper(6)
    heights = np.unique(before.positions[:, 2].round(3), return_inverse=True)[1]
    before.set_tags(1 + heights % 2)
    before.set_initial_magnetic_moments([2.0 - 4.0 * (n % 2) for n in heights])
    after = relaxed(before)
    after.rattle(0.02, seed=5)
    taken = start(before, after)
    z = taken.cart_coords[:, 2] - taken.cart_coords[:, 2].mean()
    np.testing.assert_allclose(np.sort(z), np.sort(-z), atol=1e-9)
