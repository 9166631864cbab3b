"""The models that the commands offer on this machine."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec

import click
import pytest
from aiida.orm import StructureData
from ase.build import bulk

from aiida_slabrelax.cli.sandbox import models
from aiida_slabrelax.cli.sandbox.models import check_model, describe_model, incar_of


def test_a_package_that_is_not_installed_is_named(copper: StructureData) -> None:
    for model in ('sevennet', 'chgnet'):
        with pytest.raises(click.ClickException, match=rf"needs: pip install '.*\[{model}\]'"):
            check_model(model, copper)
    with pytest.raises(click.ClickException, match='needs: pip install gpaw gpaw-data'):
        check_model('gpaw', copper)


def test_elements_are_checked_before_anything_runs() -> None:
    polonium = StructureData(ase=bulk('Po', 'sc', a=3.35))
    with pytest.raises(click.ClickException, match='chgnet does not know Po'):
        check_model('chgnet', polonium)


def test_an_installed_package_will_do(
    copper: StructureData, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = type(sys)('sevenn')
    module.__spec__ = ModuleSpec('sevenn', None)
    monkeypatch.setitem(sys.modules, 'sevenn', module)  # as if it were installed
    assert check_model('sevennet', copper) == 'sevennet'


def test_engines_do_without_the_physics_of_the_protocol() -> None:
    assert incar_of('emt') == {}
    assert incar_of('chgnet') == {'ispin': 1, 'gga': '--'}
    assert incar_of('gpaw') == {'gga': 'PE'}


def test_engines_are_not_announced_as_vasp() -> None:
    assert describe_model('sevennet').startswith('SevenNet in the place of VASP: ')
    assert describe_model('emt').startswith('Stand-in for VASP, model emt: ')
    assert models.ENGINES == ('sevennet', 'chgnet', 'gpaw', 'ase')
