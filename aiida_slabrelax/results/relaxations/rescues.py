"""The rescues of a slab, read from the provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from aiida.orm import WorkChainNode

from ...engine.links import inputs_of
from ...failures import describe_changes
from ...parsers.diagnosis import diagnose_calculation
from ..runs import attempts_of
from .sources import calculations


@dataclass(frozen=True)
class Rescue:
    """A failure of a relaxation, and the changes with which it is repeated.

    :ivar name: the name of the failure.
    :ivar changes: the tags of the INCAR that are changed, in lower case, with their new values.
    :ivar keeps_orbitals: whether VASP starts from its last wave functions.
    """

    name: str
    changes: Mapping[str, Any]
    keeps_orbitals: bool = False

    def __str__(self) -> str:
        how = f'with {describe_changes(self.changes)}' if self.changes else 'from its last geometry'
        return f'{self.name}; again {how}'


def rescues_of(relaxation: WorkChainNode) -> list[Rescue]:
    """Return the rescues that led to a relaxation, in order."""
    rescues = []
    for older, younger in pairwise(attempts_of(relaxation)):
        last = next(iter(calculations(older)), None)
        diagnosis = diagnose_calculation(last) if last is not None else None
        before, after = _given_incar(older), _given_incar(younger)
        changes = {
            tag: value
            for tag, value in after.items()
            if before.get(tag) != value and tag not in ('magmom', 'ispin')
        }
        name = diagnosis.name if diagnosis is not None else None
        rescues.append(Rescue(name or 'an unknown failure', changes))
    return rescues


def _given_incar(relaxation: WorkChainNode) -> dict[str, Any]:
    """Return the tags in the inputs of a relaxation, in lower case."""
    parameters = inputs_of(relaxation).get('parameters')
    incar = parameters.get_dict().get('incar') if parameters is not None else None
    return {tag.lower(): value for tag, value in incar.items()} if isinstance(incar, dict) else {}
