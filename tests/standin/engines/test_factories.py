"""Calculators of ASE from their import paths, good ones and bad ones."""

from __future__ import annotations

from typing import Any

import pytest
from ase.calculators.lj import LennardJones

from aiida_slabrelax.standin.engines.choice import Engine
from aiida_slabrelax.standin.engines.factories import make_calculator
from aiida_slabrelax.standin.errors import InputError


def make(path: str, *, relaxes_cell: bool = False, **arguments: Any) -> Any:
    return make_calculator(Engine('ase', path, arguments), relaxes_cell=relaxes_cell)


def test_a_factory_gets_its_arguments() -> None:
    calculator = make('ase_calculators:lennard_jones', epsilon=0.4)
    assert isinstance(calculator, LennardJones)
    assert calculator.parameters['epsilon'] == 0.4


@pytest.mark.parametrize(
    ('path', 'arguments', 'message'),
    [
        ('nowhere.at_all:f', {}, "cannot be imported: ModuleNotFoundError: No module named 'now"),
        ('ase_calculators:missing', {}, "has no attribute 'missing'"),
        ('ase_calculators:lennard_jones', {}, 'cannot be made .*epsilon'),
        ('ase_calculators:lennard_jones', {'charm': 1}, "unexpected keyword argument 'charm'"),
        ('ase_calculators:no_calculator', {}, 'returned a str, not a calculator of ASE'),
        ('ase_calculators:EnergyOnly', {}, 'gives no forces, only energy'),
    ],
)
def test_refused(path: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(path, **arguments)


def test_a_relaxing_cell_needs_a_stress() -> None:
    make('ase_calculators:WithoutStress')
    with pytest.raises(InputError, match='gives no stress, which ISIF > 2 needs'):
        make('ase_calculators:WithoutStress', relaxes_cell=True)


def test_a_short_cut_says_what_to_install() -> None:
    engine = Engine('sevennet', 'no_such_module:SevenNetCalculator', {})
    with pytest.raises(InputError, match='It needs: pip install sevenn'):
        make_calculator(engine, relaxes_cell=False)
