"""The random crystals are as different as the tests that use them need."""

import numpy as np
from hypothesis import HealthCheck, given, settings

from random_crystals import operations, samples


def test_crystals_of_many_space_groups():
    found = set()

    @settings(
        max_examples=80,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(samples())
    def look_at(sample):
        found.add(sample.space_group)

    look_at()
    assert len(found) >= 36
    rotations = [operations(number)[0] for number in found]
    chiral = [one for one in rotations if (np.linalg.det(one) > 0).all()]
    polar = [one for one in rotations if one.sum(axis=0).any()]
    assert len(chiral) >= 5
    assert len(polar) >= 5
    assert found & {1, 2}  # triclinic
    assert len(found & set(range(3, 16))) >= 3  # monoclinic
    assert found & set(range(195, 231))  # cubic
