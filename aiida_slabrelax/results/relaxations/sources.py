"""The outcome of a finished relaxation: the process with the results, or a failure in words.

This is the only module that decides whether a slab has relaxed. The success of a process is not
enough: its files must show convergence, see :mod:`aiida_slabrelax.parsers.convergence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from aiida.common import LinkType
from aiida.orm import (
    CalcFunctionNode,
    CalcJobNode,
    Dict,
    ProcessNode,
    RemoteData,
    StructureData,
    WorkChainNode,
)

from ...calculations.gather_energies import EnergyNotFoundError, find_energy
from ...engine.links import CALLS, inputs_of, links_of, outputs_of
from ...parsers.convergence import largest_free_force
from ...parsers.diagnosis import describe_diagnosis, diagnose_calculation
from ...parsers.outcome import freedom_of
from ..runs import attempts_of

#: The outputs that a relaxed slab needs.
NEEDED = ('misc', 'structure')

#: The process label of the calcfunction that reads the files of a calculation again.
READ_AGAIN = 'read_again'

#: The exit status of a calculation in which VASP reported an error.
CRITICAL_ERROR = 703

#: The exit statuses of a VaspWorkChain whose last calculation finished but has not converged.
VERDICTS = (502, 503, 504, 505)


class Source(NamedTuple):
    """The process whose outputs are a relaxed slab.

    :ivar process: the process.
    :ivar misc: its output `misc`, a Dict.
    :ivar structure: its output `structure`, or ``None`` if it has none and needs none.
    """

    process: ProcessNode
    misc: Any
    structure: Any


def calculations(relaxation: ProcessNode) -> list[CalcJobNode]:
    """Return the calculations of a relaxation, the last one first."""
    links = [link for link in links_of(relaxation, CALLS) if isinstance(link.node, CalcJobNode)]
    return [link.node for link in sorted(links, key=lambda link: -link.pk)]


def find_source(relaxation: WorkChainNode, needed: Sequence[str] = NEEDED) -> Source | None:
    """Return the process whose outputs are the relaxed slab, or ``None`` if it has not relaxed.

    This is the relaxation itself. It is its last calculation if that succeeded but the
    VaspWorkChain failed for another reason (aiida-vasp #770; or its worker died at the very end:
    when continued, it does not attach its outputs again and reports them missing). If the files of
    the last calculation were read again, that reading decides. A process that has not converged is
    never a source, whatever its exit status.

    :param relaxation: a VaspWorkChain that has ended.
    :param needed: the outputs that it must have; a calculation without relaxation has no structure.
    """
    if relaxation.is_finished_ok:
        source = _source(relaxation, needed)
        if source is not None and 'convergence' in source.misc.get_dict():
            return source
    else:
        source = None
    last = next(iter(calculations(relaxation)), None)
    if last is not None and (again := reading_of(last)) is not None:
        return _source_again(again, last, needed)
    if source is None and not relaxation.is_finished_ok and relaxation.exit_status not in VERDICTS:
        source = _source(last, needed) if last is not None and last.is_finished_ok else None
    return source


def reading_of(calculation: CalcJobNode) -> CalcFunctionNode | None:
    """Return the calcfunction that read the files of a calculation again, or ``None``."""
    retrieved = outputs_of(calculation).get('retrieved')
    if retrieved is None:
        return None
    readers = [
        link
        for link in links_of(retrieved, (LinkType.INPUT_CALC,))
        if isinstance(link.node, CalcFunctionNode)
        and link.node.process_label == READ_AGAIN
        and link.node.is_finished_ok
    ]
    return max(readers, key=lambda link: link.pk).node if readers else None


def _source_again(
    reading: CalcFunctionNode, calculation: CalcJobNode, needed: Sequence[str]
) -> Source | None:
    """Return the process that read the files again, if electrons and ions have converged."""
    source = _source(reading, needed)
    if source is None or calculation.exit_status == CRITICAL_ERROR:
        return None
    status = source.misc.get_dict().get('run_status', {})
    return source if status.get('electronic_converged') is True else None


def _source(process: ProcessNode, needed: Sequence[str]) -> Source | None:
    outputs = outputs_of(process)
    if not outputs.keys() >= set(needed) or has_converged(outputs['misc'].get_dict()) is False:
        return None
    return Source(process, misc=outputs['misc'], structure=outputs.get('structure'))


def has_converged(misc: Mapping[str, Any]) -> bool | None:
    """Return whether the ions of a calculation have converged; ``None`` if they were fixed.

    :param misc: the content of its output ``misc``.
    """
    converged: bool | None = misc.get('run_status', {}).get('ionic_converged')
    return converged


def largest_force(process: ProcessNode, misc: Mapping[str, Any]) -> float | None:
    """Return the largest force (eV/Å) on an atom that may move; ``None`` if it is not known.

    :param process: a relaxation or a calculation, whose inputs define which atoms may move.
    :param misc: the content of its output ``misc``.
    """
    inputs = inputs_of(process)
    if (forces := misc.get('forces')) is None:
        return None
    freedom = freedom_of(inputs['dynamics'].get_dict()) if 'dynamics' in inputs else None
    if freedom is None:
        return largest_free_force(np.array(forces), None, np.eye(3))
    if len(freedom) != len(forces) or 'structure' not in inputs:
        return None
    return largest_free_force(np.array(forces), freedom, np.array(inputs['structure'].cell))


def count_ionic_steps(relaxation: WorkChainNode) -> int | None:
    """Return the number of ionic steps of all calculations of a slab, as far as known."""
    called = [calc for attempt in attempts_of(relaxation) for calc in calculations(attempt)]
    outputs = [outputs_of(calculation).get('misc') for calculation in called]
    counts = [ionic_steps(misc.get_dict()) for misc in outputs if misc is not None]
    steps = [count for count in counts if count is not None]
    return sum(steps) if steps else None


def ionic_steps(misc: Mapping[str, Any]) -> int | None:
    """Return the number of ionic steps in the output `misc` of a calculation, if it is there."""
    count: int | None = next(
        iter(misc.get('run_status', {}).get('last_iteration_index') or ()), None
    )
    return count


def total_energy(misc: Dict | None) -> float | None:
    """Return the total energy (eV) in the output `misc` of a process."""
    try:
        return find_energy(misc.get_dict()) if misc is not None else None
    except EnergyNotFoundError:
        return None


def last_structure(relaxation: ProcessNode) -> StructureData | None:
    """Return the last geometry from the calculations of a relaxation.

    If files were read again, the geometry from that reading is preferred.
    """
    for calculation in calculations(relaxation):
        for process in (reading_of(calculation), calculation):
            structure = outputs_of(process).get('structure') if process is not None else None
            if structure is not None:
                last: StructureData = structure
                return last
    return None


def last_remote_folder(relaxation: ProcessNode) -> RemoteData | None:
    """Return the remote folder of the last calculation."""
    folders = (outputs_of(calc).get('remote_folder') for calc in calculations(relaxation))
    return next((folder for folder in folders if folder is not None), None)


def describe_end(process: ProcessNode) -> str:
    """Return how a process ended, such as ``VaspWorkChain<12> failed with exit status 401: …``."""
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
    """Return how a relaxation and its last calculation failed, with the diagnosis."""
    return '; '.join([*how_it_failed(relaxation, needed), *_diagnoses(relaxation, needed)])


def how_it_failed(relaxation: WorkChainNode, needed: Sequence[str] = NEEDED) -> Iterator[str]:
    """Yield how a relaxation failed, and how its last calculation did."""
    if relaxation.is_finished_ok:
        name, outputs = f'{relaxation.process_label}<{relaxation.pk}>', outputs_of(relaxation)
        if missing := [output for output in needed if output not in outputs]:
            yield f'{name} finished without the output {" and ".join(missing)}'
        else:
            yield f'{name} finished, but has not converged: {_reason(relaxation)}'
        return
    yield describe_end(relaxation)
    if (calculation := _failed_calculation(relaxation)) is not None:
        yield f'its last {describe_end(calculation)}'


def _failed_calculation(relaxation: WorkChainNode) -> CalcJobNode | None:
    """Return the last calculation of a relaxation if it has failed."""
    for calculation in calculations(relaxation)[:1]:
        # Killing a relaxation kills its calculation too, in either order.
        killed = relaxation.is_killed and calculation.is_killed
        if calculation.is_terminated and not calculation.is_finished_ok and not killed:
            return calculation
    return None


def _diagnoses(relaxation: WorkChainNode, needed: Sequence[str]) -> Iterator[str]:
    """Yield the diagnosis of the last calculation from its files."""
    if relaxation.is_finished_ok:
        diagnosed = set(needed) <= set(outputs_of(relaxation))
    else:
        diagnosed = _failed_calculation(relaxation) is not None
    for calculation in calculations(relaxation)[:1] if diagnosed else ():
        if (diagnosis := diagnose_calculation(calculation)) is not None:
            yield describe_diagnosis(diagnosis)


def _reason(relaxation: ProcessNode) -> str:
    """Return the evidence against convergence, from the latest reading of the files."""
    last = next(iter(calculations(relaxation)), None)
    again = reading_of(last) if last is not None else None
    misc: dict[str, Any] = outputs_of(again or relaxation)['misc'].get_dict()
    return str(misc.get('convergence', {}).get('reason', 'its `run_status` says so'))
