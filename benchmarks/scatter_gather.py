"""What SlabRelaxWorkChain costs beside bare VaspWorkChains and the same job in aiida-workgraph.

Every run has a worker of its own; the ways take turns, so that whatever else the machine does meets
all of them. The stand-in for VASP answers at once: what is measured is the engine.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median

import click
from tabulate import tabulate

from aiida_slabrelax.cli.sandbox import environment
from relaxation_runs import Bench, in_workdir, measure, submit_bare, submit_slabrelax, with_json

MAX_FLOOR, MAX_WORKGRAPH, MAX_NODES, JUDGED = 1.05, 0.6, 12, 32
"""At so many slabs: CPU time of the worker against the others, and new nodes a slab."""


@click.command()
@click.option('--slabs', multiple=True, type=int, default=(4, 16, 32, 64), show_default=True)
@click.option('--repeats', default=3, show_default=True, help='How often each is run.')
@in_workdir
@with_json
def main(slabs: tuple[int, ...], repeats: int, workdir: Path, as_json: Path | None) -> None:
    """Print the costs and their ratios; exit with 1 if one is over its limit."""
    with environment.isolated(workdir):
        from aiida.manage import get_config

        environment.load_profile(workdir)
        # Parents are told of the end of their children; the demo has them ask once a second too.
        get_config().unset_option('runner.poll.interval', scope=environment.PROFILE)
        get_config().store()
        bench = Bench(workdir)
        ways = {'bare': submit_bare, 'slabrelax': submit_slabrelax}
        try:
            from workgraph_relaxations import submit_workgraph
        except ImportError:
            click.echo('aiida-workgraph is not installed here: left out.')
        else:
            ways['workgraph'] = submit_workgraph
        costs = []
        for number in slabs:
            for repeat in range(repeats):
                for way, submit in ways.items():
                    cost = measure(submit, bench, number)
                    costs.append({'way': way, 'slabs': number, 'repeat': repeat, **asdict(cost)})
                    click.echo(costs[-1], err=True)
    rows, failed = summarise(costs, list(ways))
    click.echo(tabulate(rows, headers='keys', floatfmt='.2f'))
    if as_json is not None:
        as_json.write_text(json.dumps({'runs': costs, 'summary': rows}, indent=1))
    sys.exit(1 if failed else 0)


def summarise(costs: list[dict], ways: list[str]) -> tuple[list[dict], bool]:
    """Return a row for each number of slabs, and whether a limit is exceeded.

    Ratios are taken within a repeat, whose runs have met the same machine: their median, and from
    the smallest to the largest. CPU is that of worker and client together: the client submits bare
    VaspWorkChains, the worker those of a run.
    """
    rows, failed = [], False
    for number in sorted({cost['slabs'] for cost in costs}):
        runs = {
            (cost['way'], cost['repeat']): {**cost, 'CPU': cost['worker'] + cost['client']}
            for cost in costs
            if cost['slabs'] == number
        }
        repeats = sorted({repeat for _, repeat in runs})
        for way in ways:
            own = [runs[way, repeat] for repeat in repeats]
            row = {
                'slabs': number,
                'way': way,
                'worker s/slab': median(run['worker'] for run in own) / number,
                'client s/slab': median(run['client'] for run in own) / number,
                'CPU s/slab': median(run['CPU'] for run in own) / number,
                'wall s/slab': median(run['wall'] for run in own) / number,
                'MB/slab': median(run['memory'] for run in own) / number,
                'nodes/slab': median(run['nodes'] for run in own) / number,
            }
            for other in ('bare', 'workgraph'):
                if way == 'slabrelax' and other in ways:
                    for kind in ('worker', 'CPU', 'wall'):
                        ratios = [
                            runs[way, repeat][kind] / runs[other, repeat][kind]
                            for repeat in repeats
                        ]
                        middle = median(ratios)
                        row[f'{kind}/{other}'] = (
                            f'{middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})'
                        )
                        if number == JUDGED and kind == 'worker':
                            limit = MAX_FLOOR if other == 'bare' else MAX_WORKGRAPH
                            failed |= middle > limit
            if way == 'slabrelax' and number == JUDGED:
                failed |= row['nodes/slab'] > MAX_NODES
            rows.append(row)
    return rows, failed


if __name__ == '__main__':
    main()
