"""What a relaxation that has ended came to: a source of results, or a failure in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from aiida.common import LinkType
from aiida.orm import CalcJobNode, ProcessNode, RemoteData, StructureData, WorkChainNode

#: The outputs that a relaxed slab is made of.
NEEDED = ('misc', 'structure')

#: The exit statuses by which a VaspWorkChain says that its last calculation, although it finished,
#: has not converged.
VERDICTS = (502, 503, 504, 505)


def calculations(relaxation: ProcessNode) -> list[CalcJobNode]:
    """Return the calculations of a relaxation, the last one first."""
    called = [node for node in relaxation.called if isinstance(node, CalcJobNode)]
    return sorted(called, key=lambda node: -(node.pk or 0))


def find_source(relaxation: WorkChainNode, needed: Sequence[str] = NEEDED) -> ProcessNode | None:
    """Return the process whose outputs are the relaxed slab, or ``None`` if it has not relaxed.

    This is the relaxation itself, or else its last calculation, if that one succeeded and the
    VaspWorkChain failed for a reason of its own (aiida-vasp #770; or its worker died at its very
    end: it does not attach its outputs again when it is continued, and misses them), or if it
    has returned its outputs twice, as it does when two workers go on with it (aiida-core #4595).

    :param relaxation: a VaspWorkChain that has ended.
    :param needed: the outputs that it must have; a calculation without relaxation has no structure.
    """
    times = _times_returned(relaxation, needed)
    if relaxation.is_finished_ok and max(times.values()) == 1:
        return relaxation if min(times.values()) == 1 else None
    if relaxation.exit_status in VERDICTS:
        return None
    last = next(iter(calculations(relaxation)), None)
    if last is None or not last.is_finished_ok:
        return None
    return last if min(_times_returned(last, needed).values()) == 1 else None


def last_structure(relaxation: ProcessNode) -> StructureData | None:
    """Return the last geometry that the calculations of a relaxation have returned."""
    for calculation in calculations(relaxation):
        if 'structure' in calculation.outputs:
            structure: StructureData = calculation.outputs.structure
            return structure
    return None


def last_remote_folder(relaxation: ProcessNode) -> RemoteData | None:
    """Return the folder, on its computer, in which the last calculation ran."""
    for calculation in calculations(relaxation):
        if 'remote_folder' in calculation.outputs:
            folder: RemoteData = calculation.outputs.remote_folder
            return folder
    return None


def describe_end(process: ProcessNode) -> str:
    """Return how a process has ended, ``VaspWorkChain<12> failed with exit status 401: …``."""
    name = f'{process.process_label}<{process.pk}>'
    if process.is_excepted:
        lines = (process.exception or '').strip().splitlines()
        return f'{name} excepted: {lines[-1].strip() if lines else "without a message"}'
    if process.is_killed:
        return f'{name} was killed'
    if process.is_finished_ok:
        return f'{name} succeeded'
    message = f': {process.exit_message.removesuffix(".")}' if process.exit_message else ''
    return f'{name} failed with exit status {process.exit_status}{message}'


def describe_failure(relaxation: WorkChainNode, needed: Sequence[str] = NEEDED) -> str:
    """Return what is wrong with a relaxation and with its last calculation."""
    return '; '.join(_failures(relaxation, needed))


def _failures(relaxation: WorkChainNode, needed: Sequence[str]) -> Iterator[str]:
    if relaxation.is_finished_ok:
        times = _times_returned(relaxation, needed)
        missing = [output for output in needed if times[output] == 0]
        wrong = f'without the output {" and ".join(missing)}' if missing else 'with outputs twice'
        yield f'{relaxation.process_label}<{relaxation.pk}> finished {wrong}'
        return
    yield describe_end(relaxation)
    for calculation in calculations(relaxation)[:1]:
        if calculation.is_terminated and not calculation.is_finished_ok:
            yield f'its last {describe_end(calculation)}'


def _times_returned(process: ProcessNode, needed: Sequence[str]) -> dict[str, int]:
    """Return how often a process has returned each output that is needed."""
    links = process.base.links.get_outgoing(link_type=(LinkType.CREATE, LinkType.RETURN))
    times = Counter(link.link_label for link in links)
    return {output: times[output] for output in needed}
