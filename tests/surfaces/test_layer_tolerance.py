"""What a layer is: no thicker than asked for, cut where gaps are widest, and told if doubtful."""

import itertools

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    SlabGenerationError,
    SlabOptions,
    Termination,
    describe_termination,
    find_terminations,
)
from bulk_crystals import (
    from_spacegroup,
    lithium_cobaltate,
    pyrite,
    rewritten,
    strontium_titanate,
    triclinic,
)

TORN = 'which may tear a rumpled plane'


def lead_titanate() -> Structure:
    """Tetragonal: titanium 0.32 Å and lead 0.47 Å below the oxygen of their planes."""
    return Structure(
        Lattice.tetragonal(3.904, 4.152),
        ['Pb', 'Ti', 'O', 'O', 'O'],
        [[0, 0, 0], [0.5, 0.5, 0.538], [0.5, 0.5, 0.112], [0.5, 0, 0.616], [0, 0.5, 0.616]],
    )


def fayalite() -> Structure:
    return from_spacegroup(
        'Pbnm',
        Lattice.orthorhombic(4.8211, 10.4779, 6.0889),
        ['Fe', 'Fe', 'Si', 'O', 'O', 'O'],
        [
            [0, 0, 0],
            [0.9860, 0.2803, 0.25],
            [0.4300, 0.0974, 0.25],
            [0.7678, 0.0922, 0.25],
            [0.2086, 0.4529, 0.25],
            [0.2884, 0.1653, 0.0384],
        ],
    )


def bismuth_telluride() -> Structure:
    return from_spacegroup(
        'R-3m',
        Lattice.hexagonal(4.395, 30.44),
        ['Bi', 'Te', 'Te'],
        [[0, 0, 0.4001], [0, 0, 0], [0, 0, 0.2095]],
    )


def cut(crystal: Structure, hkl, **options) -> list[Termination]:
    return find_terminations(crystal, hkl, SlabOptions(10, 15, **options))


def outermost(slabs: list[Termination]) -> set[str]:
    return {one.identity.split('-')[0] for one in slabs}


def test_sulphur_planes_of_pyrite_are_cut_apart():
    slabs = cut(pyrite(), (2, 1, 0), stoichiometric_only=True)
    assert [one.is_symmetric and one.is_stoichiometric for one in slabs] == [True, True]
    thick = cut(pyrite(), (2, 1, 0), layer_tolerance=0.1)
    assert not any(one.is_stoichiometric for one in thick)


def test_the_tolerance_is_recorded():
    for tolerance in (0.05, 0.3):
        slabs = cut(strontium_titanate(), (1, 0, 0), layer_tolerance=tolerance)
        assert {describe_termination(one)['layer_tolerance'] for one in slabs} == {tolerance}


def test_a_rumpled_plane_is_whole_with_a_larger_tolerance():
    slabs = cut(lead_titanate(), (0, 0, 1), symmetrize=False, layer_tolerance=0.5)
    assert [one.top.layers[0][0] for one in slabs] == [
        (('Pb', 1), ('O', 1)),
        (('Ti', 1), ('O', 2)),
    ]
    assert [one.remarks for one in slabs] == [[], []]


def test_a_torn_plane_is_told():
    slabs = {
        one.top.name.split('-')[0]: one for one in cut(lead_titanate(), (0, 0, 1), symmetrize=False)
    }
    assert len(slabs) == 4
    torn = {name for name, one in slabs.items() if any(TORN in what for what in one.remarks)}
    assert torn == {'Ti', 'Pb'}
    assert slabs['O2'].remarks == slabs['O'].remarks == []
    assert '0.32 Å' in slabs['Ti'].remarks[0]


def test_flat_planes_are_no_reason_for_doubt():
    slabs = cut(strontium_titanate(), (1, 0, 0))
    assert [one.remarks for one in slabs] == [[]] * len(slabs)


def thickest_layer(one: Termination) -> float:
    """Return the thickness (Å) of the thickest group of atoms without a gap between two layers."""
    heights = sorted(one.structure.cart_coords[:, 2])
    sizes = [sum(count for _, count in contents) for contents, _ in one.top.layers]
    ends = list(itertools.accumulate(sizes))
    return max(
        heights[-1 - start] - heights[-end]
        for start, end in zip([0, *ends], ends, strict=False)
        if end <= len(heights)
    )


