"""Terminations as plain data: their identities, properties and cost."""

from __future__ import annotations

from typing import Any

from .exact.faces import name_layer
from .kpoints import kpoints_mesh
from .terminations import Excluded, Face, Termination


def describe_termination(
    termination: Termination, kpoints_spacing: float | None = None
) -> dict[str, Any]:
    """Return all data of a termination except its atoms, for JSON.

    :param kpoints_spacing: the maximum k-point spacing (2π/Å) for ``kpoints``.
    :returns: ``formula``, ``n_atoms``, ``miller_indices`` and ``conventional_miller_indices``,
        ``identity``, ``top`` and ``bottom`` (the layers of each face inwards, as pairs of a formula
        in the minimal cell and the gap to the next layer in Å), ``shift``, ``area`` (Å²),
        ``thickness``, ``vacuum`` and ``requested_thickness`` (Å; None if layers were requested),
        ``n_layers`` (the number of atomic layers), ``layer_tolerance`` (Å), ``symmetric``,
        ``stoichiometric``, ``excess`` (atoms of each element), ``polar`` (yes, no or unknown),
        ``polar_source``, ``tasker`` (Tasker's type I, II or III; None if unknown) and
        ``tasker_reason``, ``broken_bonds`` (of the face that has more of them, 1/Å²) and
        ``lost_neighbours`` (for ``top`` and ``bottom``, in the cell of the slab, by the elements of
        the atom and of the neighbour: ``{'Ag-O': 3}``), both None if unknown, ``kept_whole``
        (groups such as PO4), ``lower_part`` (of the divided layer of a reconstructed slab: what is
        on its lower face, such as ``2/4``), ``kpoints`` (a mesh, or None without a spacing) and
        ``remarks``.
    """
    mesh = None
    if kpoints_spacing is not None:
        mesh = kpoints_mesh(termination.structure.lattice, kpoints_spacing)
    return {
        'formula': termination.formula,
        'n_atoms': termination.n_atoms,
        'miller_indices': list(termination.miller_indices),
        'conventional_miller_indices': list(termination.conventional_miller_indices),
        'identity': termination.identity,
        'top': _list_layers(termination.top),
        'bottom': _list_layers(termination.bottom),
        'shift': termination.shift,
        'area': termination.area,
        'thickness': termination.thickness,
        'vacuum': termination.vacuum,
        'requested_thickness': termination.requested_thickness,
        'n_layers': termination.n_layers,
        'layer_tolerance': termination.layer_tolerance,
        'symmetric': termination.is_symmetric,
        'stoichiometric': termination.is_stoichiometric,
        'excess': termination.excess,
        'polar': termination.polarity.polar,
        'polar_source': termination.polarity.source,
        'tasker': termination.polarity.tasker,
        'tasker_reason': termination.polarity.reason or None,
        'broken_bonds': termination.broken_bonds,
        'lost_neighbours': _lost_neighbours(termination),
        'kept_whole': list(termination.whole),
        'lower_part': termination.lower_part,
        'kpoints': mesh,
        'remarks': termination.remarks,
    }


def describe_excluded(excluded: Excluded) -> dict[str, Any]:
    """Return an excluded slab or surface for JSON: ``miller_indices``, ``what`` and ``reason``."""
    return {
        'miller_indices': list(excluded.miller_indices),
        'what': excluded.what,
        'reason': excluded.reason,
    }


def _lost_neighbours(termination: Termination) -> dict[str, dict[str, int]] | None:
    if termination.cut_bonds is None:
        return None
    top, bottom = termination.cut_bonds
    return {'top': top.lost, 'bottom': bottom.lost}


def _list_layers(face: Face) -> list[Any]:
    return [[name_layer(contents), gap] for contents, gap in face.layers]
