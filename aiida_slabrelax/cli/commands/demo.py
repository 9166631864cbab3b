"""``aiida-slabrelax demo``: a complete run on this machine, in its own AiiDA profile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...standin.models import MODELS
from ..errors import reported
from ..files.pictures import check_picture, save_picture, unused_name
from ..interruption import interruptible, killed_if_given_up
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.cut_options import cut
from ..params.slab_options import slab_option
from ..printing import print_line, print_text
from ..sandbox import environment
from ..sandbox.models import check_model

if TYPE_CHECKING:
    from aiida.engine import ProcessBuilder
    from aiida.orm import InstalledCode, StructureData

    from ...results.slabs import RunResults
    from ..inputs.reading_options import ReadingOptions

EPILOG = (
    'Everything is kept in the folder of the demo: an AiiDA profile (SQLite, the ZeroMQ broker), '
    'the calculations and the picture. A second demo in the same folder uses the same profile. '
    'VASP is played by vasp-standin, whose energies are not those of VASP.'
)


@click.command(cls=options.MillerCommand, epilog=EPILOG)
@click.option(
    '--structure', metavar='FILE', help='A crystal that pymatgen or ASE reads.  [default: Ag3PO4]'
)
@crystal_options
@options.miller(multiple=True, default=['1 0 0'], show_default='1 0 0')
@slab_option('min_slab_thickness', preset=True)
@slab_option('min_vacuum_thickness', preset=True)
@slab_option('symmetrize')
@click.option(
    '--model',
    type=click.Choice(list(MODELS)),
    help='What stands in for density-functional theory.  [default: emt for metals, else gfn1]',
)
@click.option(
    '--force-threshold',
    type=click.FloatRange(min=0, min_open=True),
    default=0.1,
    show_default=True,
    metavar='eV/Å',
    help='Relax until no force is larger.',
)
@click.option(
    '--max-steps',
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    metavar='N',
    help='The largest number of ionic steps of a calculation.',
)
@options.timeout(1800)
@options.workdir('The folder of the demo.')
@click.option(
    '--figure',
    type=click.Path(path_type=Path, dir_okay=False),
    help='The picture of the slabs before and after.  [default: slabs.png in the folder, or '
    'slabs_2.png if that exists, …]',
)
@options.force
def demo(
    structure: str | None,
    miller: tuple[tuple[int, ...], ...],
    min_slab_thickness: float,
    min_vacuum_thickness: float,
    symmetrize: bool | str | None,
    model: str | None,
    force_threshold: float,
    max_steps: int,
    timeout: float,
    workdir: Path,
    figure: Path | None,
    force: bool,
    reading: ReadingOptions,
) -> None:
    """Relax all terminations of a surface on this machine, with a stand-in for VASP.

    Without options: the four (100) terminations of Ag3PO4 with GFN1-xTB, in a few minutes.
    """
    workdir = workdir.resolve()
    if figure is not None:
        check_picture(figure, force, '--figure')
        figure = figure.absolute()  # the name of a link is its own
    with environment.isolated(workdir), interruptible():
        from ...calculations.structures import to_pymatgen
        from ...surfaces import format_plane
        from ..inputs.structures import read_structure, silver_phosphate

        environment.load_profile(workdir)
        bulk = read_structure(Path(structure), reading) if structure else silver_phosphate()
        cut(
            to_pymatgen(bulk),
            miller=miller,
            max_index=None,
            min_slab_thickness=min_slab_thickness,
            min_vacuum_thickness=min_vacuum_thickness,
            symmetrize=symmetrize,
        )
        model = check_model(model, bulk)
        computer = environment.set_up_computer(workdir)
        environment.set_up_potentials(bulk.get_symbols_set())
        code = environment.set_up_code(computer)
        with reported(ValueError):
            builder = relaxations(code, bulk, model, force_threshold, max_steps)
            builder.miller_indices = options.one_or_several(miller, None)
            builder.min_slab_thickness = min_slab_thickness
            builder.min_vacuum_thickness = min_vacuum_thickness
            builder.symmetrize = True if symmetrize is None else symmetrize
        crystal = to_pymatgen(bulk).composition.reduced_formula
        planes = ', '.join(map(format_plane, miller))
        print_text(
            f'{crystal} {planes}: slabs of {min_slab_thickness:g} Å, vacuum of '
            f'{min_vacuum_thickness:g} Å, relaxed until no force exceeds '
            f'{force_threshold:g} eV/Å.\n'
            f'Stand-in for VASP, model {model}: {MODELS[model]}.'
        )
        results = run(builder, timeout)
        report(results, figure or unused_name(workdir, 'slabs', '.png'), force)
        explain(results, workdir)
    if results.exit_status != 0:
        raise click.exceptions.Exit(1)


def relaxations(
    code: InstalledCode,
    bulk: StructureData,
    model: str,
    force_threshold: float,
    max_steps: int,
) -> Any:
    """Return a builder with the crystal and the settings of the relaxations, without the surface.

    :param force_threshold: eV/Å.
    :raises ValueError: if an input is not valid.
    """
    from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain

    builder: Any = SlabRelaxWorkChain.get_builder()  # its ports are attributes made as it is
    builder.bulk_structure = bulk
    builder.vasp.code = code
    builder.vasp.kpoints_spacing = 0.05
    builder.vasp.parameters = {
        'incar': {
            'encut': 400,
            'ediff': 1e-5,
            'ibrion': 1,
            'isif': 2,
            'nsw': max_steps,
            'ediffg': -force_threshold,
        }
    }
    builder.vasp.potential_family = environment.POTENTIAL_FAMILY
    builder.vasp.potential_mapping = {kind.name: kind.symbol for kind in bulk.kinds}
    builder.vasp.calc.metadata.options = {
        'resources': {'num_machines': 1, 'num_mpiprocs_per_machine': 1},
        'withmpi': False,
        'environment_variables': {'VASP_STANDIN_MODEL': model, 'OMP_NUM_THREADS': '1'},
    }
    return builder


def run(builder: ProcessBuilder, timeout: float) -> RunResults:
    """Submit to a daemon that lives as long as the run, and return the results.

    An abandoned run (Ctrl-C, a time-out) is killed, so that the next demo does not continue it.

    :raises click.ClickException: if the inputs are not valid, or after the time-out.
    """
    from aiida.engine import submit

    from ..runs.follow import follow

    with environment.daemon() as let_through:
        with reported(ValueError):
            node = submit(builder)
        patience = reported(TimeoutError, prefix=f'SlabRelaxWorkChain<{node.pk}> ')
        with killed_if_given_up(node), patience:
            print_line(f'Submitted SlabRelaxWorkChain<{node.pk}>.')
            return follow(node, interval=1, timeout=timeout, at_each_look=let_through)


def report(results: RunResults, figure: Path, force: bool) -> None:
    """Print the table and save the picture."""
    from ...plots import plot_slabs
    from ..tables.slabs import as_text

    print_text(f'\n{as_text(results)}\n')
    if results.slabs:
        with reported(ValueError, prefix='--figure: '):
            picture = plot_slabs(results)
        save_picture(picture, figure, force, '--figure')
        print_line(f'Slabs before and after: {figure}')


def explain(results: RunResults, workdir: Path) -> None:
    """Print that the energies are not physical, and how to look at the run."""
    print_text(
        'The energies come from vasp-standin, not from VASP: they mean nothing physically.\n\n'
        f'{environment.describe_profile(workdir, results.pk)}\n'
        f'  aiida-slabrelax show {results.pk}'
    )
