"""``aiida-slabrelax reread``: read the files of a run again; nothing is computed."""

from __future__ import annotations

import click

from ..errors import CommandFailed, one_line, reported
from ..params import options
from ..printing import print_line, print_text


@click.command()
@click.argument('identifier', metavar='PK|UUID')
@options.profile
def reread(identifier: str, profile: str | None) -> None:
    """Read the retrieved files of a SlabRelaxWorkChain again, for slabs without valid results.

    For runs of an earlier version that could not read all output of VASP: slabs without an
    energy, failed slabs, and slabs that count as relaxed although their files say otherwise. If all
    slabs have relaxed then, a new run gathers them, without any calculation. If not, `retry` runs
    the others.
    """
    from ..inputs.nodes import find_node, load_results, use_profile

    use_profile(profile)
    from aiida.engine import run_get_node

    from ...results.runs import ended_run
    from ...results.slabs import collect
    from ...workflows.slab_relax.retries.rereading import read_lost
    from ..runs import submission
    from ..tables import slabs as table

    node = find_node(identifier)
    with reported(ValueError):
        run = ended_run(node)
    readings = read_lost(run)
    if not readings:
        raise click.ClickException(
            f'{run.process_label}<{run.pk}> has no slab whose files contain further results'
        )
    for label, reading in readings.items():
        name = f'{reading.process_label}<{reading.pk}>'
        if reading.is_finished_ok:
            reason = reading.outputs.misc.get_dict()['convergence']['reason']
            print_line(f'{label}: read by {name}: {reason}')
        else:
            print_line(f'{label}: {name}: {one_line(reading.exit_message)}')
    results = collect(run)
    if all(slab.state == 'relaxed' and slab.energy is not None for slab in results.slabs):
        # Nothing is executed, so a run from another user needs no confirmation.
        builder = submission.make_retry(run, {}, None, read_first=False, ask=lambda _: None)
        if set(builder.slabs) != set(builder.previous.relaxed_slabs):
            raise CommandFailed('there are slabs that have not relaxed: `retry` runs them')
        _, gathered = run_get_node(builder)
        results = load_results(str(gathered.pk), profile)
    print_text(f'\n{table.as_text(results)}')
