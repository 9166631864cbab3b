"""The results of the runs in a group as one table for people, and as JSON and CSV for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...results.columns import COLUMNS
from ...results.costs.amounts import total_of
from ...results.relaxations.programs import describe_programs
from ...visible import visible
from .. import printing
from ..for_programs import to_csv, to_json
from . import costs
from .slabs import CSV_KEYS, as_dict, csv_row, describe_run, remarks_on, slab_as_dict

if TYPE_CHECKING:
    from ...results.groups import GroupResults

_CRYSTAL = 'crystal'


def as_text(results: GroupResults) -> str:
    """Return one table, followed by remarks on failures and on runs that have not ended well."""
    found = [*results.rows()]
    slabs = [slab for _, slab in found]
    shown = [column for column in COLUMNS if column.heading and column.applies(slabs)]
    blocks = ['No slabs (yet).']
    if found:
        blocks = [
            printing.table(
                [(name, *(column.show(slab) for column in shown)) for name, slab in found],
                [_CRYSTAL, *(column.heading for column in shown)],
                numbers=[column.heading for column in shown if column.format],
            )
        ]
    remarks = [
        line if line.startswith(' ') else f'{name} {line}'
        for name, slab in found
        for line in remarks_on(slab)
    ]
    runs = [describe_run(one.last) for one in results.crystals if one.last.exit_status != 0]
    blocks += [printing.lines(lines) for lines in (remarks, runs) if lines]
    if found:
        blocks.append('Total energies of different compositions are not comparable.')
    if line := describe_programs(results.programs):
        blocks.append(visible(line))
    if line := costs.cost_line(total_of(results.costs)):
        blocks.append(line)
    if results.counts['failed']:
        blocks.append(
            f'`aiida-slabrelax retry --group {results.label}` runs the failed slabs again.'
        )
    return '\n\n'.join([*blocks, visible(results.summary)])


def as_json(results: GroupResults) -> str:
    """Return the slabs of each crystal, and its runs, as JSON."""
    return to_json(
        {
            'group': results.label,
            'cost': costs.as_dict(results.costs),
            'crystals': [
                {
                    'crystal': one.name,
                    'runs': [
                        {key: value for key, value in as_dict(run).items() if key != 'slabs'}
                        for run in one.runs
                    ],
                    'slabs': [slab_as_dict(slab) for slab in one.slabs],
                }
                for one in results.crystals
            ],
        }
    )


def as_csv(results: GroupResults) -> str:
    """Return one line for each slab below a line of keys; unknown values are empty."""
    rows = [{_CRYSTAL: name, **csv_row(slab)} for name, slab in results.rows()]
    return to_csv([_CRYSTAL, *CSV_KEYS], rows).removesuffix('\n')
