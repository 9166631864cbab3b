"""Refusals of the stand-in for VASP with an engine have names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aiida_slabrelax.failures import diagnose
from aiida_slabrelax.standin.engines.choice import Engine, choose_engine
from aiida_slabrelax.standin.engines.factories import make_calculator
from aiida_slabrelax.standin.engines.physics import refuse_tags
from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.incar import read_incar
from aiida_slabrelax.standin.messages import write_box
from aiida_slabrelax.standin.models import choose_model

LENNARD_JONES = Engine('ase', 'ase.calculators.lj:LennardJones', {})


def make(path: str, **arguments: object) -> None:
    make_calculator(Engine('ase', path, arguments), relaxes_cell=False)


@pytest.mark.parametrize(
    ('refused', 'name'),
    [
        (lambda: make('not_here:Potential'), 'CALCULATOR'),
        (lambda: make('ase_calculators:lennard_jones', size='small'), 'CALCULATOR'),
        (lambda: make('ase_calculators:EnergyOnly'), 'CALCULATOR'),
        (lambda: choose_engine('ase', {}), 'CALCULATOR'),
        (
            lambda: refuse_tags(read_incar('LDAU = .TRUE.; ISPIN = 2'), LENNARD_JONES),
            'NO SUCH PHYSICS',
        ),
        (lambda: choose_model(['Po'], 'sevennet'), 'UNKNOWN ELEMENT'),
        (lambda: choose_engine('chgnet', {'PMI_SIZE': '8'}), 'SEVERAL PROCESSES'),
    ],
)
def test_names(refused: Callable[[], object], name: str) -> None:
    with pytest.raises(InputError) as refusal:
        refused()
    assert diagnose(write_box(str(refusal.value))).name == name
