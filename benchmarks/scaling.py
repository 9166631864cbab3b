"""How the cost of a slab changes with their number: PostgreSQL, RabbitMQ, 1 and 2 workers.

All slabs are in one SlabRelaxWorkChain, with a limit on the relaxations in flight. The stand-in for
VASP answers at once.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import median

import click
from tabulate import tabulate

from aiida_slabrelax.cli.sandbox import environment
from production_profile import production_profile
from relaxation_runs import Bench, in_workdir, measure, submit_slabrelax, with_json

MAX_GROWTH = 1.1
"""CPU time of the worker for a slab, from the smallest number to the largest."""


@click.command()
@click.option('--slabs', multiple=True, type=int, default=(16, 64, 256), show_default=True)
@click.option('--workers', multiple=True, type=int, default=(1, 2), show_default=True)
@click.option(
    '--max-concurrent',
    default=16,
    show_default=True,
    help='At most so many relaxations at a time; a worker has places for 99.',
)
@click.option('--repeats', default=1, show_default=True, help='How often each is run.')
@in_workdir
@with_json
def main(
    slabs: tuple[int, ...],
    workers: tuple[int, ...],
    max_concurrent: int,
    repeats: int,
    workdir: Path,
    as_json: Path | None,
) -> None:
    """Print the cost of a slab; exit with 1 if it grows beyond the limit with their number."""
    submit = partial(submit_slabrelax, max_concurrent=max_concurrent)
    with environment.isolated(workdir), production_profile(workdir):
        bench = Bench(workdir)
        costs = []
        for repeat in range(repeats):
            for number in slabs:
                for count in workers:
                    cost = measure(submit, bench, number, count)
                    costs.append(
                        {'slabs': number, 'workers': count, 'repeat': repeat, **asdict(cost)}
                    )
                    click.echo(costs[-1], err=True)
    rows = []
    for number in slabs:
        row = {'slabs': number}
        for count in workers:
            own = [cost for cost in costs if (cost['slabs'], cost['workers']) == (number, count)]
            for kind in ('worker', 'wall', 'memory', 'nodes'):
                row[f'{kind}/slab, {count} w'] = median(cost[kind] for cost in own) / number
        if {1, 2} <= set(workers):
            row['wall, 2 w : 1 w'] = row['wall/slab, 2 w'] / row['wall/slab, 1 w']
        rows.append(row)
    click.echo(tabulate(rows, headers='keys', floatfmt='.2f'))
    if as_json is not None:
        as_json.write_text(json.dumps({'runs': costs, 'summary': rows}, indent=1))
    kind = f'worker/slab, {workers[0]} w'
    growth = rows[-1][kind] / rows[0][kind]
    click.echo(f'CPU time a slab grows {growth:.2f} times from {slabs[0]} to {slabs[-1]} slabs.')
    sys.exit(1 if growth > MAX_GROWTH else 0)


if __name__ == '__main__':
    main()
