"""Every termination of a crystal surface, cut and relaxed with VASP in one AiiDA work chain.

What Python and notebooks need is here; each name is imported when it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .crystals import read_crystal
    from .engine.lost import submit
    from .notebooks import LoadedEnergies, LoadedRun, load
    from .plots import (
        plot_faces,
        plot_relaxation,
        plot_slabs,
        plot_stability_map,
        plot_surface_energies,
        plot_work_functions,
        plot_wulff,
    )
    from .report import write_page
    from .results import collect, collect_group, collect_surface_energies, preview
    from .slab_options import SlabOptions
    from .workflows.slab_relax.executed import NotTrustedError
    from .workflows.slab_relax.work_chain import SlabRelaxWorkChain
    from .workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain
    from .workflows.surface_energies.workflow import SurfaceEnergiesWorkChain

__version__ = '0.1.0'

__all__ = [
    'ConvergeThicknessWorkChain',
    'LoadedEnergies',
    'LoadedRun',
    'NotTrustedError',
    'SlabOptions',
    'SlabRelaxWorkChain',
    'SurfaceEnergiesWorkChain',
    'collect',
    'collect_group',
    'collect_surface_energies',
    'load',
    'plot_faces',
    'plot_relaxation',
    'plot_slabs',
    'plot_stability_map',
    'plot_surface_energies',
    'plot_work_functions',
    'plot_wulff',
    'preview',
    'read_crystal',
    'submit',
    'write_page',
]

_MODULES = {
    'crystals': ['read_crystal'],
    'engine.lost': ['submit'],
    'notebooks': ['LoadedEnergies', 'LoadedRun', 'load'],
    'plots': [name for name in __all__ if name.startswith('plot_')],
    'report': ['write_page'],
    'results': ['collect', 'collect_group', 'collect_surface_energies', 'preview'],
    'slab_options': ['SlabOptions'],
    'workflows.slab_relax.executed': ['NotTrustedError'],
    'workflows.slab_relax.work_chain': ['SlabRelaxWorkChain'],
    'workflows.surface_energies.converge_thickness': ['ConvergeThicknessWorkChain'],
    'workflows.surface_energies.workflow': ['SurfaceEnergiesWorkChain'],
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f'{__name__}.{module}'), name)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
