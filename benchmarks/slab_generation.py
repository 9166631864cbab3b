"""How much less CPU time the exact builder takes than pymatgen's generator for the same slabs."""

from __future__ import annotations

import os

os.environ['OMP_NUM_THREADS'] = '1'  # read by numpy when it is imported

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
from pymatgen.core.structure import Structure
from tabulate import tabulate

from crystals import build_crystal
from limits import MAX_MEMORY, MAX_SECONDS, find_excess, measure_hard, measure_memory
from same_slabs import (
    Case,
    cuts_through_layer,
    find_differences,
    run_exact,
    run_plain,
    warm_up,
)

MIN_TOTAL_RATIO = 15.0
"""The exact builder is to take this many times less CPU time in total,"""

MIN_RATIO = 3.0
"""and this many times less in every case"""

SLOW = 0.2
"""that takes pymatgen more than this (s)."""

REPEATS = 7
"""How often the exact builder is timed."""

PATIENCE = 1.0
"""pymatgen is timed as often, but not again once its runs add up to this (s)."""

SURFACES = (
    *(('Fe', (1, 1, 0)), ('Fe', (3, 1, 0)), ('Cu', (1, 1, 1)), ('Cu', (2, 1, 1))),
    *(('Mg', (0, 0, 1)), ('Si', (1, 0, 0)), ('Si', (1, 1, 1)), ('NaCl', (1, 0, 0))),
    *(('NaCl', (2, 1, 0)), ('CeO2', (1, 1, 1)), ('GaAs', (1, 1, 0)), ('GaAs', (1, 1, 1))),
    *(('SrTiO3', (1, 0, 0)), ('SrTiO3', (1, 1, 0)), ('FeS2', (1, 0, 0)), ('FeS2', (2, 1, 0))),
    *(('Ag3PO4', (1, 0, 0)), ('Ag3PO4', (1, 1, 0)), ('Ag3PO4', (2, 1, 0))),
    *(('TiO2 rutile', (1, 1, 0)), ('TiO2 rutile', (1, 0, 1)), ('TiO2 anatase', (1, 0, 1))),
    *(('PbTiO3', (0, 0, 1)), ('ZnO', (1, 0, 0)), ('ZnO', (0, 0, 1)), ('quartz', (0, 0, 1))),
    *(('quartz', (1, 0, 1)), ('LiCoO2', (1, 0, 4)), ('Fe2O3', (0, 0, 1)), ('Fe2O3', (0, 1, 2))),
    *(('Fe2O3', (1, 0, 4)), ('CaCO3', (1, 0, 4)), ('LiFePO4', (0, 1, 0)), ('LiFePO4', (1, 0, 0))),
    *(('ZrO2', (0, 0, 1)), ('ZrO2', (1, 1, 1)), ('CuO', (1, 1, 1)), ('kyanite', (1, 0, 0))),
    *(('kyanite', (1, 1, 0)), ('MgAl2O4', (1, 0, 0)), ('MgAl2O4', (1, 1, 1))),
    ('Y3Al5O12', (1, 0, 0)),
)

SETS = (
    *(('Cu', 3), ('Si', 2), ('NaCl', 2), ('GaAs', 2), ('SrTiO3', 2), ('TiO2 rutile', 2)),
    *(('ZnO', 2), ('Ag3PO4', 2), ('quartz', 1), ('Fe2O3', 1), ('LiFePO4', 1), ('ZrO2', 1)),
    *(('kyanite', 1), ('MgAl2O4', 1), ('Y3Al5O12', 1)),
)

CASES = (
    *(Case(*surface, symmetrize) for surface in SURFACES for symmetrize in (False, True)),
    *(Case(*surfaces) for surfaces in SETS),
)

QUICK = (
    *(Case(name, (1, 0, 0), True) for name in ('SrTiO3', 'Ag3PO4', 'LiFePO4')),
    *(Case('GaAs', (1, 1, 1), True), Case('Cu', (2, 1, 1)), Case('TiO2 rutile', (1, 1, 0))),
    *(Case('Ag3PO4', (2, 1, 0)), Case('Fe2O3', (0, 0, 1)), Case('CaCO3', (1, 0, 4))),
    Case('quartz', 1),
)


@dataclass(frozen=True)
class Timing:
    """What a case took; the times are CPU times in s, one for each run.

    :ivar n_atoms: in the cell of the crystal.
    :ivar n_plain: the slabs of pymatgen's generator.
    :ivar n_exact: those of the exact builder.
    :ivar n_through: pymatgen's slabs that it has cut through a layer.
    :ivar differences: what has no counterpart beside these.
    """

    case: Case
    n_atoms: int
    n_plain: int
    n_exact: int
    n_through: int
    plain: list[float]
    exact: list[float]
    differences: list[str]

    @property
    def ratio(self) -> float:
        """How many times less the exact builder takes."""
        return median(self.plain) / median(self.exact)


