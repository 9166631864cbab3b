"""``aiida-slabrelax show``: the results of a run, finished or not."""

from __future__ import annotations

import click

from ..params import options
from ..params.groups import check_one, group
from ..printing import print_text


@click.command()
@click.argument('identifier', metavar='[PK|UUID]', required=False)
@group('In place of one run, all in this group: one table.')
@click.option(
    '--json', 'as_json', is_flag=True, help='Print all quantities as JSON; keys end in their units.'
)
@click.option('--csv', 'as_csv', is_flag=True, help='Print all quantities as CSV, a line a slab.')
@click.option(
    '--cost',
    'as_cost',
    is_flag=True,
    help='Print core-hours, ionic and electronic steps by part and stage instead.',
)
@options.profile
def show(
    identifier: str | None,
    group_label: str | None,
    as_json: bool,
    as_csv: bool,
    as_cost: bool,
    profile: str | None,
) -> None:
    """Show a run of `launch`, `energies` or `converge`, active or ended, from the provenance.

    Of a SlabRelaxWorkChain the slabs; of the workflows of surface energies, and of
    calculate_surface_energies, the surface energies. Of a group the slabs of all its
    SlabRelaxWorkChains, those of retries in place of what they have retried.

    With --json and --csv energies are in eV, forces in eV/Å, lengths in Å; unknown values
    are null or empty.
    """
    forms = {'json': as_json, 'csv': as_csv, 'cost': as_cost}
    chosen = [form for form, is_chosen in forms.items() if is_chosen]
    if len(chosen) > 1:
        raise click.ClickException(
            f'{" and ".join(f"--{form}" for form in chosen)}: give one of them'
        )
    check_one(identifier, group_label)
    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    from ..runs.showing import find_table, find_table_of_group

    if group_label is not None:
        print_text(find_table_of_group(group_label, *chosen))
    elif identifier is not None:
        print_text(find_table(find_node(identifier), *chosen))
