"""What a relaxation that has ended came to: a source of results, or a failure in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from aiida.orm import CalcJobNode, ProcessNode, RemoteData, StructureData, WorkChainNode

from ..diagnosis import describe_diagnosis, diagnose_calculation
from ..links import outputs_of

#: The outputs that a relaxed slab is made of.
NEEDED = ('misc', 'structure')

#: The exit statuses by which a VaspWorkChain says that its last calculation, although it finished,
#: has not converged.
VERDICTS = (502, 503, 504, 505)


class Source(NamedTuple):
    """The process that a relaxed slab comes from.

    :ivar misc: its output `misc`, a Dict.
    :ivar structure: its output `structure`, or ``None`` if it has none and needs none.
    """

    process: ProcessNode
    misc: Any
    structure: Any


def calculations(relaxation: ProcessNode) -> list[CalcJobNode]:
    """Return the calculations of a relaxation, the last one first."""
    called = [node for node in relaxation.called if isinstance(node, CalcJobNode)]
    return sorted(called, key=lambda node: -(node.pk or 0))


def find_source(relaxation: WorkChainNode, needed: Sequence[str] = NEEDED) -> Source | None:
    """Return the process whose outputs are the relaxed slab, or ``None`` if it has not relaxed.

    This is the relaxation itself, or else its last calculation, if that one succeeded and the
    VaspWorkChain failed for a reason of its own (aiida-vasp #770; or its worker died at its very
    end: it does not attach its outputs again when it is continued, and misses them).

    :param relaxation: a VaspWorkChain that has ended.
    :param needed: the outputs that it must have; a calculation without relaxation has no structure.
    """
    if relaxation.is_finished_ok:
        return _source(relaxation, needed)
    if relaxation.exit_status in VERDICTS:
        return None
    last = next(iter(calculations(relaxation)), None)
    return _source(last, needed) if last is not None and last.is_finished_ok else None


def _source(process: ProcessNode, needed: Sequence[str]) -> Source | None:
    outputs = outputs_of(process)
    if not outputs.keys() >= set(needed):
        return None
    return Source(process, misc=outputs['misc'], structure=outputs.get('structure'))


def last_structure(relaxation: ProcessNode) -> StructureData | None:
    """Return the last geometry that the calculations of a relaxation have returned."""
    structures = (outputs_of(one).get('structure') for one in calculations(relaxation))
    return next((structure for structure in structures if structure is not None), None)


def last_remote_folder(relaxation: ProcessNode) -> RemoteData | None:
    """Return the folder, on its computer, in which the last calculation ran."""
    folders = (outputs_of(one).get('remote_folder') for one in calculations(relaxation))
    return next((folder for folder in folders if folder is not None), None)


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
        missing = ' and '.join(name for name in needed if name not in outputs_of(relaxation))
        yield f'{relaxation.process_label}<{relaxation.pk}> finished without the output {missing}'
        return
    yield describe_end(relaxation)
    for calculation in calculations(relaxation)[:1]:
        # Who kills a relaxation kills its calculation, which may end before it or after it.
        killed = relaxation.is_killed and calculation.is_killed
        if calculation.is_terminated and not calculation.is_finished_ok and not killed:
            yield f'its last {describe_end(calculation)}'
            if (diagnosis := diagnose_calculation(calculation)) is not None:
                yield describe_diagnosis(diagnosis)
