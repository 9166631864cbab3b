"""Surface energies from a user's own numbers, in the form of those of a run."""

from __future__ import annotations

from pymatgen.core.structure import Structure

from ...energetics.own_numbers import Energies, Numbers
from .surface_data import Limits, Surface, SurfaceResults


def to_results(
    numbers: Numbers, energies: Energies, structure: Structure | None = None
) -> SurfaceResults:
    """Return surface energies as the figures take them.

    :param structure: the crystal, which only the Wulff shape needs.
    """
    region = energies.region
    surfaces = tuple(
        Surface(
            label=label,
            formula=numbers.slabs[label].formula,
            plane=numbers.planes[label],
            area_a2=numbers.slabs[label].area_a2,
            energy=energy,
            described={},
            termination={},
        )
        for label, energy in sorted(energies.surface_energies.items())
    )
    limits = None
    if region is not None:
        bounds = tuple(dict.fromkeys(region.phases))
        limits = Limits(region.elements, region.vertices_ev, bounds)
    return SurfaceResults(
        pk=None,
        uuid=None,
        bulk_structure=structure,
        surfaces=surfaces,
        refused=energies.refused,
        cleavage_energies={},
        limits=limits,
        without_limits=energies.without_region,
    )
