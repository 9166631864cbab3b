"""The work chain inside a larger one."""

from outer_workchain import OuterWorkChain


def test_inside_an_outer_work_chain(submit_and_await, slab_relax_builder, copper):
    inner = slab_relax_builder(
        bulk_structure=copper, environment={'VASP_STANDIN_MODEL': 'instant'}
    )._inputs(prune=True)
    del inner['bulk_structure']
    builder = OuterWorkChain.get_builder()
    builder.crystal = copper
    builder.relax = inner
    node = submit_and_await(builder, timeout=300)
    assert (node.exit_status, node.exit_message) == (0, None)
    inner_node = node.base.links.get_outgoing(link_label_filter='relax').one().node
    for name in ('generated_slabs', 'relaxed_slabs', 'slab_energies'):
        assert node.outputs.relax[name].slab_00.uuid == inner_node.outputs[name].slab_00.uuid
