import json
import re

import numpy as np
import pytest
from aiida.orm import Dict, Float, Int, Str, StructureData
from aiida.plugins import CalculationFactory
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from aiida_slabrelax.calculations.surface_energies import calculate_surface_energies
from aiida_slabrelax.energetics import Phase, Slab, surface_energy
from sample_structures import copper_slab, silver_phosphate, silver_phosphate_slabs

REFERENCES = {'Ag': -2.72, 'P': -5.3, 'O': -4.93}  # eV an atom
BULK_ENERGY = -88.41  # eV for Ag6P2O8


def elemental(element: str, count: int = 1) -> StructureData:
    return StructureData(
        ase=Atoms(
            f'{element}{count}', [(0, 0, 1.2 * i) for i in range(count)], cell=[8, 8, 8], pbc=True
        )
    )


def count(structure: StructureData) -> dict[str, int]:
    return {one: structure.get_site_kindnames().count(one) for one in structure.get_symbols_set()}


def invented_energy(structure: StructureData) -> float:
    return sum(n * REFERENCES[one] for one, n in count(structure).items()) - 0.4 * len(
        structure.sites
    )


@pytest.fixture(scope='module')
def phosphate():
    """The inputs for the four slabs of Ag3PO4 (100), with invented energies."""
    crystal, cut = silver_phosphate_slabs()
    slabs = dict(cut['slabs'])
    counts = {'Ag': 1, 'P': 4, 'O': 2}
    return {
        'bulk_structure': crystal,
        'bulk_energy': Float(BULK_ENERGY),
        'terminations': cut['terminations'],
        'slabs': slabs,
        'energies': {label: Float(invented_energy(one)) for label, one in slabs.items()},
        'reference_structures': {one: elemental(one, n) for one, n in counts.items()},
        'reference_energies': {one: Float(n * REFERENCES[one]) for one, n in counts.items()},
    }


def run(stored=False, **inputs):
    """Return the outputs as plain data, and the node; stored only if that is asked for."""
    metadata = {'store_provenance': stored}
    outputs, node = calculate_surface_energies.run_get_node(**inputs, metadata=metadata)
    return {name: output.get_dict() for name, output in outputs.items()}, node


def changed(inputs, namespace, label, value):
    return {**inputs, namespace: {**inputs[namespace], label: value}}


def emt(atoms):
    atoms.calc = EMT()
    return float(atoms.get_potential_energy())


def test_it_is_registered():
    found = CalculationFactory('slabrelax.calculate_surface_energies')
    assert found is calculate_surface_energies


def test_every_slab_has_the_number_of_the_plain_function(phosphate):
    outputs, node = run(**phosphate, stored=True)
    assert node.is_finished_ok
    assert node.is_stored
    assert outputs['refused'] == {}
    references = {one: Phase({one: 1}, energy) for one, energy in REFERENCES.items()}
    crystal = Phase({'Ag': 6, 'P': 2, 'O': 8}, BULK_ENERGY)
    assert outputs['surface_energies'].keys() == phosphate['slabs'].keys()
    for label, found in outputs['surface_energies'].items():
        structure = phosphate['slabs'][label]
        area = phosphate['terminations'][label]['area']
        slab = Slab(count(structure), phosphate['energies'][label].value, area, symmetric=True)
        expected = surface_energy(slab, crystal, references)
        assert found['constant']['eV/Å²'] == pytest.approx(expected.constant.ev_per_a2, abs=1e-10)
        assert found['constant']['J/m²'] == pytest.approx(expected.constant.j_per_m2, abs=1e-9)
        assert found['slopes'] == {
            one: {'1/Å²': pytest.approx(slope)} for one, slope in expected.slopes_per_a2.items()
        }
        assert found['eliminated'] == 'Ag'
        assert found['meaning'] == 'of either face'


def test_the_eliminated_element_can_be_chosen(phosphate):
    outputs, _ = run(**phosphate, eliminated=Str('O'))
    eliminated = {found['eliminated'] for found in outputs['surface_energies'].values()}
    assert eliminated == {'O'}
    assert outputs['stability']['eliminated'] == 'O'


def test_both_sides_of_each_cut_have_a_cleavage_energy(phosphate):
    outputs, _ = run(**phosphate)
    found = outputs['cleavage_energies']
    assert found.keys() == {'slab_00 + slab_03', 'slab_01 + slab_02'}
    both = sum(phosphate['energies'][label].value for label in ('slab_00', 'slab_03'))
    units = sum(count(phosphate['slabs'][label])['P'] for label in ('slab_00', 'slab_03'))
    area = phosphate['terminations']['slab_00']['area']
    expected = (both - units * BULK_ENERGY / 2) / (2 * area)
    assert found['slab_00 + slab_03']['per_area']['eV/Å²'] == pytest.approx(expected)


