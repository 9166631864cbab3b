"""The slabs of a durable workflow, cut from its relaxed bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiida.orm import Dict, Float, Int, List, StructureData

from ...calculations.generate_slabs import generate_slabs
from ...calculations.generate_thicknesses import generate_thicknesses
from ...calculations.structures import to_pymatgen
from ...durable import report
from ...protocol_files import SIZES
from ...surfaces import format_plane, repeated_planes, split_surfaces
from ..slab_relax.messages import describe_excluded, describe_terminations
from .settings import CalculationSettings


@dataclass(frozen=True)
class Slabs:
    """The slabs of a bulk.

    :ivar structures: the slabs by label.
    :ivar terminations: the data of each slab, by label.
    :ivar excluded: requested surfaces without a slab, with the reason.
    """

    structures: dict[str, StructureData]
    terminations: Dict
    excluded: dict[str, str]

    @property
    def by_label(self) -> dict[str, Any]:
        """The terminations as plain values."""
        terminations: dict[str, Any] = self.terminations.get_dict()
        return terminations


def cut_slabs(
    settings: CalculationSettings,
    bulk: StructureData,
    miller_indices: Sequence[Any] | None,
    max_index: int | None,
) -> Slabs:
    """Cut every termination of some surfaces, and report them.

    :param settings: the options of the slabs.
    :param miller_indices: those of one surface or several, or None with ``max_index``.
    :raises ChildFailed: if no slab can be cut.
    """
    inputs = settings.generation_inputs()
    if miller_indices is not None:
        inputs['miller_indices'] = List(list(miller_indices))
    if max_index is not None:
        inputs['max_index'] = Int(max_index)
    spacing = Float(settings.kpoints_spacing)
    cut: Any = generate_slabs(bulk_structure=bulk, kpoints_spacing=spacing, **inputs)
    excluded = cut['excluded'].get_list()
    for line in describe_terminations(cut['terminations'].get_dict()):
        report(line)
    for line in describe_excluded(excluded):
        report(line)
    given = split_surfaces(list(miller_indices)) if miller_indices is not None else []
    indices_of = inputs['indices_of'].value if 'indices_of' in inputs else 'given'
    repeated = {tuple(plane) for plane in repeated_planes(to_pymatgen(bulk), given, indices_of)}
    uncut = {
        entry['what']: entry['reason']
        for entry in excluded
        if entry['what'] == format_plane(entry['miller_indices'])
        and tuple(entry['miller_indices']) not in repeated
    }
    return Slabs(dict(cut['slabs']), cut['terminations'], uncut)


def cells_of(terminations: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return, by the label of a slab, all slabs that have its plane, cell and k-points.

    :param terminations: the data of each slab, by label.
    """
    cells: dict[Any, list[str]] = {}
    for label, termination in terminations.items():
        plane, mesh = termination['miller_indices'], termination['kpoints']
        key = (*plane, *mesh, round(termination['area'], 3))
        cells.setdefault(key, []).append(label)
    return {labels[0]: labels for labels in cells.values()}


def cut_thicknesses(
    settings: CalculationSettings,
    bulk: StructureData,
    miller_indices: Sequence[int],
    thicknesses: Sequence[float],
) -> Slabs:
    """Cut every termination of a surface at several thicknesses, and report them.

    :param thicknesses: the requested thicknesses, in Å.
    :raises ChildFailed: if no slab can be cut.
    """
    inputs = settings.generation_inputs()
    for name in SIZES:
        inputs.pop(name, None)
    cut: Any = generate_thicknesses(
        bulk_structure=bulk,
        miller_indices=List(list(miller_indices)),
        thicknesses=List([float(thickness) for thickness in thicknesses]),
        kpoints_spacing=Float(settings.kpoints_spacing),
        **inputs,
    )
    for line in describe_terminations(cut['terminations'].get_dict()):
        report(line)
    return Slabs(dict(cut['slabs']), cut['terminations'], {})
