"""``aiida-slabrelax demo``: a complete run on this machine, in its own AiiDA profile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...standin.models import MODELS, NAMED
from ..errors import CommandFailed, reported
from ..files.pictures import check_picture, save_picture, unused_name
from ..interruption import interruptible, killed_if_given_up
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.cut_options import cut
from ..params.protocol import protocol_option
from ..params.slab_options import slab_option
from ..printing import print_line, print_text
from ..sandbox import environment
from ..sandbox.models import check_model

if TYPE_CHECKING:
    from aiida.engine import ProcessBuilder
    from aiida.orm import InstalledCode, StructureData

    from ...results.slabs import RunResults
    from ..inputs.reading_options import ReadingOptions

#: Smaller than those of the protocols for production, in Å.
SIZES = {'min_slab_thickness': 10.0, 'min_vacuum_thickness': 15.0}

#: In 2π/Å.
KPOINTS_SPACING = 0.05

EPILOG = (
    'Everything is kept in the folder of the demo: an AiiDA profile (SQLite, the ZeroMQ broker), '
    'the calculations and the picture. A second demo in the same folder uses the same profile. '
    'VASP is played by vasp-standin, whose energies are not those of VASP.'
)


@click.command(cls=options.MillerCommand, epilog=EPILOG)
@click.option(
    '--structure',
    type=options.FileName(),
    metavar='FILE',
    help='A crystal that pymatgen or ASE reads.  [default: Ag3PO4]',
)
@crystal_options
@options.miller(multiple=True, default=['1 0 0'], show_default='1 0 0')
@slab_option('min_slab_thickness', default='10')
@slab_option('min_vacuum_thickness', default='15')
@slab_option('symmetrize')
@protocol_option(
    'Thickness, vacuum and k-points of a protocol: fast, balanced, stringent or NAME@FILE.'
)
@click.option(
    '--model',
    type=click.Choice(NAMED),
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
    min_slab_thickness: float | None,
    min_vacuum_thickness: float | None,
    symmetrize: bool | str | None,
    protocol: str | None,
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
        given = {
            'min_slab_thickness': min_slab_thickness,
            'min_vacuum_thickness': min_vacuum_thickness,
            'symmetrize': symmetrize,
        }
        chosen, spacing = choose(protocol, given)
        cut(to_pymatgen(bulk), miller=miller, max_index=None, **chosen)
        model = check_model(model, bulk)
        computer = environment.set_up_computer(workdir)
        environment.set_up_potentials(bulk.get_symbols_set())
        code = environment.set_up_code(computer)
        with reported(ValueError):
            builder = relaxations(code, bulk, model, force_threshold, max_steps, spacing)
            builder.miller_indices = options.one_or_several(miller, None)
            for name, value in chosen.items():
                builder[name] = value
        crystal = to_pymatgen(bulk).composition.reduced_formula
        planes = ', '.join(map(format_plane, miller))
        print_text(
            f'{crystal} {planes}: slabs of {describe_size(chosen)}, vacuum of '
            f'{chosen["min_vacuum_thickness"]:g} Å, relaxed until no force exceeds '
            f'{force_threshold:g} eV/Å.\n'
            f'Stand-in for VASP, model {model}: {MODELS[model]}.'
        )
        results = run(builder, timeout)
        report(results, figure or unused_name(workdir, 'slabs', '.png'), force)
        explain(results, workdir)
    if results.exit_status != 0:
        raise click.exceptions.Exit(1)


def choose(protocol: str | None, given: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
    """Return the options of the slabs, and the maximum k-point spacing (2π/Å).

    :param protocol: the name of a protocol; without it the sizes are those of the demo.
    :param given: options from the command line; None if not given.
    """
    from ...protocol_files import kpoints_spacing_of, slab_options_of

    wanted = {name: value for name, value in given.items() if value is not None}
    if protocol is None:
        return {**SIZES, **wanted}, KPOINTS_SPACING
    return slab_options_of(protocol, wanted), kpoints_spacing_of(protocol) or KPOINTS_SPACING


def describe_size(chosen: Mapping[str, Any]) -> str:
    """Return the requested thickness or number of layers as text."""
    layers = chosen.get('layers')
    return f'{chosen["min_slab_thickness"]:g} Å' if layers is None else f'{layers} layers'


def relaxations(
    code: InstalledCode,
    bulk: StructureData,
    model: str,
    force_threshold: float,
    max_steps: int,
    kpoints_spacing: float,
) -> Any:
    """Return a builder with the crystal and the settings of the relaxations, without the surface.

    :param force_threshold: eV/Å.
    :param kpoints_spacing: the maximum spacing in 2π/Å.
    :raises ValueError: if an input is not valid.
    """
    from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain

    builder: Any = SlabRelaxWorkChain.get_builder()  # its ports are attributes made as it is
    builder.bulk_structure = bulk
    builder.vasp.code = code
    builder.vasp.kpoints_spacing = kpoints_spacing
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

    :raises click.ClickException: if the inputs are not valid.
    :raises CommandFailed: after the time-out.
    """
    from aiida.engine import submit

    from ..runs.follow import follow

    with environment.daemon() as let_through:
        with reported(ValueError):
            node = submit(builder)
        name = f'SlabRelaxWorkChain<{node.pk}>'
        patience = reported(TimeoutError, prefix=f'{name} ', raising=CommandFailed)
        with killed_if_given_up(node), patience:
            print_line(f'Submitted {name}.')
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
    """Print how to look at the run."""
    commands = [f'show {results.pk}', f'report {results.pk} -o report.html']
    if any(slab.relaxed is not None for slab in results.slabs):
        commands.append(f'plot relaxation {results.pk} -o relaxation.png')
    print_text(environment.describe_profile(workdir, results.pk, *commands))
