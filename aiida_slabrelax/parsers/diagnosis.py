"""What the retrieved files of a calculation tell of its end.

They are ``vasp_output``, what the scheduler has written, and the last lines of OUTCAR.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from aiida.engine import ExitCode
from aiida.orm import CalcJobNode, FolderData, StructureData
from aiida.parsers import Parser

from ..engine.links import outputs_of
from ..failures import (
    NELM_REACHED,
    NSW_REACHED,
    STOPPED,
    Diagnosis,
    Kind,
    Repeat,
    diagnose,
    name_all,
)

#: The file into which aiida-vasp lets VASP print, its errors included.
OUTPUT = 'vasp_output'

#: So many bytes at the end of a file are read, and so many lines at the end of OUTCAR.
TAIL = 4_000_000
OUTCAR_LINES = 60

#: Exit statuses of a VaspCalculation: not ended, ended but not converged, not to be repeated.
NOT_FINISHED, ELECTRONS_NOT_CONVERGED, IONS_NOT_CONVERGED, CRITICAL = 700, 701, 702, 703

#: Å; a geometry that differs by less is the same.
SAME = 1e-6


def diagnose_calculation(calculation: CalcJobNode) -> Diagnosis | None:
    """Return why a calculation has failed; ``None`` if it has left nothing that would tell."""
    outputs = outputs_of(calculation)
    misc = outputs['misc'].get_dict() if 'misc' in outputs else {}
    if (retrieved := outputs.get('retrieved')) is None:
        return None
    found = diagnose_files(calculation, retrieved, misc)
    outcome = _outcome(calculation.exit_status, misc.get('run_status', {}), found)
    if outcome is not None:
        names = (found.name, *found.also)
        also = tuple(name for name in names if name not in (None, outcome.name))
        return replace(found, kind=outcome, name=outcome.name, also=also)
    if found.name is None and not found.last_lines:
        return None
    return found


def diagnose_files(
    calculation: CalcJobNode, retrieved: FolderData, misc: Mapping[str, Any]
) -> Diagnosis:
    """Return what the retrieved files of a calculation tell of its end.

    :param misc: the content of its output of that name; its notifications stand for the output of
        VASP where that was not kept.
    """
    output = _read(retrieved, OUTPUT)
    if output is None:
        told = misc.get('notifications') or []
        output = '\n'.join(str(one.get('regex', '')) for one in told)
    return diagnose(output, list(_others(calculation, retrieved)))


def warnings_of(calculation: CalcJobNode) -> tuple[str, ...]:
    """Return the names of the errors and warnings from which VASP has gone on."""
    retrieved = outputs_of(calculation).get('retrieved')
    output = _read(retrieved, OUTPUT) if retrieved is not None else None
    return tuple(kind.name for kind in name_all(output or ''))


def judge_end(code: ExitCode | None, parser: Parser) -> ExitCode | None:
    """Return the exit code of a calculation, given the one that aiida-vasp's parser would return.

    aiida-vasp repeats what did not reach its end, up to the limit of its iterations: only what may
    end otherwise is left to it; of anything else the VaspWorkChain is told that the error is
    critical. And it takes a number of warnings for errors, whether VASP has converged or not: only
    those that make the energy wrong remain.

    :param code: of aiida-vasp's parser.
    :param parser: its outputs have been made.
    """
    misc = parser.outputs['misc'].get_dict() if 'misc' in parser.outputs else {}
    if code is None or code.status not in (NOT_FINISHED, CRITICAL) or 'notifications' not in misc:
        return code
    found = diagnose_files(parser.node, parser.retrieved, misc)
    if code.status == CRITICAL and not found.spoiled:
        return None
    if code.status == NOT_FINISHED and may_be_repeated(
        found, parser.node, parser.outputs.get('structure')
    ):
        return code
    critical: ExitCode = parser.exit_codes.ERROR_VASP_CRITICAL_ERROR
    return critical.format(error_message=found.name or 'of no known kind')


def may_be_repeated(
    diagnosis: Diagnosis, calculation: CalcJobNode, reached: StructureData | None
) -> bool:
    """Return whether it is of use to run a calculation again that did not reach its end.

    What VASP itself found wrong, it would find again.

    :param reached: the geometry that it has come to.
    """
    repeat = diagnosis.kind.repeat if diagnosis.kind is not None else _if_unknown(diagnosis)
    if repeat in (Repeat.YES, Repeat.NEVER):
        return repeat is Repeat.YES
    inputs: Any = calculation.inputs
    if reached is not None and has_moved(inputs.structure, reached):
        return True
    return repeat is Repeat.ONCE and not _tried_before(calculation)


def _if_unknown(diagnosis: Diagnosis) -> Repeat:
    """Return whether to repeat what the table does not know: not an error with a name of VASP's."""
    return Repeat.ONCE if diagnosis.name is None else Repeat.NEVER


def describe_diagnosis(diagnosis: Diagnosis, lines: int = 3) -> str:
    """Return name, advice and last lines in one line of text.

    :param lines: how many of the last lines.
    """
    parts = []
    if diagnosis.name is not None:
        also = f' (also: {", ".join(diagnosis.also)})' if diagnosis.also else ''
        parts.append(': '.join(filter(None, [f'{diagnosis.name}{also}', diagnosis.advice])))
    if diagnosis.last_lines:
        parts.append(f'last lines: {" | ".join(diagnosis.last_lines[-lines:])}')
    return '; '.join(parts)


def _outcome(status: int | None, told: Mapping[str, Any], found: Diagnosis) -> Kind | None:
    """Return how a calculation that reached its end has failed to converge.

    :param told: the `run_status`, which tells it also where the exit status does not.
    """
    finished = told.get('finished') is True
    electrons = told.get('electronic_converged') is False
    ions = told.get('ionic_converged') is False
    if status == ELECTRONS_NOT_CONVERGED or (finished and electrons):
        return NELM_REACHED
    if status == IONS_NOT_CONVERGED or (finished and ions):
        return STOPPED if STOPPED.name in (found.name, *found.also) else NSW_REACHED
    return None


def _others(calculation: CalcJobNode, retrieved: FolderData) -> Iterator[str]:
    for option in ('scheduler_stderr', 'scheduler_stdout'):
        name = calculation.get_option(option)
        yield (_read(retrieved, name) if name else None) or ''
    info = calculation.get_detailed_job_info() or {}
    yield str(info.get('stdout') or '') if not info.get('retval') else ''
    outcar = _read(retrieved, 'OUTCAR') or ''
    yield '\n'.join(outcar.splitlines()[-OUTCAR_LINES:])
    # VASP says it before it computes the last step.
    yield ' '.join(STOPPED.expression.findall(outcar))


def _read(retrieved: FolderData, name: str) -> str | None:
    """Return the end of a retrieved file, whatever bytes are in it."""
    content = b''
    try:
        with retrieved.base.repository.open(name, 'rb') as stream:
            while chunk := stream.read(TAIL):
                content = (content + chunk)[-TAIL:]
    except (FileNotFoundError, IsADirectoryError):
        return None
    return content.decode('utf-8', errors='replace')


def has_moved(begun: StructureData, reached: StructureData) -> bool:
    """Return whether two geometries of the same sites differ."""
    positions = [np.array([site.position for site in one.sites]) for one in (begun, reached)]
    same_sites = positions[0].shape == positions[1].shape
    return not same_sites or bool(np.abs(positions[0] - positions[1]).max() > SAME)


def _tried_before(calculation: CalcJobNode) -> bool:
    called = calculation.caller.called if calculation.caller is not None else []
    return any(isinstance(one, CalcJobNode) and one.pk != calculation.pk for one in called)
