"""Read the retrieved files of an earlier run again, before anything is computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.orm import CalcFunctionNode, CalcJobNode, WorkChainNode

from ....calculations.gather_energies import EnergyNotFoundError, find_energy
from ....calculations.read_again import read_again
from ....engine.links import batches, outputs_of, read_ahead
from ....parsers.outcome import read_calculation
from ....results.relaxations.sources import Source, calculations, find_source, reading_of
from ....results.runs import relaxation_links


def lost_calculations(run: WorkChainNode) -> dict[str, CalcJobNode]:
    """Return the last calculations of slabs whose files may give another result now.

    These are slabs without an energy, slabs that have not relaxed, and slabs that count as relaxed
    although their files do not show convergence (an earlier parser checked only how VASP ended).
    Calculations that were read again already, or have no retrieved files, are excluded.

    :param run: a run that has ended.
    """
    links = relaxation_links(run)
    found = {}
    for batch in batches(sorted(links)):
        with read_ahead({links[label].pk for label in batch}):
            unread = list(_unread({label: links[label].node for label in batch}))
        # Not inside the block: this reads files.
        for label, last, source in unread:
            if source is None or not has_energy(source) or not read_calculation(last).relaxed:
                found[label] = last
    return found


def read_lost(run: WorkChainNode) -> dict[str, CalcFunctionNode]:
    """Read the files of all :func:`lost_calculations` of a run again, each in a calcfunction.

    Afterwards :func:`.relaxations.find_source` uses the new results.

    :param run: a run that has ended.
    :return: the calcfunctions by the labels of the slabs.
    """
    return {label: _read(calculation) for label, calculation in lost_calculations(run).items()}


def _unread(
    relaxations: Mapping[str, WorkChainNode],
) -> Iterator[tuple[str, CalcJobNode, Source | None]]:
    """Yield last calculations that an earlier parser has read, and what counts as relaxed."""
    for label, relaxation in relaxations.items():
        last = next(iter(calculations(relaxation)), None)
        if last is None or not last.is_terminated or reading_of(last) is not None:
            continue
        outputs = outputs_of(last)
        read_here = 'misc' in outputs and 'convergence' in outputs['misc'].get_dict()
        if not read_here and 'retrieved' in outputs:
            yield label, last, find_source(relaxation)


def _read(calculation: CalcJobNode) -> CalcFunctionNode:
    given: Any = calculation.inputs
    inputs = {
        name: given[name] for name in ('structure', 'parameters', 'dynamics') if name in given
    }
    retrieved = outputs_of(calculation)['retrieved']
    _, node = read_again.run_get_node(retrieved=retrieved, **inputs)
    assert isinstance(node, CalcFunctionNode)
    return node


def has_energy(source: Source) -> bool:
    """Return whether a relaxed slab has a total energy."""
    try:
        find_energy(source.misc.get_dict())
    except EnergyNotFoundError:
        return False
    return True
