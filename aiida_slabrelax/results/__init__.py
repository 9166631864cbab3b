"""Results as dataclasses, read from the provenance. Imports neither a work chain nor aiida-vasp.

Names are imported on first use, because slabs from a file are described without AiiDA.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..parsers.potentials.potential import PlanarAverage
    from ..parsers.potentials.work_function import WorkFunctions
    from .costs.amounts import Amount, Cost, StageCost
    from .costs.reading import costs_of
    from .energies.convergence import Convergence, convergence_of
    from .energies.convergence_tests import ConvergenceTest, convergence_test
    from .energies.surface_energies import Limits, Surface, SurfaceResults, collect_surface_energies
    from .groups import CrystalResults, GroupResults, collect_group
    from .previews import preview
    from .relaxations.failed_slabs import Failure
    from .relaxations.prerelaxations import PreRelaxation
    from .relaxations.rescues import Rescue
    from .runs import relaxations_of, slabs_of
    from .slabs import RunResults, SlabResult, collect
    from .terminations import Preview

__all__ = [
    'Amount',
    'Convergence',
    'ConvergenceTest',
    'Cost',
    'CrystalResults',
    'Failure',
    'GroupResults',
    'Limits',
    'PlanarAverage',
    'PreRelaxation',
    'Preview',
    'Rescue',
    'RunResults',
    'SlabResult',
    'StageCost',
    'Surface',
    'SurfaceResults',
    'WorkFunctions',
    'collect',
    'collect_group',
    'collect_surface_energies',
    'convergence_of',
    'convergence_test',
    'costs_of',
    'preview',
    'relaxations_of',
    'slabs_of',
]

_MODULES = {
    'costs.amounts': ('Amount', 'Cost', 'StageCost'),
    'costs.reading': ('costs_of',),
    'relaxations.failed_slabs': ('Failure',),
    'groups': ('CrystalResults', 'GroupResults', 'collect_group'),
    'relaxations.prerelaxations': ('PreRelaxation',),
    'previews': ('preview',),
    'relaxations.rescues': ('Rescue',),
    'runs': ('relaxations_of', 'slabs_of'),
    'slab_data': ('PlanarAverage', 'WorkFunctions'),
    'slabs': ('RunResults', 'SlabResult', 'collect'),
    'energies.convergence': ('Convergence', 'convergence_of'),
    'energies.convergence_tests': ('ConvergenceTest', 'convergence_test'),
    'energies.surface_energies': (
        'Limits',
        'Surface',
        'SurfaceResults',
        'collect_surface_energies',
    ),
    'terminations': ('Preview',),
}


def __getattr__(name: str) -> Any:
    """Import one of the names above."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f'{__name__}.{module}'), name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
