"""``aiida-slabrelax preview``: look at the slabs before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from ..files.pictures import check_picture, save_picture
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.cut_options import cut, cut_options, refuse_cut_options
from ..printing import print_line, print_text

if TYPE_CHECKING:
    from ...results.terminations import Preview
    from ..inputs.reading_options import ReadingOptions


@click.command(cls=options.MillerCommand)
@click.argument('structure', type=options.FileName())
@crystal_options
@cut_options
@click.option(
    '--kpoints-spacing',
    type=float,
    metavar='2π/Å',
    help='The maximum k-point spacing.  [default: of the protocol, or of the run]',
)
@click.option(
    '--plot',
    type=click.Path(path_type=Path, dir_okay=False),
    help='Draw the slabs and their faces: a file .png, .svg or .pdf.',
)
@options.force
@click.option('--json', 'as_json', is_flag=True, help='Print all data of the slabs as JSON.')
@options.profile
def preview(
    structure: str,
    kpoints_spacing: float | None,
    plot: Path | None,
    force: bool,
    as_json: bool,
    profile: str | None,
    reading: ReadingOptions,
    **cutting: Any,
) -> None:
    """Show every termination of a surface of STRUCTURE, and what it would cost to relax them.

    STRUCTURE is a file that pymatgen or ASE reads, for which neither a profile of AiiDA nor VASP is
    needed; or the pk or uuid of a StructureData. That of a SlabRelaxWorkChain shows the slabs of
    this run.

    With --json keys of quantities end in their units; unknown values are null.
    """
    if plot is not None:
        check_picture(plot, force, '--plot')
    check_spacing(kpoints_spacing)
    found = find_preview(structure, kpoints_spacing, profile, reading, cutting)
    from ..tables import terminations as preview_table

    print_text(preview_table.as_json(found) if as_json else preview_table.as_text(found))
    for warning in found.warning.splitlines() if found.warning else ():
        print_line(f'Warning: {warning}', error=True)
    if plot is not None:
        draw(found, plot, force)
        print_line(f'Slabs and their faces: {plot}', error=as_json)


def find_preview(
    name: str,
    kpoints_spacing: float | None,
    profile: str | None,
    reading: ReadingOptions,
    cutting: dict[str, Any],
) -> Preview:
    """Cut the slabs of a crystal, or look up those of a run.

    :raises click.ClickException: if the name is unknown, or there are no slabs.
    """
    from pymatgen.core.structure import Structure

    from ...protocol_files import kpoints_spacing_of
    from ...results import terminations as previews
    from ..inputs.sources import find_source

    source = find_source(name, profile, reading)
    if isinstance(source, Structure):
        if kpoints_spacing is None:
            kpoints_spacing = kpoints_spacing_of(cutting['protocol'])
        return previews.of_survey(source, cut(source, **cutting), kpoints_spacing)
    run = f'SlabRelaxWorkChain<{source.pk}>'
    refuse_cut_options(f'{run} already has slabs: these options apply to a crystal only')
    with reported(ValueError):
        found = previews.of_run(source, kpoints_spacing)
    if not found.structures:
        raise click.ClickException(f'{run} has no slabs (yet)')
    return found


def check_spacing(kpoints_spacing: float | None) -> None:
    """Check the spacing of k-points, in 2π/Å.

    :raises click.ClickException: if it is not a finite number above 0.
    """
    from ...option_checks import check_positive

    if kpoints_spacing is None:
        return
    if message := check_positive('spacing of k-points', kpoints_spacing):
        raise click.ClickException(f'--kpoints-spacing: {message}')


def draw(found: Preview, plot: Path, force: bool) -> None:
    """Save the picture.

    :raises click.ClickException: if it cannot be written.
    """
    from ...plots import plot_faces

    symmetry = {label: slab['symmetric'] for label, slab in found.terminations.items()}
    with reported(ValueError, prefix='--plot: '):
        picture = plot_faces(found.structures, symmetry)
    save_picture(picture, plot, force, '--plot')
