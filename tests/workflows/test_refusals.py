"""A value that is refused is told from a mistake of this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pytest
from aiida.common.exceptions import InputValidationError
from aiida.orm import Int

from aiida_slabrelax.cli.errors import reported
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.refusals import REFUSALS, is_refusal


def set_unknown_port() -> None:
    SlabRelaxWorkChain.get_builder().no_such_port = Int(1)


def set_wrong_type() -> None:
    SlabRelaxWorkChain.get_builder().bulk_structure = Int(1)


def refuse() -> None:
    raise InputValidationError('no')


def ours(statement: str) -> Callable[[], None]:
    """Return a function of a module of the package."""

    def run() -> None:
        exec(statement, {'__name__': 'aiida_slabrelax.invented'})

    return run


def error_of(function: Callable[[], Any]) -> Exception:
    with pytest.raises(REFUSALS) as info:
        function()
    return info.value


@pytest.mark.parametrize(
    'function',
    [set_unknown_port, set_wrong_type, refuse, ours('raise ValueError("no")'), ours('int("x")')],
)
def test_what_aiida_and_validators_raise_refuses(function: Callable[[], Any]) -> None:
    assert is_refusal(error_of(function))


MISTAKES = ['None.name', '{}["key"]', '1 + "a"', 'len(1)', '(lambda: None)(1)']


@pytest.mark.parametrize('statement', MISTAKES)
def test_our_own_mistakes_refuse_nothing(statement: str) -> None:
    assert not is_refusal(error_of(ours(statement)))


@pytest.mark.parametrize('statement', MISTAKES)
def test_a_command_shows_our_own_mistakes(statement: str) -> None:
    mistakes = (AttributeError, KeyError, TypeError)
    with pytest.raises(mistakes), reported(*REFUSALS, when=is_refusal):
        ours(statement)()


def test_a_command_reports_a_refusal() -> None:
    refused = pytest.raises(click.ClickException, match='no_such_port')
    with refused, reported(*REFUSALS, when=is_refusal):
        set_unknown_port()
