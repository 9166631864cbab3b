"""The calculation function that reads the retrieved files of an earlier calculation again."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode, calcfunction
from aiida.orm import Dict, FolderData, StructureData

from ..parsers.outcome import read_outcome
from ..parsers.plain import without_gaps

#: The exit status if the files hold no complete ionic step.
NOTHING_TO_READ = 340


@calcfunction
def read_again(
    retrieved: FolderData,
    structure: StructureData,
    parameters: Dict,
    dynamics: Dict | None = None,
) -> dict[str, Any] | ExitCode:
    """Read the files of an earlier calculation; the results have this process as their origin.

    :param retrieved: the retrieved files of the calculation.
    :param structure: the input structure of the calculation.
    :param parameters: its INCAR.
    :param dynamics: its selective dynamics.
    :return: ``misc``, as the parser ``slabrelax.vasp`` makes it, and ``structure``, the geometry of
        the last complete ionic step. Exit status 340 if there is none.
    """
    flags = dynamics.get_dict() if dynamics is not None else {}
    outcome = read_outcome(retrieved, structure, parameters.get_dict(), flags)
    if not outcome.reading.complete:
        problems = '; '.join(f'{name} {why}' for name, why in outcome.reading.problems.items())
        return ExitCode(NOTHING_TO_READ, f'no complete ionic step was retrieved: {problems}')
    results: dict[str, Any] = {'misc': Dict(without_gaps(outcome.misc()))}
    if (geometry := outcome.geometry) is not None:
        results['structure'] = geometry
    return results
