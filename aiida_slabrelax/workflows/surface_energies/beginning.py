"""How the workflows of surface energies begin: the bulk is computed and the slabs are cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiida.engine import ExitCode
from aiida.orm import StructureData

from ...durable import ChildFailed
from .cuts import Slabs
from .outputs import fail
from .runs import Computed, NotComputedError, Started, compute_phase, finish_all
from .settings import CalculationSettings


class NotBegunError(Exception):
    """There is no bulk energy, or no slab.

    :ivar outputs: of the workflow, as far as they exist.
    :ivar exit_code: of the workflow.
    """

    def __init__(self, outputs: dict[str, Any], exit_code: ExitCode) -> None:
        super().__init__(exit_code.message)
        self.outputs = outputs
        self.exit_code = exit_code


async def compute_bulk_and_cut(
    settings: CalculationSettings,
    bulk_structure: StructureData,
    cut: Callable[[StructureData], Slabs],
    phases: Mapping[str, Started],
) -> tuple[Computed, Slabs, dict[str, Any]]:
    """Compute the bulk and cut the slabs from its relaxed structure.

    :param cut: returns the slabs of the relaxed bulk.
    :param phases: what runs meanwhile; it is finished before an error is raised.
    :returns: the bulk, the slabs, and the outputs of the workflow for both.
    :raises NotBegunError: if there is no bulk energy, or no slab.
    """
    try:
        bulk = await compute_phase(settings, bulk_structure, 'bulk')
    except NotComputedError as error:
        await finish_all(phases)
        raise NotBegunError({}, fail('ERROR_BULK_FAILED', details=error)) from error
    outputs: dict[str, Any] = {'relaxed_bulk': bulk.structure, 'bulk_energy': bulk.energy}
    try:
        slabs = cut(bulk.structure)
    except ChildFailed as error:
        await finish_all(phases)
        exit_code = fail('ERROR_SLAB_GENERATION_FAILED', details=error.exit_message)
        raise NotBegunError(outputs, exit_code) from error
    return bulk, slabs, {**outputs, 'terminations': slabs.terminations}