def test_with_all_references_the_region_of_stability_is_told(phosphate):
    oxide = elemental('Ag', 2)
    oxide.append_atom(symbols='O', position=(4, 4, 4))
    outputs, _ = run(
        **phosphate,
        competing_structures={'Ag2O': oxide},
        competing_energies={'Ag2O': Float(2 * -2.72 - 4.93 - 0.5)},
    )
    region = outputs['stability']
    heat = BULK_ENERGY / 2 - (3 * -2.72 - 5.3 + 4 * -4.93)
    assert region['formation_energy'] == {'eV per formula unit': pytest.approx(heat)}
    assert 'Ag2O' in region['bounded_by']


def test_a_crystal_that_would_fall_apart_has_no_region(phosphate):
    outputs, node = run(**{**phosphate, 'bulk_energy': Float(-10.0)})
    assert node.is_finished_ok
    assert outputs['stability'].keys() == {'refused'}
    assert 'stable nowhere' in outputs['stability']['refused']


def test_a_metal_needs_no_references_and_no_terminations():
    crystal, slab = bulk('Cu', 'fcc', a=3.6, cubic=True), copper_slab(6)
    bulk_energy, energy = emt(crystal), emt(slab.get_ase())
    outputs, node = run(
        bulk_structure=StructureData(ase=crystal),
        bulk_energy=Float(bulk_energy),
        slabs={'six': slab},
        energies={'six': Float(energy)},
        unrelaxed_energies={'six': Float(energy + 0.02)},
    )
    assert node.is_finished_ok
    found = outputs['surface_energies']['six']
    expected = (energy - 6 * bulk_energy / 4) / 3.6**2
    assert found['constant']['eV/Å²'] == pytest.approx(expected, abs=1e-10)
    assert found['relaxation']['energy'] == {'eV': pytest.approx(-0.02)}
    assert found['unrelaxed_constant']['eV/Å²'] == pytest.approx(expected + 0.02 / 3.6**2)
    assert outputs.keys() == {'surface_energies', 'refused', 'cleavage_energies'}


def test_a_slab_can_have_the_bulk_in_its_own_cell(phosphate):
    metal = bulk('Cu', 'fcc', a=3.6)
    crystal = StructureData(ase=metal)
    inputs = {
        'bulk_structure': crystal,
        'bulk_energy': Float(-3.5),
        'slabs': {'a': copper_slab(4), 'b': copper_slab(4)},
        'energies': {'a': Float(-13.0), 'b': Float(-13.0)},
        'oriented_structures': {'b': StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True))},
        'oriented_energies': {'b': Float(-14.4)},
    }
    found = run(**inputs)[0]['surface_energies']
    assert found['a']['constant']['eV/Å²'] == pytest.approx((14.0 - 13.0) / 3.6**2)
    assert found['b']['constant']['eV/Å²'] == pytest.approx((14.4 - 13.0) / 3.6**2)
    strained = StructureData(ase=bulk('Cu', 'fcc', a=3.7, cubic=True))
    outputs, _ = run(**changed(inputs, 'oriented_structures', 'b', strained))
    assert 'not the same crystal' in outputs['refused']['b']
    assert outputs['surface_energies'].keys() == {'a'}


def test_a_slab_with_one_fixed_face_is_told(phosphate):
    outputs, _ = run(**phosphate, relaxed_faces=Int(1))
    (remark,) = outputs['surface_energies']['slab_00']['remarks']
    assert remark == 'it is the mean of a face that relaxed and one that did not'


def missing(inputs, namespace, label):
    kept = {name: node for name, node in inputs[namespace].items() if name != label}
    return {**inputs, namespace: kept}


def scaled(structure: StructureData, factor: float) -> StructureData:
    atoms = structure.get_ase()
    atoms.set_cell(atoms.cell * [[factor], [factor], [1]], scale_atoms=True)
    return StructureData(ase=atoms)


def without_an_atom(structure: StructureData) -> StructureData:
    return StructureData(ase=structure.get_ase()[:-1])


