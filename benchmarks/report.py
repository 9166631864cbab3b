"""What the page and the figures of runs with many slabs take: CPU time, memory and size.

The runs are made as nodes, in an AiiDA of their own; each command is a process of its own, so that
what it takes to import AiiDA is in the figures. Slabs of Ag3PO4 (100) with 48 atoms, one of ten of
which has failed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from tabulate import tabulate

from aiida_slabrelax.cli.sandbox import environment
from relaxation_runs import in_workdir, with_json

sys.path.insert(0, str(Path(__file__).parents[1] / 'tests' / 'helpers'))

COMMANDS = {
    'show': ('show', '--json'),
    'slabs': ('plot', 'slabs', '-o', 'slabs.png'),
    'relaxation': ('plot', 'relaxation', '-o', 'relaxation.png'),
    'report': ('report', '-o', 'report.html'),
}
"""The commands, and what they write; the pk goes after the first words."""

MAX_SECONDS = {200: 20.0, 1000: 120.0}
"""By the number of slabs, the CPU time (s) that a command is to take at most,"""

MAX_MEMORY = {200: 300.0}
"""and the memory (MB)."""


@dataclass(frozen=True)
class Cost:
    """What a command has cost.

    :ivar cpu: CPU time, s.
    :ivar wall: s.
    :ivar memory: at its peak, MB.
    :ivar size: of the file that it has written, MB.
    """

    cpu: float
    wall: float
    memory: float
    size: float


@click.command()
@click.option('--slabs', multiple=True, type=int, default=(10, 50, 200, 1000), show_default=True)
@click.option('--layers', default=3, show_default=True, help='Of 16 atoms each.')
@click.option(
    '--command', 'commands', multiple=True, type=click.Choice(list(COMMANDS)), default=COMMANDS
)
@in_workdir
@with_json
def main(
    slabs: tuple[int, ...],
    layers: int,
    commands: tuple[str, ...],
    workdir: Path,
    as_json: Path | None,
) -> None:
    """Print what each command takes; exit with 1 if one is over its limit."""
    costs = []
    with environment.isolated(workdir):
        for number, pk in make_runs(workdir, slabs, layers).items():
            for name in commands:
                cost = measure(name, pk, workdir)
                costs.append({'slabs': number, 'command': name, **asdict(cost)})
                click.echo(costs[-1], err=True)
    click.echo(tabulate(costs, headers='keys', floatfmt='.1f'))
    if as_json is not None:
        as_json.write_text(json.dumps(costs, indent=1))
    excess = [
        f'{cost["command"]} of {cost["slabs"]} slabs: {cost[kind]:.0f} {unit}, not {limit:g}'
        for kind, limits, unit in (('cpu', MAX_SECONDS, 's'), ('memory', MAX_MEMORY, 'MB'))
        for cost in costs
        if (limit := limits.get(cost['slabs'])) is not None and cost[kind] > limit
    ]
    click.echo('\n'.join(excess) or 'All are within their limits.')
    sys.exit(bool(excess))


def make_runs(workdir: Path, slabs: tuple[int, ...], layers: int) -> dict[int, int]:
    """Return the pk of a run by the number of its slabs; those of an earlier time are kept."""
    environment.load_profile(workdir)
    from aiida.orm import QueryBuilder, WorkChainNode

    from large_runs import make_run

    code = environment.set_up_code(environment.set_up_computer(workdir))
    runs = {}
    for number in slabs:
        label = f'{number} slabs of {layers} layers'
        query = QueryBuilder().append(WorkChainNode, filters={'label': label}, project='id')
        if (found := query.first(flat=True)) is None:
            run = make_run(code, number, layers)
            run.label = label
            found = run.pk
        runs[number] = int(found)
    return runs


def measure(name: str, pk: int, workdir: Path) -> Cost:
    """Run a command to its end.

    :raises click.ClickException: if it fails.
    """
    output = workdir / 'output'
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir()
    words = list(COMMANDS[name])
    words.insert(1 if words[0] != 'plot' else 2, str(pk))
    program = Path(sys.executable).parent / 'aiida-slabrelax'
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(output)
        with open('stdout', 'w') as stream:
            os.dup2(stream.fileno(), 1)
        os.execv(program, [str(program), *words])
    _, status, used = os.wait4(child, 0)
    wall = time.monotonic() - begin
    if status:
        raise click.ClickException(f'{" ".join(words)} has failed')
    return Cost(
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        memory=used.ru_maxrss / 1024,  # kB on Linux
        size=sum(path.stat().st_size for path in output.iterdir()) / 1e6,
    )


if __name__ == '__main__':
    main()
