import pytest

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.incar import read_incar


def test_defaults_are_those_of_vasp() -> None:
    incar = read_incar('')
    assert (incar.nsw, incar.ibrion, incar.isif, incar.nelm) == (0, -1, 2, 60)
    assert (incar.ediff, incar.ediffg, incar.system) == (1e-4, 1e-3, 'unknown system')
    assert not incar.relaxes


def test_statements_comments_and_continued_lines() -> None:
    incar = read_incar(
        'system = "a title" # not this\nIBRION=2; nsw = 5 ! nor this\nMAGMOM = 2*1.5 \\\n 0\n'
        'EDIFFG = -1D-2\nLWAVE = .FALSE.\nLDAUL = 2 -1\nALGO = Fast\n'
    )
    assert incar.tags == {
        'SYSTEM': 'a title',
        'IBRION': 2,
        'NSW': 5,
        'MAGMOM': [1.5, 1.5, 0.0],
        'EDIFFG': -0.01,
        'LWAVE': False,
        'LDAUL': [2, -1],
        'ALGO': 'Fast',
    }
    assert incar.relaxes


def test_first_of_two_values_wins() -> None:
    assert read_incar('NELM = 5\nNELM = 6').nelm == 5


def test_ionic_criterion_follows_the_electronic_one() -> None:
    assert read_incar('EDIFF = 1E-6').ediffg == pytest.approx(1e-5)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('NSW = many', "Error reading item 'NSW' from file INCAR."),
        ('NSW = 2.5', "Error reading item 'NSW' from file INCAR."),
        ('EDIFFG = small', "Error reading item 'EDIFFG' from file INCAR."),
        ('LWAVE = perhaps', "Error reading item 'LWAVE' from file INCAR."),
        ('MAGMOM = up down', "Error reading item 'MAGMOM' from file INCAR."),
        ('ISIF =', "Error reading item 'ISIF' from file INCAR."),
        ('NSW = 5', 'no entry for POTIM'),
        ('NSW = 5; POTIM = 1', 'no molecular dynamics'),
        ('IBRION = 7', 'IBRION = 7'),
        ('ISIF = 6', 'ISIF = 6'),
        ('NELM = 0', 'NELM = 0'),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_incar(text)
