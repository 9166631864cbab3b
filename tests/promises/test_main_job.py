"""Every termination is cut and relaxed, and a slab that fails does not touch the others."""

import pytest
from aiida.orm import CalcFunctionNode, ProcessNode, WorkChainNode

from aiida_slabrelax.parsers.diagnosis import describe_diagnosis, diagnose_calculation
from aiida_slabrelax.results.slabs import collect
from process_tree import calculations
from sample_structures import silver_phosphate

INSTANT = {'VASP_STANDIN_MODEL': 'instant'}
#: The four terminations of silver phosphate (100), as a user asks for them.
SILVER_PHOSPHATE = {
    'min_slab_thickness': 10.0,
    'min_vacuum_thickness': 15.0,
    'generator': 'pymatgen',
}
FORMULAS = {'Ag10P3O16': 29, 'Ag11P4O16': 31, 'Ag10P3O12': 25, 'Ag11P4O12': 27}


def outcome(node: ProcessNode) -> tuple[int | None, str | None]:
    return node.exit_status, node.exit_message


@pytest.fixture
def run_by_daemon(submit_and_await, slab_relax_builder):
    """Return a function that submits the work chain with the given inputs and waits for its end."""

    def run(**kwargs) -> WorkChainNode:
        return submit_and_await(slab_relax_builder(**kwargs), timeout=300)

    return run


def test_every_termination_through_the_daemon(run_by_daemon):
    node = run_by_daemon(bulk_structure=silver_phosphate(), environment=INSTANT, **SILVER_PHOSPHATE)
    assert outcome(node) == (0, None)
    labels = ['slab_00', 'slab_01', 'slab_02', 'slab_03']
    for name in ('generated_slabs', 'relaxed_slabs', 'slab_energies'):
        assert sorted(node.outputs[name]) == labels
    formulas = {
        slab.get_pymatgen().composition.formula.replace(' ', ''): len(slab.sites)
        for slab in node.outputs.relaxed_slabs.values()
    }
    assert formulas == FORMULAS

    results = collect(node)
    assert {slab.formula: slab.n_atoms for slab in results.slabs} == FORMULAS
    assert [(slab.label, slab.state, slab.ionic_steps) for slab in results.slabs] == [
        (label, 'relaxed', 1) for label in labels
    ]

    children = [child for child in node.called if isinstance(child, WorkChainNode)]
    assert [child.process_label for child in children] == ['VaspWorkChain'] * 4
    # The largest go first: here the order of the labels is that of the sizes.
    assert [child.label for child in children] == labels[::-1]
    children.reverse()
    links = node.base.links.get_outgoing(WorkChainNode).all()
    assert sorted(link.link_label for link in links) == labels
    functions = [child for child in node.called if isinstance(child, CalcFunctionNode)]
    generator, maker, gatherer = functions
    assert [child.process_label for child in functions] == [
        'generate_slabs',
        'make_own_inputs',
        'gather_energies',
    ]

    # All children exist before the first of them has ended: its node changed last at its end.
    assert max(child.ctime for child in children) < min(child.mtime for child in children)

    # What the slabs share is one node each.
    for name in (
        'parameters',
        'kpoints',
        'potential_family',
        'potential_mapping',
        'max_iterations',
    ):
        assert len({child.inputs[name].uuid for child in children}) == 1, name
    assert children[0].inputs.parameters.uuid == node.inputs.vasp.parameters.uuid
    # What was made of the slabs has a creator, one for all of them.
    assert children[0].inputs.kpoints.creator.uuid == maker.uuid
    assert sorted(maker.inputs.slabs) == labels
    assert maker.inputs.terminations.generator_0.creator.uuid == generator.uuid

    # The energies come from one calculation, its inputs from the relaxations.
    for label, child in zip(labels, children, strict=True):
        assert gatherer.inputs.misc[label].uuid == child.outputs.misc.uuid
        assert node.outputs.slab_energies[label].creator.uuid == gatherer.uuid
        assert node.outputs.relaxed_slabs[label].uuid == child.outputs.structure.uuid


def test_one_of_four_fails(run_by_daemon):
    node = run_by_daemon(
        bulk_structure=silver_phosphate(),
        environment={**INSTANT, 'VASP_STANDIN_FAIL': 'crash@Ag11P4O16'},
        **SILVER_PHOSPHATE,
    )
    failed = [
        label
        for label, slab in node.outputs.generated_slabs.items()
        if len(slab.sites) == FORMULAS['Ag11P4O16']
    ]
    assert len(failed) == 1
    child = node.base.links.get_outgoing(link_label_filter=failed[0]).one().node
    (calculation,) = calculations(child)
    assert outcome(node) == (
        402,
        f'1 of 4 relaxations failed: {failed[0]}: VaspWorkChain<{child.pk}> failed with exit '
        f'status 500: {child.exit_message.removesuffix(".")}; its last VaspCalculation<'
        f'{calculation.pk}> failed with exit status 352: '
        f'{calculation.exit_message.removesuffix(".")}; '
        f'{describe_diagnosis(diagnose_calculation(calculation))}',
    )
    assert 'SEGMENTATION FAULT: raise the stack limit' in node.exit_message
    good = sorted({'slab_00', 'slab_01', 'slab_02', 'slab_03'} - set(failed))
    assert sorted(node.outputs.relaxed_slabs) == good
    assert sorted(node.outputs.slab_energies) == good
