"""The calculation function that reads from the inputs of calculations how they were computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiida.engine import calcfunction
from aiida.orm import Data, Dict, Float, KpointsData
from pymatgen.core.lattice import Lattice

from ..engine.function_ports import declare_namespaces
from ..surfaces import bulk_mesh, kpoints_mesh, oriented_mesh

#: The tags of the INCAR that do not bear on what a total energy can be compared with.
FREE_TAGS = frozenset(
    [
        # how the ions move, and the field of the dipole correction
        *('ibrion', 'isif', 'nsw', 'ediffg', 'potim', 'ldipol', 'idipol', 'dipol'),
        # how the electrons are brought to convergence
        *('algo', 'nelm', 'nelmin', 'nelmdl', 'amix', 'bmix', 'amix_mag', 'bmix_mag', 'maxmix'),
        *('imix', 'time', 'istart', 'icharg', 'magmom', 'nbands'),
        # how they are brought onto processors
        *('npar', 'ncore', 'kpar', 'nsim', 'lplane', 'lscalapack', 'lasync'),
        # what is written
        *('system', 'lwave', 'lcharg', 'lorbit', 'lvhar', 'lvtot', 'lelf', 'nwrite', 'nedos'),
        *('emin', 'emax'),
    ]
)

#: What a calculation was of, and the mesh of a spacing that belongs to it.
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
    """Return what must agree of calculations whose energies are compared.

    The inputs are namespaces: ``bulk``, and by name ``slabs``, ``unrelaxed``, ``oriented``,
    ``references`` and ``competing``. Each has the nodes that were the inputs of a VaspCalculation:
    ``parameters``, ``kpoints``, ``structure``, and ``potential`` by kind.

    The output is nested alike: the tags of the INCAR but :data:`FREE_TAGS`, the potentials by
    element, and ``kpoints_spacing`` (2π/Å), or the mesh where it is not the one of this spacing.

    :param kpoints_spacing: The largest distance of k-points that was asked for, in 2π/Å.
    """
    spacing = kpoints_spacing.value
    found: dict[str, Any] = {}
    for kind, nodes in calculations.items():
        if not nodes:
            continue
        if kind == 'bulk':
            found[kind] = _read(nodes, kind, spacing)
        else:
            found[kind] = {name: _read(one, kind, spacing) for name, one in nodes.items()}
    return Dict(found)


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
    found: dict[str, set[str]] = {}
    for kind, potential in nodes['potential'].items():
        name = f'{potential.title} ({potential.sha512[:12]})'
        found.setdefault(symbols[kind], set()).add(name)
    return {element: ', '.join(sorted(names)) for element, names in sorted(found.items())}


def _read_kpoints(kpoints: KpointsData, cell: Any, kind: str, spacing: float) -> float | str:
    if 'mesh' not in kpoints.base.attributes.all:
        return f'{len(kpoints.get_kpoints())} points'
    mesh, offset = kpoints.get_kpoints_mesh()
    if list(mesh) == MESHES[kind](Lattice(cell), spacing) and not any(offset):
        return spacing
    shift = f' with the offset {offset}' if any(offset) else ''
    return f'the mesh {"×".join(map(str, mesh))}{shift}'
