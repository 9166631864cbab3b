"""Slabs and the data of their terminations. Import it inside a command: it imports pymatgen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymatgen.core.structure import Structure
from pymatgen.symmetry.analyzer import SymmetryUndeterminedError
from pymatgen.symmetry.groups import sg_symbol_from_int_number

from ..engine.damaged import reads_node
from ..surfaces import (
    SlabGeometry,
    Survey,
    describe_excluded,
    describe_termination,
    describe_thin_vacuum,
    format_formula,
    is_symmetric,
    kpoints_mesh,
)
from ..surfaces.bulk.crystal import Crystal
from ..surfaces.bulk.doubts import describe_doubts
from ..surfaces.bulk.kinds import kind_names, moments_of_kinds
from ..surfaces.bulk.moments import describe_moments
from ..surfaces.exact.faces import name_layer

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped] # it has no types
    from aiida.orm import StructureData, WorkChainNode


@dataclass(frozen=True)
class Preview:
    """The slabs of a crystal or of a run, by label, and what was excluded.

    :ivar origin: the crystal or the run that they belong to; one or several lines.
    :ivar structures: the slabs by label.
    :ivar terminations: the data of each slab by label, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`; unknown values are ``None``.
    :ivar excluded: what was excluded, as from
        :func:`~aiida_slabrelax.surfaces.describe_excluded`.
    :ivar warning: warnings about the crystal, one a line, or ``None``.
    :ivar is_of_run: whether a run has cut the slabs already.
    """

    origin: str
    structures: dict[str, Structure]
    terminations: dict[str, dict[str, Any]]
    excluded: list[dict[str, Any]]
    warning: str | None = None
    is_of_run: bool = False

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each slab as a frame of pandas; names of columns end in their units."""
        from .frames import preview_frame

        return preview_frame(self)

    def _repr_html_(self) -> str:
        from .frames import preview_html

        return preview_html(self)


def of_survey(bulk: Structure, found: Survey, kpoints_spacing: float | None) -> Preview:
    """Return slabs that have just been cut from a crystal.

    :param kpoints_spacing: the maximum k-point spacing (2π/Å); without it, meshes are unknown.
    """
    return Preview(
        origin=describe_crystal(bulk),
        structures={slab.label: slab.structure for slab in found.terminations},
        terminations={
            slab.label: describe_termination(slab, kpoints_spacing) for slab in found.terminations
        },
        excluded=[describe_excluded(slab) for slab in found.excluded],
        warning='\n'.join(describe_doubts(bulk)) or None,
    )


@reads_node
def of_run(run: WorkChainNode, kpoints_spacing: float | None) -> Preview:
    """Return the slabs of a run, with their data from its provenance.

    For slabs that were inputs of the run, only data that follow from the structure are known.

    :param kpoints_spacing: in 2π/Å; by default the meshes are those of the run.
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
            terminations[label]['kpoints'] = _mesh(run, structures[label], kpoints_spacing)
    origin, warning = f'SlabRelaxWorkChain<{run.pk}>', None
    if 'bulk_structure' in run.inputs:
        bulk = to_pymatgen(run.inputs.bulk_structure)
        origin = f'{origin}: {describe_crystal(bulk)}'
        warning = '\n'.join(describe_doubts(bulk)) or None
    excluded = _excluded_in(nodes)
    return Preview(origin, structures, terminations, excluded, warning, is_of_run=True)


def _mesh(run: WorkChainNode, slab: Structure, spacing: float | None) -> list[int] | None:
    """Return the mesh of a slab, by default that of the inputs of its run.

    :param spacing: the maximum k-point spacing, in 2π/Å.
    """
    vasp = run.inputs.vasp if 'vasp' in run.inputs else {}
    if spacing is None and 'kpoints' in vasp:
        mesh: list[int] | None = vasp['kpoints'].base.attributes.get('mesh', None)
        return mesh
    if spacing is None and 'kpoints_spacing' in vasp:
        spacing = vasp['kpoints_spacing'].value
    return None if spacing is None else kpoints_mesh(slab.lattice, spacing)


def _excluded_in(slabs: Mapping[str, StructureData]) -> list[dict[str, Any]]:
    creators = {slab.creator.uuid: slab.creator for slab in slabs.values() if slab.creator}
    lists = [
        creator.outputs.excluded.get_list()
        for creator in creators.values()
        if 'excluded' in creator.outputs
    ]
    return [slab for excluded in lists for slab in excluded]


def describe_slab(structure: Structure, kpoints_spacing: float | None = None) -> dict[str, Any]:
    """Return the data of a slab that follow from its structure alone.

    The keys are those of :func:`~aiida_slabrelax.surfaces.describe_termination`; data that require
    the crystal are ``None``.

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
        'n_layers': len(top),
        'layer_tolerance': None,
        'symmetric': symmetric,
        'stoichiometric': None,
        'excess': None,
        'polar': 'no' if symmetric else 'unknown',
        'polar_source': 'symmetry' if symmetric else 'no oxidation states',
        'tasker': None,
        'tasker_reason': None,
        'broken_bonds': None,
        'lost_neighbours': None,
        'kept_whole': [],
        'lower_part': None,
        'kpoints': None
        if kpoints_spacing is None
        else kpoints_mesh(structure.lattice, kpoints_spacing),
        'remarks': [thin.removesuffix('.')] if thin else [],
    }


def describe_crystal(bulk: Structure) -> str:
    """Return one line on a crystal, one on its cell, and one on its moments if it has any."""
    number = Crystal.of(bulk).space_group
    symbol = sg_symbol_from_int_number(number, hexagonal=False)
    a, b, c, alpha, beta, gamma = bulk.lattice.parameters
    magnetic = moments_of_kinds(bulk)
    order = f'\nmagnetic moments (μB): {describe_moments(magnetic)}' if magnetic else ''
    return (
        f'{bulk.composition.reduced_formula}, space group {symbol} ({number}), '
        f'{len(bulk)} atom{"s" * (len(bulk) != 1)} in the cell\n'
        f'a, b, c = {a:.3f}, {b:.3f}, {c:.3f} Å; '
        f'α, β, γ = {alpha:.2f}, {beta:.2f}, {gamma:.2f}°{order}'
    )
