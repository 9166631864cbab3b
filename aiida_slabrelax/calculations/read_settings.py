"""The calculation function that reads the settings of calculations from their inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiida.engine import calcfunction
from aiida.orm import Data, Dict, Float, KpointsData
from pymatgen.core.lattice import Lattice

from ..engine.ports.function_ports import declare_namespaces
from ..surfaces import bulk_mesh, kpoints_mesh, oriented_mesh

#: The tags of the INCAR that do not affect whether total energies can be compared.
FREE_TAGS = frozenset(
    [
        # the motion of the ions, and the dipole correction
        *('ibrion', 'isif', 'nsw', 'ediffg', 'potim', 'ldipol', 'idipol', 'dipol'),
        # the convergence of the electrons
        *('algo', 'nelm', 'nelmin', 'nelmdl', 'amix', 'bmix', 'amix_mag', 'bmix_mag', 'maxmix'),
        *('imix', 'time', 'istart', 'icharg', 'magmom', 'nbands'),
        # parallelisation
        *('npar', 'ncore', 'kpar', 'nsim', 'lplane', 'lscalapack', 'lasync'),
        # output
        *('system', 'lwave', 'lcharg', 'lorbit', 'lvhar', 'lvtot', 'lelf', 'nwrite', 'nedos'),
        *('emin', 'emax'),
    ]
)

#: The kinds of calculations, and the function that returns the k-point mesh for a spacing.
MESHES: dict[str, Callable[[Lattice, float], list[int]]] = {
    'bulk': bulk_mesh,
    'slabs': kpoints_mesh,
    'unrelaxed': kpoints_mesh,
    'oriented': oriented_mesh,
    'references': bulk_mesh,
    'competing': bulk_mesh,
}


@calcfunction
def read_settings(kpoints_spacing: Float, **calculations: Any) -> Dict:
    """Return the settings that must agree in calculations whose energies are compared.

    The inputs are namespaces: ``bulk``, and by name ``slabs``, ``unrelaxed``, ``oriented``,
    ``references`` and ``competing``. Each has the nodes that were the inputs of a VaspCalculation:
    ``parameters``, ``kpoints``, ``structure``, and ``potential`` by kind.

    The output has the same nesting: the tags of the INCAR except :data:`FREE_TAGS`, the potentials
    by element, and ``kpoints_spacing`` (2π/Å), or the mesh if it does not follow from this spacing.

    :param kpoints_spacing: The requested maximum k-point spacing, in 2π/Å.
    """
    spacing = kpoints_spacing.value
    settings: dict[str, Any] = {}
    for kind, nodes in calculations.items():
        if not nodes:
            continue
        if kind == 'bulk':
            settings[kind] = _read(nodes, kind, spacing)
        else:
            settings[kind] = {name: _read(inputs, kind, spacing) for name, inputs in nodes.items()}
    return Dict(settings)


_NODES = 'inputs of VaspCalculation: `parameters`, `kpoints`, `structure`, `potential` by kind.'
declare_namespaces(
    read_settings,
    {kind: (Data, f'{"The" if kind == "bulk" else "By name, the"} {_NODES}') for kind in MESHES},
)


def _read(nodes: Mapping[str, Any], kind: str, spacing: float) -> dict[str, Any]:
    parameters = nodes['parameters'].get_dict()
    incar = parameters.get('incar', parameters)
    tags = {str(tag).lower(): value for tag, value in incar.items()}
    return {
        'incar': {tag: value for tag, value in sorted(tags.items()) if tag not in FREE_TAGS},
        'potentials': _read_potentials(nodes),
        'kpoints_spacing': _read_kpoints(nodes['kpoints'], nodes['structure'].cell, kind, spacing),
    }


def _read_potentials(nodes: Mapping[str, Any]) -> dict[str, str]:
    """Return the potential of each element: its title and the beginning of its checksum."""
    symbols = {kind.name: kind.symbol for kind in nodes['structure'].kinds}
    by_element: dict[str, set[str]] = {}
    for kind, potential in nodes['potential'].items():
        name = f'{potential.title} ({potential.sha512[:12]})'
        by_element.setdefault(symbols[kind], set()).add(name)
    return {element: ', '.join(sorted(names)) for element, names in sorted(by_element.items())}


def _read_kpoints(kpoints: KpointsData, cell: Any, kind: str, spacing: float) -> float | str:
    if 'mesh' not in kpoints.base.attributes.all:
        return f'{len(kpoints.get_kpoints())} points'
    mesh, offset = kpoints.get_kpoints_mesh()
    if list(mesh) == MESHES[kind](Lattice(cell), spacing) and not any(offset):
        return spacing
    shift = f' with the offset {offset}' if any(offset) else ''
    return f'the mesh {"×".join(map(str, mesh))}{shift}'
