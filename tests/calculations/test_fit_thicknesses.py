"""Slabs of several thicknesses: cut, oriented and fitted."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import Float, List, StructureData

from aiida_slabrelax.calculations.fit_thicknesses import fit_thicknesses
from aiida_slabrelax.calculations.generate_thicknesses import generate_thicknesses
from aiida_slabrelax.calculations.orient_bulk import orient_bulk
from sample_structures import silver_phosphate


@pytest.fixture(scope='module')
def phosphate() -> Any:
    """The slabs of Ag3PO4 (100) at 10 and 16 Å, with energies on straight lines."""
    crystal = silver_phosphate()
    cut = generate_thicknesses(
        bulk_structure=crystal,
        miller_indices=List([1, 0, 0]),
        thicknesses=List([16.0, 10.0]),
        min_vacuum_thickness=Float(15.0),
    )
    return {
        'bulk_structure': crystal,
        'bulk_energy': Float(-80.0),
        'terminations': cut['terminations'],
        'slabs': dict(cut['slabs']),
        'energies': {
            label: Float(-40.0 * slab.get_site_kindnames().count('P') + 6.0)
            for label, slab in cut['slabs'].items()
        },
    }


def references(*elements: str) -> dict[str, Any]:
    structures = {}
    for element in elements:
        structures[element] = StructureData(cell=[[8, 0, 0], [0, 8, 0], [0, 0, 8]])
        structures[element].append_atom(position=(4, 4, 4), symbols=element)
    return {
        'reference_structures': structures,
        'reference_energies': {element: Float(-1.0) for element in elements},
    }


def test_terminations_are_followed_by_their_identity(phosphate: Any) -> None:
    terminations = phosphate['terminations'].get_dict()
    by_number: dict[str, set[str]] = {}
    for label, termination in terminations.items():
        by_number.setdefault(label.rpartition('_')[0], set()).add(termination['identity'])
        assert label.endswith(f'_{termination["n_atoms"]}')
        assert phosphate['slabs'][label].label == label
    assert sorted(by_number) == ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    assert all(len(identities) == 1 for identities in by_number.values())
    assert len(terminations) == 8


def test_each_termination_has_a_fit_of_its_own(phosphate: Any) -> None:
    found = fit_thicknesses(**phosphate, **references('Ag', 'P', 'O'))['convergence'].get_dict()
    assert len(found) == 4
    for told in found.values():
        assert told['n_atoms'] == sorted(told['n_atoms'])
        assert told['fit']['bulk_energy'] == {'eV per formula unit': pytest.approx(-40.0)}
        assert told['bulk_energy_less_fit'] == {'eV per formula unit': pytest.approx(0, abs=1e-9)}


def test_without_references_it_is_refused_with_the_reason(phosphate: Any) -> None:
    found = fit_thicknesses(**phosphate)['convergence'].get_dict()
    assert {'fit' in told for told in found.values()} == {False}
    assert all('there is no reference of' in told['refused'] for told in found.values())


def test_one_thickness_is_refused(phosphate: Any) -> None:
    one = {name: dict(list(phosphate[name].items())[:1]) for name in ('slabs', 'energies')}
    given = {**phosphate, **one, **references('Ag', 'P', 'O')}
    (told,) = fit_thicknesses(**given)['convergence'].get_dict().values()
    assert told['refused'] == 'A line needs slabs of at least two thicknesses.'


def test_a_reference_without_energy(phosphate: Any) -> None:
    given = {**references('O'), 'reference_energies': {'P': Float(-1.0)}}
    _, node = fit_thicknesses.run_get_node(**phosphate, **given)
    assert (node.exit_status, node.exit_message) == (
        330,
        "There is no energy of the reference 'O'.",
    )


def test_a_crystal_that_cannot_be_cut() -> None:
    _, node = generate_thicknesses.run_get_node(
        bulk_structure=silver_phosphate(), miller_indices=List([1, 0, 0]), thicknesses=List([9.0])
    )
    assert (node.exit_status, node.exit_message) == (310, 'min_vacuum_thickness is missing.')


def test_the_bulk_in_the_cell_of_a_slab(phosphate: Any) -> None:
    crystal, slab = phosphate['bulk_structure'], next(iter(phosphate['slabs'].values()))
    oriented = orient_bulk(crystal, List([1, 0, 0]), slab)
    assert oriented.get_formula() == crystal.get_formula()
    assert oriented.get_cell_volume() == pytest.approx(crystal.get_cell_volume())
    _, node = orient_bulk.run_get_node(crystal, List([1, 1, 0]), slab)
    assert node.exit_status == 310
    assert node.exit_message == ('The slab has another cell than the plane (110) of the bulk.')
