from pymatgen.core.periodic_table import Element
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from aiida_slabrelax.surfaces.bulk.kinds import has_kinds, kind_names, separate_kinds
from bulk_crystals import nickel_oxide, silver_phosphate


def test_without_kinds_the_species_stay():
    crystal = silver_phosphate()
    separated, kinds = separate_kinds(crystal)
    assert separated.species == crystal.species
    assert kinds.name(Element('Ag')) == 'Ag'


def test_a_single_kind_of_an_element_keeps_its_name():
    crystal = nickel_oxide(('Ni_up', 'Ni_up'))
    separated, kinds = separate_kinds(crystal)
    assert separated.species == crystal.species
    assert kinds.name(Element('Ni')) == 'Ni_up'


def test_whether_an_element_has_several_kinds():
    assert has_kinds(nickel_oxide())
    assert not has_kinds(nickel_oxide(('Ni_up', 'Ni_up')))
    assert not has_kinds(silver_phosphate())


def test_kinds_of_one_element_become_species_and_come_back():
    crystal = nickel_oxide()
    separated, kinds = separate_kinds(crystal)
    assert len(set(separated.species)) == 3
    assert [kinds.name(species) for species in separated.species] == kind_names(crystal)
    assert [kinds.original(species) for species in separated.species] == crystal.species


def test_kinds_take_part_in_symmetry():
    assert SpacegroupAnalyzer(nickel_oxide()).get_space_group_number() == 225
    separated, _ = separate_kinds(nickel_oxide())
    assert SpacegroupAnalyzer(separated).get_space_group_number() == 123


def test_oxidation_states_of_the_structure_come_back():
    crystal = nickel_oxide()
    crystal.add_oxidation_state_by_element({'Ni': 2, 'O': -2})
    separated, kinds = separate_kinds(crystal)
    assert [kinds.original(species) for species in separated.species] == crystal.species
