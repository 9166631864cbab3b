"""``aiida-slabrelax gamma``: surface energies from one's own numbers."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import reported
from ..files.pictures import check_picture, check_width, save_picture
from ..inputs.sources import refuse_folder
from ..params import options
from ..params.potentials import Potential
from ..printing import print_line, print_text

#: The figures of surface energies, and the number of chemical potentials along their axes.
AXES = {'surface-energies': 1, 'stability': 2, 'wulff': 0}

#: The largest file that is read, in bytes.
LARGEST = 10_000_000

EPILOG = (
    'A line of FILE is a cell: role (bulk, slab, reference or competing), label, formula (all '
    'atoms of the cell), energy_ev (of the cell), and for slabs area_angstrom2 (of one face), '
    'miller_indices (such as 1 0 -1) and symmetric (yes or no: whether both faces are equivalent). '
    'Slabs with the composition of the bulk need no references; others need those of all elements '
    'but one.'
)


class Plot(click.ParamType):
    """A figure and its file, such as ``stability=map.png``."""

    name = 'KIND=FILE'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """Return the kind of figure and the path."""
        if isinstance(value, tuple):
            return value
        kind, sign, path = str(value).partition('=')
        if kind not in AXES or not (sign and path):
            raise click.ClickException(
                f'--plot: KIND=FILE is needed, KIND one of {", ".join(AXES)}, got {value!r}'
            )
        return kind, Path(path)


@click.command(epilog=EPILOG)
@click.argument('file', type=click.Path(path_type=Path))
@click.option(
    '--eliminate',
    metavar='ELEMENT',
    help='The element whose chemical potential the bulk fixes.  [default: one without reference, '
    'else the most electropositive]',
)
@click.option(
    '--at',
    'potentials',
    type=Potential(),
    multiple=True,
    help='Δμ (eV) of an element, such as O=-1.2, for one more column and for the Wulff shape; can '
    'be repeated.',
)
@click.option('--json', 'as_json', is_flag=True, help='Print everything as JSON.')
@click.option('--csv', 'as_csv', is_flag=True, help='Print a line for each slab as CSV.')
@click.option(
    '--plot',
    'plots',
    type=Plot(),
    multiple=True,
    help='Draw a figure: surface-energies, stability or wulff; can be repeated.',
)
@click.option(
    '--structure',
    metavar='CRYSTAL',
    help='The file of the bulk crystal; only the Wulff shape needs it.',
)
@options.width
@options.force
def gamma(
    file: Path,
    eliminate: str | None,
    potentials: tuple[tuple[str, float], ...],
    as_json: bool,
    as_csv: bool,
    plots: tuple[tuple[str, Path], ...],
    structure: str | None,
    width_mm: float | None,
    force: bool,
) -> None:
    """Compute surface energies from the energies, areas and formulas in FILE.

    The numbers may come from any program. No profile of AiiDA is needed.
    """
    if as_json and as_csv:
        raise click.ClickException('--json and --csv: give one of them')
    for _, path in plots:
        check_picture(path, force, '--plot')
    check_width(width_mm)
    from ...energetics import NotComparableError
    from ...energetics.own_numbers import NumbersError, read_numbers, surface_energies_of
    from ..tables import own_numbers as table

    with reported(NumbersError, prefix=f'{file}: '):
        numbers = read_numbers(_read(file))
    with reported(NotComparableError, prefix='--eliminate: '):
        energies = surface_energies_of(numbers, eliminate)
    form = table.as_json if as_json else table.as_csv if as_csv else table.as_text
    print_text(form(numbers, energies, dict(potentials)))
    if not plots:
        return
    from ... import plots as figures
    from ...plots.conditions import default_axes
    from ...results.energies.own_numbers import to_results
    from ..inputs.crystal_files import read
    from ..inputs.reading_options import ReadingOptions

    crystal = None if structure is None else read(Path(structure), ReadingOptions()).structure
    results = to_results(numbers, energies, crystal)
    for kind, path in plots:
        with reported(ValueError, NotComparableError, prefix=f'--plot {kind}: '):
            axes = default_axes(results, AXES[kind]) if AXES[kind] else []
            fixed = {element: value for element, value in potentials if element not in axes}
            if kind == 'surface-energies':
                figure = figures.plot_surface_energies(results, fixed_ev=fixed, width_mm=width_mm)
            elif kind == 'stability':
                figure = figures.plot_stability_map(results, fixed_ev=fixed, width_mm=width_mm)
            else:
                figure = figures.plot_wulff(results, fixed, width_mm=width_mm)
        save_picture(figure, path, force, '--plot')
        print_line(f'{kind}: {path}', error=as_json or as_csv)


def _read(path: Path) -> str:
    """Return the text of a file.

    :raises click.ClickException: if it cannot be read or is too large.
    """
    if not path.is_file():
        refuse_folder(path)
        raise click.ClickException(f'{path}: there is no such file')
    with reported(OSError), path.open('rb') as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise click.ClickException(f'{path}: more than {LARGEST} bytes are not read')
    with reported(UnicodeDecodeError, prefix=f'{path}: '):
        return content.decode('utf-8-sig')
