import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.kpoints import mesh, mesh_of_spacing, read_kpoints

CUBE = [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 8.0]]


def test_mesh_centred_on_gamma() -> None:
    kpoints = read_kpoints('c\n0\nGamma\n2 1 1\n0 0 0\n', CUBE)
    assert kpoints.points == [[0, 0, 0], [0.5, 0, 0]]
    assert kpoints.weights == [0.5, 0.5]
    assert (kpoints.scheme, kpoints.divisions) == ('Gamma', [2, 1, 1])


def test_mesh_of_monkhorst_and_pack_lies_beside_gamma() -> None:
    kpoints = read_kpoints('c\n0\nMonkhorst-Pack\n2 2 1\n', CUBE)
    assert sorted(kpoints.points) == [[-0.25, -0.25, 0], [-0.25, 0.25, 0]]
    assert kpoints.weights == [0.5, 0.5]


def test_time_reversal_reduces_the_mesh() -> None:
    kpoints = mesh('Gamma', [4, 4, 1], [0.0, 0.0, 0.0])
    assert len(kpoints.points) == 10
    assert sorted(set(kpoints.weights)) == [1 / 16, 2 / 16]


@given(st.lists(st.integers(1, 6), min_size=3, max_size=3), st.sampled_from(['G', 'M']))
def test_weights_sum_to_one(divisions: list[int], scheme: str) -> None:
    text = f'c\n0\n{scheme}\n{" ".join(map(str, divisions))}\n0.5 0 0\n'
    assert sum(read_kpoints(text, CUBE).weights) == pytest.approx(1)


def test_explicit_points() -> None:
    kpoints = read_kpoints('c\n2\nReciprocal\n0 0 0 1\n0.5 0 0 3\n', CUBE)
    assert kpoints.points == [[0, 0, 0], [0.5, 0, 0]]
    assert kpoints.weights == [0.25, 0.75]
    assert kpoints.scheme == ''


def test_cartesian_points() -> None:
    kpoints = read_kpoints('c\n1\nCartesian\n0.25 0 0.125 1\n', CUBE)
    assert kpoints.points == [[0.5, 0, 1.0]]


def test_lines() -> None:
    kpoints = read_kpoints('c\n3\nLine-mode\nrec\n0 0 0\n0.5 0 0\n\n0.5 0 0\n0.5 0.5 0\n', CUBE)
    assert kpoints.points == [
        [0, 0, 0],
        [0.25, 0, 0],
        [0.5, 0, 0],
        [0.5, 0, 0],
        [0.5, 0.25, 0],
        [0.5, 0.5, 0],
    ]


def test_length() -> None:
    assert read_kpoints('c\n0\nAuto\n16\n', CUBE).divisions == [8, 8, 2]


def test_spacing_of_incar() -> None:
    # 2π/2 Å = 3.14 1/Å and 2π/8 Å = 0.785 1/Å in steps of at most 0.8 1/Å.
    assert mesh_of_spacing(0.8, True, CUBE).divisions == [4, 4, 1]


@pytest.mark.parametrize(
    'text',
    [
        '',
        'c\n',
        'c\nsome\nGamma\n1 1 1\n',
        'c\n0\nGamma\n',
        'c\n0\nGamma\n0 1 1\n',
        'c\n0\nGamma\n1 1\n',
        'c\n0\nGamma\n1 1 x\n',
        'c\n0\nWhatever\n1 1 1\n',
        'c\n-1\nReciprocal\n0 0 0 1\n',
        'c\n2\nReciprocal\n0 0 0 1\n',
        'c\n1\nReciprocal\n0 0 0\n',
        'c\n1\nReciprocal\n0 0 0 0\n',
        'c\n5\nLine\nrec\n0 0 0\n',
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(InputError, match='Error reading KPOINTS file'):
        read_kpoints(text, CUBE)
