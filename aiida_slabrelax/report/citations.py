"""What to cite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import __version__
from ..parsers.program import engines_among, is_standin
from ..results.energies.surface_energies import SurfaceResults

#: What to cite for every run.
CITATIONS = (
    f'The aiida-slabrelax developers, aiida-slabrelax {__version__}.',
    'S. P. Huber et al., AiiDA 1.0, a scalable computational infrastructure for automated '
    'reproducible workflows and data provenance, Sci. Data 7, 300 (2020), '
    'doi:10.1038/s41597-020-00638-4.',
    'aiida-vasp, the plugin of AiiDA for VASP, aiida-vasp.readthedocs.io.',
    'S. P. Ong et al., Python Materials Genomics (pymatgen), Comput. Mater. Sci. 68, 314 (2013), '
    'doi:10.1016/j.commatsci.2012.10.028.',
)

#: What to cite if VASP computed the energies.
VASP = 'VASP, as its licence asks, and the functional and potentials that were used.'


def programs_to_cite(programs: Sequence[str]) -> list[str]:
    """Return what to cite for the programs that computed the energies; VASP if they are unknown."""
    if is_standin(programs):
        return []
    engines = engines_among(programs)
    cited = [f'{engine}: the model and its data, as their authors ask.' for engine in engines]
    return cited if engines and len(engines) == len(programs) else [*cited, VASP]


def sources_of(results: SurfaceResults | None) -> list[str]:
    """Return the sources of the formulas of surface energies, each once."""
    return list(dict.fromkeys(_sources(results))) if results is not None else []


def _sources(results: SurfaceResults) -> Iterator[str]:
    for surface in results.surfaces:
        yield surface.energy.source
        if 'relaxation' in surface.described:
            yield surface.described['relaxation']['source']
    for cleavage in results.cleavage_energies.values():
        yield cleavage['source']
