from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure
from pymatgen.entries.computed_entries import ComputedEntry

from aiida_slabrelax.energetics import (
    NotComparableError,
    Phase,
    Slab,
    formation_energy,
    surface_energy,
)
from compounds import BINARY, COMPOUNDS, TERNARY

if TYPE_CHECKING:
    from pymatgen.analysis.surface_analysis import SlabEntry

GRID = (-3.1, -0.7, 0.0)


def pymatgen_entry(slab: Slab) -> SlabEntry:
    """Atoms anywhere: only their numbers and the area count."""
    from pymatgen.analysis.surface_analysis import SlabEntry  # takes 2 s

    species = [element for element, count in slab.counts.items() for _ in range(count)]
    lattice = Lattice.tetragonal(np.sqrt(slab.area_a2), 30.0)
    heights = np.linspace(0.1, 0.6, len(species))
    structure = Structure(lattice, species, [(0, 0, z) for z in heights])
    return SlabEntry(structure, slab.energy_ev, (1, 0, 0))


def computed_entry(phase: Phase) -> ComputedEntry:
    return ComputedEntry(dict(phase.counts), phase.energy_ev)


@pytest.mark.parametrize(
    ('name', 'slab', 'eliminated'),
    [
        (name, slab, eliminated)
        for name, compound in COMPOUNDS.items()
        for slab in compound.slabs
        for eliminated in compound.bulk.counts
    ],
    ids=lambda value: value.formula if isinstance(value, Slab) else value,
)
def test_it_is_that_of_pymatgen(name, slab, eliminated):
    compound = COMPOUNDS[name]
    free = [element for element in compound.bulk.counts if element != eliminated]
    references = {element: compound.references[element] for element in free}
    theirs = pymatgen_entry(slab).surface_energy(
        computed_entry(compound.bulk),
        [computed_entry(reference) for reference in references.values()],
    )
    ours = surface_energy(slab, compound.bulk, references, eliminated)
    for values in product(GRID, repeat=len(free)):
        delta_mu = dict(zip(free, values, strict=True))
        expected = float(
            theirs.subs({f'delu_{element}': value for element, value in delta_mu.items()})
        )
        assert ours.at(delta_mu).ev_per_a2 == pytest.approx(expected, abs=1e-8, rel=0)


@st.composite
def random_case(draw):
    """A compound of two to five elements, its references, a slab, and Δμ of all but the last."""
    elements = draw(
        st.lists(
            st.sampled_from(['Li', 'Mg', 'Ti', 'Fe', 'Ag', 'P', 'S', 'N', 'O', 'F']),
            min_size=2,
            max_size=5,
            unique=True,
        )
    )
    energies = st.floats(-10, -0.1)
    unit = {element: draw(st.integers(1, 4)) for element in elements}
    references = {
        element: Phase({element: count}, draw(energies) * count)
        for element in elements
        for count in [draw(st.integers(1, 4))]
    }
    bulk = Phase(unit, sum(unit.values()) * draw(energies))
    units = draw(st.integers(3, 8))
    counts = {
        element: max(count, units * count + draw(st.integers(-5, 5)))
        for element, count in unit.items()
    }
    slab = Slab(counts, sum(counts.values()) * draw(energies), draw(st.floats(5, 200)), True)
    delta_mu = {element: draw(st.floats(-5, 0)) for element in elements[:-1]}
    last = elements[-1]
    rest = sum(unit[element] * value for element, value in delta_mu.items())
    in_units = Phase(bulk.formula_unit, bulk.energy_per_unit_ev)
    heat = formation_energy(in_units, references) * bulk.units
    delta_mu[last] = (heat - rest) / unit[last]
    return bulk, references, slab, delta_mu


@settings(derandomize=True, database=None, max_examples=200)
@given(random_case())
def test_the_choice_of_the_eliminated_element_changes_nothing(case):
    bulk, references, slab, delta_mu = case
    values = [
        surface_energy(slab, bulk, references, element).at(delta_mu).ev_per_a2
        for element in bulk.counts
    ]
    assert np.ptp(values) < 1e-8


@settings(derandomize=True, database=None, max_examples=100)
@given(random_case())
def test_it_is_the_energy_less_that_of_the_reservoirs(case):
    bulk, references, slab, delta_mu = case
    reservoirs = sum(
        count * (references[element].energy_per_atom_ev + delta_mu[element])
        for element, count in slab.counts.items()
    )
    gamma = surface_energy(slab, bulk, references).at(delta_mu)
    expected = (slab.energy_ev - reservoirs) / (2 * slab.area_a2)
    assert gamma.ev_per_a2 == pytest.approx(expected, abs=1e-8, rel=0)


def test_a_slab_with_the_composition_of_the_bulk_needs_no_references():
    slab = Slab({'Ti': 6, 'O': 12}, -156.13, 20.0, symmetric=True)
    gamma = surface_energy(slab, BINARY.bulk)
    # (-156.13 + 3 * 52.71) / 40 eV/Å²
    assert gamma.at().ev_per_a2 == pytest.approx(0.05, abs=1e-12)
    assert gamma.at().j_per_m2 == pytest.approx(0.801088317, abs=1e-9)
    assert gamma.slopes_per_a2 == {}
    assert gamma.eliminated is None
    assert gamma.meaning == 'of either face'
    assert gamma.at({'O': -2.0}) == gamma.at()


