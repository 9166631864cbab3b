"""``aiida-slabrelax retry``: run again what failed, and only that."""

from __future__ import annotations

import click

from . import options
from .launch import submit_and_announce
from .yaml_files import read_yaml


@click.command()
@click.argument('identifier', metavar='PK|UUID')
@click.option(
    '--overrides',
    metavar='FILE',
    help='YAML nested like the inputs `vasp`; its values replace those of the earlier run.',
)
@click.option('--only', multiple=True, metavar='LABEL', help='Only this slab; can be repeated.')
@click.option('--label', metavar='TEXT', help='A label for the run.')
@click.option('--dry-run', is_flag=True, help='Say what would be run; store nothing.')
@click.option('--wait', is_flag=True, help='Wait for the end, then print the table.')
@options.profile
def retry(
    identifier: str,
    overrides: str | None,
    only: tuple[str, ...],
    label: str | None,
    dry_run: bool,
    wait: bool,
    profile: str | None,
) -> None:
    """Run the slabs of a SlabRelaxWorkChain again that have not relaxed.

    Slabs that have relaxed are taken over and not computed again; what is still in the files of the
    run is read again first, as `reread` does. The others go on from their last geometry. The run
    must have ended: with failures, killed or excepted.
    """
    changes = read_yaml(overrides)
    from . import submission
    from .nodes import find_node, use_profile
    from .reread import lost_slabs

    use_profile(profile)
    node = find_node(identifier)
    builder = submission.make_retry(node, changes, only or None, read_first=not dry_run)
    if label is not None:
        builder.metadata.label = label
    click.echo(submission.describe_retry(builder))
    if dry_run:
        if lost := lost_slabs(node):
            click.echo(f'First the files of {", ".join(lost)} would be read again.')
        click.echo('All inputs are valid; nothing was stored.')
        return
    submit_and_announce(builder, wait)
