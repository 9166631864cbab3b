"""The last results of a failed relaxation, read from the provenance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiida.orm import WorkChainNode
from ase import Atoms

from ...calculations.structures import to_atoms
from ...engine.links import outputs_of
from ...parsers.diagnosis import diagnose_calculation
from ..runs import attempts_of
from .sources import calculations, how_it_failed, last_structure, total_energy


@dataclass(frozen=True)
class Failure:
    """A failed relaxation and the last results of its last calculation.

    Missing values are ``None``.

    :ivar message: how the relaxation and its last calculation ended, in words.
    :ivar calculation_pk: the pk of the last calculation (a VaspCalculation).
    :ivar calculation_status: its exit status.
    :ivar calculation_message: its exit message.
    :ivar name: the name of the failure, such as ``ZBRENT``.
    :ivar advice: one line on what to do.
    :ivar also: the names of other failures found in the output.
    :ivar last_lines: the last lines that VASP printed.
    :ivar energy: the last total energy, eV.
    :ivar structure_pk: the pk of the last geometry.
    :ivar computer: the label of the computer.
    :ivar remote_folder: the folder of the last calculation on that computer.
    :ivar structure: the last geometry.
    """

    message: str
    calculation_pk: int | None = None
    calculation_status: int | None = None
    calculation_message: str | None = None
    name: str | None = None
    advice: str | None = None
    also: tuple[str, ...] = ()
    last_lines: tuple[str, ...] = ()
    energy: float | None = None
    structure_pk: int | None = None
    computer: str | None = None
    remote_folder: str | None = None
    structure: Atoms | None = field(default=None, compare=False, repr=False)


def read_failure(relaxation: WorkChainNode) -> Failure:
    """Return the last results of a failed relaxation."""
    attempts = reversed(attempts_of(relaxation))
    structure = next(filter(None, map(last_structure, attempts)), None)
    values: dict[str, Any] = {
        'message': '; '.join(how_it_failed(relaxation)),
        'structure_pk': structure.pk if structure is not None else None,
        'structure': to_atoms(structure) if structure is not None else None,
    }
    if not (called := calculations(relaxation)):
        return Failure(**values)
    last = called[0]
    outputs = outputs_of(last)
    if (folder := outputs.get('remote_folder')) is not None:
        values |= {'computer': folder.computer.label, 'remote_folder': folder.get_remote_path()}
    if (diagnosis := diagnose_calculation(last)) is not None:
        values |= {
            'name': diagnosis.name,
            'advice': diagnosis.advice,
            'also': diagnosis.also,
            'last_lines': diagnosis.last_lines,
        }
    return Failure(
        calculation_pk=last.pk,
        calculation_status=last.exit_status,
        calculation_message=last.exit_message,
        energy=total_energy(outputs.get('misc')),
        **values,
    )
