"""Every termination of a surface, from the symmetry of the crystal.

A cut is named by the layer below it, the top layer of what it leaves behind. Two cuts leave the
same surface if an operation that keeps the plane takes one to the other. A slab between two cuts is
symmetric if an operation that turns the plane over exchanges them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pymatgen.core.composition import Composition

from ...slab_options import SlabOptions
from ..bulk.crystal import SYMMETRY_TOLERANCE
from ..bulk.pseudosymmetry import LOOSE_TOLERANCE, find_hidden_symmetry
from ..checks import format_plane
from ..orientation import Cut
from ..reasons import Mention, Reason, SlabGenerationError
from ..slabs.layers import layer_order
from .faces import FaceNames
from .lateral_registry import DOWN
from .slab_cell import build_slab, count_cells
from .stacking import Stacking

ROUNDING = 1e-6
"""A slab may be thinner (Å) than asked for by what numbers are rounded."""


def cut_exactly(
    names: FaceNames, options: SlabOptions
) -> tuple[list[Cut], list[tuple[str, Reason]]]:
    """Cut every termination of a surface.

    :param names: those of the faces of the crystal.
    :returns: the slabs; and the formula of each that was excluded, with the reason.
    :raises SlabGenerationError: if only symmetric slabs were asked for and there is none.
    """
    stacking = names.stacking
    symmetric = bool(stacking.turns) and options.symmetrize is not False
    if options.symmetrize is True and not symmetric:
        raise SlabGenerationError(_describe_asymmetry(names))
    unit = float(stacking.crystal.structure.lattice.d_hkl(stacking.miller_indices))
    thickness = options.min_slab_thickness * (unit if options.in_unit_planes else 1.0)
    vacuum = options.min_vacuum_thickness * (unit if options.in_unit_planes else 1.0)
    cells = 1 if options.primitive else count_cells(stacking)

    cuts: list[Cut] = []
    excluded: list[tuple[str, Reason]] = []
    for top in range(stacking.repeat) if symmetric else _pairs_of_faces(names):
        if symmetric:
            spans = list(_symmetric_spans(stacking, top, thickness))
        else:
            spans = [_whole_periods(stacking, top, thickness)]
        span = min(spans, key=lambda one: one.thickness)
        if options.stoichiometric_only:
            kept = [one for one in spans if one.is_stoichiometric]
            if not kept:
                reason = Reason('no symmetric slab with these faces is stoichiometric')
                excluded.append((span.formula, reason))
                continue
            span = min(kept, key=lambda one: one.thickness)
        if (n_atoms := cells * span.n_atoms) > options.max_atoms:
            limit = Mention('is', 'max_atoms', options.max_atoms)
            excluded.append((span.formula, Reason(f'{n_atoms} atoms; ', limit)))
            continue
        slab = build_slab(stacking, span.bottom, span.top, vacuum, options)
        cuts.append(
            Cut(slab, stacking.height_of_cut(top), span.is_symmetric, (span.bottom, span.top))
        )
    return cuts, excluded


@dataclass(frozen=True)
class Span:
    """The layers of a slab, from the bottom to the top one."""

    stacking: Stacking
    bottom: int
    top: int

    @property
    def thickness(self) -> float:
        """In Å."""
        return self.stacking.thickness(self.bottom, self.top)

    @property
    def n_atoms(self) -> int:
        """The number of atoms in the minimal cell."""
        return self.stacking.count_atoms(self.bottom, self.top)

    @cached_property
    def composition(self) -> Composition:
        """The elements in the minimal cell."""
        return self.stacking.composition(self.bottom, self.top)

    @property
    def formula(self) -> str:
        """The composition, such as ``Ag10P3O16``."""
        return str(self.composition.formula).replace(' ', '')

    @property
    def is_stoichiometric(self) -> bool:
        """Whether the slab has the composition of the bulk."""
        n = len(self.stacking.layers)
        bulk = self.stacking.composition(0, n - 1)
        return bool(self.composition.reduced_composition == bulk.reduced_composition)

    @property
    def is_symmetric(self) -> bool:
        """Whether an operation of the crystal exchanges the two faces."""
        n = len(self.stacking.layers)
        return (self.bottom + self.top) % n in self.stacking.turns


def _pairs_of_faces(names: FaceNames) -> Iterator[int]:
    """Yield a top layer for every cut that differs, whichever of its two sides is seen.

    Where the plane can be turned over, that side is put on top whose layers come first.
    """
    stacking = names.stacking

    def order(top: int) -> tuple[Any, str]:
        return layer_order(stacking.view(top)), names.name(top, DOWN)

    seen: set[int] = set()
    for top in range(stacking.repeat):
        # The cut above layer k is turned into that below layer c - k.
        images = {top, *((turn - top - 1) % stacking.repeat for turn in stacking.turns)}
        if not seen.isdisjoint(images):
            continue
        seen |= images
        yield min(sorted(images), key=order)


def _symmetric_spans(stacking: Stacking, top: int, thickness: float) -> Iterator[Span]:
    """Yield the thinnest symmetric slab below a cut for every kind of turn."""
    n = len(stacking.layers)
    for turn in stacking.turns:
        yield _thick_enough(stacking, top, (turn - top) % n, thickness)


def _whole_periods(stacking: Stacking, top: int, thickness: float) -> Span:
    """Return the thinnest slab below a cut that holds whole periods of the crystal."""
    return _thick_enough(stacking, top, (top + 1) % len(stacking.layers), thickness)


def _thick_enough(stacking: Stacking, top: int, bottom: int, thickness: float) -> Span:
    """Return the thinnest slab whose bottom layer is as given, modulo a period."""
    n = len(stacking.layers)
    bottom -= n * math.ceil((bottom - top) / n)  # no longer above the top
    missing = thickness - ROUNDING - stacking.thickness(bottom, top)
    return Span(stacking, bottom - n * max(0, math.ceil(missing / stacking.period)), top)


def describe_no_turning(miller_indices: Sequence[int], count: int) -> Reason:
    """Say that no operation turns a plane over, and how many slabs there are nevertheless."""
    return Reason(
        f'No symmetric slab {format_plane(miller_indices)} exists: no symmetry operation of the '
        'crystal turns the plane over. ',
        Mention('set', 'symmetrize', False, capital=True),
        f' for the {count} unsymmetrized termination{"s" * (count > 1)}.',
    )


def _describe_asymmetry(names: FaceNames) -> Reason:
    stacking = names.stacking
    message = describe_no_turning(stacking.miller_indices, len(list(_pairs_of_faces(names))))
    loose = find_hidden_symmetry(stacking.crystal)
    if loose is not None and -1 in loose.sides(loose.to_primitive(stacking.miller_indices)):
        return Reason(
            message,
            f' Only within {LOOSE_TOLERANCE} Å, not {SYMMETRY_TOLERANCE} Å, is there such an '
            'operation: if the crystal was meant to have it, symmetrize the bulk first.',
        )
    return message
