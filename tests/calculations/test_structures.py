import math
import re

import numpy as np
import pytest
from aiida.orm import StructureData
from aiida.orm.nodes.data.structure import Kind, Site
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.calculations.structures import (
    as_structure_data,
    check_bulk_node,
    check_ordered_node,
    to_atoms,
    to_pymatgen,
    to_structure_data,
)
from aiida_slabrelax.crystals import read_crystal
from aiida_slabrelax.surfaces import SlabOptions, find_terminations, from_ase
from aiida_slabrelax.surfaces.bulk.masses import masses_of
from sample_structures import nickel_oxide, silver_phosphate


def crystal(cell=3.6, pbc=(True, True, True), **kind) -> StructureData:
    """Return one atom in a cube."""
    node = StructureData(cell=(np.eye(3) * cell).tolist(), pbc=pbc)
    node.append_kind(Kind(**{'symbols': 'Cu', 'name': 'Cu', **kind}))
    node.append_site(Site(kind_name=node.kinds[0].name, position=(0, 0, 0)))
    return node


def test_kinds_reach_pymatgen():
    node = nickel_oxide()
    structure = to_pymatgen(node)
    assert structure.site_properties['kind_name'] == [site.kind_name for site in node.sites]
    assert [site.specie.symbol for site in structure] == node.get_ase().get_chemical_symbols()
    assert structure.lattice.matrix == pytest.approx(np.array(node.cell))
    assert structure.cart_coords == pytest.approx(np.array([site.position for site in node.sites]))


def test_kinds_survive_the_way_there_and_back():
    node = nickel_oxide()
    back = to_structure_data(to_pymatgen(node), kinds_from=node)
    assert [site.kind_name for site in back.sites] == [site.kind_name for site in node.sites]
    assert {kind.name: kind.get_raw() for kind in back.kinds} == {
        kind.name: kind.get_raw() for kind in node.kinds
    }


def test_masses_and_names_are_those_of_the_kinds():
    node = crystal(name='Cu65', mass=64.93)
    (kind,) = to_structure_data(to_pymatgen(node), kinds_from=node).kinds
    assert (kind.name, kind.symbol, kind.mass) == ('Cu65', 'Cu', 64.93)


def test_periodic_directions_are_kept():
    node = crystal(pbc=(True, True, False))
    assert to_structure_data(to_pymatgen(node), kinds_from=node).pbc == (True, True, False)


def test_only_kinds_in_use_are_taken_over_in_the_order_of_the_sites():
    node = nickel_oxide()
    structure = to_pymatgen(node)
    oxygen_first = Structure.from_sites(
        sorted((site for site in structure if site.properties['kind_name'] != 'Ni1'), key=str)
    )
    back = to_structure_data(oxygen_first, kinds_from=node)
    order = list(dict.fromkeys(site.kind_name for site in back.sites))
    assert [kind.name for kind in back.kinds] == order
    assert sorted(order) == ['Ni2', 'O']
    back.store()


def test_a_kind_that_there_is_not_is_an_error():
    structure = Structure(
        Lattice.cubic(3), ['Fe'], [[0, 0, 0]], site_properties={'kind_name': ['Fe1']}
    )
    with pytest.raises(ValueError, match="no kind 'Fe1', only Cu"):
        to_structure_data(structure, kinds_from=crystal())


def test_a_structure_without_kinds_is_an_error():
    with pytest.raises(ValueError, match='no kind None'):
        to_structure_data(Structure(Lattice.cubic(3), ['Cu'], [[0, 0, 0]]), kinds_from=crystal())


def test_a_kind_of_another_element_is_an_error():
    structure = Structure(
        Lattice.cubic(3), ['Fe'], [[0, 0, 0]], site_properties={'kind_name': ['Cu']}
    )
    with pytest.raises(ValueError, match="'Cu' is Cu, not Fe"):
        to_structure_data(structure, kinds_from=crystal())


@pytest.mark.parametrize('node', [nickel_oxide, silver_phosphate, crystal])
def test_crystals_are_taken(node):
    assert check_bulk_node(node()) is None


