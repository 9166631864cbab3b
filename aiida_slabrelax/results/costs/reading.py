"""What the calculations of a run have cost, from the provenance.

A calculation's own time and steps count, which its parser has recorded. If VASP was killed, its
scheduler's accounting counts, as far as AiiDA has stored it: that of Slurm.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from aiida.common import LinkType
from aiida.orm import CalcJobNode, Dict, FolderData, Node, WorkChainNode

from ...engine.damaged import reads_node
from ...engine.links import Link, batches, inputs_of, links_of, outputs_of, read_ahead
from ...parsers.timing import HEAD, TAIL, Timing, read_timing
from ..relaxations.sources import calculations, ionic_steps
from ..runs import PROCESS_TYPE, as_node
from .amounts import Amount, Cost, StageCost

_HOUR = 3600

#: The stage of a slab whose link from the run has only its label; other links begin with the name
#: of their stage and :data:`_SEPARATOR`.
RELAXATION = 'relaxation'
SINGLE_POINT = 'single point'
_SEPARATOR = '__'


@reads_node
def costs_of(node: Node | int | str) -> list[StageCost]:
    """Return what a workflow has cost so far, by part and stage, the slabs last.

    Slabs that a run took over from an earlier one are not in it.

    :param node: a ``SlabRelaxWorkChain``, or a workflow that has called one or calculations.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if its data are damaged.
    """
    node = as_node(node)
    found: dict[tuple[str, str], Cost] = {}
    for part, stage, cost in _walk(node) if isinstance(node, WorkChainNode) else ():
        found[part, stage] = found.get((part, stage), Cost()) + cost
    return [StageCost(*key, cost) for key, cost in found.items()]


def _walk(node: WorkChainNode) -> Iterator[tuple[str, str, Cost]]:
    """Yield part, stage and cost of each relaxation under a workflow."""
    links = sorted(links_of(node, (LinkType.CALL_WORK,)), key=lambda link: link.pk)
    links = [link for link in links if isinstance(link.node, WorkChainNode)]
    within = [link.node for link in links if link.node.process_type == PROCESS_TYPE]
    links = [link for link in links if link.node.process_type != PROCESS_TYPE]
    for batch in batches(links):
        found = []
        with read_ahead({link.pk for link in batch}):
            for link in batch:
                if not calculations(link.node):
                    within.append(link.node)
                elif node.process_type == PROCESS_TYPE:
                    found.append((*stage_of(link), cost_of(link.node)))
                else:
                    name = link.node.label or link.label
                    found.append((name, _kind(link.node), cost_of(link.node)))
        yield from found
    for child in within:
        yield from _walk(child)


def costs_of_slab(label: str, links: Iterable[Link]) -> tuple[StageCost, ...]:
    """Return the cost of a slab by stage.

    :param links: the links from the run to what it has called for the slab, all attempts.
    """
    found: dict[str, Cost] = {}
    for link in sorted(links, key=lambda link: link.pk):
        _, stage = stage_of(link)
        found[stage] = found.get(stage, Cost()) + cost_of(link.node)
    return tuple(StageCost(label, stage, cost) for stage, cost in found.items())


def costs_of_phases(
    called: Mapping[str, list[Link]], slabs: Collection[str]
) -> tuple[StageCost, ...]:
    """Return the cost of what a run has called that is not for one of its slabs.

    :param called: the links of :func:`links_by_slab`.
    :param slabs: the labels of the slabs.
    """
    phases = sorted(set(called) - {*slabs})
    return tuple(cost for phase in phases for cost in costs_of_slab(phase, called[phase]))


def links_by_slab(run: WorkChainNode) -> dict[str, list[Link]]:
    """Return the links from a run to the workflows that it has called, by the label of the slab."""
    found: dict[str, list[Link]] = {}
    for link in links_of(run, (LinkType.CALL_WORK,)):
        if isinstance(link.node, WorkChainNode):
            found.setdefault(stage_of(link)[0], []).append(link)
    return found


def stage_of(link: Link) -> tuple[str, str]:
    """Return the slab and the stage that the label of a link from a run means."""
    stage, _, label = link.label.rpartition(_SEPARATOR)
    return label, stage or RELAXATION


def _kind(relaxation: WorkChainNode) -> str:
    """Return the stage of a relaxation outside of a run: the ions move, or they do not."""
    parameters = inputs_of(relaxation).get('parameters')
    incar = parameters.get_dict().get('incar', {}) if isinstance(parameters, Dict) else {}
    tags = {str(name).lower(): value for name, value in incar.items()}
    moves = tags.get('nsw', 0) > 0 and tags.get('ibrion', 0) != -1
    return RELAXATION if moves else SINGLE_POINT


def cost_of(relaxation: WorkChainNode) -> Cost:
    """Return the cost of all calculations of a relaxation."""
    return sum((_cost_of_calculation(one) for one in calculations(relaxation)), Cost())


def _cost_of_calculation(calculation: CalcJobNode) -> Cost:
    if calculation.base.caching.is_created_from_cache:
        return Cost()
    outputs = outputs_of(calculation)
    retrieved, misc = outputs.get('retrieved'), outputs.get('misc')
    if calculation.get_job_id() is None and retrieved is None and misc is None:
        return Cost()  # it has never reached the scheduler
    content = misc.get_dict() if isinstance(misc, Dict) else {}
    told = content.get('cost', {})
    timing = Timing(told.get('seconds'), told.get('cores'))
    if timing.core_seconds is None and isinstance(retrieved, FolderData):
        timing = _complete(timing, _in_outcar(retrieved))
    seconds = _core_seconds(calculation, timing)
    return Cost(
        1,
        Amount.of(None if seconds is None else seconds / _HOUR),
        Amount.of(ionic_steps(content)),
        Amount.of(told.get('electronic_steps')),
    )


def _complete(timing: Timing, other: Timing) -> Timing:
    """Return what both say, the first one first."""
    return Timing(
        other.seconds if timing.seconds is None else timing.seconds,
        other.cores if timing.cores is None else timing.cores,
    )


def _core_seconds(calculation: CalcJobNode, timing: Timing) -> float | None:
    """Return wall time times cores, in s; ``None`` if nobody has noted it."""
    if timing.core_seconds is not None:
        return timing.core_seconds
    accounted = _by_slurm(calculation.get_detailed_job_info() or {})
    if accounted is not None:
        return accounted
    cores = _requested_cores(calculation)
    return None if timing.seconds is None or cores is None else timing.seconds * cores


def _by_slurm(info: Mapping[str, Any]) -> float | None:
    """Return the elapsed time of all allocated processors in what ``sacct`` printed, in s."""
    rows = [line.split('|') for line in str(info.get('stdout') or '').splitlines()[:2]]
    if len(rows) < 2 or len(rows[0]) != len(rows[1]):
        return None
    job = dict(zip(*rows, strict=True))  # the first row is that of the job, steps follow
    elapsed, processors = job.get('ElapsedRaw', ''), job.get('AllocCPUS', '')
    if not (elapsed.isdigit() and processors.isdigit()):
        return None
    return float(int(elapsed) * int(processors))


def _requested_cores(calculation: CalcJobNode) -> int | None:
    """Return the cores that were asked for; ``None`` if the computer's default was."""
    resources: Mapping[str, Any] = calculation.get_option('resources') or {}
    ranks = resources.get('tot_num_mpiprocs')
    if ranks is None and 'num_mpiprocs_per_machine' in resources:
        ranks = resources['num_mpiprocs_per_machine'] * resources.get('num_machines', 1)
    return None if ranks is None else int(ranks) * int(resources.get('num_cores_per_mpiproc') or 1)


def _in_outcar(retrieved: FolderData) -> Timing:
    """Return what both ends of a retrieved OUTCAR say."""
    repository = retrieved.base.repository
    if 'OUTCAR' not in repository.list_object_names():
        return Timing()
    with repository.open('OUTCAR', 'rb') as file:
        head = file.read(HEAD)
        length = file.seek(0, os.SEEK_END)
        file.seek(max(len(head), length - TAIL))
        tail = file.read()
    # Padded, so that what VASP writes of its processes is not looked for at the end.
    text = f'{head.decode(errors="replace"):{HEAD}}\n{tail.decode(errors="replace")}'
    return read_timing(text)
