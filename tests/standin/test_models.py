import sys

import pytest
from ase import Atoms
from ase.calculators.emt import parameters

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.models import (
    EMT_ELEMENTS,
    ENGINES,
    FIXED,
    MODELS,
    calculator,
    choose_model,
    instant_energy,
)


@pytest.mark.parametrize(
    ('elements', 'asked', 'model'),
    [
        (['Cu', 'Au'], None, 'emt'),
        (['Cu', 'O'], None, 'gfn1'),
        (['Cu', 'O'], '', 'gfn1'),
        (['Cu', 'O'], 'emt', 'emt'),
        (['Cu'], 'gfn1', 'gfn1'),
        (['U'], 'instant', 'instant'),
        (['U'], 'sevennet', 'sevennet'),
        (['Xe', 'Lr'], 'ase', 'ase'),
    ],
)
def test_choice(elements: list[str], asked: str | None, model: str) -> None:
    assert choose_model(elements, asked) == model


@pytest.mark.parametrize(
    ('elements', 'asked', 'message'),
    [
        (['Cu'], 'dft', "'dft' is none of emt, gfn1, instant, linear, sevennet, chgnet, gpaw, ase"),
        (['Cu', 'Po'], 'chgnet', 'chgnet does not know Po'),
        (['Am'], 'sevennet', 'sevennet does not know Am'),
        (['Cu', 'P', 'Fe'], 'emt', 'emt does not know Fe, P'),
        (['U', 'O'], None, 'gfn1 does not know U'),
    ],
)
def test_refused(elements: list[str], asked: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        choose_model(elements, asked)


def test_elements_are_those_that_ase_has_parameters_for() -> None:
    assert set(parameters) == EMT_ELEMENTS


@pytest.mark.parametrize('model', sorted(set(MODELS) - {*FIXED, *ENGINES}))
def test_calculators_give_energies(model: str) -> None:
    atoms = Atoms('Cu', cell=[3, 3, 3], pbc=True)
    atoms.calc = calculator(model)
    assert atoms.get_potential_energy() != 0


def test_instant_energy_depends_on_the_composition() -> None:
    assert instant_energy(['H', 'O', 'H']) == pytest.approx(-(3 + 10 / 20))


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'tblite.ase', None)  # as if it were not installed
    with pytest.raises(InputError, match='The model gfn1 needs tblite'):
        calculator('gfn1')
