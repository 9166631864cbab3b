"""A run of the work chain in the provenance: its slabs and its relaxations."""

from __future__ import annotations

from aiida.common import LinkType
from aiida.common.exceptions import NotExistent
from aiida.orm import (
    CalcFunctionNode,
    Float,
    Node,
    ProcessNode,
    QueryBuilder,
    StructureData,
    WorkChainNode,
    load_node,
)
from sqlalchemy.orm.exc import ObjectDeletedError

from ..engine.children import NEVER_STARTED
from ..engine.links import INPUTS, OUTPUTS, Link, descendants_of, links_of

#: The process whose runs are read here.
PROCESS_TYPE = 'aiida.workflows:slabrelax.relax'

#: The input of a run with the uuid of the run that it retries.
RETRY_OF = 'retry_of'

#: With the label of a slab, the labels of the links from a run to its pre-relaxation, and to the
#: calcfunction that decides whether its relaxation starts from there.
PRERELAXATION, START = 'prerelax__', 'start__'

#: The label of the link to the calcfunction that compares pre-relaxed slabs.
SCREENING = 'screen__slabs'


def as_node(node: Node | int | str) -> Node:
    """Return a node as it is, or the node with a pk or uuid.

    :raises NotExistent: if it does not exist.
    """
    return node if isinstance(node, Node) else load_node(node)


def as_run(node: Node) -> WorkChainNode:
    """Return a node if it is a run of the work chain, in any state, or the only run in a workflow.

    :raises ValueError: if it is another node, or has called several runs; the message names the
        runs, or the run that has called the node.
    """
    if isinstance(node, WorkChainNode) and node.process_type == PROCESS_TYPE:
        return node
    runs = runs_in(node)
    if len(runs) == 1:
        return runs[0]
    name = node.process_label if isinstance(node, ProcessNode) else type(node).__name__
    if runs:
        names = ', '.join(map(name_of, runs))
        raise ValueError(f'{name}<{node.pk}> has called several runs, name one: {names}')
    caller = _run_above(node)
    hint = '' if caller is None else f'; it belongs to {name_of(caller)}'
    raise ValueError(f'node {node.pk} is a {name}, not a SlabRelaxWorkChain{hint}')


def runs_in(node: Node) -> list[WorkChainNode]:
    """Return the runs of the work chain that a workflow has called, the oldest first."""
    called = descendants_of(node) if isinstance(node, WorkChainNode) else []
    if not called:
        return []
    filters = {'id': {'in': called}, 'process_type': PROCESS_TYPE}
    query = QueryBuilder().append(WorkChainNode, filters=filters, project=['id', '*'])
    return [run for _, run in sorted(query.all(), key=lambda row: row[0])]


def _run_above(node: Node) -> WorkChainNode | None:
    """Return the run of the work chain that has called a process, directly or not."""
    caller = node.caller if isinstance(node, ProcessNode) else None
    while caller is not None and caller.process_type != PROCESS_TYPE:
        caller = caller.caller
    return caller if isinstance(caller, WorkChainNode) else None


def ended_run(node: Node) -> WorkChainNode:
    """Return a node if it is a run of the work chain that has ended with all its relaxations.

    :raises ValueError: if a process is still active, or it is another node.
    """
    try:
        node = load_node(node.pk)
    except (NotExistent, ObjectDeletedError) as error:  # the latter after deletion in this session
        raise ValueError('the node of the earlier run has been deleted') from error
    run = as_run(node)
    state = run.process_state.value if run.process_state else 'not running'
    if not run.is_terminated:
        raise ValueError(f'{name_of(run)} has not ended, it is {state}')
    for label, child in sorted(children_of(run).items()):
        # Without a checkpoint its worker died while creating it, and it will never run.
        if not child.is_terminated and child.checkpoint is not None:
            raise ValueError(
                f'VaspWorkChain<{child.pk}> of {label} still runs: wait for it, or '
                f'`verdi process kill {child.pk}`'
            )
    return run


