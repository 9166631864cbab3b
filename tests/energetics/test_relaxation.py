import pytest

from aiida_slabrelax.energetics import NotComparableError, Slab, relaxation_energy


def slab(energy: float, n: int = 8, area: float = 10.0) -> Slab:
    return Slab({'Cu': n}, energy, area, symmetric=True)


def test_both_faces_share_it():
    found = relaxation_energy(slab(-20.0), slab(-20.4))
    assert found.energy_ev == pytest.approx(-0.4)
    assert found.per_area.ev_per_a2 == pytest.approx(-0.02)
    assert found.describe()['per_area']['J/m²'] == pytest.approx(-0.3204353268)


def test_one_face_has_it_if_the_other_one_was_fixed():
    found = relaxation_energy(slab(-20.0), slab(-20.4), relaxed_faces=1)
    assert found.per_area.ev_per_a2 == pytest.approx(-0.04)


def test_a_slab_that_does_not_move_gains_nothing():
    assert relaxation_energy(slab(-20.0), slab(-20.0)).energy_ev == 0.0


@pytest.mark.parametrize(
    ('unrelaxed', 'relaxed', 'message'),
    [
        (slab(-20.0), slab(-22.0, n=9), 'unrelaxed slab is Cu8, the relaxed one Cu9'),
        (slab(-20.0), slab(-20.4, area=10.1), 'area of the unrelaxed slab is 10.0000 Å²'),
        (slab(-20.0), slab(-19.9), '0.1000 eV above the unrelaxed one'),
    ],
)
def test_other_slabs_are_refused(unrelaxed, relaxed, message):
    with pytest.raises(NotComparableError, match=message):
        relaxation_energy(unrelaxed, relaxed)


@pytest.mark.parametrize('faces', [0, 3])
def test_a_slab_has_two_faces(faces):
    with pytest.raises(NotComparableError, match='only 1 or 2'):
        relaxation_energy(slab(-20.0), slab(-20.4), relaxed_faces=faces)
