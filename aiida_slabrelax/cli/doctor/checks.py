"""Checks: functions that return a finding, or raise a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

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

#: The largest width of a line of the report, unless one of its parts is longer.
WIDTH = 100

_T = TypeVar('_T')


@dataclass
class Setup:
    """The options of the command, and the results of the checks so far.

    :ivar profile_name: the profile of the command.
    :ivar code_name: the code of the command.
    :ivar structure_name: the crystal of the command.
    :ivar family_name: the family of potentials of the command.
    :ivar n_slabs: the number of slabs that the daemon must be able to relax at once.
    :ivar overrides: the overrides of the command.
    :ivar connections: open connections, closed at the end.
    :ivar profile: the loaded profile.
    :ivar storage: its storage.
    :ivar broker: its broker.
    :ivar broker_reached: whether the broker can be reached.
    :ivar workers: the process ids of the daemon's workers.
    :ivar code: the code.
    :ivar computer: the computer of the code.
    :ivar transport: an open connection to the computer.
    :ivar family: the name of a family of potentials that has been uploaded.
    :ivar structure: an ordered structure.
    """

    profile_name: str | None
    code_name: str | None
    structure_name: str | None
    family_name: str | None
    n_slabs: int
    connections: ExitStack
    overrides: Mapping[str, Any] = field(default_factory=dict)
    profile: Profile | None = None
    storage: StorageBackend | None = None
    broker: Broker | None = None
    broker_reached: bool = False
    workers: list[int] | None = None
    code: AbstractCode | None = None
    computer: Computer | None = None
    transport: Transport | None = None
    family: str | None = None
    structure: StructureData | None = None
    #: How the file of the crystal is read.
    reading: ReadingOptions = field(default_factory=ReadingOptions)


class Fault(Exception):  # noqa: N818 (it is a finding, not an error of the program)
    """A check has failed.

    :param text: what is wrong.
    :param remedy: what to do about it, with a command if there is one.
    """

    def __init__(self, text: str, remedy: str = '') -> None:
        super().__init__(text)
        self.remedy = remedy


class NotChecked(Exception):  # noqa: N818 (nor is this)
    """A check is not possible; the text says why."""


class Doubt(Exception):  # noqa: N818 (nor is this)
    """A check has found what works and may not be meant; the text says what."""


class Mark(StrEnum):
    """The result of a check, as printed at the beginning of its line."""

    OK = '[OK]'
    FAULT = '[!!]'
    NOT_CHECKED = '[--]'
    DOUBT = '[??]'


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
    """Run a check. It never raises, so that the other checks are run too."""
    try:
        return Finding(name, Mark.OK, check(setup))
    except NotChecked as reason:
        return Finding(name, Mark.NOT_CHECKED, f'not checked: {reason}')
    except Doubt as doubt:
        return Finding(name, Mark.DOUBT, str(doubt))
    except Fault as fault:
        return Finding(name, Mark.FAULT, one_line(fault), fault.remedy)
    except click.ClickException as error:
        return Finding(name, Mark.FAULT, error.message)
    except Exception as error:  # plugins of storages, brokers and transports raise any exception
        return Finding(name, Mark.FAULT, f'{type(error).__name__}: {one_line(error)}')


def required(value: _T | None, reason: str) -> _T:
    """Return a value that a check needs: an option, or the result of an earlier check.

    :param reason: why the check is not possible without it.
    :raises NotChecked: if the value is missing.
    """
    if value is None:
        raise NotChecked(reason)
    return value