def test_two_different_faces_have_a_mean():
    slab = Slab({'Ti': 6, 'O': 12}, -156.13, 20.0, symmetric=False)
    gamma = surface_energy(slab, BINARY.bulk)
    assert gamma.meaning == 'mean of both faces'
    assert 'not with the energy of one face' in gamma.comparable_with


def test_by_default_the_bulk_fixes_the_most_electropositive_element():
    for compound in COMPOUNDS.values():
        for slab in compound.slabs:
            expected = compound.bulk.elements[0]
            gamma = surface_energy(slab, compound.bulk, compound.references)
            assert gamma.eliminated == expected


def test_by_default_the_bulk_fixes_the_element_without_a_reference():
    references = {element: TERNARY.references[element] for element in ('Ag', 'P')}
    gamma = surface_energy(TERNARY.slabs[1], TERNARY.bulk, references)
    assert gamma.eliminated == 'O'
    assert set(gamma.slopes_per_a2) == {'Ag', 'P'}


def test_a_reference_that_does_not_matter_may_be_missing():
    # Ag13P4O16 has one Ag beyond four formula units: P and O may both be unknown.
    gamma = surface_energy(TERNARY.slabs[0], TERNARY.bulk, {'Ag': TERNARY.references['Ag']})
    assert gamma.slopes_per_a2 == {'Ag': pytest.approx(-1 / (2 * 37.45))}
    assert gamma.eliminated in ('P', 'O')


def test_oxygen_beyond_the_bulk_costs_less_where_oxygen_abounds():
    rich, poor = (
        surface_energy(slab, BINARY.bulk, BINARY.references, 'Ti') for slab in BINARY.slabs[:2]
    )
    assert rich.at({'O': 0.0}).ev_per_a2 < rich.at({'O': -1.0}).ev_per_a2
    assert poor.at({'O': 0.0}).ev_per_a2 > poor.at({'O': -1.0}).ev_per_a2


def test_a_grid_of_potentials_gives_a_grid_of_energies():
    gamma = surface_energy(TERNARY.slabs[3], TERNARY.bulk, TERNARY.references)
    p, o = np.meshgrid([-1.0, -0.5, 0.0], [-2.0, 0.0])
    grid = gamma.at({'P': p, 'O': o})
    assert grid.ev_per_a2.shape == (2, 3)
    assert grid.j_per_m2[1, 0] == gamma.at({'P': -1.0, 'O': 0.0}).j_per_m2


@pytest.mark.parametrize(
    ('counts', 'message'),
    [
        ({'Ti': 6, 'N': 12}, 'has N, which the bulk does not have and has no O'),
        ({'Ti': 6, 'O': 12, 'H': 1}, 'has H, which the bulk does not have'),
        ({'Ti': 6}, 'has no O'),
        ({'Ti': 6, 'O': 1}, 'it holds less than one formula unit'),
    ],
)
def test_a_slab_of_another_bulk_is_refused(counts, message):
    slab = Slab(counts, -100.0, 20.0, symmetric=True)
    with pytest.raises(NotComparableError, match=message):
        surface_energy(slab, BINARY.bulk, BINARY.references)


def test_without_references_a_composition_cannot_be_balanced():
    with pytest.raises(NotComparableError, match=r'no reference of Ti, O\. All elements'):
        surface_energy(BINARY.slabs[0], BINARY.bulk)
    with pytest.raises(NotComparableError, match='no reference of Ag, O'):
        surface_energy(TERNARY.slabs[3], TERNARY.bulk, {'P': TERNARY.references['P']})
    with pytest.raises(NotComparableError, match='no reference of O; given: Ti'):
        surface_energy(BINARY.slabs[0], BINARY.bulk, {'Ti': BINARY.references['Ti']}, 'Ti')


def test_a_reference_must_be_its_element():
    references = {'O': Phase({'H': 2, 'O': 1}, -14.2)}
    with pytest.raises(NotComparableError, match='reference of O is H2O1, not O alone'):
        surface_energy(BINARY.slabs[0], BINARY.bulk, references)


def test_only_an_element_of_the_bulk_can_be_eliminated():
    with pytest.raises(NotComparableError, match='N cannot be eliminated: the bulk is Ti2O4'):
        surface_energy(BINARY.slabs[0], BINARY.bulk, BINARY.references, 'N')


def test_a_potential_that_matters_must_be_given():
    gamma = surface_energy(BINARY.slabs[0], BINARY.bulk, BINARY.references)
    with pytest.raises(NotComparableError, match='depends on Δμ of O'):
        gamma.at()
    with pytest.raises(NotComparableError, match='Δμ of O is nan eV'):
        gamma.at({'O': float('nan')})


def test_as_plain_data_every_number_has_its_unit():
    described = surface_energy(BINARY.slabs[0], BINARY.bulk, BINARY.references).describe()
    assert set(described['constant']) == {'eV/Å²', 'J/m²'}
    assert described['slopes'] == {'O': {'1/Å²': pytest.approx(-2 / 38.6)}}
    assert 'same chemical potentials' in described['comparable_with']
    assert 'Reuter' in described['source']
