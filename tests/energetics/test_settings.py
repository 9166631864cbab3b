import pytest

from aiida_slabrelax.energetics import NotComparableError, check_settings

SLAB = {'incar': {'encut': 520, 'gga': 'PE'}, 'potentials': {'Ti': 'Ti_pv'}, 'k-density': 0.03}


def test_equal_settings_pass():
    check_settings('the bulk', {**SLAB}, 'the slab', SLAB)


@pytest.mark.parametrize(
    ('other', 'message'),
    [
        ({**SLAB, 'incar': {'encut': 400, 'gga': 'PE'}}, r'incar\.encut is 400, not 520\.$'),
        ({**SLAB, 'incar': {'encut': 520}}, r"incar\.gga is not given, not 'PE'"),
        ({**SLAB, 'potentials': {'Ti': 'Ti'}}, r"potentials\.Ti is 'Ti', not 'Ti_pv'"),
        ({**SLAB, 'k-density': 0.05, 'spin': 2}, 'k-density is 0.05, not 0.03; spin is 2, not not'),
    ],
)
def test_a_difference_is_named(other, message):
    with pytest.raises(NotComparableError, match=message):
        check_settings('the bulk', other, 'the slab', SLAB)


def test_of_potentials_those_of_common_elements_count():
    element = {**SLAB, 'potentials': {'O': 'O'}}
    check_settings('the reference', element, 'the bulk', SLAB)
    other = {**SLAB, 'potentials': {'O': 'O', 'Ti': 'Ti'}}
    with pytest.raises(NotComparableError, match=r"computed like .*: potentials\.Ti is 'Ti', not"):
        check_settings('the reference', other, 'the bulk', SLAB)
