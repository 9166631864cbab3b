"""Which cell Miller indices refer to."""

import numpy as np
import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import (
    Crystal,
    SlabGenerationError,
    SlabOptions,
    check_hexagonal,
    describe_planes,
    survey,
)
from bulk_crystals import (
    FACE_CENTRED,
    RHOMBOHEDRAL,
    copper,
    from_spacegroup,
    gallium_arsenide,
    hematite,
    in_basis,
    lithium_cobaltate,
    quartz,
    rewritten,
    silver_phosphate,
    spinel,
    triclinic,
    zinc_oxide,
)

ACUTE = ((1, 0, 0), (1, 1, 0), (0, 0, 1))
ALONG_A = ((0, 0, 1), (1, 0, 0), (0, 1, 0))

#: Crystals in conventional cells, and other cells of theirs.
CELLS = {
    'Cu': (copper, FACE_CENTRED),
    'GaAs': (gallium_arsenide, FACE_CENTRED),
    'MgAl2O4': (spinel, FACE_CENTRED),
    'Fe2O3': (hematite, RHOMBOHEDRAL),
    'LiCoO2': (lithium_cobaltate, RHOMBOHEDRAL),
    'ZnO with 60 degrees': (zinc_oxide, ACUTE),
    'ZnO along a': (zinc_oxide, ALONG_A),
    'SiO2 with 60 degrees': (quartz, ACUTE),
    'SiO2 along a': (quartz, ALONG_A),
}
PLANES = [(0, 0, 1), (1, 0, 0), (1, 0, 1), (0, 1, 1), (1, 1, 0), (2, 1, -1)]


def options(**others) -> SlabOptions:
    return SlabOptions(6, 12, symmetrize='if_possible', **others)


def facts(found):
    return [
        (slab.label, slab.identity, slab.formula, round(slab.area, 3), round(slab.thickness, 3))
        for slab in found.terminations
    ]


@pytest.mark.parametrize('case', CELLS)
def test_planes_of_the_conventional_cell_are_the_same_in_any_cell(case):
    build, basis = CELLS[case]
    other = rewritten(in_basis(build(), basis), 3)
    expected = facts(survey(build(), PLANES, options()))
    assert facts(survey(other, PLANES, options(indices_of='conventional'))) == expected


@pytest.mark.parametrize('case', ['Cu', 'ZnO with 60 degrees'])
def test_all_planes_up_to_an_index_of_the_conventional_cell(case):
    build, basis = CELLS[case]
    other = in_basis(build(), basis)
    expected = facts(survey(build(), None, options(), 2))
    assert facts(survey(other, None, options(indices_of='conventional'), 2)) == expected


@pytest.mark.parametrize('build', [copper, hematite, silver_phosphate, quartz, triclinic])
def test_in_a_conventional_cell_nothing_changes(build):
    for plane in PLANES:
        assert Crystal.of(build()).from_standard(plane) == plane


def test_the_spacing_of_planes_is_that_of_the_conventional_cell():
    primitive = in_basis(copper(), FACE_CENTRED)
    crystal = Crystal.of(primitive)
    for plane in PLANES:
        given = crystal.from_standard(plane)
        assert crystal.to_standard(given) == plane
        ratio = copper().lattice.d_hkl(plane) / primitive.lattice.d_hkl(given)
        assert ratio == pytest.approx(round(ratio))
    np.testing.assert_allclose(np.linalg.norm(crystal.standard_vectors, axis=1), 3.615)


def test_results_have_the_indices_of_both_cells():
    (slab,) = survey(
        in_basis(copper(), FACE_CENTRED), [1, 1, 1], options(indices_of='conventional')
    ).terminations
    assert slab.conventional_miller_indices == (1, 1, 1)
    assert slab.area == pytest.approx(3.615**2 * np.sqrt(3) / 4)
    assert slab.label == 'slab_00'


def test_what_is_told_of_indices():
    primitive = in_basis(copper(), FACE_CENTRED)
    (given,) = (
        slab.miller_indices
        for slab in survey(primitive, [1, 0, 0], options(indices_of='conventional')).terminations
    )
    assert list(describe_planes(primitive, [(1, 0, 0)], 'conventional')) == [
        'Miller indices (1, 0, 0) of the conventional cell (Fm-3m; a, b, c = 3.615, 3.615, 3.615 '
        f'Å) are {given} of the cell as given.'
    ]
    assert list(describe_planes(primitive, [(1, 0, 0), (2, 0, 0)])) == [
        'Miller indices (2, 0, 0) are taken as (1, 0, 0).'
    ]


def magnesium(*vectors) -> Structure:
    """Return Mg in a cell of its own, from its hexagonal cell."""
    hexagonal = from_spacegroup(
        'P6_3/mmc', Lattice.hexagonal(3.209, 5.211), ['Mg'], [[1 / 3, 2 / 3, 0.25]]
    )
    return in_basis(hexagonal, vectors)


@pytest.mark.parametrize('basis', [ACUTE, ALONG_A], ids=['60 degrees', 'axis along a'])
def test_four_indices_of_another_cell_than_the_hexagonal_one_are_refused(basis):
    crystal = magnesium(*basis)
    with pytest.raises(SlabGenerationError, match='need a hexagonal cell with a = b and γ = 120°'):
        survey(crystal, [1, 1, -2, 0], options())
    assert str(check_hexagonal(crystal, (1, 0, -1, 0))).endswith(
        'or set indices_of to conventional for four indices of the conventional cell.'
    )


@pytest.mark.parametrize('basis', [ACUTE, ALONG_A], ids=['60 degrees', 'axis along a'])
def test_four_indices_of_the_conventional_cell(basis):
    """The planes {11-20} are half a lattice vector apart."""
    crystal = magnesium(*basis)
    (slab,) = survey(crystal, [1, 1, -2, 0], options(indices_of='conventional')).terminations
    assert slab.area == pytest.approx(3.209 * np.sqrt(3) * 5.211)
    assert slab.conventional_miller_indices == (1, 1, 0)
    assert crystal.lattice.d_hkl(slab.miller_indices) == pytest.approx(3.209 / 2)


def test_four_indices_of_a_conventional_cell_that_is_not_hexagonal():
    message = check_hexagonal(copper(), (1, 0, -1, 0), 'conventional')
    assert 'the conventional cell of Fm-3m is none' in str(message)


@pytest.mark.parametrize(('angle', 'is_taken'), [(120.3, True), (119.7, True), (118, False)])
def test_how_near_to_120_degrees_a_cell_is(angle, is_taken):
    cell = Lattice.from_parameters(3.2, 3.2, 5.2, 90, 90, angle)
    crystal = Structure(cell, ['Mg', 'Mg'], [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]])
    assert (check_hexagonal(crystal, (1, 0, -1, 0)) is None) == is_taken


def test_an_unknown_cell_is_refused():
    with pytest.raises(SlabGenerationError, match='indices_of must be one of given, conventional'):
        survey(copper(), [1, 0, 0], options(indices_of='primitive'))