def name_of(run: WorkChainNode) -> str:
    """Return the name of a run in messages: ``SlabRelaxWorkChain<12>``."""
    return f'{run.process_label}<{run.pk}>'


def slabs_of(run: WorkChainNode) -> dict[str, StructureData]:
    """Return the slabs of a run by label: its own inputs, or those cut by the calcfunction."""
    return {label: link.node for label, link in slab_links(run).items()}


def slab_links(run: WorkChainNode) -> dict[str, Link]:
    """Return the links of :func:`slabs_of`."""
    slabs = _links_within('slabs', links_of(run, INPUTS, incoming=True))
    for call in links_of(run, (LinkType.CALL_CALC,)):
        child = call.node
        is_cut = isinstance(child, CalcFunctionNode) and child.process_label == 'generate_slabs'
        if is_cut and child.is_finished_ok:
            slabs |= _links_within('slabs', links_of(child, OUTPUTS))
    return slabs


def relaxations_of(run: WorkChainNode) -> dict[str, WorkChainNode]:
    """Return the relaxations of a run by label; of several with the same label, the latest."""
    return {label: link.node for label, link in relaxation_links(run).items()}


def relaxation_links(run: WorkChainNode) -> dict[str, Link]:
    """Return the links of :func:`relaxations_of`."""
    # Labels of slabs have no two underscores, those of other children have.
    return {label: link for label, link in _work_links(run).items() if '__' not in label}


def prerelaxation_links(run: WorkChainNode) -> dict[str, Link]:
    """Return the links to the pre-relaxations of a run, by the label of the slab."""
    links = _work_links(run)
    return {
        label.removeprefix(PRERELAXATION): link
        for label, link in links.items()
        if label.startswith(PRERELAXATION)
    }


def children_of(run: WorkChainNode) -> dict[str, WorkChainNode]:
    """Return the relaxations and pre-relaxations of a run, by the label of the link."""
    return {label: link.node for label, link in _work_links(run).items()}


def _work_links(run: WorkChainNode) -> dict[str, Link]:
    links = links_of(run, (LinkType.CALL_WORK,))
    return {link.label: link for link in links if isinstance(link.node, WorkChainNode)}


def attempts_of(relaxation: WorkChainNode) -> list[WorkChainNode]:
    """Return the relaxations of the same slab in the same run up to this one, the oldest first."""
    called = links_of(relaxation, (LinkType.CALL_WORK,), incoming=True)
    if not called:
        return [relaxation]
    run, label = called[0].node, called[0].label
    return [
        link.node
        for link in links_of(run, (LinkType.CALL_WORK,), label=label)
        if isinstance(link.node, WorkChainNode)
        and link.pk <= (relaxation.pk or 0)
        and link.node.process_status != NEVER_STARTED
    ]


def energies_of(run: WorkChainNode) -> dict[str, Float]:
    """Return the total energies (eV) that a run has gathered or taken over, by label."""
    return {label: link.node for label, link in energy_links(run).items()}


def energy_links(run: WorkChainNode) -> dict[str, Link]:
    """Return the links of :func:`energies_of`."""
    gathered = _links_within('slab_energies', links_of(run, (LinkType.RETURN,)))
    links = {**previous_links(run, 'slab_energies'), **gathered}
    return {label: link for label, link in links.items() if isinstance(link.node, Float)}


def previous_of(run: WorkChainNode, name: str) -> dict[str, Node]:
    """Return the nodes in a namespace of the input `previous` of a run, by label."""
    return {label: link.node for label, link in previous_links(run, name).items()}


def previous_links(run: WorkChainNode, name: str) -> dict[str, Link]:
    """Return the links of :func:`previous_of`."""
    return _links_within(f'previous__{name}', links_of(run, INPUTS, incoming=True))


def _links_within(namespace: str, links: list[Link]) -> dict[str, Link]:
    """Return the links in a namespace by their labels in it, each label once."""
    by_label: dict[str, Link] = {}
    for link in links:
        prefix, separator, label = link.label.partition(f'{namespace}__')
        if not prefix and separator:
            by_label.setdefault(label, link)
    return by_label
