"""``aiida-slabrelax launch``: submit a run to the user's own AiiDA."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...slab_options import OPTIONS
from ..inputs.yaml_files import read_yaml
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.job_options import collect_options, job_options
from ..params.names import CodeName, FamilyName
from ..params.prerelaxing import prerelax_options
from ..params.protocol import protocol
from ..params.slab_options import choice_options, slab_option
from ..printing import print_line
from ..runs.announcing import submit_and_announce

if TYPE_CHECKING:
    from ..inputs.reading_options import ReadingOptions


@click.command(cls=options.MillerCommand)
@click.argument('code', type=CodeName())
@click.argument('structure', type=options.FileName())
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
    '--max-concurrent', type=int, metavar='N', help='The largest number of relaxations at a time.'
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
    structure: str,
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
    """
    cutting = {name: more.pop(name) for name in OPTIONS if name in more}
    changes, options_of_jobs = read_yaml(overrides), collect_options(**more)
    planes = options.one_or_several(miller, max_index)
    inputs: dict[str, Any] = {
        **cutting,
        'max_index': max_index,
        'max_concurrent': max_concurrent,
        'screen': screen,
    }
    from ..inputs.nodes import find_code, find_structure, use_profile

    use_profile(profile)
    from ..runs import submission

    submission.check_file(changes, overrides)
    if prerelax is not None:
        inputs['prerelax'] = find_code(prerelax)
    builder = submission.make_builder(
        find_code(code),
        find_structure(structure, reading),
        planes,
        protocol,
        submission.with_locpot(submission.with_family(changes, family), work_functions),
        options_of_jobs,
        **{name: value for name, value in inputs.items() if value is not None},
    )
    if label is not None:
        builder.metadata.label = label
    if dry_run or write_inputs is not None:
        from ..runs import dry_runs

        dry_runs.show(dry_runs.dry_run(builder), write_inputs, force)
        print_line('All inputs are valid; nothing was stored.')
        return
    submit_and_announce(builder, wait)
