"""``aiida-slabrelax converge``: surface energies against the thickness of the slabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.energy_options import Numbers, ThicknessCommand, energy_options
from ..printing import print_text

if TYPE_CHECKING:
    from aiida.orm import ProcessNode

PROCESS_TYPE = 'aiida.workflows:slabrelax.converge_thickness'


@click.command(cls=ThicknessCommand)
@click.argument('structure', type=options.FileName())
@crystal_options
@options.miller()
@click.option(
    '--thickness',
    'thicknesses',
    type=Numbers(),
    metavar='Å …',
    help='The thicknesses of the slabs, at least two.',
)
@energy_options
def converge(
    structure: str,
    miller: tuple[int, ...] | None,
    thicknesses: list[float] | None,
    **how: Any,
) -> None:
    """Compute the surface energies of a surface of STRUCTURE at several thicknesses.

    The table has the plain formula, and the linear fit of Fiorentini and Methfessel, for each
    termination by its identity.

    STRUCTURE is a file that pymatgen or ASE reads; with --code also the pk or uuid of a
    StructureData. The pk of a run that was launched with --code prints its table.
    """
    from ..runs.energy_runs import find_run, launch

    if (run := find_run(structure, PROCESS_TYPE, how['profile'])) is not None:
        with reported(ValueError):
            print_text(_show(run))
        return
    if miller is None:
        raise click.ClickException('--miller is missing: which surface?')
    if thicknesses is None:
        raise click.ClickException('--thickness is missing: give at least two, in Å')
    inputs = {'miller_indices': list(miller), 'thicknesses': thicknesses}
    launch(_find_workflow, structure, _show, inputs, **how)


def _find_workflow() -> Any:
    from ...workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain

    return ConvergeThicknessWorkChain


def _show(node: ProcessNode) -> str:
    from ..tables.surface_energies import as_convergence

    return as_convergence(node)
