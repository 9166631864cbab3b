"""How the workflows of surface energies end: with what there is, and what failed by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aiida.engine import ExitCode
from aiida.orm import Float, Int, Str

from ...calculations.read_settings import read_settings
from ...calculations.surface_energies import (
    NO_SURFACE_ENERGY,
    NOT_COMPARABLE,
    calculate_surface_energies,
)
from ...durable import ChildFailed, report
from .cuts import Slabs
from .runs import Computed, Parts
from .settings import CalculationSettings

#: What a workflow of surface energies can end with beside 0, and the message.
EXIT_CODES = {
    'ERROR_SLAB_GENERATION_FAILED': (310, 'No slabs could be cut: {details}'),
    'ERROR_NOT_COMPARABLE': (NOT_COMPARABLE, '{details}'),
    'ERROR_NO_SURFACE_ENERGY': (NO_SURFACE_ENERGY, '{details}'),
    'ERROR_NO_SLAB_COMPUTED': (401, 'No slab has an energy: {details}'),
    'ERROR_SOME_PARTS_FAILED': (402, '{failed} of {total} parts failed: {details}'),
    'ERROR_BULK_FAILED': (403, 'The bulk has no energy: {details}'),
}

#: What a part is called in messages, by its kind.
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
    """Compute the surface energies of what was computed.

    :param parts: ``slabs``, and as far as there are ``references``, ``competing``, ``unrelaxed``
        and ``oriented``.
    :param cells: by the name of a part of ``oriented``, the slabs that have its cell.
    :returns: the outputs, and an exit code that names what failed.
    """
    relaxed = parts['slabs'].done
    outputs: dict[str, Any] = {
        'relaxed_slabs': {label: one.structure for label, one in relaxed.items()},
        'slab_energies': {label: one.energy for label, one in relaxed.items()},
    }
    failures = {**slabs.excluded, **dict(_failures(parts))}
    details = '; '.join(f'{name}: {why}' for name, why in failures.items())
    if not relaxed:
        return outputs, fail('ERROR_NO_SLAB_COMPUTED', details=details)
    outputs['settings'] = read_settings(Float(settings.kpoints_spacing), **_told(bulk, parts))
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
        told = '; '.join(filter(None, [error.exit_message, details]))
        return outputs, ExitCode(error.exit_status, told)
    outputs.update(results)
    for label, reason in results['refused'].get_dict().items():
        report(f'{label} has no surface energy: {reason}')
    if not failures:
        return outputs, None
    total = 1 + len(slabs.excluded)  # the bulk is one
    total += sum(len(one.done) + len(one.failed) for one in parts.values())
    return outputs, fail(
        'ERROR_SOME_PARTS_FAILED', failed=len(failures), total=total, details=details
    )


def _failures(parts: Mapping[str, Parts]) -> Iterator[tuple[str, str]]:
    for kind, one in parts.items():
        for name, reason in one.failed.items():
            yield _NAMES.get(kind, '{}').format(name), reason


def _told(bulk: Computed, parts: Mapping[str, Parts]) -> dict[str, Any]:
    """Return the inputs of ``read_settings``."""
    told: dict[str, Any] = {'bulk': bulk.settings()}
    for kind, one in parts.items():
        if one.done:
            told[kind] = {name: computed.settings() for name, computed in one.done.items()}
    return told


def _energies(parts: Mapping[str, Parts], cells: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the namespaces of ``calculate_surface_energies``."""
    done = {kind: one.done for kind, one in parts.items()}
    oriented = {
        label: one for first, one in done.pop('oriented', {}).items() for label in cells[first]
    }
    slabs, unrelaxed = done.pop('slabs'), done.pop('unrelaxed', {})
    found = {
        'slabs': {label: one.structure for label, one in slabs.items()},
        'energies': {label: one.energy for label, one in slabs.items()},
        'unrelaxed_energies': {label: one.energy for label, one in unrelaxed.items()},
        'oriented_structures': {label: one.structure for label, one in oriented.items()},
        'oriented_energies': {label: one.energy for label, one in oriented.items()},
        **phase_energies(parts),
    }
    return {name: nodes for name, nodes in found.items() if nodes}


def phase_energies(parts: Mapping[str, Parts]) -> dict[str, Any]:
    """Return the structures and energies of the references and the competing phases."""
    found: dict[str, Any] = {}
    for kind, name in (('references', 'reference'), ('competing', 'competing')):
        if kind in parts and parts[kind].done:
            done = parts[kind].done
            found[f'{name}_structures'] = {one: phase.structure for one, phase in done.items()}
            found[f'{name}_energies'] = {one: phase.energy for one, phase in done.items()}
    return found
