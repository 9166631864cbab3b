"""``aiida-slabrelax launch``: submit a run to the user's own AiiDA."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...slab_options import OPTIONS
from ..inputs.crystal_tables import Crystal, read_table
from ..inputs.yaml_files import read_yaml
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.groups import group
from ..params.job_options import collect_options, job_options
from ..params.names import CodeName, FamilyName
from ..params.prerelaxing import prerelax_options
from ..params.protocol import protocol
from ..params.slab_options import choice_options, columns_of_options, slab_option
from ..printing import print_line
from ..runs.announcing import submit_and_announce

if TYPE_CHECKING:
    from ..inputs.reading_options import ReadingOptions


@click.command(cls=options.MillerCommand)
@click.argument('code', type=CodeName())
@click.argument('structures', metavar='STRUCTURE…', nargs=-1, type=options.FileName())
@click.option(
    '--table',
    type=options.FileName(),
    metavar='FILE',
    help='Crystals in a table, .csv, .tsv or .yaml: a row for each, with its file, and with '
    'surfaces and options of slabs of its own.',
)
@group('The runs are members of this group; needed for several crystals.')
@crystal_options
@options.miller(multiple=True)
@options.max_index
@slab_option('min_slab_thickness')
@slab_option('layers')
@slab_option('min_vacuum_thickness')
@slab_option('layer_tolerance')
@slab_option('symmetrize')
@slab_option('stoichiometric_only')
@slab_option('max_atoms')
@slab_option('generator')
@slab_option('indices_of')
@choice_options
@protocol
@click.option(
    '--overrides',
    metavar='FILE',
    help='YAML nested like the inputs of the work chain; its values replace those of the protocol.',
)
@click.option('--family', type=FamilyName(), metavar='NAME', help='The family of potentials.')
@click.option(
    '--max-concurrent',
    type=click.IntRange(min=1),
    metavar='N',
    help='The largest number of relaxations at a time; with --group that of all its runs together.',
)
@prerelax_options
@click.option(
    '--work-functions',
    is_flag=True,
    help='Retrieve LOCPOT, of up to 100 MB, of each slab; its planar average is kept.',
)
@job_options
@click.option('--label', metavar='TEXT', help='A label for the run.')
@options.dry_run
@options.write_inputs
@options.force
@click.option('--wait', is_flag=True, help='Wait for the end, then print the table.')
@options.profile
def launch(
    code: str,
    structures: tuple[str, ...],
    table: str | None,
    group_label: str | None,
    miller: tuple[tuple[int, ...], ...],
    max_index: int | None,
    protocol: str | None,
    overrides: str | None,
    family: str | None,
    max_concurrent: int | None,
    prerelax: str | None,
    screen: float | None,
    work_functions: bool,
    label: str | None,
    dry_run: bool,
    write_inputs: Path | None,
    force: bool,
    wait: bool,
    profile: str | None,
    reading: ReadingOptions,
    **more: Any,
) -> None:
    """Cut and relax every termination of a surface of STRUCTURE, or of several, with VASP.

    CODE is the label (vasp@cluster), pk or uuid of a code; STRUCTURE a file that pymatgen or ASE
    reads, or the pk or uuid of a StructureData. The daemon of the profile must be running.

    Several crystals, or those of a --table, are runs of their own in a --group. Crystals that are
    in it already with the same inputs are not submitted again.
    """
    crystals = _find_crystals(structures, table)
    if group_label is None and (len(crystals) > 1 or table is not None):
        raise click.ClickException('several crystals need --group, a name for their runs')
    if label is not None and len(crystals) > 1:
        raise click.ClickException('--label: the runs of several crystals have the names of files')
    for crystal in crystals:
        if not crystal.miller and 'max_index' not in crystal.values:
            options.one_or_several(miller, max_index)
    cutting = {name: more.pop(name) for name in OPTIONS if name in more}
    read_yaml(overrides)
    options_of_jobs = collect_options(**more)
    from ..inputs.nodes import find_code, use_profile

    use_profile(profile)
    from ..runs.builders import Shared

    inputs: dict[str, Any] = {**cutting, 'screen': screen}
    if group_label is None:
        inputs['max_concurrent'] = max_concurrent
    if prerelax is not None:
        inputs['prerelax'] = find_code(prerelax)
    shared = Shared(
        code=find_code(code),
        reading=reading,
        miller=miller,
        max_index=max_index,
        protocol=protocol,
        overrides=overrides,
        family=family,
        work_functions=work_functions,
        options=options_of_jobs,
        inputs=inputs,
    )
    builders = [shared.build(crystals[0])] if group_label is None else shared.build_all(crystals)
    if label is not None:
        builders[0].metadata.label = label
    if dry_run or write_inputs is not None:
        _show(builders, write_inputs, force)
    elif group_label is None:
        submit_and_announce(builders[0], wait)
    else:
        from ..runs import groups, submission

        submission.require_daemon()
        found = groups.submit_all(group_label, builders, max_concurrent)
        if wait:
            groups.wait_for_group(found)


def _find_crystals(structures: tuple[str, ...], table: str | None) -> list[Crystal]:
    """Return the crystals of the command line and of a table.

    :raises click.ClickException: if there is none, or the table is not valid.
    """
    if not structures and table is None:
        raise click.UsageError("Missing argument 'STRUCTURE…'.")
    crystals = [Crystal(source, source) for source in structures]
    if table is not None:
        crystals += read_table(table, columns_of_options())
    return crystals


def _show(builders: list[Any], folder: Path | None, force: bool) -> None:
    """Print what would be run, and write its input files if there is a folder for them."""
    from ..runs import dry_runs

    for builder in builders:
        own = folder
        if len(builders) > 1:
            name = builder.metadata.label
            print_line(f'{name}:')
            own = folder and folder / re.sub(r'[^\w.-]+', '_', name)
        dry_runs.show(dry_runs.dry_run(builder), own, force)
    print_line('All inputs are valid; nothing was stored.')