def test_every_stored_crystal_is_left_as_it_is():
    node = silver_phosphate().store()
    before = node.base.attributes.all.copy()
    assert check_bulk_node(node) is None
    assert node.base.attributes.all == before


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        ({'symbols': ('Cu', 'Au'), 'weights': (0.5, 0.5)}, 'shared (Cu 0.5, Au 0.5)'),
        ({'weights': (0.83,)}, 'partly occupied or shared (Cu 0.83)'),
        ({'symbols': 'X'}, 'no known element'),
        ({'cell': 1e-3}, 'no volume'),
    ],
)
def test_what_is_no_set_of_whole_atoms_is_refused(arguments, words):
    node = crystal(**arguments)
    assert words in check_ordered_node(node)
    assert words in check_bulk_node(node)
    with pytest.raises(ValueError, match=re.escape(words)):
        to_pymatgen(node)


def test_a_structure_without_atoms_is_refused():
    assert 'no atoms' in check_bulk_node(StructureData(cell=np.eye(3).tolist()))
    assert 'no atoms' in check_bulk_node(StructureData())


@pytest.mark.parametrize('pbc', [(True, True, False), (False, False, False)])
def test_bulk_is_periodic_in_three_directions(pbc):
    assert 'periodic in 3 directions' in check_bulk_node(crystal(pbc=pbc))


def test_a_molecule_in_a_box_is_no_bulk():
    assert 'molecule in a box' in check_bulk_node(crystal(cell=10.0))


def test_atoms_given_twice_are_no_bulk():
    node = crystal()
    node.append_site(Site(kind_name='Cu', position=(0, 0, 3.6)))
    assert 'given twice' in check_bulk_node(node)


def test_positions_that_are_no_numbers_are_no_bulk():
    node = crystal()
    node.append_site(Site(kind_name='Cu', position=(math.nan, 0, 0)))
    assert 'not finite' in check_bulk_node(node)


def test_atoms_are_those_of_aiida():
    for node in (nickel_oxide(), silver_phosphate(), crystal(name='Cu65', mass=64.93)):
        ours, theirs = to_atoms(node), node.get_ase()
        assert ours == theirs
        assert ours.get_tags().tolist() == theirs.get_tags().tolist()
        assert ours.get_masses() == pytest.approx(theirs.get_masses())


def test_disordered_structures_are_no_atoms():
    with pytest.raises(ValueError, match='an alloy or it has vacancies'):
        to_atoms(crystal(weights=0.5))


def masses(node: StructureData) -> dict[str, float]:
    return {kind.name: kind.mass for kind in node.kinds}


def test_isotopes_of_pymatgen_are_kinds_with_their_masses():
    structure = Structure(
        Lattice.cubic(4.08), ['Li', 'D', 'H'], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0, 0]]
    )
    node = as_structure_data(structure, 'bulk_structure')
    assert {kind.name: kind.symbol for kind in node.kinds} == {'Li': 'Li', 'D': 'H', 'H': 'H'}
    assert masses(node)['D'] == pytest.approx(2.014)
    assert masses(node)['H'] == pytest.approx(1.008, abs=1e-3)
    assert [site.kind_name for site in node.sites] == ['Li', 'D', 'H']


def test_masses_of_a_crystal_from_a_file_reach_slabs(tmp_path):
    lines = ['LiD', '1', '4.08 0 0', '0 4.08 0', '0 0 4.08', 'Li D', '1 1', 'Direct', '0 0 0']
    (tmp_path / 'POSCAR').write_text('\n'.join([*lines, '.5 .5 .5']))
    node = as_structure_data(read_crystal(tmp_path / 'POSCAR'), 'bulk_structure')
    assert masses(node)['D'] == pytest.approx(2.014, abs=1e-3)
    slabs = find_terminations(to_pymatgen(node), [1, 0, 0], SlabOptions(6, 12))
    assert [masses(to_structure_data(slab.structure, node)) for slab in slabs] == [masses(node)] * 2


def test_masses_go_to_pymatgen_and_back():
    node = crystal(name='Cu65', mass=64.93)
    assert masses(as_structure_data(to_pymatgen(node), 'x')) == {'Cu65': 64.93}


def test_masses_of_ase_go_to_pymatgen():
    atoms = nickel_oxide().get_ase()
    atoms.set_masses([60.0 if atom.symbol == 'Ni' else None for atom in atoms])
    found = masses_of(from_ase(atoms))
    assert set(found.values()) == {60.0}


def test_natural_elements_have_no_masses_of_their_own():
    for node in (nickel_oxide(), silver_phosphate()):
        assert masses_of(to_pymatgen(node)) == masses_of(from_ase(node.get_ase())) == {}
