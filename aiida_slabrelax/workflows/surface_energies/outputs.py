"""The outputs and exit codes of the workflows of surface energies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.engine import ExitCode
from aiida.orm import Float, Int, Node, Str

from ...calculations.read_settings import read_settings
from ...calculations.surface_energies import (
    NO_SURFACE_ENERGY,
    NOT_COMPARABLE,
    calculate_surface_energies,
)
from ...durable import ChildFailed, report
from ...results.costs.amounts import total_of
from ...results.costs.reading import costs_of
from .cuts import Slabs
from .runs import Computed, Parts
from .settings import CalculationSettings

#: The exit codes of the workflows of surface energies, with their messages.
EXIT_CODES = {
    'ERROR_SLAB_GENERATION_FAILED': (310, 'No slabs could be cut: {details}'),
    'ERROR_NOT_COMPARABLE': (NOT_COMPARABLE, '{details}'),
    'ERROR_NO_SURFACE_ENERGY': (NO_SURFACE_ENERGY, '{details}'),
    'ERROR_NO_SLAB_COMPUTED': (401, 'No slab has an energy: {details}'),
    'ERROR_SOME_PARTS_FAILED': (402, '{failed} of {total} parts failed: {details}'),
    'ERROR_BULK_FAILED': (403, 'The bulk has no energy: {details}'),
}

#: The name of a part in messages, by its kind.
_NAMES = {
    'references': 'reference {}',
    'unrelaxed': '{} unrelaxed',
    'oriented': 'bulk in the cell of {}',
}


def fail(name: str, **values: Any) -> ExitCode:
    """Return one of the :data:`EXIT_CODES`."""
    status, message = EXIT_CODES[name]
    return ExitCode(status, message.format(**values))


def conclude(
    settings: CalculationSettings,
    bulk: Computed,
    slabs: Slabs,
    parts: Mapping[str, Parts],
    cells: Mapping[str, list[str]],
    eliminated: str | None,
) -> tuple[dict[str, Any], ExitCode | None]:
    """Compute the surface energies from all parts that have an energy.

    :param parts: ``slabs``, and if computed ``references``, ``competing``, ``unrelaxed`` and
        ``oriented``.
    :param cells: by the name of a part of ``oriented``, the slabs that have its cell.
    :returns: the outputs, and an exit code whose message names the failures.
    """
    if cost := total_of(costs_of(_workflow_of(bulk))).describe():
        report(f'cost: {cost}')
    relaxed = parts['slabs'].done
    outputs: dict[str, Any] = {
        'relaxed_slabs': {label: slab.structure for label, slab in relaxed.items()},
        'slab_energies': {label: slab.energy for label, slab in relaxed.items()},
    }
    if (screening := parts['slabs'].screening) is not None:
        outputs['screening'] = screening
    failures = {**slabs.excluded, **dict(_failures(parts))}
    details = '; '.join(f'{name}: {why}' for name, why in failures.items())
    if not relaxed:
        return outputs, fail('ERROR_NO_SLAB_COMPUTED', details=details)
    outputs['settings'] = read_settings(
        Float(settings.kpoints_spacing), **_settings_inputs(bulk, parts)
    )
    try:
        results: Any = calculate_surface_energies(
            bulk_structure=bulk.structure,
            bulk_energy=bulk.energy,
            terminations=slabs.terminations,
            settings=outputs['settings'],
            eliminated=None if eliminated is None else Str(eliminated),
            relaxed_faces=Int(settings.relaxed_faces),
            **_energies(parts, cells),
        )
    except ChildFailed as error:
        if error.exit_status not in (NOT_COMPARABLE, NO_SURFACE_ENERGY):
            raise
        message = '; '.join(filter(None, [error.exit_message, details]))
        return outputs, ExitCode(error.exit_status, message)
    outputs.update(results)
    for label, reason in results['refused'].get_dict().items():
        report(f'{label} has no surface energy: {reason}')
    if not failures:
        return outputs, None
    total = 1 + len(slabs.excluded)  # the bulk is one
    total += sum(len(part.done) + len(part.failed) for part in parts.values())
    return outputs, fail(
        'ERROR_SOME_PARTS_FAILED', failed=len(failures), total=total, details=details
    )


def _workflow_of(bulk: Computed) -> Node:
    """Return the workflow that has computed the bulk."""
    relaxation: Any = bulk.calculation.caller
    workflow: Node = relaxation.caller
    return workflow


def _failures(parts: Mapping[str, Parts]) -> Iterator[tuple[str, str]]:
    for kind, part in parts.items():
        for name, reason in part.failed.items():
            yield _NAMES.get(kind, '{}').format(name), reason


def _settings_inputs(bulk: Computed, parts: Mapping[str, Parts]) -> dict[str, Any]:
    """Return the inputs of ``read_settings``."""
    inputs: dict[str, Any] = {'bulk': bulk.settings()}
    for kind, part in parts.items():
        if part.done:
            inputs[kind] = {name: computed.settings() for name, computed in part.done.items()}
    return inputs


def _energies(parts: Mapping[str, Parts], cells: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the namespaces of ``calculate_surface_energies``."""
    done = {kind: part.done for kind, part in parts.items()}
    oriented = {
        label: cell for first, cell in done.pop('oriented', {}).items() for label in cells[first]
    }
    slabs, unrelaxed = done.pop('slabs'), done.pop('unrelaxed', {})
    namespaces = {
        'slabs': {label: slab.structure for label, slab in slabs.items()},
        'energies': {label: slab.energy for label, slab in slabs.items()},
        'unrelaxed_energies': {label: slab.energy for label, slab in unrelaxed.items()},
        'oriented_structures': {label: cell.structure for label, cell in oriented.items()},
        'oriented_energies': {label: cell.energy for label, cell in oriented.items()},
        **phase_energies(parts),
    }
    return {name: nodes for name, nodes in namespaces.items() if nodes}


def phase_energies(parts: Mapping[str, Parts]) -> dict[str, Any]:
    """Return the structures and energies of the references and the competing phases."""
    namespaces: dict[str, Any] = {}
    for kind, name in (('references', 'reference'), ('competing', 'competing')):
        if kind in parts and parts[kind].done:
            done = parts[kind].done
            namespaces[f'{name}_structures'] = {key: phase.structure for key, phase in done.items()}
            namespaces[f'{name}_energies'] = {key: phase.energy for key, phase in done.items()}
    return namespaces
