"""Every termination of a surface, from the symmetry of the crystal.

A cut is identified by the layer below it, the top layer of the half crystal. Two cuts give the same
surface if a side-preserving operation maps one to the other. A slab between two cuts is symmetric
if a side-reversing operation exchanges them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pymatgen.core.composition import Composition
from pymatgen.core.structure import Structure

from ...slab_options import SlabOptions
from ..bulk.crystal import SYMMETRY_TOLERANCE
from ..bulk.pseudosymmetry import LOOSE_TOLERANCE, find_pseudosymmetry
from ..checks import format_plane
from ..orientation import Cut
from ..reasons import Mention, Reason, SlabGenerationError
from ..slabs.layers import layer_order
from .faces import FaceNames
from .lateral_registry import DOWN
from .slab_cell import build_slab, count_cells
from .stacking import Stacking

ROUNDING = 1e-6
"""A slab may be thinner than requested by this much (Å), because numbers are rounded."""


def cut_exactly(
    names: FaceNames, options: SlabOptions, without: Collection[int] = ()
) -> tuple[list[Cut], list[tuple[str, Reason]]]:
    """Cut every termination of a surface.

    :param names: the names of the faces of the crystal.
    :param without: the layers above which nothing is cut.
    :returns: the slabs; and the formula of each that was excluded, with the reason.
    :raises SlabGenerationError: if only symmetric slabs were requested and none exists.
    """
    stacking = names.stacking
    symmetric = bool(stacking.turns) and options.symmetrize is not False
    if options.symmetrize is True and not symmetric:
        if len(without) == stacking.repeat:
            return [], []
        raise SlabGenerationError(_describe_asymmetry(names))
    unit = find_unit(stacking.crystal.structure, stacking.miller_indices, options)
    size = Size.of(options, unit)
    cells = count_cells(stacking, options)

    cuts: list[Cut] = []
    excluded: list[tuple[str, Reason]] = []
    for top in range(stacking.repeat) if symmetric else _pairs_of_faces(names):
        if top in without:
            continue
        if symmetric:
            spans = list(_symmetric_spans(stacking, top, size))
        else:
            spans = [_whole_repeats(stacking, top, size)]
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
        slab = build_slab(
            stacking, span.bottom, span.top, options.min_vacuum_thickness * unit, options
        )
        cuts.append(
            Cut(
                slab=slab,
                shift=stacking.height_of_cut(top),
                is_symmetric=span.is_symmetric,
                layers=stacking.list_layers(
                    span.bottom, span.top, slab.geometry.area / stacking.area
                ),
                span=(span.bottom, span.top),
            )
        )
    return cuts, excluded


def find_unit(bulk: Structure, miller_indices: Sequence[int], options: SlabOptions) -> float:
    """Return the unit of the requested thicknesses, in Å."""
    return float(bulk.lattice.d_hkl(tuple(miller_indices))) if options.in_unit_planes else 1.0


@dataclass(frozen=True)
class Size:
    """The requested size of a slab.

    :ivar thickness: the smallest thickness, in Å.
    :ivar layers: the smallest number of atomic layers.
    """

    thickness: float
    layers: int

    @classmethod
    def of(cls, options: SlabOptions, unit: float) -> Size:
        """Return the requested size.

        :param unit: of the requested thickness, in Å.
        """
        return cls((options.min_slab_thickness or 0.0) * unit, options.layers or 1)


@dataclass(frozen=True)
class Span:
    """The layers of a slab, from the bottom to the top one."""

    stacking: Stacking
    bottom: int
    top: int

    @property
    def thickness(self) -> float:
        """The thickness in Å."""
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
    """Yield the top layer of every distinct cut, counting its two sides as one.

    If an operation reverses the sides, the side whose layers come first is on top.
    """
    stacking = names.stacking

    def order(top: int) -> tuple[Any, str]:
        return layer_order(stacking.view(top)), names.name(top, DOWN)

    seen: set[int] = set()
    for top in range(stacking.repeat):
        # The operation maps the cut above layer k to the one below layer c - k.
        images = {top, *((turn - top - 1) % stacking.repeat for turn in stacking.turns)}
        if not seen.isdisjoint(images):
            continue
        seen |= images
        # Names take long in a large cell without symmetry, where there is nothing to choose.
        yield top if len(images) == 1 else min(sorted(images), key=order)


def _symmetric_spans(stacking: Stacking, top: int, size: Size) -> Iterator[Span]:
    """Yield the smallest symmetric slab below a cut for each side-reversing operation."""
    n = len(stacking.layers)
    for turn in stacking.turns:
        yield _large_enough(stacking, top, turn - top, n, size)


def _whole_repeats(stacking: Stacking, top: int, size: Size) -> Span:
    """Return the smallest slab below a cut whose lower face is the other side of that cut.

    It consists of whole periods, or of parts of a period that screw axes and glides repeat.
    """
    return _large_enough(stacking, top, top + 1, stacking.repeat, size)


def _large_enough(stacking: Stacking, top: int, bottom: int, repeat: int, size: Size) -> Span:
    """Return the smallest slab below a cut.

    :param bottom: its lowest layer, up to multiples of ``repeat``.
    :param repeat: a number of layers after which their heights repeat.
    """
    bottom -= repeat * math.ceil((bottom - top) / repeat)  # no longer above the top
    height = stacking.period * repeat / len(stacking.layers)
    layers = size.layers - (top - bottom + 1)
    bottom -= repeat * max(0, math.ceil(layers / repeat))
    while (missing := size.thickness - ROUNDING - stacking.thickness(bottom, top)) > 0:
        # What a slab gains with more layers is their height if it is a period thick, else anything.
        is_thin = top - bottom + 1 < len(stacking.layers)
        bottom -= repeat * (1 if is_thin else math.ceil(missing / height))
    return Span(stacking, bottom, top)


def describe_no_turning(miller_indices: Sequence[int], count: int) -> Reason:
    """Return a message that no operation reverses sides, and the number of asymmetric slabs."""
    return Reason(
        f'No symmetric slab {format_plane(miller_indices)} exists: no symmetry operation of the '
        'crystal turns the plane over. ',
        Mention('set', 'symmetrize', False, capital=True),
        f' for the {count} unsymmetrized termination{"s" * (count > 1)}.',
    )


def _describe_asymmetry(names: FaceNames) -> Reason:
    stacking = names.stacking
    message = describe_no_turning(stacking.miller_indices, len(list(_pairs_of_faces(names))))
    loose = find_pseudosymmetry(stacking.crystal)
    if loose is not None and -1 in loose.sides(loose.to_primitive(stacking.miller_indices)):
        return Reason(
            message,
            f' Only within {LOOSE_TOLERANCE} Å, not {SYMMETRY_TOLERANCE} Å, is there such an '
            'operation: if the crystal was meant to have it, symmetrize the bulk first.',
        )
    return message
