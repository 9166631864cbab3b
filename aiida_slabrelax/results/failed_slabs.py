"""What is left of a relaxation that has failed, read from the provenance graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiida.orm import WorkChainNode
from ase import Atoms

from ..calculations.structures import to_atoms
from ..engine.links import outputs_of
from ..parsers.diagnosis import diagnose_calculation
from .relaxations import calculations, describe_failure, last_structure, total_energy
from .runs import attempts_of


@dataclass(frozen=True)
class Failure:
    """What is left of a relaxation that has failed, read from its last calculation.

    What there is none of is ``None``.
    """

    #: How the relaxation and its last calculation have ended, in words.
    message: str
    #: The last calculation (a VaspCalculation).
    calculation_pk: int | None = None
    calculation_status: int | None = None
    calculation_message: str | None = None
    #: The name of the failure, ``ZBRENT``, and one line on what to do.
    name: str | None = None
    advice: str | None = None
    #: What else was found in the output.
    also: tuple[str, ...] = ()
    #: The last lines that VASP printed.
    last_lines: tuple[str, ...] = ()
    #: The last total energy, eV.
    energy: float | None = None
    #: The node of the last geometry.
    structure_pk: int | None = None
    #: The label of the computer and the folder there.
    computer: str | None = None
    remote_folder: str | None = None
    structure: Atoms | None = field(default=None, compare=False, repr=False)


def read_failure(relaxation: WorkChainNode) -> Failure:
    """Return what is left of a relaxation that has failed."""
    tried = reversed(attempts_of(relaxation))
    structure = next(filter(None, map(last_structure, tried)), None)
    left: dict[str, Any] = {
        'message': describe_failure(relaxation),
        'structure_pk': structure.pk if structure is not None else None,
        'structure': to_atoms(structure) if structure is not None else None,
    }
    if not (called := calculations(relaxation)):
        return Failure(**left)
    last = called[0]
    outputs = outputs_of(last)
    if (folder := outputs.get('remote_folder')) is not None:
        left |= {'computer': folder.computer.label, 'remote_folder': folder.get_remote_path()}
    if (diagnosis := diagnose_calculation(last)) is not None:
        left |= {
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
        **left,
    )