@pytest.mark.parametrize('tolerance', [0.05, 0.3, 1.0])
def test_no_layer_of_a_plane_with_small_gaps_is_thicker_than_the_tolerance(tolerance):
    slabs = cut(fayalite(), (2, 1, 2), layer_tolerance=tolerance)
    assert max(map(thickest_layer, slabs)) <= tolerance + 1e-6
    assert all(any(TORN in what for what in one.remarks) for one in slabs)


@pytest.mark.parametrize('crystal', [lithium_cobaltate, bismuth_telluride])
def test_a_plane_without_a_wide_gap_is_cut_at_its_widest(crystal):
    slabs = cut(crystal(), (2, 2, 1), symmetrize='if_possible', layer_tolerance=0.3)
    assert slabs
    assert all(any(TORN in what for what in one.remarks) for one in slabs)


@pytest.mark.parametrize(('symmetrize', 'count'), [(True, 4), (False, 2)])
def test_planes_0_05_angstrom_apart_are_layers_without_being_asked_for(symmetrize, count):
    """LiNiO2 (221), whose planes of Li, Ni and O are nowhere further apart than 0.07 Å."""
    nickelate = from_spacegroup(
        'R-3m',
        Lattice.hexagonal(2.88, 14.19),
        ['Li', 'Ni', 'O'],
        [[0, 0, 0.5], [0, 0, 0], [0, 0, 0.2412]],
    )
    slabs = cut(nickelate, (2, 2, 1), symmetrize=symmetrize)
    assert len(slabs) == count
    assert all(any(TORN in what for what in one.remarks) for one in slabs)


def test_quintuple_layers_are_whole_if_asked_for():
    (one,) = cut(bismuth_telluride(), (0, 0, 1), layer_tolerance=8)
    assert one.identity == 'Bi2Te3'
    assert (one.n_layers, one.formula) == (2, 'Bi4Te6')
    assert 'stays whole: the layer tolerance is 8 Å' in one.remarks[0]


def test_atoms_too_dense_to_cut_stay_whole_and_it_is_told():
    places = [[0.0027 * number, number % 3 / 3, number // 3 / 3] for number in range(9)]
    crystal = Structure(Lattice.orthorhombic(3, 12, 13), ['Na'] * 9, places)
    slabs = cut(crystal, (1, 0, 0), symmetrize=False)
    assert len(slabs) == 1
    assert 'has no gap of 0.01 Å or more to cut' in slabs[0].remarks[0]


def test_planes_that_cannot_be_told_apart_are_refused():
    with pytest.raises(SlabGenerationError, match=r'at most 0\.00\d Å apart'):
        cut(triclinic(), (301, 400, 7), symmetrize=False)


@pytest.mark.parametrize('value', [0, 0.009, -1, float('nan'), float('inf'), True, 'wide', None])
def test_a_tolerance_that_is_none_is_refused(value):
    with pytest.raises(
        SlabGenerationError, match=r'layer_tolerance must be .* at least 0\.01'
    ) as no:
        cut(strontium_titanate(), (1, 0, 0), layer_tolerance=value)
    assert no.value.option == 'layer_tolerance'


@pytest.mark.parametrize(
    ('crystal', 'hkl', 'tolerance', 'noise'),
    [
        (pyrite, (2, 1, 0), 0.05, 1e-3),
        (lithium_cobaltate, (2, 2, 1), 0.3, 1e-3),
        (bismuth_telluride, (2, 2, 1), 0.05, 1e-4),
        (lead_titanate, (0, 0, 1), 0.4, 1e-3),
    ],
)
def test_identities_do_not_depend_on_how_the_crystal_is_written(crystal, hkl, tolerance, noise):
    def identities(one: Structure) -> list[tuple[str, str, int]]:
        slabs = cut(one, hkl, symmetrize='if_possible', layer_tolerance=tolerance)
        return [(one.label, one.identity, one.n_atoms) for one in slabs]

    expected = identities(crystal())
    for seed, amplitude in enumerate((0.0, 0.0, noise, noise)):
        assert identities(rewritten(crystal(), seed, amplitude)) == expected
