import pytest
from ase.spacegroup import crystal
from pymatgen.io.ase import AseAtomsAdaptor

from aiida_slabrelax.energetics import (
    NotComparableError,
    Slab,
    are_complementary,
    cleavage_energy,
    surface_energy,
)
from aiida_slabrelax.surfaces import SlabOptions, describe_termination, find_terminations
from compounds import TERNARY

AG13, AG14, AG10, AG11 = TERNARY.slabs


def test_two_symmetric_slabs():
    # Ag13P4O16 and Ag11P4O16 are 8 Ag3PO4 of -44.205 eV.
    found = cleavage_energy(AG13, TERNARY.bulk, AG11)
    assert found.per_area.ev_per_a2 == pytest.approx((-177.9 - 171.8 + 353.64) / (2 * 37.45))


def test_it_is_the_sum_of_both_surface_energies_at_any_potential():
    gammas = [surface_energy(one, TERNARY.bulk, TERNARY.references) for one in (AG14, AG10)]
    found = cleavage_energy(AG14, TERNARY.bulk, AG10)
    for delta_mu in ({'P': 0.0, 'O': 0.0}, {'P': -1.3, 'O': -0.4}):
        both = sum(gamma.at(delta_mu).ev_per_a2 for gamma in gammas)
        assert found.per_area.ev_per_a2 == pytest.approx(both, abs=1e-12)


def test_a_slab_with_the_composition_of_the_bulk_has_both_faces():
    slab = Slab({'Ag': 12, 'P': 4, 'O': 16}, -175.0, 37.45, symmetric=False)
    found = cleavage_energy(slab, TERNARY.bulk)
    assert found.per_area.ev_per_a2 == pytest.approx((-175.0 + 4 * 44.205) / 37.45)
    assert found.describe()['per_area'].keys() == {'eV/Å²', 'J/m²'}


def test_atoms_that_are_no_bulk_are_refused():
    with pytest.raises(NotComparableError, match='together they are Ag27P9O32'):
        cleavage_energy(AG13, TERNARY.bulk, AG14)
    with pytest.raises(NotComparableError, match='does not have the composition of the bulk'):
        cleavage_energy(AG13, TERNARY.bulk)


def test_slabs_of_different_area_or_faces_are_refused():
    wide = Slab(AG11.counts, AG11.energy_ev, 2 * AG11.area_a2, symmetric=True)
    with pytest.raises(NotComparableError, match=r'37\.4500 and 74\.9000'):
        cleavage_energy(AG13, TERNARY.bulk, wide)
    mixed = Slab(AG11.counts, AG11.energy_ev, AG11.area_a2, symmetric=False)
    with pytest.raises(NotComparableError, match='Ag11P4O16 has two different faces'):
        cleavage_energy(AG13, TERNARY.bulk, mixed)


def test_the_two_sides_of_a_cut_have_their_layers_in_opposite_order():
    atoms = crystal(
        ('Ag', 'P', 'O'),
        [(0.25, 0, 0.5), (0, 0, 0), (0.148, 0.148, 0.148)],
        spacegroup=218,
        cellpar=[6.12, 6.12, 6.12, 90, 90, 90],
    )
    options = SlabOptions(min_slab_thickness=10.0, min_vacuum_thickness=10.0)
    slabs = find_terminations(AseAtomsAdaptor.get_structure(atoms), [1, 0, 0], options)
    faces = [describe_termination(slab)['top'] for slab in slabs]
    pairs = {
        (one.formula, other.formula)
        for one, face in zip(slabs, faces, strict=True)
        for other, there in zip(slabs, faces, strict=True)
        if are_complementary(face, there)
    }
    assert {frozenset(pair) for pair in pairs} == {
        frozenset({'Ag13P4O16', 'Ag11P4O16'}),
        frozenset({'Ag14P5O16', 'Ag10P3O16'}),
    }
    assert not are_complementary([], [])
