"""``aiida-slabrelax energies``: from a crystal to its surface energies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from ..params import options
from ..params.crystal_options import crystal_options
from ..params.energy_options import energy_options
from ..params.slab_options import slab_option
from ..printing import print_text

if TYPE_CHECKING:
    from aiida.orm import ProcessNode

PROCESS_TYPE = 'aiida.workflows:slabrelax.surface_energies'


@click.command(cls=options.MillerCommand)
@click.argument('structure', type=options.FileName())
@crystal_options
@options.miller(multiple=True)
@options.max_index
@slab_option('min_slab_thickness')
@slab_option('layers')
@click.option('--unrelaxed', is_flag=True, help='Compute the slabs as they were cut too.')
@click.option(
    '--oriented-bulk',
    is_flag=True,
    help='Compute the bulk in the cells of the slabs, with their k-points.',
)
@energy_options
def energies(
    structure: str,
    miller: tuple[tuple[int, ...], ...],
    max_index: int | None,
    unrelaxed: bool,
    oriented_bulk: bool,
    **how: Any,
) -> None:
    """Compute the surface energies of STRUCTURE: relax it, cut it, relax the slabs.

    STRUCTURE is a file that pymatgen or ASE reads; with --code also the pk or uuid of a
    StructureData. The pk of a run that was launched with --code prints its table.
    """
    from ..runs.energy_runs import find_run, launch

    if (run := find_run(structure, PROCESS_TYPE, how['profile'])) is not None:
        with reported(ValueError):
            print_text(_show(run))
        return
    inputs = {
        'miller_indices': options.one_or_several(miller, max_index),
        'max_index': max_index,
        'unrelaxed': unrelaxed,
        'oriented_bulk': oriented_bulk,
    }
    launch(_find_workflow, structure, _show, inputs, **how)


def _find_workflow() -> Any:
    from ...workflows.surface_energies.workflow import SurfaceEnergiesWorkChain

    return SurfaceEnergiesWorkChain


def _show(node: ProcessNode) -> str:
    from ..tables.surface_energies import as_table

    return as_table(node)
