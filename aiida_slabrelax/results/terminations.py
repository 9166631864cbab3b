"""Slabs and the facts about their terminations. Import it inside a command: it imports pymatgen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError
from pymatgen.symmetry.groups import sg_symbol_from_int_number

from ..surfaces import (
    Survey,
    describe_dropped,
    describe_hidden_symmetry,
    describe_termination,
    describe_thin_vacuum,
    format_formula,
    is_symmetric,
    kpoints_mesh,
    widest_gap,
)
from ..surfaces.crystal import Crystal
from ..surfaces.exact.faces import name_layer
from ..surfaces.kinds import kind_names
from ..surfaces.layers import atomic_layers
from ..surfaces.orientation import in_one_piece

if TYPE_CHECKING:
    from aiida.orm import StructureData, WorkChainNode

#: In 2π/Å, as the demo has it.
KPOINTS_SPACING = 0.05


@dataclass(frozen=True)
class Manifest:
    """Slabs, the facts about them, and the slabs that were left out.

    :ivar origin: the crystal or the run that they belong to; one or several lines.
    :ivar structures: the slabs by label.
    :ivar facts: the facts about each slab by label, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`; unknown values are ``None``.
    :ivar dropped: the slabs that were left out, as from
        :func:`~aiida_slabrelax.surfaces.describe_dropped`.
    :ivar warning: a warning about the crystal, or ``None``.
    """

    origin: str
    structures: dict[str, Structure]
    facts: dict[str, dict[str, Any]]
    dropped: list[dict[str, Any]]
    warning: str | None = None


def of_survey(bulk: Structure, found: Survey, kpoints_spacing: float | None) -> Manifest:
    """Return the manifest of slabs that have just been cut from a crystal.

    :param kpoints_spacing: in 2π/Å.
    """
    spacing = KPOINTS_SPACING if kpoints_spacing is None else kpoints_spacing
    return Manifest(
        origin=describe_crystal(bulk),
        structures={slab.label: slab.structure for slab in found.terminations},
        facts={slab.label: describe_termination(slab, spacing) for slab in found.terminations},
        dropped=[describe_dropped(slab) for slab in found.dropped],
        warning=describe_hidden_symmetry(bulk),
    )


def of_run(run: WorkChainNode, kpoints_spacing: float | None) -> Manifest:
    """Return the manifest of the slabs of a run, from its provenance.

    For slabs that were inputs of the run, only facts that follow from the structure are known.

    :param kpoints_spacing: in 2π/Å; None leaves the meshes as the run has them.
    """
    from ..calculations.structures import to_pymatgen
    from .runs import slabs_of

    nodes = dict(sorted(slabs_of(run).items()))
    structures = {label: to_pymatgen(node) for label, node in nodes.items()}
    facts = {}
    for label, node in nodes.items():
        facts[label] = describe_slab(structures[label], kpoints_spacing) | _recorded(node)
        if kpoints_spacing is not None or facts[label]['kpoints'] is None:
            lattice = structures[label].lattice
            facts[label]['kpoints'] = kpoints_mesh(lattice, kpoints_spacing or KPOINTS_SPACING)
    origin, warning = f'SlabRelaxWorkChain<{run.pk}>', None
    if 'bulk_structure' in run.inputs:
        bulk = to_pymatgen(run.inputs.bulk_structure)
        origin = f'{origin}: {describe_crystal(bulk)}'
        warning = describe_hidden_symmetry(bulk)
    return Manifest(origin, structures, facts, _dropped_in(nodes), warning)


def _recorded(slab: StructureData) -> dict[str, Any]:
    """Return the facts about a slab from the calcfunction that cut it."""
    creator = slab.creator
    if creator is None or 'terminations' not in creator.outputs:
        return {}
    (link,) = slab.base.links.get_incoming(node_class=type(creator)).all()
    label = link.link_label.removeprefix('slabs__')
    recorded: dict[str, Any] = creator.outputs.terminations.get_dict().get(label, {})
    return recorded


def _dropped_in(slabs: Mapping[str, StructureData]) -> list[dict[str, Any]]:
    creators = {slab.creator.uuid: slab.creator for slab in slabs.values() if slab.creator}
    lists = [
        creator.outputs.dropped.get_list()
        for creator in creators.values()
        if 'dropped' in creator.outputs
    ]
    return [slab for dropped in lists for slab in dropped]


def describe_slab(structure: Structure, kpoints_spacing: float | None = None) -> dict[str, Any]:
    """Return the facts about a slab that follow from its structure alone.

    The keys are those of :func:`~aiida_slabrelax.surfaces.describe_termination`; facts that require
    the crystal are ``None``.

    :param structure: a slab whose vacuum, the widest gap, lies along its third vector.
    :param kpoints_spacing: in 2π/Å.
    """
    matrix = structure.lattice.matrix
    area = float(np.linalg.norm(np.cross(matrix[0], matrix[1])))
    height = structure.volume / area
    fractional, _ = in_one_piece(structure.frac_coords)
    heights = fractional[:, 2] * height
    vacuum = widest_gap(structure, (0, 0, 1))
    thin = describe_thin_vacuum(vacuum)
    kinds = kind_names(structure)
    top, bottom = (
        [[name_layer(contents), gap] for contents, gap in atomic_layers(each, kinds)]
        for each in (heights, -heights)
    )
    try:
        symmetric: bool | None = is_symmetric(structure)
    except SymmetryUndeterminedError:
        symmetric = None
    return {
        'formula': format_formula(structure),
        'n_atoms': len(structure),
        'miller_indices': None,
        'conventional_miller_indices': None,
        'identity': None,
        'top': top,
        'bottom': bottom,
        'shift': None,
        'area': area,
        'thickness': float(np.ptp(heights)),
        'vacuum': vacuum,
        'requested_thickness': None,
        'symmetric': symmetric,
        'stoichiometric': None,
        'excess': None,
        'polar': 'no' if symmetric else 'unknown',
        'polar_source': 'symmetry' if symmetric else 'no oxidation states',
        'kpoints': None
        if kpoints_spacing is None
        else kpoints_mesh(structure.lattice, kpoints_spacing),
        'remarks': [thin.removesuffix('.')] if thin else [],
    }


def describe_crystal(bulk: Structure) -> str:
    """Return one line on a crystal and one on its cell."""
    number = Crystal.of(bulk).space_group
    symbol = sg_symbol_from_int_number(number, hexagonal=False)
    a, b, c, alpha, beta, gamma = bulk.lattice.parameters
    return (
        f'{bulk.composition.reduced_formula}, space group {symbol} ({number}), '
        f'{len(bulk)} atom{"s" * (len(bulk) != 1)} in the cell\n'
        f'a, b, c = {a:.3f}, {b:.3f}, {c:.3f} Å; '
        f'α, β, γ = {alpha:.2f}, {beta:.2f}, {gamma:.2f}°'
    )
