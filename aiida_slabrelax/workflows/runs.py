"""A run of the work chain in the provenance graph: its slabs and its relaxations."""

from __future__ import annotations

from aiida.common.exceptions import NotExistent
from aiida.orm import (
    CalcFunctionNode,
    Node,
    ProcessNode,
    StructureData,
    WorkChainNode,
    load_node,
)
from sqlalchemy.orm.exc import ObjectDeletedError

from ..children import STILLBORN

#: The process whose runs are read here.
PROCESS_TYPE = 'aiida.workflows:slabrelax.relax'


def as_run(node: Node) -> WorkChainNode:
    """Return a node that is a run of the work chain, at any stage.

    :raises ValueError: if it is the node of something else.
    """
    if isinstance(node, WorkChainNode) and node.process_type == PROCESS_TYPE:
        return node
    name = node.process_label if isinstance(node, ProcessNode) else type(node).__name__
    raise ValueError(f'node {node.pk} is a {name}, not a SlabRelaxWorkChain')


def ended_run(node: Node) -> WorkChainNode:
    """Return a node that is a run of the work chain, if it and its relaxations have ended.

    :raises ValueError: if they have not, or it is the node of something else.
    """
    try:
        node = load_node(node.pk)
    except (NotExistent, ObjectDeletedError) as error:  # the latter if this session deleted it
        raise ValueError('the node of the earlier run has been deleted') from error
    run = as_run(node)
    state = run.process_state.value if run.process_state else 'not running'
    if not run.is_terminated:
        raise ValueError(f'{name_of(run)} has not ended, it is {state}')
    for label, child in sorted(relaxations_of(run).items()):
        # One without a checkpoint has lost its worker while it was made: it will never run.
        if not child.is_terminated and child.checkpoint is not None:
            raise ValueError(
                f'VaspWorkChain<{child.pk}> of {label} still runs: wait for it, or '
                f'`verdi process kill {child.pk}`'
            )
    return run


def name_of(run: WorkChainNode) -> str:
    """Return how a run is called in messages: ``SlabRelaxWorkChain<12>``."""
    return f'{run.process_label}<{run.pk}>'


def slabs_of(run: WorkChainNode) -> dict[str, StructureData]:
    """Return the slabs of a run by label: the user's own, or what the calcfunction has cut."""
    slabs = dict(run.inputs.slabs) if 'slabs' in run.inputs else {}
    for child in run.called:
        is_cut = isinstance(child, CalcFunctionNode) and child.process_label == 'generate_slabs'
        if is_cut and child.is_finished_ok:
            slabs |= dict(child.outputs.slabs)
    return slabs


def relaxations_of(run: WorkChainNode) -> dict[str, WorkChainNode]:
    """Return the relaxations of a run by label; of several with one label the youngest counts."""
    links = run.base.links.get_outgoing(WorkChainNode).all()
    links.sort(key=lambda link: link.node.pk or 0)
    return {link.link_label: link.node for link in links if isinstance(link.node, WorkChainNode)}


def attempts_of(relaxation: WorkChainNode) -> list[WorkChainNode]:
    """Return the relaxations of one slab in one run up to this one, the oldest first."""
    run = relaxation.caller
    if run is None:
        return [relaxation]
    links = run.base.links.get_outgoing(WorkChainNode).all()
    label = next(link.link_label for link in links if link.node.pk == relaxation.pk)
    found = [link.node for link in links if link.link_label == label]
    return sorted(
        (
            one
            for one in found
            if isinstance(one, WorkChainNode)
            and (one.pk or 0) <= (relaxation.pk or 0)
            and one.process_status != STILLBORN
        ),
        key=lambda one: one.pk or 0,
    )


def previous_of(run: WorkChainNode, name: str) -> dict[str, Node]:
    """Return the nodes, by label, that a run was given in a namespace of `previous`."""
    return dict(run.inputs.previous.get(name, {})) if 'previous' in run.inputs else {}
