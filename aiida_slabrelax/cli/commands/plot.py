"""``aiida-slabrelax plot``: a run or its surface energies as a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import reported
from ..files.pictures import check_picture, check_width, save_picture, styled
from ..params import options
from ..params.potentials import Potential
from ..printing import print_line

if TYPE_CHECKING:
    from aiida.orm import Node
    from matplotlib.figure import Figure

#: The kinds of figures, and what each shows.
KINDS = {
    'slabs': 'each slab before and after its relaxation, from the side and from above',
    'relaxation': 'how the distances of the layers have changed, counted from the surface',
    'work-functions': 'the potential across each slab, and the work functions of its faces',
    'surface-energies': 'γ against a chemical potential, the stable termination marked',
    'stability': 'the termination of the lowest γ at two chemical potentials',
    'convergence': 'γ against the thickness, or against the setting in which several runs differ',
    'wulff': 'the equilibrium shape of the crystal, with the area fraction of each plane',
}

#: The kinds of figures from surface energies, and the number of --element that they take.
OF_ENERGIES = {'surface-energies': 1, 'stability': 2, 'wulff': 0}


@click.command()
@click.argument('kind', type=click.Choice(list(KINDS)))
@click.argument('identifiers', metavar='PK|UUID…', nargs=-1, required=True)
@options.output('The picture; its name ends in .png, .svg or .pdf.')
@click.option(
    '--element',
    'elements',
    multiple=True,
    metavar='ELEMENT',
    help='The element whose chemical potential is on an axis; twice for `stability`.',
)
@click.option(
    '--at',
    'potentials',
    type=Potential(),
    multiple=True,
    help='Δμ (eV) of another element, such as O=-1.2; can be repeated.  [default: mid in the '
    'limits of stability]',
)
@click.option(
    '--slab',
    'slabs',
    multiple=True,
    metavar='LABEL',
    help='Draw only this slab of a run, or those that fit a pattern such as "slab_1*"; can be '
    'repeated.  [default: all, the first ones of many]',
)
@click.option(
    '--unit',
    type=click.Choice(['percent', 'angstrom']),
    help='The unit of the changes in `relaxation`.  [default: percent, of the bulk spacing]',
)
@options.width
@click.option(
    '--dpi',
    type=click.FloatRange(10, 2400),
    metavar='N',
    help='Dots per inch of a .png.  [default: 150; 300 with --width; less for large figures]',
)
@click.option(
    '--style',
    'styles',
    multiple=True,
    metavar='NAME|FILE',
    help='A style of matplotlib, or a file .mplstyle; can be repeated.',
)
@options.force
@options.profile
def plot(
    kind: str,
    identifiers: tuple[str, ...],
    output: Path,
    elements: tuple[str, ...],
    potentials: tuple[tuple[str, float], ...],
    slabs: tuple[str, ...],
    unit: str | None,
    width_mm: float | None,
    dpi: float | None,
    styles: tuple[str, ...],
    force: bool,
    profile: str | None,
) -> None:
    """Draw a figure of a run.

    For a SlabRelaxWorkChain: slabs, each before and after relaxation, from the side and from above;
    relaxation, the changes of the interlayer distances in % or Å; or work-functions, the
    electrostatic potential along the normal with the work functions of both faces.

    For a ConvergeThicknessWorkChain: convergence, γ against the thickness of the slabs. For several
    runs with surface energies: γ against the one setting in which they differ, such as the k-point
    spacing, the vacuum or the cut-off.

    For calculate_surface_energies, or a process with its outputs: surface-energies, γ against Δμ
    with the stable termination marked; stability, the termination with the lowest γ against two Δμ;
    or wulff, the equilibrium shape of the crystal with the area fraction of each plane.
    """
    check_picture(output, force)
    check_axes(kind, elements, potentials)
    if slabs and kind in OF_ENERGIES:
        raise click.ClickException(f'--slab: {kind} shows all slabs')
    if unit and kind != 'relaxation':
        raise click.ClickException(f'--unit: only relaxation has one, not {kind}')
    check_width(width_mm)
    if len(identifiers) > 1 and kind != 'convergence':
        raise click.ClickException(f'PK: only convergence is of several runs, not {kind}')

    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    nodes = [find_node(identifier) for identifier in identifiers]
    from ...plots.layout.limits import note_of

    with styled(styles):
        with reported(ValueError):
            figure = draw(
                kind,
                nodes,
                elements,
                dict(potentials),
                slabs,
                unit=unit or 'percent',
                width_mm=width_mm,
            )
        save_picture(figure, output, force, dpi=dpi)
    print_line(f'{output}: {KINDS[kind]}')
    if note := note_of(figure):
        others = ' --slab draws others.' if kind not in OF_ENERGIES else ''
        print_line(f'{note}{others}', error=True)


def check_axes(kind: str, elements: Sequence[str], potentials: Sequence[tuple[str, float]]) -> None:
    """Make sure that the options match the kind of figure.

    :raises click.ClickException: if they do not.
    """
    takes = OF_ENERGIES.get(kind, 0)
    if elements and len(elements) != takes:
        raise click.ClickException(
            f'--element: {kind} takes {("none", "one", "two")[takes]}, not {len(elements)}'
        )
    if potentials and kind not in OF_ENERGIES:
        raise click.ClickException(f'--at: {kind} depends on no chemical potential')


def draw(
    kind: str,
    nodes: Sequence[Node],
    elements: Sequence[str],
    potentials: Mapping[str, float],
    slabs: Sequence[str] = (),
    *,
    unit: str = 'percent',
    width_mm: float | None = None,
) -> Figure:
    """Return the figure.

    :param nodes: the run; for ``convergence`` perhaps several.
    :param potentials: Δμ in eV by element.
    :param slabs: labels or patterns of the only slabs to draw; none for all.
    :param unit: the unit of the changes in ``relaxation``, ``percent`` or ``angstrom``.
    :param width_mm: the width of the figure, mm; by default its own.
    :raises ValueError: if the node has nothing to draw of this kind.
    """
    from ... import plots
    from ...results.energies.convergence import convergence_of
    from ...results.energies.convergence_tests import convergence_test
    from ...results.energies.surface_energies import collect_surface_energies
    from ...results.slabs import collect

    if len(nodes) > 1:
        return plots.plot_convergence_test(convergence_test(nodes), width_mm=width_mm)
    (node,) = nodes
    if kind == 'convergence':
        return plots.plot_convergence(convergence_of(node), width_mm=width_mm)
    if kind not in OF_ENERGIES:
        results = collect(node).only(slabs) if slabs else collect(node)
        if kind == 'slabs':
            return plots.plot_slabs(results, above=True, width_mm=width_mm)
        if kind == 'work-functions':
            return plots.plot_work_functions(results, width_mm=width_mm)
        return plots.plot_relaxation(results, unit, width_mm=width_mm)
    energies = collect_surface_energies(node)
    plotters: dict[str, Callable[[], Figure]] = {
        'surface-energies': lambda: plots.plot_surface_energies(
            energies, elements[0] if elements else None, potentials, width_mm=width_mm
        ),
        'stability': lambda: plots.plot_stability_map(
            energies, elements or None, potentials, width_mm=width_mm
        ),
        'wulff': lambda: plots.plot_wulff(energies, potentials, width_mm=width_mm),
    }
    return plotters[kind]()