def other_termination(inputs, **changes):
    terminations = inputs['terminations'].get_dict()
    entry = {**terminations['slab_01'], **changes}
    return {**inputs, 'terminations': Dict({**terminations, 'slab_01': entry})}


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (lambda i: missing(i, 'energies', 'slab_01'), 'no slab_01 in energies'),
        (lambda i: missing(i, 'slabs', 'slab_01'), 'no slab_01 in slabs'),
        (lambda i: changed(i, 'slabs', 'slab_01', copper_slab(4)), 'its termination is Ag14P5O16'),
        (
            lambda i: changed(i, 'slabs', 'slab_01', without_an_atom(i['slabs']['slab_01'])),
            'with 34 atoms; its termination is Ag14P5O16 with 35',
        ),
        (
            lambda i: changed(i, 'slabs', 'slab_01', scaled(i['slabs']['slab_01'], 1.01)),
            'that of its termination 37.4544 Å²',
        ),
        (
            lambda i: other_termination(
                changed(i, 'slabs', 'slab_01', scaled(i['slabs']['slab_01'], 1.01)),
                area=37.4544 * 1.01**2,
            ),
            r'\(100\): The area of the slab, 38.2072 Å², is 1.0201 times',
        ),
        (lambda i: other_termination(i, miller_indices=[1, 1, 0]), 'is 0.7071 times'),
        (lambda i: changed(i, 'slabs', 'slab_01', silver_phosphate()), 'no vacuum'),
        (
            lambda i: {**i, 'unrelaxed_energies': {'slab_01': Float(-1000.0)}},
            'above the unrelaxed one',
        ),
    ],
)
def test_a_bad_slab_is_refused_and_the_others_stay(phosphate, change, message):
    outputs, node = run(**change(phosphate))
    assert node.is_finished_ok
    assert outputs['surface_energies'].keys() == {'slab_00', 'slab_02', 'slab_03'}
    assert outputs['refused'].keys() == {'slab_01'}
    assert re.search(message, outputs['refused']['slab_01'])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda i: changed(i, 'reference_structures', 'O', elemental('S')),
            'reference of O is S1, not O alone',
        ),
        (lambda i: missing(i, 'reference_energies', 'P'), 'no P in reference_energies'),
        (lambda i: {**i, 'eliminated': Str('N')}, 'N cannot be eliminated'),
        (lambda i: {**i, 'relaxed_faces': Int(3)}, '3 faces cannot relax'),
    ],
)
def test_bad_bulk_or_references_end_with_a_message(phosphate, change, message):
    outputs, node = run(**change(phosphate))
    assert outputs == {}
    assert node.exit_status == 330
    assert message in node.exit_message


@pytest.mark.parametrize('name', ['slab', 'references'])
def test_a_namespace_that_there_is_not(phosphate, name):
    with pytest.raises(ValueError, match=f'calculate_surface_energies does not support.*{name}'):
        run(**phosphate, **{name: phosphate['slabs']})


def test_without_references_nothing_can_be_balanced(phosphate):
    inputs = {**phosphate, 'reference_structures': {}, 'reference_energies': {}}
    outputs, node = run(**inputs, stored=True)
    assert outputs == {}
    assert node.exit_status == 331
    assert 'slab_03: Ag11P4O16 does not have the composition of the bulk' in node.exit_message


def test_slabs_of_another_bulk_are_refused(phosphate):
    crystal = StructureData(ase=bulk('Ag', 'fcc', a=4.09))
    outputs, node = run(
        bulk_structure=crystal,
        bulk_energy=Float(-2.7),
        slabs=phosphate['slabs'],
        energies=phosphate['energies'],
    )
    assert outputs == {}
    assert node.exit_status == 331
    assert 'has P, which the bulk does not have' in node.exit_message


def test_other_settings_are_named(phosphate):
    like = {'encut': 520, 'functional': 'PBE'}
    told = {
        'bulk': like,
        'slabs': {**dict.fromkeys(phosphate['slabs'], like), 'slab_02': {**like, 'encut': 400}},
        'references': dict.fromkeys('AgPO', like) | {'Ag': like},
    }
    outputs, _ = run(**phosphate, settings=Dict(told))
    assert outputs['refused'] == {
        'slab_02': 'slab_02 was not computed like the bulk: encut is 400, not 520.'
    }
    told['references']['O'] = {**like, 'functional': 'PBEsol'}
    outputs, node = run(**phosphate, settings=Dict(told))
    assert node.exit_status == 330
    assert "O was not computed like the bulk: functional is 'PBEsol'" in node.exit_message


def numbers_without_unit(data, path=()):
    """Yield the path of every number with none of its keys a unit."""
    units = {'eV/Å²', 'J/m²', '1/Å²', 'Å²', 'eV', 'eV per formula unit'}
    if isinstance(data, dict):
        for key, value in data.items():
            yield from numbers_without_unit(value, (*path, key))
    elif isinstance(data, list):
        for value in data:
            yield from numbers_without_unit(value, path)
    elif isinstance(data, int | float) and not units & set(path):
        yield path


def test_no_number_is_without_its_unit(phosphate):
    energies = {label: Float(node.value + 0.5) for label, node in phosphate['energies'].items()}
    outputs, _ = run(**phosphate, unrelaxed_energies=energies)
    assert outputs.keys() == {'surface_energies', 'refused', 'cleavage_energies', 'stability'}
    assert list(numbers_without_unit(outputs)) == []
    assert list(numbers_without_unit({'a': {'b': [1.0]}})) == [('a', 'b')]
    assert np.isfinite(json.loads(json.dumps(outputs))['stability']['vertices']['eV']).all()
