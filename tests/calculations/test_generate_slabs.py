import re

import numpy as np
import pytest
from aiida.common.links import LinkType
from aiida.orm import Bool, Dict, Float, Int, List, Str, StructureData
from aiida.orm.nodes.data.structure import Kind, Site
from ase.build import bulk

from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from sample_structures import gallium_arsenide, nickel_oxide, silver_phosphate


def cut(structure, hkl=(1, 0, 0), thickness=10.0, vacuum=15.0, **options):
    """Run the calculation function and return its node."""
    _, node = generate_slabs.run_get_node(
        bulk_structure=structure,
        miller_indices=None if hkl is None else list(hkl),
        min_slab_thickness=thickness,
        min_vacuum_thickness=vacuum,
        **options,
    )
    return node


def atom_in_a_box():
    return StructureData(ase=bulk('Cu', 'sc', a=9.0))


def empty_cell():
    return StructureData(cell=[[3, 0, 0], [0, 3, 0], [0, 0, 3]])


@pytest.fixture(scope='module')
def reference_job():
    return cut(silver_phosphate(), generator='pymatgen')


def test_ports_have_types():
    ports = generate_slabs.spec().inputs
    optional = type(None)
    assert {name: ports[name].valid_type for name in ports if name != 'metadata'} == {
        'bulk_structure': (StructureData,),
        'miller_indices': (List, optional),
        'min_slab_thickness': (Float, optional),
        'min_vacuum_thickness': (Float, optional),
        'layers': (Int, optional),
        'layer_tolerance': (Float, optional),
        'lll_reduce': (Bool, optional),
        'center_slab': (Bool, optional),
        'symmetrize': (Bool, Str, optional),
        'primitive': (Bool, optional),
        'in_unit_planes': (Bool, optional),
        'max_atoms': (Int, optional),
        'max_normal_search': (Int, optional),
        'max_index': (Int, optional),
        'stoichiometric_only': (Bool, optional),
        'generator': (Str, optional),
        'indices_of': (Str, optional),
        'keep_whole': (Str, List, optional),
        'bonds': (Dict, optional),
        'surface_cell': (List, Str, Float, Int, optional),
        'top': (Str, optional),
        'max_broken_bonds': (Float, optional),
        'max_terminations': (Int, optional),
        'reconstruct': (Str, optional),
        'max_reconstructions': (Int, optional),
        'kpoints_spacing': (Float, optional),
    }


def test_every_termination_is_an_output(reference_job):
    assert reference_job.is_finished_ok
    slabs = reference_job.outputs.slabs
    assert sorted(slabs) == ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    assert {node.get_ase().get_chemical_formula(mode='metal') for node in slabs.values()} == {
        'Ag10O16P3',
        'Ag11O16P4',
        'Ag10O12P3',
        'Ag11O12P4',
    }
    links = reference_job.base.links.get_outgoing(link_type=LinkType.CREATE).all_link_labels()
    assert sorted(links) == [
        'excluded',
        'slabs__slab_00',
        'slabs__slab_01',
        'slabs__slab_02',
        'slabs__slab_03',
        'terminations',
    ]


def test_slabs_say_what_they_are(reference_job):
    for label, node in reference_job.outputs.slabs.items():
        assert node.label == label
    descriptions = {node.description for node in reference_job.outputs.slabs.values()}
    assert 'Ag10P3O16, Ag3PO4 (100), shift 0.074' in descriptions
    assert len(descriptions) == 4


def test_data_of_every_slab(reference_job):
    assert isinstance(reference_job.outputs.terminations, Dict)
    terminations = reference_job.outputs.terminations.get_dict()
    slabs = reference_job.outputs.slabs
    assert sorted(terminations) == sorted(slabs)
    by_formula = {slab_data['formula']: slab_data for slab_data in terminations.values()}
    layers = ['Ag', 'O2', 'Ag2P', 'O2'] * 2
    gaps = [0.624, 0.906, 0.906, 0.624] * 2
    face = [[layer, pytest.approx(gap, abs=1e-3)] for layer, gap in zip(layers, gaps, strict=True)]
    reason = by_formula['Ag10P3O12']['tasker_reason']
    assert re.fullmatch(
        r'a period has a dipole moment of -?0\.\d{3} e/Å \(guessed charges Ag \+1, P \+5, O -2\)',
        reason,
    )
    lost = {'Ag-O': 4, 'O-Ag': 2}
    assert by_formula['Ag10P3O12'] == {
        'formula': 'Ag10P3O12',
        'n_atoms': 25,
        'miller_indices': [1, 0, 0],
        'conventional_miller_indices': [1, 0, 0],
        'identity': 'Ag-1-O2-2-Ag2P-2-O2-1-Ag-1-O2-2-Ag2P-2-O2',
        'top': face,
        'bottom': face,
        'shift': pytest.approx(0.199),
        'area': pytest.approx(37.4544),
        'thickness': pytest.approx(9.18),
        'vacuum': pytest.approx(21.42),
        'requested_thickness': 10.0,
        'n_layers': 13,
        'layer_tolerance': 0.05,
        'symmetric': True,
        'stoichiometric': False,
        'excess': {'Ag': 1.0, 'P': 0.0, 'O': 0.0},
        'polar': 'no',
        'polar_source': 'symmetry',
        'tasker': 'III',
        'tasker_reason': reason,
        'broken_bonds': pytest.approx(6 / 37.4544),
        'lost_neighbours': {'top': lost, 'bottom': lost},
        'kept_whole': [],
        'lower_part': None,
        'kpoints': None,
        'remarks': ['it is 9.18 Å thick, less than the 10.00 Å asked for'],
    }
    for label, slab_data in terminations.items():
        heights = np.array([site.position[2] for site in slabs[label].sites])
        assert np.ptp(heights) == pytest.approx(slab_data['thickness'])
        assert len(heights) == slab_data['n_atoms']


