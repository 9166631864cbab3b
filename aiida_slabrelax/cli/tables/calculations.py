"""The planned calculations of a run as text: what slabs share, and what each has of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import prod
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ...results.method import describe_method
from ..printing import lines, table

if TYPE_CHECKING:
    from ...workflows.slab_relax.dry_run import PlannedCalculation

_HEADINGS = ('label', 'k-points', 'electrons', 'relative\ncost', 'fixed\nsites', 'own tags')

_COST = 'Relative cost of an electronic step: k-points (k and -k as one) × electrons² × volume.'

#: Options of the calculations that are shown, with their names.
_OPTIONS = {
    'queue_name': 'queue',
    'account': 'account',
    'qos': 'quality of service',
    'max_wallclock_seconds': 'wall time (s)',
    'max_memory_kb': 'memory (kB)',
}


def as_text(
    planned: Sequence[PlannedCalculation],
    code: str,
    others: Sequence[PlannedCalculation] = (),
    what: str = '',
) -> str:
    """Return the calculations of all slabs, and others.

    :param planned: those of slabs, at least one.
    :param code: the label of the code.
    :param others: those of bulk and references.
    :param what: what has them, in place of slabs.
    """
    what = what or ('structure' if others else 'slab')
    first, every = planned[0], [*planned, *others]
    shared = {
        tag: value
        for tag, value in first.incar.items()
        if all(calculation.incar.get(tag) == value for calculation in planned)
    }
    potentials = {
        kind: title for calculation in every for kind, title in calculation.potentials.items()
    }
    method = describe_method(shared, first.potentials)
    cheapest = min(map(_cost, every))
    return '\n\n'.join(
        [
            lines(
                [
                    f'The first calculation of each {what}, {code}:',
                    *(f'  {name}: {value}' for name, value in method.items()),
                    *wrap(
                        f'INCAR: {_tags(shared)}', 96, initial_indent='  ', subsequent_indent='    '
                    ),
                    f'  potentials: {", ".join(f"{k} {t}" for k, t in potentials.items())}',
                    f'  job: {", ".join(_job(first.options))}',
                ]
            ),
            table(
                [
                    (
                        calculation.label,
                        _mesh(calculation),
                        f'{calculation.electrons:g}',
                        f'{_cost(calculation) / cheapest:.1f}',
                        f'{calculation.n_fixed}',
                        _own_tags(calculation, shared),
                    )
                    for calculation in every
                ],
                _HEADINGS,
                numbers=_HEADINGS[2:5],
            ),
            _COST,
        ]
    )


def _mesh(calculation: PlannedCalculation) -> str:
    return '×'.join(map(str, calculation.mesh)) if calculation.mesh else 'a list'


def _own_tags(calculation: PlannedCalculation, shared: Mapping[str, str]) -> str:
    """Return the tags in which a calculation differs from what the slabs share."""
    own = {tag: value for tag, value in calculation.incar.items() if shared.get(tag) != value}
    missing = [f'no {tag}' for tag in shared if tag not in calculation.incar]
    return '; '.join([*filter(None, [_tags(own)]), *missing]) or '–'


def _tags(incar: Mapping[str, str]) -> str:
    return '; '.join(f'{tag} = {_short(value)}' for tag, value in incar.items())


def _short(value: str) -> str:
    """Return a list of numbers with repeat counts, as VASP reads them: ``4*5.0 4*-5.0``."""
    words = value.split()
    if len(words) < 4:
        return value
    counted = [(word, len(list(group))) for word, group in groupby(words)]
    return ' '.join(f'{count}*{word}' if count > 1 else word for word, count in counted)


def _job(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in dict(options.get('resources', {})).items():
        yield f'{name} = {value}'
    for name, words in _OPTIONS.items():
        if (value := options.get(name)) is not None:
            yield f'{words} {value}'
    if options.get('withmpi') is False:
        yield 'without MPI'


def _cost(calculation: PlannedCalculation) -> float:
    """Return the cost of an electronic step, which grows with the cube of the size of the cell."""
    mesh = calculation.mesh or [1]
    # Of a mesh with Γ, points with k = -k are at 0 and, for even numbers, at the zone boundary.
    alone = prod(2 if number % 2 == 0 else 1 for number in mesh)
    points = (prod(mesh) + alone) / 2
    volume: float = calculation.structure.get_cell_volume()
    return points * calculation.electrons**2 * volume