def measure(case: Case) -> Timing:
    """Time both generators by turns, then compare what they found."""
    exact, plain = [], []
    for _ in range(REPEATS):
        terminations, seconds = _cpu_time(run_exact, case)
        exact.append(seconds)
        if sum(plain) < PATIENCE:
            slabs, seconds = _cpu_time(run_plain, case)
            plain.append(seconds)
    bulk = build_crystal(case.crystal)
    return Timing(
        case=case,
        n_atoms=len(bulk),
        n_plain=len(slabs),
        n_exact=len(terminations),
        n_through=sum(cuts_through_layer(slab, bulk) for slab in slabs),
        plain=plain,
        exact=exact,
        differences=find_differences(case, slabs, terminations),
    )


def _cpu_time(run: Callable[[Case, Structure], Any], case: Case) -> tuple[Any, float]:
    bulk = build_crystal(case.crystal)
    gc.collect()
    start = time.process_time()
    return run(case, bulk), time.process_time() - start


def totals(timings: Sequence[Timing]) -> tuple[float, float]:
    """Return the CPU time (s) of all cases, with pymatgen's generator and the exact builder."""
    return sum(median(one.plain) for one in timings), sum(median(one.exact) for one in timings)


def find_failures(timings: Sequence[Timing]) -> list[str]:
    """Return what does not meet the requirement."""
    failures = [text for one in timings for text in one.differences]
    for one in timings:
        if median(one.plain) > SLOW and one.ratio < MIN_RATIO:
            failures.append(f'{one.case.name}: {one.ratio:.1f} times less, not {MIN_RATIO:g}')
    plain, exact = totals(timings)
    if plain < MIN_TOTAL_RATIO * exact:
        failures.append(f'in total: {plain / exact:.1f} times less, not {MIN_TOTAL_RATIO:g}')
    return failures


def format_table(timings: Sequence[Timing]) -> str:
    """Return the cases with their times, and the totals."""
    rows = [
        {
            'case': one.case.name,
            'atoms': one.n_atoms,
            'slabs of pymatgen': one.n_plain,
            'exact': one.n_exact,
            'pymatgen (s)': f'{median(one.plain):.3f}',
            'exact (s)': f'{median(one.exact):.4f}',
            'from … to (s)': f'{min(one.exact):.4f} … {max(one.exact):.4f}',
            'ratio': f'{one.ratio:.1f}',
            'same': _describe_agreement(one),
        }
        for one in timings
    ]
    plain, exact = totals(timings)
    total = {'case': 'total', 'pymatgen (s)': f'{plain:.1f}', 'exact (s)': f'{exact:.2f}'}
    rows.append(total | {'ratio': f'{plain / exact:.1f}'})
    aligned = ('left', *('right',) * 7, 'left')
    return tabulate(rows, headers='keys', colalign=aligned, disable_numparse=True)


def _describe_agreement(timing: Timing) -> str:
    if timing.differences:
        return 'no'
    return f'yes, but {timing.n_through} through a layer' if timing.n_through else 'yes'


def _show(case: Case | None) -> str | None:
    return case.name if case else None


@click.command()
@click.option('--json', 'file', type=click.Path(path_type=Path), help='Write the figures there.')
@click.option('--quick', is_flag=True, help='Ten cheap cases: less than a minute.')
def main(file: Path | None, quick: bool) -> None:
    """Compare the exact builder with pymatgen's slab generator: CPU time, memory, slabs.

    Exits with 1 if it is not fast enough, makes other slabs or needs too much memory.
    """
    cases = QUICK if quick else CASES
    # The memory comes first: a process starts with the peak of the one that it is started from.
    largest = max(cases, key=lambda case: len(build_crystal(case.crystal)))
    memory = measure_memory(largest)
    hard = measure_hard()
    warm_up()
    with click.progressbar(cases, file=sys.stderr, item_show_func=_show) as progress:
        timings = [measure(case) for case in progress]

    click.echo(format_table(timings))
    for name, one in memory.items():
        click.echo(f'{name}, {largest.name}: {one.peak:.0f} MB at the peak, {one.growth:.1f} new')
    for name, found in hard.items():
        click.echo(
            f'exact, {name}: {found.n_atoms} atoms, {found.n_slabs} slabs, '
            f'{median(found.seconds):.2f} s, {found.memory.peak:.0f} MB at the peak, '
            f'{found.memory.growth:.1f} new'
        )
    if file:
        figures = {
            'timings': [asdict(one) | {'ratio': one.ratio} for one in timings],
            'totals': dict(zip(('plain', 'exact'), totals(timings), strict=True)),
            'memory': {name: asdict(one) for name, one in memory.items()},
            'hard': {name: asdict(found) for name, found in hard.items()},
        }
        file.write_text(json.dumps(figures, indent=2) + '\n')
    click.echo(
        f'Required: {MIN_TOTAL_RATIO:g} times less CPU time in total, {MIN_RATIO:g} times in every '
        f'case that takes pymatgen over {SLOW} s, and the same slabs; never over {MAX_SECONDS:g} s '
        f'or {MAX_MEMORY:g} MB.'
    )
    longest = {one.case.name: max(one.exact) for one in timings}
    longest |= {name: max(found.seconds) for name, found in hard.items()}
    most = {largest.name: memory['exact'].peak}
    most |= {name: found.memory.peak for name, found in hard.items()}
    failures = find_failures(timings)
    failures += find_excess(longest, most)
    for text in failures:
        click.echo(f'Missed: {text}', err=True)
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
