"""The results of a run as a table for people, and as JSON and CSV for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...results.columns import COLUMNS, slab_record
from ...results.faces import name_lost
from ...results.relaxations.potentials import INSULATING
from ...results.relaxations.programs import describe_programs
from ...visible import visible
from .. import printing
from ..errors import one_line
from ..for_programs import to_csv, to_json
from . import costs

if TYPE_CHECKING:
    from ...results.relaxations.failed_slabs import Failure
    from ...results.slabs import RunResults, SlabResult


#: The states of a run that has ended.
_ENDED = 'finished', 'excepted', 'killed'

#: The attributes of a failed slab, and their keys in JSON.
FAILURE_KEYS = {
    'message': 'message',
    'calculation_pk': 'calculation_pk',
    'calculation_status': 'calculation_status',
    'calculation_message': 'calculation_message',
    'name': 'name',
    'advice': 'advice',
    'also': 'also',
    'last_lines': 'last_lines',
    'energy': 'last_energy_ev',
    'structure_pk': 'last_structure_pk',
    'computer': 'computer',
    'remote_folder': 'remote_folder',
}


def as_text(results: RunResults) -> str:
    """Return the table, followed by remarks on failures and on comparing energies."""
    shown = [column for column in COLUMNS if column.heading and column.applies(results.slabs)]
    blocks = []
    if results.slabs:
        blocks.append(
            printing.table(
                [[column.show(slab) for column in shown] for slab in results.slabs],
                [column.heading for column in shown],
                numbers=[column.heading for column in shown if column.format],
            )
        )
    else:
        blocks.append('No slabs (yet).')
    if remarks := [line for slab in results.slabs for line in remarks_on(slab)]:
        blocks.append(printing.lines(remarks))
    if not results.comparable:
        blocks.append(
            f'The slabs differ in {results.difference}: their total energies are not comparable, '
            'and the lowest is not the most stable.'
        )
    if line := describe_programs(results.programs):
        blocks.append(visible(line))
    if line := costs.cost_line(results.cost):
        blocks.append(line)
    if results.state in _ENDED and any(slab.state == 'failed' for slab in results.slabs):
        blocks.append(f'`aiida-slabrelax retry {results.pk}` runs the failed slabs again.')
    blocks.append(visible(describe_run(results)))
    return '\n\n'.join(blocks)


def remarks_on(slab: SlabResult) -> Iterator[str]:
    """Yield remarks on a slab that are not in the table: failure, last results, origin."""
    if slab.recovered:
        yield f'{slab.label} recovered from its last calculation: the VaspWorkChain itself failed'
    if slab.read_again:
        yield f'{slab.label} read again from the retrieved files of its last calculation'
    if slab.taken_over:
        yield f'{slab.label} taken over from an earlier run'
    if slab.prerelaxation is not None:
        yield f'{slab.label} {one_line(str(slab.prerelaxation))}'
    if slab.excluded is not None:
        yield f'{slab.label} excluded: {one_line(slab.excluded)}'
    for rescue in slab.rescues:
        yield f'{slab.label} rescued: {rescue}'
    if slab.warnings:
        yield f'{slab.label} relaxed in spite of: {", ".join(slab.warnings)}'
    if slab.lost_order:
        yield f'{slab.label} has lost its magnetic order: {slab.lost_order}'
    if slab.work_functions_refused:
        yield f'{slab.label} has no work functions: {one_line(slab.work_functions_refused)}'
    if slab.work_functions is not None and (slab.band_gap or 0) > INSULATING:
        yield (
            f'{slab.label} has a band gap of {slab.band_gap:.2f} eV, in which its Fermi level may '
            'lie anywhere; so may its work functions'
        )
    if slab.state != 'failed':
        return
    if (failure := slab.failure) is None:
        yield f'{slab.label} failed: not relaxed'
        return
    yield f'{slab.label} failed: {one_line(failure.message)}'
    if failure.name is not None:
        also = f' (also: {", ".join(failure.also)})' if failure.also else ''
        yield f'    {": ".join(filter(None, [f"{failure.name}{also}", failure.advice]))}'
    if failure.last_lines:
        yield '    last lines:'
        yield from (f'        {line}' for line in failure.last_lines)
    last = []
    if failure.energy is not None:
        last.append(f'last energy {failure.energy:.4f} eV')
    if failure.structure_pk is not None:
        last.append(f'last geometry StructureData<{failure.structure_pk}>')
    if failure.remote_folder is not None:
        last.append(f'files in {failure.computer}:{failure.remote_folder}')
    if last:
        yield f'    {", ".join(last)}'


def describe_run(results: RunResults) -> str:
    """Return one line on the state of the run: its progress, or how it ended."""
    name = f'SlabRelaxWorkChain<{results.pk}>'
    if results.label:
        name = f'{name} ({results.label})'
    if results.state == 'finished':
        message = f' {one_line(results.summary)}' if results.summary else ''
        return f'{name} finished [{results.exit_status}]{message}'
    done = f'{results.n_done} of {len(results.slabs)} slabs done'
    if results.state in _ENDED:
        return f'{name} {results.state}, {done}'
    state = f'{results.state}, paused' if results.paused else results.state
    return f'{name} not finished ({state}), {done}'


def as_dict(results: RunResults) -> dict[str, Any]:
    """Return a run without its structures; the keys of quantities end in their units."""
    return {
        'pk': results.pk,
        'uuid': results.uuid,
        'label': results.label,
        'state': results.state,
        'paused': results.paused,
        'exit_status': results.exit_status,
        'exit_message': results.exit_message,
        'comparable': results.comparable,
        'cost': costs.as_dict(results.costs),
        'slabs': [slab_as_dict(slab) for slab in results.slabs],
    }


def slab_as_dict(slab: SlabResult) -> dict[str, Any]:
    """Return a slab without its structures; the keys of quantities end in their units."""
    return {
        **slab_record(slab),
        'rescues': [
            {'failure': rescue.name, 'changes': dict(rescue.changes)} for rescue in slab.rescues
        ],
        'prerelaxation': None if slab.prerelaxation is None else asdict(slab.prerelaxation),
        'excluded': slab.excluded,
        'warnings': list(slab.warnings),
        'moments_mu_b': None if slab.moments is None else list(slab.moments),
        'lost_order': slab.lost_order,
        'lost_neighbours': slab.lost_neighbours,
        'failure': _failure_as_dict(slab.failure),
    }


def _failure_as_dict(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    values = {key: getattr(failure, attribute) for attribute, key in FAILURE_KEYS.items()}
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
    }


def _in_one_cell(value: Any) -> Any:
    return ' | '.join(value) if isinstance(value, list) else value


def as_json(results: RunResults) -> str:
    """Return :func:`as_dict` as JSON."""
    return to_json(as_dict(results))


def as_csv(results: RunResults) -> str:
    """Return one line for each slab below a line of keys; unknown values are empty."""
    return to_csv(CSV_KEYS, map(csv_row, results.slabs)).removesuffix('\n')


#: The keys of CSV files.
CSV_KEYS = [
    *(column.key for column in COLUMNS),
    *('rescues', 'prerelaxation', 'excluded', 'warnings'),
    *('moments_mu_b', 'lost_order', 'lost_neighbours'),
    *(f'failure_{key}' for key in FAILURE_KEYS.values()),
]


def csv_row(slab: SlabResult) -> dict[str, Any]:
    """Return the values of a slab by the keys of CSV files, each as one cell."""
    failure = _failure_as_dict(slab.failure) or {}
    return {
        **slab_record(slab),
        'rescues': ' | '.join(map(str, slab.rescues)),
        'prerelaxation': slab.prerelaxation and str(slab.prerelaxation),
        'excluded': slab.excluded,
        'warnings': ' | '.join(slab.warnings),
        'moments_mu_b': ' | '.join(map(str, slab.moments or ())),
        'lost_order': slab.lost_order,
        'lost_neighbours': None
        if slab.lost_neighbours is None
        else name_lost(slab.lost_neighbours),
        **{f'failure_{key}': _in_one_cell(value) for key, value in failure.items()},
    }
