import numpy as np
import pytest

from aiida_slabrelax.energetics import NotComparableError, check_area, plane_area

FCC = 1.8 * np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]])


@pytest.mark.parametrize(
    ('miller_indices', 'area'),
    [
        ((1, 1, 1), 3.6**2 * 3**0.5 / 4),  # (111)
        ((0, 1, 1), 3.6**2 / 2),  # (100)
        ((1, 1, 2), 3.6**2 / 2**0.5),  # (110)
    ],
)
def test_the_areas_of_an_fcc_crystal(miller_indices, area):
    assert plane_area(FCC, miller_indices) == pytest.approx(area)


@pytest.mark.parametrize('area', [6.48, 12.96, 25.92, 3.24, 6.485])
def test_multiples_and_parts_pass(area):
    check_area(area, 6.48)


@pytest.mark.parametrize('area', [6.6, 6.4, 9.72, 13.2])
def test_the_area_of_another_crystal_is_refused(area):
    with pytest.raises(NotComparableError, match=f'{area:.4f} Å².*another crystal'):
        check_area(area, 6.48)
