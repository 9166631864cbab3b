"""Random crystals cut by the exact generator and by pymatgen's: the same slabs, where both cut."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from pymatgen.core.structure import Structure
from pymatgen.core.surface import Slab, SlabGenerator

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabGeometry,
    SlabOptions,
    Termination,
    find_terminations,
)
from random_crystals import Sample, period, samples
from same_slabs import MARGIN, SAME, with_vacuum

VACUUM = 15.0

#: Atoms nearer than this (Å) along the normal are in one layer of pymatgen's generator.
PYMATGEN_TOLERANCE = 0.1


def random_samples(count: int) -> Callable:
    """Decorate a test of a sample to run with so many."""
    several = settings(
        max_examples=count,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    return lambda test: several(given(samples())(test))


def request(sample: Sample) -> float:
    """Return a thickness (Å) of at least two periods.

    In such a slab every operation that turns it over is one of the crystal.
    """
    return max(5.0, 2 * period(sample.crystal, sample.plane))


def cut(sample: Sample, symmetrize: bool, height: float) -> list[Termination]:
    options = SlabOptions(
        height, VACUUM, symmetrize=symmetrize, max_atoms=10**6, layer_tolerance=PYMATGEN_TOLERANCE
    )
    return find_terminations(sample.crystal, sample.plane, options)


def cut_symmetric(sample: Sample, height: float) -> list[Termination]:
    """Return no slab where only unsymmetric ones exist."""
    try:
        return cut(sample, True, height)
    except SlabGenerationError as error:
        if 'No symmetric slab' in str(error):
            return []
        raise


def make_generator(sample: Sample) -> SlabGenerator:
    return SlabGenerator(sample.crystal.copy(), sample.plane, request(sample), VACUUM)


def cut_with_pymatgen(sample: Sample) -> list[Structure]:
    """Return pymatgen's slab for each place where it cuts.

    It would leave out those that look alike to it: others that differ by some tenths of an Å.
    """
    return [
        with_vacuum(slab) for slab in make_generator(sample).get_slabs(filter_out_sym_slabs=False)
    ]


def symmetrize_with_pymatgen(sample: Sample) -> list[Structure]:
    """Return the symmetric slabs of pymatgen that are as thick as asked for."""
    with warnings.catch_warnings():
        # Said of symmetric slabs that would become too thin.
        warnings.filterwarnings('ignore', message='Too many sites removed')
        slabs = map(with_vacuum, make_generator(sample).get_slabs(symmetrize=True))
        return [
            slab for slab in slabs if SlabGeometry.of(slab).thickness >= request(sample) - MARGIN
        ]


def is_same(first: Structure, second: Structure) -> bool:
    if first.composition != second.composition or abs(first.lattice.c - second.lattice.c) > MARGIN:
        return False
    return bool(SAME.fit(first, second))


def as_slab(structure: Structure, plane: tuple[int, int, int]) -> Slab:
    """Write a slab as one of pymatgen's, to ask its questions."""
    return Slab(
        structure.lattice, structure.species, structure.frac_coords, plane, structure, 0, None
    )


@random_samples(20)
def test_both_find_the_same_terminations(sample):
    theirs = cut_with_pymatgen(sample)
    # All of pymatgen's slabs hold as many periods; so do the exact ones that are as thick as the
    # thinnest of these.
    thinnest = min(SlabGeometry.of(slab).thickness for slab in theirs)
    ours = [slab.structure for slab in cut(sample, False, thinnest - MARGIN)]
    assert [
        slab.formula for slab in theirs if not any(is_same(slab, other) for other in ours)
    ] == []
    assert [
        slab.formula for slab in ours if not any(is_same(slab, other) for other in theirs)
    ] == []


@random_samples(15)
def test_symmetric_slabs_of_pymatgen_are_among_the_exact_ones(sample):
    for slab in symmetrize_with_pymatgen(sample):
        ours = cut_symmetric(sample, SlabGeometry.of(slab).thickness - MARGIN)
        assert any(is_same(slab, one.structure) for one in ours), slab.formula


@random_samples(20)
def test_pymatgen_agrees_on_what_is_symmetric(sample):
    slabs = cut_symmetric(sample, request(sample))
    assert all(slab.is_symmetric for slab in slabs)
    for one in (*slabs, *cut(sample, False, request(sample))):
        assert as_slab(one.structure, sample.plane).is_symmetric() == one.is_symmetric
