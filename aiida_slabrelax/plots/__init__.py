"""Results as figures of matplotlib. No window is opened and no global state is used."""

from .convergence import plot_convergence
from .convergence_tests import plot_convergence_test
from .faces import plot_faces
from .relaxation import plot_relaxation
from .slabs import plot_slabs
from .stability_map import plot_stability_map
from .surface_energies import plot_surface_energies
from .work_functions import plot_work_functions
from .wulff import plot_wulff

__all__ = [
    'plot_convergence',
    'plot_convergence_test',
    'plot_faces',
    'plot_relaxation',
    'plot_slabs',
    'plot_stability_map',
    'plot_surface_energies',
    'plot_work_functions',
    'plot_wulff',
]
