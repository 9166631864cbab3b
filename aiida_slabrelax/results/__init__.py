"""From the provenance graph to dataclasses. Loads neither a work chain nor aiida-vasp."""

from .failed_slabs import Failure
from .preview import preview
from .rescues import Rescue
from .runs import relaxations_of, slabs_of
from .slabs import RunResults, SlabResult, collect
from .surface_energies import Limits, Surface, SurfaceResults, collect_surface_energies
from .terminations import Preview

__all__ = [
    'Failure',
    'Limits',
    'Preview',
    'Rescue',
    'RunResults',
    'SlabResult',
    'Surface',
    'SurfaceResults',
    'collect',
    'collect_surface_energies',
    'preview',
    'relaxations_of',
    'slabs_of',
]
