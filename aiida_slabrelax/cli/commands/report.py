"""``aiida-slabrelax report``: a run as one web page."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import reported
from ..files.new_files import check_new_file, new_file
from ..params import options
from ..params.groups import check_one, group
from ..printing import print_line


@click.command()
@click.argument('identifier', metavar='[PK|UUID]', required=False)
@group('In place of one process, all SlabRelaxWorkChains in this group.')
@options.output('The page; its name ends in .html.')
@options.force
@options.profile
def report(
    identifier: str | None,
    group_label: str | None,
    output: Path,
    force: bool,
    profile: str | None,
) -> None:
    """Write one web page on a process, finished or running, that opens without a network.

    PK is that of a SlabRelaxWorkChain, of calculate_surface_energies or of a workflow that has
    called either. The page has the inputs, the terminations, failures, figures, structures to
    turn with the mouse, the provenance and what to cite. That of a group has one table of all
    slabs; the figures are in the pages of its runs.
    """
    check_one(identifier, group_label)
    if output.suffix.lower() not in ('.html', '.htm'):
        raise click.ClickException(f'--output: {output} must end in .html')
    check_new_file(output, force=force)

    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    from ...report import write_group_page, write_page
    from ..runs.groups import find_group

    with reported(ValueError):
        if group_label is not None:
            page = write_group_page(find_group(group_label))
        elif identifier is not None:
            page = write_page(find_node(identifier))
    with new_file(output, force=force) as scratch:
        scratch.write_text(page, 'utf-8')
    print_line(f'Report: {output}')
