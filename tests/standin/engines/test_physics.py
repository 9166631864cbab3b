"""Tags of the INCAR for physics that a potential does not have."""

from __future__ import annotations

import pytest

from aiida_slabrelax.standin.engines.choice import Engine, choose_engine
from aiida_slabrelax.standin.engines.physics import refuse_tags
from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.incar import read_incar

CALCULATOR = Engine('ase', 'ase_calculators:lennard_jones', {})
#: What a protocol sets, and has nothing to do with the physics of a potential.
HARMLESS = """
    PREC = accurate; ENCUT = 550; LREAL = .FALSE.; ISMEAR = 0; SIGMA = 0.05; ALGO = normal
    NELM = 200; LASPH = .TRUE.; LVHAR = .TRUE.; LORBIT = 11; LDIPOL = .TRUE.; IDIPOL = 3
    ISPIN = 1; MAGMOM = 4*0.6; LDAU = .FALSE.; IVDW = 0; GGA = --; METAGGA = NONE
"""


def test_what_does_not_change_the_physics_is_accepted() -> None:
    refuse_tags(read_incar(HARMLESS), CALCULATOR)


@pytest.mark.parametrize(
    ('tag', 'meaning'),
    [
        ('GGA = PS', 'the functional'),
        ('METAGGA = R2SCAN', 'the functional'),
        ('LHFCALC = .TRUE.', 'exact exchange'),
        ('LDAU = .TRUE.', r'DFT\+U'),
        ('IVDW = 12', 'dispersion'),
        ('LUSE_VDW = .TRUE.', 'dispersion'),
        ('ISPIN = 2', 'spin'),
        ('LSORBIT = .TRUE.', 'spin-orbit coupling'),
        ('NELECT = 45', 'charge'),
        ('EFIELD = 0.1', 'an electric field'),
        ('LSOL = .TRUE.', 'a solvent'),
        ('PSTRESS = 10', 'a pressure'),
    ],
)
def test_physics_is_refused_by_name(tag: str, meaning: str) -> None:
    name = tag.split()[0]
    with pytest.raises(InputError, match=rf'lennard_jones cannot give .*{name} = \S+ \({meaning}'):
        refuse_tags(read_incar(tag), CALCULATOR)


def test_all_refused_tags_are_named() -> None:
    with pytest.raises(InputError, match=r'ISPIN = 2 \(spin\)') as refusal:
        refuse_tags(read_incar('LDAU = T; ISPIN = 2; GGA = RP'), CALCULATOR)
    assert {word for word in ('LDAU', 'ISPIN', 'GGA = RP') if word in str(refusal.value)} == {
        'LDAU',
        'ISPIN',
        'GGA = RP',
    }


def test_the_functional_of_the_training_is_accepted() -> None:
    refuse_tags(read_incar('GGA = PE'), choose_engine('sevennet', {}))
    refuse_tags(read_incar('GGA = pe'), choose_engine('chgnet', {}))
    other = choose_engine('sevennet', {'VASP_STANDIN_ARGUMENTS': '{"model": "7net-omni"}'})
    for tag, engine in (('PS', choose_engine('chgnet', {})), ('PE', other), ('PE', CALCULATOR)):
        with pytest.raises(InputError, match=f'GGA = {tag}'):
            refuse_tags(read_incar(f'GGA = {tag}'), engine)
