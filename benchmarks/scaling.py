"""How the cost of a slab changes with their number: PostgreSQL, RabbitMQ, 1 and 2 workers.

All slabs are submitted at once, in one SlabRelaxWorkChain. The stand-in for VASP answers at once.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from production_profile import production_profile
from relaxation_runs import Bench, in_workdir, measure, submit_slabrelax, with_json
from tabulate import tabulate

from aiida_slabrelax.cli import environment

MAX_GROWTH = 1.1
"""CPU time of the worker for a slab, from the smallest number to the largest."""


@click.command()
@click.option('--slabs', multiple=True, type=int, default=(16, 64, 256), show_default=True)
@click.option('--repeats', default=1, show_default=True, help='How often each is run.')
@in_workdir
@with_json
def main(slabs: tuple[int, ...], repeats: int, workdir: Path, as_json: Path | None) -> None:
    """Print the cost of a slab; exit with 1 if it grows beyond the limit with their number."""
    with environment.isolated(workdir), production_profile(workdir):
        bench = Bench(workdir)
        costs = []
        for repeat in range(repeats):
            for number in slabs:
                for workers in (1, 2):
                    cost = measure(submit_slabrelax, bench, number, workers)
                    costs.append(
                        {'slabs': number, 'workers': workers, 'repeat': repeat, **asdict(cost)}
                    )
                    click.echo(costs[-1], err=True)
    rows = []
    for number in slabs:
        row = {'slabs': number}
        for workers in (1, 2):
            own = [cost for cost in costs if (cost['slabs'], cost['workers']) == (number, workers)]
            for kind in ('worker', 'wall', 'memory', 'nodes'):
                row[f'{kind}/slab, {workers} w'] = median(cost[kind] for cost in own) / number
        row['wall, 2 w : 1 w'] = row['wall/slab, 2 w'] / row['wall/slab, 1 w']
        rows.append(row)
    click.echo(tabulate(rows, headers='keys', floatfmt='.2f'))
    if as_json is not None:
        as_json.write_text(json.dumps({'runs': costs, 'summary': rows}, indent=1))
    growth = rows[-1]['worker/slab, 1 w'] / rows[0]['worker/slab, 1 w']
    click.echo(f'CPU time a slab grows {growth:.2f} times from {slabs[0]} to {slabs[-1]} slabs.')
    sys.exit(1 if growth > MAX_GROWTH else 0)


if __name__ == '__main__':
    main()
