"""``aiida-slabrelax show``: the results of a run, finished or not."""

from __future__ import annotations

import click

from ..params import options
from ..printing import print_text


@click.command()
@click.argument('identifier', metavar='PK|UUID')
@click.option(
    '--json',
    'form',
    flag_value='json',
    help='Print all quantities as JSON; the keys end in their units.',
)
@click.option('--csv', 'form', flag_value='csv', help='Print all quantities as CSV, a line a slab.')
@options.profile
def show(identifier: str, form: str | None, profile: str | None) -> None:
    """Show the slabs of a SlabRelaxWorkChain, running or finished, from the provenance.

    With --json and --csv energies are in eV, forces in eV/Å, lengths in Å; unknown values
    are null or empty.
    """
    from ..inputs.nodes import load_results
    from ..tables import slabs as table

    results = load_results(identifier, profile)
    match form:
        case 'json':
            print_text(table.as_json(results))
        case 'csv':
            print_text(table.as_csv(results))
        case _:
            print_text(table.as_text(results))
