"""Surface energies of invented compounds, without nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest
from aiida.orm import StructureData
from ase.build import bulk

from aiida_slabrelax.energetics import EnergyPerArea, SurfaceEnergy, stability_region
from aiida_slabrelax.energetics import surface_energy as compute
from aiida_slabrelax.results.energies.surface_energies import Limits, Plane, Surface, SurfaceResults
from compounds import COMPOUNDS


def results(surfaces: Iterable[Surface], limits: Limits | None = None) -> SurfaceResults:
    """Return surface energies as if they had been read from nodes."""
    return SurfaceResults(
        pk=1,
        uuid='uuid',
        bulk_structure=StructureData(ase=bulk('Cu', 'fcc', a=3.6, cubic=True)),
        surfaces=tuple(surfaces),
        refused={},
        cleavage_energies={},
        limits=limits,
        without_limits='' if limits else 'some elements have no reference',
    )


@pytest.fixture(scope='session')
def energies_of() -> Callable[..., SurfaceResults]:
    """Return a function that gives the surface energies of a compound by its name."""

    def make(
        name: str, planes: Sequence[Plane | None] = ((1, 0, 0),) * 9, limited: bool = True
    ) -> SurfaceResults:
        compound = COMPOUNDS[name]
        region = stability_region(compound.bulk, compound.references)
        surfaces = (
            Surface(
                f'slab_{n:02d}',
                slab.formula,
                planes[n],
                slab.area_a2,
                compute(slab, compound.bulk, compound.references),
                {},
                {},
            )
            for n, slab in enumerate(compound.slabs)
        )
        limits = Limits(region.elements, region.vertices_ev, ('O',)) if limited else None
        return results(surfaces, limits)

    return make


@pytest.fixture(scope='session')
def copper_energies() -> Callable[..., SurfaceResults]:
    """Return a function that gives copper surface energies (J/m²) by plane."""

    def make(energies: dict[Plane, float], symmetric: bool = True) -> SurfaceResults:
        return results(
            Surface(
                f'slab_{n:02d}',
                'Cu8',
                plane,
                6.48,
                SurfaceEnergy(EnergyPerArea(energy / 16.02176634), {}, None, symmetric),
                {},
                {},
            )
            for n, (plane, energy) in enumerate(energies.items())
        )

    return make
