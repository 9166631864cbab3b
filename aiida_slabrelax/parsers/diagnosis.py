"""The diagnosis of a failed calculation from its retrieved files.

They are ``vasp_output``, the output of the scheduler, and the last lines of OUTCAR.
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

#: The file with the standard output and error of VASP, as aiida-vasp redirects them.
OUTPUT = 'vasp_output'

#: How many bytes at the end of a file are read, and how many lines at the end of OUTCAR.
TAIL = 4_000_000
OUTCAR_LINES = 60

#: Exit statuses of a VaspCalculation: not finished, finished but not converged, critical.
NOT_FINISHED, ELECTRONS_NOT_CONVERGED, IONS_NOT_CONVERGED, CRITICAL = 700, 701, 702, 703

#: The tolerance of positions, Å.
SAME = 1e-6


def diagnose_calculation(calculation: CalcJobNode) -> Diagnosis | None:
    """Return why a calculation failed; ``None`` if it left no files with evidence."""
    outputs = outputs_of(calculation)
    misc = outputs['misc'].get_dict() if 'misc' in outputs else {}
    if (retrieved := outputs.get('retrieved')) is None:
        return None
    diagnosis = diagnose_files(calculation, retrieved, misc)
    outcome = _outcome(calculation.exit_status, misc.get('run_status', {}), diagnosis)
    if outcome is not None:
        names = (diagnosis.name, *diagnosis.also)
        also = tuple(name for name in names if name not in (None, outcome.name))
        return replace(diagnosis, kind=outcome, name=outcome.name, also=also)
    if diagnosis.name is None and not diagnosis.last_lines:
        return None
    return diagnosis


def diagnose_files(
    calculation: CalcJobNode, retrieved: FolderData, misc: Mapping[str, Any]
) -> Diagnosis:
    """Return the diagnosis of a calculation from its retrieved files.

    :param misc: the content of its output ``misc``, whose notifications replace the output of VASP
        if that was not kept.
    """
    output = _read(retrieved, OUTPUT)
    if output is None:
        notifications = misc.get('notifications') or []
        output = '\n'.join(str(message.get('regex', '')) for message in notifications)
    return diagnose(output, list(_others(calculation, retrieved)))


def warnings_of(calculation: CalcJobNode) -> tuple[str, ...]:
    """Return the names of the errors and warnings after which VASP continued."""
    retrieved = outputs_of(calculation).get('retrieved')
    output = _read(retrieved, OUTPUT) if retrieved is not None else None
    return tuple(kind.name for kind in name_all(output or ''))


def judge_end(code: ExitCode | None, parser: Parser) -> ExitCode | None:
    """Return the exit code of a calculation, given that of aiida-vasp's parser.

    The VaspWorkChain repeats an unfinished calculation up to its limit of iterations. Here, a
    calculation that would end in the same way gets a critical exit code, so that it is not
    repeated. aiida-vasp also treats a number of warnings as errors, even if VASP has converged; of
    these, only those that make the energy wrong are kept.

    :param code: the exit code of aiida-vasp's parser.
    :param parser: the parser, which has already made its outputs.
    """
    misc = parser.outputs['misc'].get_dict() if 'misc' in parser.outputs else {}
    if code is None or code.status not in (NOT_FINISHED, CRITICAL) or 'notifications' not in misc:
        return code
    diagnosis = diagnose_files(parser.node, parser.retrieved, misc)
    if code.status == CRITICAL and not diagnosis.spoiled:
        return None
    if code.status == NOT_FINISHED and may_be_repeated(
        diagnosis, parser.node, parser.outputs.get('structure')
    ):
        return code
    critical: ExitCode = parser.exit_codes.ERROR_VASP_CRITICAL_ERROR
    return critical.format(error_message=diagnosis.name or 'of unknown kind')


def may_be_repeated(
    diagnosis: Diagnosis, calculation: CalcJobNode, reached: StructureData | None
) -> bool:
    """Return whether an unfinished calculation is worth repeating.

    An error of VASP itself would occur again.

    :param reached: the last geometry of the calculation.
    """
    repeat = diagnosis.kind.repeat if diagnosis.kind is not None else _if_unknown(diagnosis)
    if repeat in (Repeat.YES, Repeat.NEVER):
        return repeat is Repeat.YES
    inputs: Any = calculation.inputs
    if reached is not None and has_moved(inputs.structure, reached):
        return True
    return repeat is Repeat.ONCE and not _tried_before(calculation)


def _if_unknown(diagnosis: Diagnosis) -> Repeat:
    """Return whether to repeat after an unknown failure: not if VASP reported an error."""
    return Repeat.ONCE if diagnosis.name is None else Repeat.NEVER


def describe_diagnosis(diagnosis: Diagnosis, lines: int = 3) -> str:
    """Return name, advice and last lines as one line of text.

    :param lines: the number of last lines.
    """
    parts = []
    if diagnosis.name is not None:
        also = f' (also: {", ".join(diagnosis.also)})' if diagnosis.also else ''
        parts.append(': '.join(filter(None, [f'{diagnosis.name}{also}', diagnosis.advice])))
    if diagnosis.last_lines:
        parts.append(f'last lines: {" | ".join(diagnosis.last_lines[-lines:])}')
    return '; '.join(parts)


def _outcome(
    status: int | None, run_status: Mapping[str, Any], diagnosis: Diagnosis
) -> Kind | None:
    """Return the kind of failure of a finished calculation that has not converged.

    :param status: its exit status.
    :param run_status: its ``run_status``, which also shows this if the exit status does not.
    """
    finished = run_status.get('finished') is True
    electrons = run_status.get('electronic_converged') is False
    ions = run_status.get('ionic_converged') is False
    electrons = status == ELECTRONS_NOT_CONVERGED or (finished and electrons)
    ions = status == IONS_NOT_CONVERGED or (finished and ions)
    # A hard stop ends the electronic iterations too.
    if (electrons or ions) and STOPPED.name in (diagnosis.name, *diagnosis.also):
        return STOPPED
    if electrons:
        return NELM_REACHED
    return NSW_REACHED if ions else None


def _others(calculation: CalcJobNode, retrieved: FolderData) -> Iterator[str]:
    for option in ('scheduler_stderr', 'scheduler_stdout'):
        name = calculation.get_option(option)
        yield (_read(retrieved, name) if name else None) or ''
    info = calculation.get_detailed_job_info() or {}
    yield str(info.get('stdout') or '') if not info.get('retval') else ''
    outcar = _read(retrieved, 'OUTCAR') or ''
    yield '\n'.join(outcar.splitlines()[-OUTCAR_LINES:])
    # VASP prints this message before the last step, so it is not among the last lines.
    yield ' '.join(STOPPED.expression.findall(outcar))


def _read(retrieved: FolderData, name: str) -> str | None:
    """Return the end of a retrieved file as text, even if some bytes are not text."""
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
    positions = [np.array([site.position for site in node.sites]) for node in (begun, reached)]
    same_sites = positions[0].shape == positions[1].shape
    return not same_sites or bool(np.abs(positions[0] - positions[1]).max() > SAME)


def _tried_before(calculation: CalcJobNode) -> bool:
    called = calculation.caller.called if calculation.caller is not None else []
    return any(isinstance(node, CalcJobNode) and node.pk != calculation.pk for node in called)
