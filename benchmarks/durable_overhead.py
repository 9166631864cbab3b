"""How much CPU time a step of a durable workflow takes, against a classic work chain and WorkGraph.

Everything runs in one process, on a profile in memory, without daemon: what is measured is the
engine. The ways take turns, so that whatever else the machine does meets all of them.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

os.environ['AIIDA_PATH'] = tempfile.mkdtemp()  # read by aiida when it is imported

import click
from aiida import load_profile
from aiida.storage.sqlite_temp import SqliteTempBackend
from tabulate import tabulate

MAX_RATIO = 1.2
"""A durable step is to take at most this many times the CPU time of a classic one,"""

COMPARED = 100
"""up to this number of steps;"""

MAX_GROWTH = 1.2
"""at the largest number of steps this many times that of the smallest."""

ONCE_ABOVE = {'classic': COMPARED, 'durable': COMPARED, 'workgraph': 10}
"""Above so many steps each way is run only once."""


def measure(run: Callable[[int], Any], steps: int) -> float:
    """Return the CPU time (s) that so many steps take."""
    gc.collect()
    begin = time.process_time()
    run(steps)
    return time.process_time() - begin


@click.command()
@click.option('--steps', multiple=True, type=int, default=(10, 100, 500), show_default=True)
@click.option(
    '--repeats',
    default=3,
    show_default=True,
    help='How often each is run; what takes minutes, once.',
)
@click.option('--json', 'as_json', type=click.Path(path_type=Path), help='Write the figures here.')
def main(steps: tuple[int, ...], repeats: int, as_json: Path | None) -> None:
    """Print the CPU time per step and its ratios; exit with 1 if one is over its limit."""
    load_profile(SqliteTempBackend.create_profile('benchmark'), allow_switch=True)
    from aiida.manage import get_manager

    from durable_programs import CLASSIC, DURABLE, WIDTH

    # Without a broker a parent learns of the end of a child by looking.
    run_get_node = get_manager().create_runner(communicator=None, poll_interval=0.02).run_get_node
    ways: dict[str, dict[str, Callable[[int], Any]]] = {
        'classic': {
            kind: lambda n, one=one: run_get_node(one, steps=n) for kind, one in CLASSIC.items()
        },
        'durable': {
            kind: lambda n, one=one: run_get_node(one, steps=n) for kind, one in DURABLE.items()
        },
    }
    try:
        from workgraph_programs import make_runs
    except ImportError:
        click.echo('aiida-workgraph is not installed here: left out.')
    else:
        ways['workgraph'] = make_runs(run_get_node)
    for kinds in ways.values():  # what is imported and defined once
        for run in kinds.values():
            run(1)

    rows, failed = [], False
    for kind in CLASSIC:
        per_step: dict[tuple[str, int], float] = {}
        for number in steps:
            times: dict[str, list[float]] = {way: [] for way in ways}
            calls = -(-number // WIDTH) * WIDTH if kind == 'gather' else number
            for repeat in range(repeats):
                for way, kinds in ways.items():
                    largest = COMPARED if way != 'durable' else number
                    if number <= largest and (repeat == 0 or number <= ONCE_ABOVE[way]):
                        times[way].append(measure(kinds[kind], number) / calls)
            for way, values in times.items():
                if values:
                    per_step[way, number] = median(values)
            own = per_step['durable', number]
            row = {'step': kind, 'steps': number, 'durable_ms': 1e3 * own}
            row['spread'] = max(times['durable']) / min(times['durable'])
            row['growth'] = own / per_step['durable', steps[0]]
            for way in ways:
                if way != 'durable' and (way, number) in per_step:
                    row[f'{way}_ms'] = 1e3 * per_step[way, number]
                    row[f'durable_{way}'] = own / per_step[way, number]
            failed |= row.get('durable_classic', 0.0) > MAX_RATIO
            rows.append(row)
            click.echo(rows[-1], err=True)
        failed |= rows[-1]['growth'] > MAX_GROWTH
    click.echo(tabulate(rows, headers='keys', floatfmt='.2f'))
    if as_json is not None:
        as_json.write_text(json.dumps(rows, indent=1))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
