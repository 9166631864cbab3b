"""What a check is: a function that returns what it has found, or raises what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import click

from ...visible import visible
from ..errors import one_line
from ..inputs.reading_options import ReadingOptions

if TYPE_CHECKING:
    from aiida.brokers import Broker
    from aiida.manage.configuration.profile import Profile
    from aiida.orm import AbstractCode, Computer, StructureData
    from aiida.orm.implementation.storage_backend import StorageBackend
    from aiida.transports import Transport

#: The columns that a line of the report has at most, unless its parts are longer.
WIDTH = 100

_T = TypeVar('_T')


@dataclass
class Setup:
    """What is checked: the options of the command, and what the checks have found so far."""

    profile_name: str | None
    code_name: str | None
    structure_name: str | None
    family_name: str | None
    n_slabs: int
    #: What is open at the end is closed with it.
    connections: ExitStack
    profile: Profile | None = None
    storage: StorageBackend | None = None
    broker: Broker | None = None
    broker_reached: bool = False
    #: The process ids of the daemon's workers.
    workers: list[int] | None = None
    code: AbstractCode | None = None
    computer: Computer | None = None
    #: An open connection to the computer.
    transport: Transport | None = None
    #: The name of a family of potentials that has been uploaded.
    family: str | None = None
    #: An ordered structure.
    structure: StructureData | None = None
    #: How the file of the crystal is read.
    reading: ReadingOptions = field(default_factory=ReadingOptions)


class Fault(Exception):  # noqa: N818 (it is a finding, no error of the program)
    """A check has failed.

    :param text: what is wrong.
    :param remedy: what to do about it, with a command where there is one.
    """

    def __init__(self, text: str, remedy: str = '') -> None:
        super().__init__(text)
        self.remedy = remedy


class NotChecked(Exception):  # noqa: N818 (nor is this)
    """A check cannot be made; the text says why."""


class Mark(StrEnum):
    """How a check has ended."""

    OK = '[OK]'
    FAULT = '[!!]'
    NOT_CHECKED = '[--]'


@dataclass(frozen=True)
class Finding:
    """The result of a check."""

    name: str
    mark: Mark
    text: str
    remedy: str = ''

    def __str__(self) -> str:
        """Return one line, or two if it would be too long."""
        line = visible(f'{self.mark} {self.name}: {self.text.removesuffix(".")}')
        remedy = visible(self.remedy)
        if not remedy:
            return line
        if len(line) + len(remedy) + 2 <= WIDTH:
            return f'{line}: {remedy}'
        return f'{line}:\n{" " * (len(self.mark) + 1)}{remedy}'


def make(name: str, check: Callable[[Setup], str], setup: Setup) -> Finding:
    """Make a check. It never raises, lest it keep the others from being made."""
    try:
        return Finding(name, Mark.OK, check(setup))
    except NotChecked as reason:
        return Finding(name, Mark.NOT_CHECKED, f'not checked: {reason}')
    except Fault as fault:
        return Finding(name, Mark.FAULT, one_line(fault), fault.remedy)
    except click.ClickException as error:
        return Finding(name, Mark.FAULT, error.message)
    except Exception as error:  # plugins of storages, brokers and transports raise what they like
        return Finding(name, Mark.FAULT, f'{type(error).__name__}: {one_line(error)}')


def required(value: _T | None, reason: str) -> _T:
    """Return the value of an option, or what an earlier check should have found.

    :param reason: why the check cannot be made without it.
    :raises NotChecked: if it is not there.
    """
    if value is None:
        raise NotChecked(reason)
    return value
