import numpy as np
import pytest
from aiida.orm import Float, Int, List

from aiida_slabrelax.engine.ports.serializers import to_float, to_list, to_switch


@pytest.mark.parametrize('value', [10, 10.0, np.float32(10), np.int64(10)])
def test_real_numbers_become_floats(value):
    node = to_float(value)
    assert type(node) is Float
    assert node.value == 10.0


def test_a_wrong_type_is_left_to_the_port():
    assert type(to_float(True)).__name__ == 'Bool'
    assert type(to_list(3)) is Int


@pytest.mark.parametrize(
    'value', [[1, -1, 0], (1, -1, 0), np.array([1, -1, 0]), np.array([1, -1, 0]).tolist()]
)
def test_sequences_become_lists(value):
    node = to_list(value)
    assert type(node) is List
    assert node.get_list() == [1, -1, 0]


def test_numpy_integers_in_a_tuple_can_be_stored():
    node = to_list((np.int64(1), np.int64(1), np.int64(1))).store()
    assert node.get_list() == [1, 1, 1]


@pytest.mark.parametrize(('value', 'expected'), [(True, 'on'), (False, 'off'), ('auto', 'auto')])
def test_on_and_off_survive_yaml(value, expected):
    assert to_switch(value).value == expected
