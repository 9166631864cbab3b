"""Rescue: a failed slab is run again if there is a safe cure for the failure.

All that a rescue needs is in the provenance graph: the relaxations of a slab have the same link
label, each starts where the previous one ended, and the cure is the difference of their INCARs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.common import AttributeDict
from aiida.orm import CalcJobNode, Dict, WorkChainNode

from ....engine.links import outputs_of, read_once
from ....failures import OUTCOMES
from ....parsers.diagnosis import diagnose_calculation, has_moved
from ....results.relaxations.rescues import Rescue
from ....results.relaxations.sources import calculations, last_remote_folder, last_structure
from ...vasp.moments import moments_behind
from ..relaxation_inputs import carry_moments
from ..slab_overrides import merge_inputs
from .retry import is_there

#: How often a slab is rescued.
RESCUES = 2


def find_rescue(relaxation: WorkChainNode, before: int) -> Rescue | None:
    """Return how to rescue a failed relaxation; ``None`` if there is no safe cure.

    :param relaxation: a VaspWorkChain that has ended.
    :param before: the number of earlier rescues of its slab.
    """
    last = next(iter(calculations(relaxation)), None)
    if before >= RESCUES or last is None or not _has_ended(relaxation, last):
        return None
    diagnosis = diagnose_calculation(last)
    if diagnosis is None or diagnosis.kind is None:
        return None
    if last.is_finished_ok and diagnosis.kind not in OUTCOMES:
        return None  # it lacks an output, or VASP has complained and gone on
    incar = _incar_of(last)
    for cure in diagnosis.kind.cures:
        changes = cure.apply(incar)
        if changes or (not cure.changes and _got_on(relaxation)):
            return Rescue(diagnosis.kind.name, changes, cure.keeps_orbitals)
    return None


def rescue_inputs(inputs: Mapping[str, Any], failed: WorkChainNode, before: int) -> AttributeDict:
    """Return the inputs with which a slab is run again.

    :param inputs: the inputs of the relaxation without a rescue.
    :param failed: its last relaxation.
    :param before: the number of earlier rescues of the slab.
    """
    with read_once():
        rescue = find_rescue(failed, before)
        last, folder = last_structure(failed), last_remote_folder(failed)
    assert rescue is not None  # it was found when the relaxation had ended
    given: Any = failed.inputs
    result = AttributeDict({**inputs, 'parameters': given.parameters})
    result.structure = last or given.structure
    result = merge_inputs(result, {'parameters': {'incar': dict(rescue.changes)}})
    if (moments := moments_behind(result.structure)) is not None:
        result = carry_moments(result, moments)
    result.pop('restart_folder', None)
    if rescue.keeps_orbitals and folder is not None and is_there(folder, result.code):
        result.restart_folder = folder
        # The calculation reads the settings if it begins from a folder.
        result.setdefault('settings', Dict({}))
    return result


def _has_ended(relaxation: WorkChainNode, last: CalcJobNode) -> bool:
    """Return whether a relaxation has ended by itself; killed ones are not rescued."""
    ended = relaxation.is_terminated and last.is_terminated
    killed = relaxation.is_killed or last.is_killed
    return ended and not killed


def _got_on(relaxation: WorkChainNode) -> bool:
    """Return whether a relaxation has moved atoms from its first geometry."""
    given: Any = relaxation.inputs
    reached = last_structure(relaxation)
    return reached is not None and has_moved(given.structure, reached)


def _incar_of(calculation: CalcJobNode) -> dict[str, Any]:
    """Return the tags of a calculation in lower case, with the number of bands that VASP chose."""
    inputs: Any = calculation.inputs
    incar = {tag.lower(): value for tag, value in inputs.parameters.get_dict().items()}
    outputs = outputs_of(calculation)
    status = outputs['misc'].get_dict().get('run_status', {}) if 'misc' in outputs else {}
    return {**({'nbands': status['nbands']} if 'nbands' in status else {}), **incar}
