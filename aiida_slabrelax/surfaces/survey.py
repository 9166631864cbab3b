"""From a crystal and the planes to cut to every termination, and what was excluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymatgen.core.composition import Composition
from pymatgen.core.structure import Structure

from ..option_checks import check_elements, split_words
from ..slab_options import OPTIONS, SlabOptions, check_options
from .bulk.crystal import Crystal
from .bulk.moments import tell_moments_apart
from .checks import check_bulk, format_plane
from .exact.cutting import cut_exactly, find_unit
from .exact.doubts import describe_layers
from .exact.faces import FaceNames
from .exact.matching import Merged, find_span, merge_equal, merge_reversed
from .exact.stacking import Stacking
from .groups.bonds import Bonds, find_bonds
from .groups.choice import choose_groups, several
from .groups.cut_bonds import CutBondCounter
from .indices import Plane, check_hexagonal, in_given_cell
from .orientation import Cut
from .planes import (
    check_max_index,
    check_surfaces,
    distinct_planes,
    plane_label,
    planes_up_to,
    split_surfaces,
)
from .polar.polarity import find_charges, find_polarity
from .polar.reconstruction import polar_cuts, reconstruct
from .polar.tasker import LayerCharges
from .pymatgen_generator import check_size, cut_with_pymatgen
from .ranking import choose
from .reasons import Reason, SlabGenerationError
from .slabs.layers import canonical_layers, layer_order, slab_labels
from .terminations import (
    CutBonds,
    Excluded,
    Face,
    Polarity,
    Termination,
    format_formula,
    join_names,
)


@dataclass(frozen=True)
class Survey:
    """The slabs of a run.

    :ivar terminations: at least one, in the order of their labels.
    :ivar excluded: what was excluded, with the reason.
    """

    terminations: list[Termination]
    excluded: list[Excluded]


def find_terminations(
    bulk: Structure, miller_indices: Sequence[Any], options: SlabOptions
) -> list[Termination]:
    """Cut every distinct termination of a surface, or of several: those of :func:`survey`."""
    return survey(bulk, miller_indices, options).terminations


def survey(
    bulk: Structure,
    miller_indices: Sequence[Any] | None,
    options: SlabOptions,
    max_index: int | None = None,
) -> Survey:
    """Cut every distinct termination of one surface, of several, or of all up to an index.

    Planes refer to the cell of the given structure, which is not changed, or to the standard
    conventional cell if the options say so; terminations have the indices in both. Kinds (the site
    property ``kind_name``) count as different species wherever slabs are compared or reduced, and
    so do atoms with different magnetic moments (the site property ``magmom``, or spins of species).

    :param bulk: the crystal.
    :param miller_indices: three integers (hkl), or four (hkil) for a hexagonal cell; or a list of
        such.
    :param max_index: in place of Miller indices: all planes that differ with indices up to this.
    :raises SlabGenerationError: if the input is not valid, or if there is no such slab: because
        no symmetric one exists, or because all that exist are excluded.
    """
    if (miller_indices is None) == (max_index is None):
        raise SlabGenerationError('Give either Miller indices or max_index.')
    for option, problem in _find_problems(bulk, miller_indices, options, max_index):
        if problem is not None:
            raise SlabGenerationError(problem, option=option)
    try:
        bulk = tell_moments_apart(bulk)
    except ValueError as error:
        raise SlabGenerationError(f'The crystal cannot be cut: {error}.') from error
    given = [] if miller_indices is None else split_surfaces(miller_indices)
    crystal = Crystal.of(bulk)
    repeated: list[tuple[Plane, str]] = []
    if max_index is None:
        given = in_given_cell(crystal, given, options.indices_of)
        planes, repeated = distinct_planes(crystal, given)
    else:
        planes = planes_up_to(crystal, max_index, options.indices_of)
    excluded = [Excluded(plane, format_plane(plane), reason) for plane, reason in repeated]
    charges, source = find_charges(bulk)
    bonds = find_bonds(crystal, options.bonds)
    groups = None
    if options.keep_whole is not None:
        chosen = choose_groups(crystal, split_words(options.keep_whole) or (), bonds)
        groups = chosen if several(chosen) else None
    terminations: list[Termination] = []
    for plane in planes:
        try:
            if options.generator == 'pymatgen':
                check_size(crystal, plane, options)
            stacking = Stacking.of(crystal, plane, options.layer_tolerance, groups)
            layers = LayerCharges.of(stacking, charges, source)
            names = FaceNames(stacking)
            cuts, others, merged = _cut(names, layers, options)
        except SlabGenerationError as error:
            if len(planes) == 1:
                raise
            excluded.append(Excluded(plane, format_plane(plane), error.reason))
            continue
        excluded += [Excluded(plane, what, reason) for what, reason in others]
        name = plane if options.indices_of == 'given' else crystal.to_standard(plane)
        prefix = f'slab_{plane_label(name)}' if len(planes) > 1 else 'slab'
        surface = _Surface(names, bonds, charges, source, layers)
        found = _describe(cuts, surface, options, prefix)
        excluded += [Excluded(plane, *_describe_merged(equal, found)) for equal in merged]
        kept, left = choose(found, options)
        terminations += kept
        excluded += left
    if not terminations:
        reasons = [part for slab in excluded for part in ('; ', f'{slab.what}: ', slab.reason)]
        raise SlabGenerationError('No slab is left. ', *reasons[1:])
    return Survey(terminations, excluded)


def _find_problems(
    bulk: Structure, miller_indices: Any, options: SlabOptions, max_index: int | None
) -> Iterator[tuple[str | None, str | None]]:
    """Yield invalid inputs: the name of the option (None for the crystal) and a message."""
    if miller_indices is not None:
        yield 'miller_indices', check_surfaces(miller_indices)
    yield 'max_index', check_max_index(max_index)
    yield from check_options(options)
    yield None, check_bulk(bulk)
    values = {name: getattr(options, name) for name in OPTIONS}
    symbols = {getattr(one, 'symbol', str(one)) for one in bulk.composition.elements}
    yield from check_elements(values, symbols)
    for plane in [] if miller_indices is None else split_surfaces(miller_indices):
        yield 'miller_indices', check_hexagonal(bulk, plane, options.indices_of)


@dataclass(frozen=True)
class _Surface:
    """What the data of the slabs of a plane come from.

    :ivar names: the names of the faces.
    :ivar bonds: the bonds of the crystal.
    :ivar charges: the charges of species or elements, if known.
    :ivar source: their source.
    :ivar layers: the charges of its layers, if known.
    """

    names: FaceNames
    bonds: Bonds
    charges: Mapping[str, float] | None
    source: str
    layers: LayerCharges | None


def _cut(
    names: FaceNames, layers: LayerCharges | None, options: SlabOptions
) -> tuple[list[Cut], list[tuple[str, Reason]], list[Merged]]:
    """Return the slabs, the formulas of excluded ones with the reasons, and merged ones."""
    crystal = names.stacking.crystal
    if options.generator == 'pymatgen':
        cuts, excluded = cut_with_pymatgen(crystal, names.stacking.miller_indices, options)
        return merge_reversed(cuts, crystal.opposites), excluded, []
    if options.reconstruct is None:
        cuts, excluded = cut_exactly(names, options)
    elif layers is None:
        raise SlabGenerationError(
            'Which surfaces are polar is unknown: the crystal has no oxidation states that could '
            'be given or guessed.',
            option='reconstruct',
        )
    else:
        cuts, excluded = cut_exactly(names, options, without=polar_cuts(layers))
        reconstructed, others = reconstruct(names, layers, options)
        cuts, excluded = cuts + reconstructed, excluded + others
    kept, merged = merge_equal(merge_reversed(cuts, crystal.opposites))
    return kept, excluded, merged


def _describe_merged(merged: Merged, found: list[Termination]) -> tuple[str, str]:
    """Return the formula of a slab that is equal to one that was found, and why it is excluded."""
    equal = next(slab for slab in found if slab.structure is merged.equal.slab.structure)
    return format_formula(merged.cut.slab.structure), (
        f'equal to {equal.label} within tolerance: its atoms are at most {merged.distance:.3f} Å '
        'from where they are there'
    )


def _describe(
    cuts: list[Cut], surface: _Surface, options: SlabOptions, prefix: str
) -> list[Termination]:
    """Return the slabs in a reproducible order, with their data."""
    names = surface.names
    stacking = names.stacking
    counter = CutBondCounter(stacking, surface.bonds)
    groups = several(stacking.groups or ())
    whole = tuple(sorted({group.name(stacking.crystal) for group in groups}))
    bulk, plane = stacking.crystal.given, stacking.miller_indices
    thickness = options.min_slab_thickness
    requested = None if thickness is None else thickness * find_unit(bulk, plane, options)
    opposites = stacking.crystal.opposites or {}
    named = sorted(
        ((cut, *names.describe(cut)) for cut in cuts), key=lambda one: _rank(one, opposites)
    )
    formula_unit = bulk.composition.element_composition.reduced_composition
    found = []
    for label, (cut, top, bottom) in zip(slab_labels(len(named), prefix), named, strict=True):
        excess = _excess(cut.slab.structure, formula_unit)
        span = cut.span or find_span(cut.slab, stacking)
        found.append(
            Termination(
                label=label,
                structure=cut.slab.structure,
                miller_indices=plane,
                conventional_miller_indices=stacking.crystal.to_standard(plane),
                shift=cut.shift,
                area=cut.slab.geometry.area,
                thickness=cut.slab.geometry.thickness,
                vacuum=cut.slab.geometry.vacuum,
                requested_thickness=requested,
                n_layers=len(cut.layers),
                layer_tolerance=float(options.layer_tolerance),
                is_symmetric=cut.is_symmetric,
                is_stoichiometric=not any(excess.values()),
                top=top,
                bottom=bottom,
                excess=excess,
                polarity=_find_polarity(cut, span, surface),
                cut_bonds=_count_bonds(cut, span, stacking, counter),
                whole=whole,
                lower_part=None if cut.reconstruction is None else cut.reconstruction.lower_part,
                doubts=tuple(describe_layers(names, cut)),
                joins_reversed=stacking.joins_reversed,
            )
        )
    return found


def _find_polarity(cut: Cut, span: tuple[int, int] | None, surface: _Surface) -> Polarity:
    """Return whether a slab is polar, and Tasker's type of the surface.

    :param span: the numbers of its lowest and its highest layer, if known.
    """
    polarity = find_polarity(cut.slab, cut.is_symmetric, surface.charges, surface.source)
    if surface.layers is None or span is None:
        return polarity
    tasker, reason = surface.layers.find_type(span[1])
    return replace(polarity, tasker=tasker, reason=reason)


def _count_bonds(
    cut: Cut, span: tuple[int, int] | None, stacking: Stacking, counter: CutBondCounter
) -> tuple[CutBonds, CutBonds] | None:
    """Return the broken bonds of both faces; None if it is not known what the slab is cut from."""
    if (one := cut.reconstruction) is not None:
        return counter.count_of_atoms(one.plane, one.members, one.positions)
    if span is None:
        return None
    return counter.count_of_layers(*span, cut.slab.geometry.area / stacking.area)


def _rank(named: tuple[Cut, Face, Face], opposites: Mapping[str, str]) -> Any:
    """Sort slabs by their layers; equal ones by the names of their faces.

    :param opposites: for each kind the one with the opposite magnetic moment.
    """
    cut, top, bottom = named
    ways = [cut.layers]
    if opposites:
        ways.append(
            [
                (tuple(sorted((opposites[kind], count) for kind, count in contents)), gap)
                for contents, gap in cut.layers
            ]
        )
    first = min(map(canonical_layers, ways), key=layer_order)
    return layer_order(first), join_names(top, bottom)


def _excess(slab: Structure, unit: Composition) -> dict[str, float]:
    """Return the atoms of each element beyond the largest number of formula units in the slab."""
    counts = slab.composition.element_composition
    units = min(counts[element] / unit[element] for element in unit)
    return {
        str(element): round(counts[element] - units * unit[element], 6) + 0.0 for element in unit
    }
