import numpy as np
import pytest
from aiida.orm import StructureData

from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.protocols import vasp_overrides

OPTIONS = {'resources': {'num_machines': 2}, 'max_wallclock_seconds': 3600}


@pytest.fixture
def nickel_oxide() -> StructureData:
    structure = StructureData(cell=np.diag([4.17] * 3).tolist())
    for name, symbol, x in (('Ni1', 'Ni', 0.0), ('Ni2', 'Ni', 2.085)):
        structure.append_atom(position=(x, 0, 0), symbols=symbol, name=name)
    structure.append_atom(position=(0, 2.085, 0), symbols='O')
    structure.append_atom(position=(2.085, 2.085, 0), symbols='O')
    return structure


def plain(value):
    """Return the inputs of a builder as plain values."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in sorted(value.items())}
    if isinstance(value, StructureData):
        return value.get_formula()
    if hasattr(value, 'get_dict'):
        return value.get_dict()
    if hasattr(value, 'get_list'):
        return value.get_list()
    if hasattr(value, 'full_label'):
        return value.label
    return getattr(value, 'value', value)


def test_the_names():
    protocols = SlabRelaxWorkChain.get_available_protocols()
    assert list(protocols) == ['fast', 'balanced', 'stringent']
    assert SlabRelaxWorkChain.get_default_protocol() == 'balanced'
    assert all(protocol['description'] for protocol in protocols.values())


def test_an_unknown_protocol_is_named_with_the_known_ones():
    with pytest.raises(
        ValueError, match="no protocol 'best'; choose from fast, balanced, stringent"
    ):
        SlabRelaxWorkChain.get_protocol_inputs('best')


def test_overrides_are_merged_and_not_modified():
    overrides = {'min_slab_thickness': 30.0, 'vasp': {'parameters': {'incar': {'encut': 700}}}}
    inputs = SlabRelaxWorkChain.get_protocol_inputs('fast', overrides)
    assert inputs['min_slab_thickness'] == 30.0
    assert inputs['vasp']['parameters']['incar']['encut'] == 700
    assert inputs['vasp']['parameters']['incar']['ediffg'] == -0.05
    assert overrides == {
        'min_slab_thickness': 30.0,
        'vasp': {'parameters': {'incar': {'encut': 700}}},
    }


def test_layers_take_the_place_of_a_thickness():
    inputs = SlabRelaxWorkChain.get_protocol_inputs('fast', {'layers': 5})
    assert inputs['layers'] == 5
    assert 'min_slab_thickness' not in inputs
    both = {'layers': 5, 'min_slab_thickness': 9.0}
    assert both.items() <= SlabRelaxWorkChain.get_protocol_inputs('fast', both).items()


def test_layers_in_a_builder(vasp_code, potential_family, copper):
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code,
        copper,
        miller_indices=[1, 0, 0],
        overrides={'vasp': {'potential_family': potential_family}},
        layers=5,
        layer_tolerance=0.2,
    )
    assert (builder.layers.value, builder.layer_tolerance.value) == (5, 0.2)
    assert 'min_slab_thickness' not in builder._inputs(prune=True)


def test_one_call_does_not_change_the_next():
    SlabRelaxWorkChain.get_protocol_inputs(
        'fast', {'vasp': {'parameters': {'incar': {'encut': 700}}}}
    )
    assert (
        SlabRelaxWorkChain.get_protocol_inputs('fast')['vasp']['parameters']['incar']['encut']
        == 450
    )


def test_kinds_get_what_their_element_has(nickel_oxide):
    overrides = vasp_overrides(nickel_oxide, {'magmom_mapping': {'Ni2': -2.0}})
    assert overrides['potential_mapping'] == {'Ni1': 'Ni_pv', 'Ni2': 'Ni_pv'}
    assert overrides['magmom_mapping'] == {'Ni1': 5, 'Ni2': -2.0}


@pytest.mark.parametrize('protocol', ['fast', 'balanced', 'stringent'])
def test_builders(protocol, vasp_code, potential_family, copper, data_regression):
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code,
        copper,
        miller_indices=(1, 1, 0),
        protocol=protocol,
        overrides={'vasp': {'potential_family': potential_family}},
        options=OPTIONS,
    )
    data_regression.check(plain(builder._inputs(prune=True)))


def test_a_builder_can_still_be_changed(vasp_code, potential_family, copper):
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code.full_label,
        copper,
        miller_indices=[1, 0, 0],
        overrides={'vasp': {'potential_family': potential_family}},
        symmetrize=False,
    )
    assert builder.symmetrize.value is False
    builder.min_slab_thickness = 25
    builder.vasp.max_iterations = 2
    assert builder.min_slab_thickness.value == 25.0
    assert builder.vasp.code == vasp_code
    assert 'structure' not in builder.vasp


def test_kinds_of_the_crystal_have_potentials(vasp_code, potential_family, nickel_oxide):
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code,
        nickel_oxide,
        miller_indices=[1, 0, 0],
        overrides={'vasp': {'potential_family': potential_family}},
    )
    mapping = builder.vasp.potential_mapping.get_dict()
    assert mapping == {'Ni1': 'Ni_pv', 'Ni2': 'Ni_pv', 'O': 'O'}


def test_resources_replace_those_of_the_protocol(vasp_code, potential_family, copper):
    resources = {'parallel_env': 'mpi', 'tot_num_mpiprocs': 8}
    builder = SlabRelaxWorkChain.get_builder_from_protocol(
        vasp_code,
        copper,
        miller_indices=[1, 0, 0],
        overrides={'vasp': {'potential_family': potential_family}},
        options={'resources': resources},
    )
    assert builder.vasp.calc.metadata.options.resources == resources