def test_the_exact_generator_is_the_default():
    node = cut(silver_phosphate(), kpoints_spacing=0.05)
    terminations = node.outputs.terminations.get_dict()
    assert {
        slab_data['formula']: round(slab_data['thickness'], 2)
        for slab_data in terminations.values()
    } == {
        'Ag10P3O16': 10.43,
        'Ag11P4O16': 10.99,
        'Ag13P4O16': 12.24,
        'Ag14P5O16': 12.24,
    }
    for label, slab in node.outputs.slabs.items():
        vacuum = slab.cell[2][2] - terminations[label]['thickness']
        assert (vacuum, terminations[label]['vacuum']) == (pytest.approx(15.0), pytest.approx(15.0))
        assert terminations[label]['kpoints'] == [4, 4, 1]
    assert node.outputs.excluded.get_list() == []


def test_several_surfaces():
    node = cut(silver_phosphate(), [[1, 0, 0], [1, -1, 0], [0, 1, 0], [1, 1, 1]])
    labels = set(node.outputs.slabs)
    assert labels == {
        *(f'slab_100_0{number}' for number in range(4)),
        *(f'slab_1m10_0{number}' for number in range(6)),
    }
    assert set(node.outputs.terminations.get_dict()) == labels
    excluded = node.outputs.excluded.get_list()
    assert [one['miller_indices'] for one in excluded] == [[0, 1, 0], [1, 1, 1]]
    assert excluded[0]['reason'] == 'equivalent to (100)'
    assert excluded[1]['reason'].startswith('No symmetric slab (111) exists')


def test_four_indices_of_a_hexagonal_cell():
    zinc = StructureData(ase=bulk('Zn', 'hcp', a=2.66, c=4.95))
    node = cut(zinc, [[1, 0, -1, 0], [0, 0, 0, 1]])
    terminations = node.outputs.terminations.get_dict()
    planes = {label[:8]: slab_data['miller_indices'] for label, slab_data in terminations.items()}
    assert planes == {'slab_100': [1, 0, 0], 'slab_001': [0, 0, 1]}


def test_all_surfaces_up_to_an_index():
    node = cut(StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True)), None, max_index=2)
    planes = {label.split('_')[1] for label in node.outputs.slabs}
    assert planes == {'100', '110', '111', '210', '211', '221'}


def test_kinds_survive():
    node = cut(nickel_oxide(), (1, 0, 0))
    (slab,) = node.outputs.slabs.values()
    names = [site.kind_name for site in slab.sites]
    assert {name: names.count(name) for name in set(names)} == {'Ni1': 6, 'Ni2': 6, 'O': 12}
    assert slab.get_kind_names() == ['Ni1', 'Ni2', 'O']


def test_isotopes_keep_their_mass():
    atoms = bulk('Cu', 'fcc', a=3.6, cubic=True)
    structure = StructureData(cell=atoms.cell.tolist())
    structure.append_kind(Kind(name='Cu65', symbols='Cu', mass=64.93))
    for position in atoms.positions:
        structure.append_site(Site(kind_name='Cu65', position=position))
    (slab,) = cut(structure).outputs.slabs.values()
    assert [(kind.name, kind.mass) for kind in slab.kinds] == [('Cu65', 64.93)]


def test_the_optional_search_for_the_normal():
    copper = StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True))
    node = cut(copper, (1, 1, 0), max_normal_search=1, lll_reduce=False, generator='pymatgen')
    assert node.is_finished_ok
    assert node.inputs.max_normal_search.value == 1
    assert len(node.outputs.slabs) == 1


@pytest.mark.parametrize(
    ('structure', 'arguments', 'words'),
    [
        (gallium_arsenide, {'hkl': (1, 1, 1)}, 'No symmetric slab (111) exists'),
        (silver_phosphate, {'max_atoms': 20}, 'max_atoms is 20'),
        (silver_phosphate, {'hkl': (0, 0, 0)}, 'describe no plane'),
        (silver_phosphate, {'hkl': (1.5, 0, 0)}, '1.5'),
        (silver_phosphate, {'hkl': (1, 0, -1, 0)}, 'hexagonal'),
        (silver_phosphate, {'thickness': -1.0}, 'not -1.0'),
        (silver_phosphate, {'vacuum': 0.0}, 'not 0.0'),
        (silver_phosphate, {'max_normal_search': 0}, 'max_normal_search'),
        (silver_phosphate, {'max_index': 2}, 'either Miller indices or max_index'),
        (silver_phosphate, {'thickness': None}, 'min_slab_thickness is missing'),
        (silver_phosphate, {'generator': 'best'}, "not 'best'"),
        (silver_phosphate, {'symmetrize': 'yes'}, "not 'yes'"),
        (atom_in_a_box, {}, 'not a bulk crystal'),
        (empty_cell, {}, 'no atoms'),
    ],
)
def test_expected_failures_end_with_an_exit_code(structure, arguments, words):
    node = cut(structure(), **arguments)
    assert node.exit_status == 310
    assert words in node.exit_message
    assert not node.base.links.get_outgoing(link_type=LinkType.CREATE).all()
