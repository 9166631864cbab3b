"""Slabs with what there is to know of each. Import it inside a command: it imports pymatgen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError
from pymatgen.symmetry.groups import sg_symbol_from_int_number

from ..surfaces import (
    SlabGeometry,
    Survey,
    describe_excluded,
    describe_hidden_symmetry,
    describe_termination,
    describe_thin_vacuum,
    format_formula,
    is_symmetric,
    kpoints_mesh,
)
from ..surfaces.crystal import Crystal
from ..surfaces.exact.faces import name_layer
from ..surfaces.kinds import kind_names

if TYPE_CHECKING:
    from aiida.orm import StructureData, WorkChainNode

#: In 2π/Å, as the demo has it.
KPOINTS_SPACING = 0.05


@dataclass(frozen=True)
class Preview:
    """The slabs of a crystal or of a run, by label, and what was excluded.

    :ivar origin: what they were cut from, or which run has them; a line or several.
    :ivar structures: the slabs.
    :ivar terminations: of each slab, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`; what is not known is None.
    :ivar excluded: as :func:`~aiida_slabrelax.surfaces.describe_excluded` says.
    :ivar warning: what to know of the crystal, or None.
    """

    origin: str
    structures: dict[str, Structure]
    terminations: dict[str, dict[str, Any]]
    excluded: list[dict[str, Any]]
    warning: str | None = None


def of_survey(bulk: Structure, found: Survey, kpoints_spacing: float | None) -> Preview:
    """Return slabs that have just been cut from a crystal.

    :param kpoints_spacing: in 2π/Å.
    """
    spacing = KPOINTS_SPACING if kpoints_spacing is None else kpoints_spacing
    return Preview(
        origin=describe_crystal(bulk),
        structures={one.label: one.structure for one in found.terminations},
        terminations={one.label: describe_termination(one, spacing) for one in found.terminations},
        excluded=[describe_excluded(one) for one in found.excluded],
        warning=describe_hidden_symmetry(bulk),
    )


def of_run(run: WorkChainNode, kpoints_spacing: float | None) -> Preview:
    """Return the slabs of a run, with what the provenance knows of them.

    Of slabs that were given to the run only what can be seen of their structure is known.

    :param kpoints_spacing: in 2π/Å; None leaves the meshes as the run has them.
    """
    from ..calculations.structures import to_pymatgen
    from .generators import noted_by_generators, terminations_of
    from .runs import slabs_of

    nodes = dict(sorted(slabs_of(run).items()))
    structures = {label: to_pymatgen(node) for label, node in nodes.items()}
    recorded = terminations_of(nodes, noted_by_generators(nodes))
    terminations = {}
    for label in nodes:
        slab = describe_slab(structures[label], kpoints_spacing)
        terminations[label] = slab | recorded.get(label, {})
        if kpoints_spacing is not None or terminations[label]['kpoints'] is None:
            lattice = structures[label].lattice
            mesh = kpoints_mesh(lattice, kpoints_spacing or KPOINTS_SPACING)
            terminations[label]['kpoints'] = mesh
    origin, warning = f'SlabRelaxWorkChain<{run.pk}>', None
    if 'bulk_structure' in run.inputs:
        bulk = to_pymatgen(run.inputs.bulk_structure)
        origin = f'{origin}: {describe_crystal(bulk)}'
        warning = describe_hidden_symmetry(bulk)
    return Preview(origin, structures, terminations, _excluded_in(nodes), warning)


def _excluded_in(slabs: Mapping[str, StructureData]) -> list[dict[str, Any]]:
    creators = {slab.creator.uuid: slab.creator for slab in slabs.values() if slab.creator}
    outputs = [one.outputs for one in creators.values()]
    return [one for each in outputs if 'dropped' in each for one in each.dropped.get_list()]


def describe_slab(structure: Structure, kpoints_spacing: float | None = None) -> dict[str, Any]:
    """Return what can be seen of a slab, whoever has made it.

    The keys are those of :func:`~aiida_slabrelax.surfaces.describe_termination`; what one would
    have to know the crystal for is None.

    :param structure: a slab whose vacuum, the widest gap, lies along its third vector.
    :param kpoints_spacing: in 2π/Å.
    """
    geometry = SlabGeometry.of(structure)
    thin = describe_thin_vacuum(geometry.vacuum)
    kinds = kind_names(structure)
    top, bottom = (
        [[name_layer(contents), gap] for contents, gap in geometry.layers(kinds, from_below=below)]
        for below in (False, True)
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
        'area': geometry.area,
        'thickness': geometry.thickness,
        'vacuum': geometry.vacuum,
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
    """Return a line on what a crystal is, and one on its cell."""
    number = Crystal.of(bulk).space_group
    symbol = sg_symbol_from_int_number(number, hexagonal=False)
    a, b, c, alpha, beta, gamma = bulk.lattice.parameters
    return (
        f'{bulk.composition.reduced_formula}, space group {symbol} ({number}), '
        f'{len(bulk)} atom{"s" * (len(bulk) != 1)} in the cell\n'
        f'a, b, c = {a:.3f}, {b:.3f}, {c:.3f} Å; '
        f'α, β, γ = {alpha:.2f}, {beta:.2f}, {gamma:.2f}°'
    )
