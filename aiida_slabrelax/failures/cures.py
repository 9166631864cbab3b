"""Cures: changes of the INCAR that let VASP continue and keep the energy comparable.

A cure changes only how the ground state or the geometry is searched: algorithms, mixing, tighter
tolerances, the use of symmetry, empty bands. It never changes what determines the energy (PREC,
ENCUT, functional, kind of smearing, LREAL, k-points).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol


class Change(Protocol):
    """A change of one tag."""

    def apply(self, incar: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new value by the tag in lower case; nothing if the INCAR has it already."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Set:
    """Give a tag a value.

    :ivar tag: the tag, in capitals.
    :ivar value: its new value.
    :ivar unset: the value that VASP uses if the INCAR does not set the tag.
    """

    tag: str
    value: Any
    unset: Any = None

    def apply(self, incar: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new value by the tag in lower case; nothing if the INCAR has it already."""
        present = incar.get(self.tag.lower(), self.unset)
        same = str(present).lower() == str(self.value).lower()
        return {} if same else {self.tag.lower(): self.value}

    def __str__(self) -> str:
        return f'{self.tag} = {format_value(self.value)}'


@dataclass(frozen=True)
class Limit:
    """Lower or raise a number to a limit.

    :ivar tag: the tag, in capitals.
    :ivar sign: ``≤`` for an upper limit, ``≥`` for a lower one.
    :ivar limit: the limit.
    :ivar unset: the number that VASP uses if the INCAR does not set the tag.
    """

    tag: str
    sign: Literal['≤', '≥']
    limit: float
    unset: float

    def apply(self, incar: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new value by the tag in lower case; nothing if it is within the limit."""
        present = _number(incar.get(self.tag.lower()), self.unset)
        within = present <= self.limit if self.sign == '≤' else present >= self.limit
        return {} if within else {self.tag.lower(): self.limit}

    def __str__(self) -> str:
        return f'{self.tag} {self.sign} {format_value(self.limit)}'


@dataclass(frozen=True)
class Scale:
    """Multiply a number; this always changes it.

    :ivar tag: the tag, in capitals.
    :ivar factor: the factor.
    :ivar unset: the number that VASP uses if the INCAR does not set the tag; None if that is not
        known, and then nothing is changed.
    """

    tag: str
    factor: float
    unset: float | None = None

    def apply(self, incar: Mapping[str, Any]) -> dict[str, Any]:
        """Return the new value by the tag in lower case; nothing if there is no number."""
        present = _number(incar.get(self.tag.lower()), self.unset)
        if present is None:
            return {}
        scaled = present * self.factor
        if isinstance(present, int):
            scaled = int(max(scaled, present + 1)) if self.factor > 1 else int(scaled)
        return {self.tag.lower(): scaled if isinstance(scaled, int) else float(f'{scaled:.4g}')}

    def __str__(self) -> str:
        return f'{self.tag} × {format_value(self.factor)}'


@dataclass(frozen=True)
class Cure:
    """Changes that are made together.

    :ivar changes: the changes; if empty, the cure is to continue from the last geometry.
    :ivar keeps_orbitals: whether VASP may start from its last wave functions.
    """

    changes: tuple[Change, ...] = ()
    keeps_orbitals: bool = False

    def apply(self, incar: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tags that the cure would change, in lower case, with their new values."""
        changed: dict[str, Any] = {}
        for change in self.changes:
            changed |= change.apply(incar)
        return changed

    def __str__(self) -> str:
        return ', '.join(map(str, self.changes)) or 'from the last geometry'


#: How VASP determines the symmetry changes neither the k-points nor the energy, only the cost.
FINER_SYMMETRY = Cure((Set('SYMPREC', 1e-6, 1e-5),))
COARSER_SYMMETRY = Cure((Set('SYMPREC', 1e-4, 1e-5),))
NO_SYMMETRY = Cure((Set('ISYM', 0),))
NORMAL = Cure((Set('ALGO', 'Normal', 'Normal'),))
ALL = Cure((Set('ALGO', 'All', 'Normal'),))
SMALLER_STEPS = Cure((Scale('POTIM', 0.5, 0.5),))
MORE_BANDS = Cure((Scale('NBANDS', 1.1),))


def describe_changes(changes: Mapping[str, Any]) -> str:
    """Return changed tags as written in an INCAR: ``IBRION = 1, EDIFF = 1e-6``."""
    return ', '.join(f'{tag.upper()} = {format_value(value)}' for tag, value in changes.items())


def format_value(value: Any) -> str:
    """Return a value as written in an INCAR."""
    if isinstance(value, bool):
        return '.TRUE.' if value else '.FALSE.'
    if isinstance(value, float):
        mantissa, e, exponent = f'{value:g}'.partition('e')
        return f'{mantissa}e{int(exponent)}' if e else mantissa
    return str(value)


def _number(value: Any, unset: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else unset
