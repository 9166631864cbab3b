"""What calculations have cost, as dataclasses; what is not known is never counted as nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Amount:
    """A sum over calculations, some of which may be missing.

    :ivar known: the sum over those of which it is known.
    :ivar unknown: the number of those of which it is not.
    """

    known: float = 0
    unknown: int = 0

    def __add__(self, other: Amount) -> Amount:
        """Return the sum over the calculations of both."""
        return Amount(self.known + other.known, self.unknown + other.unknown)

    @classmethod
    def of(cls, value: float | None) -> Amount:
        """Return that of one calculation; ``None`` if it is not known."""
        return cls(unknown=1) if value is None else cls(value)

    @property
    def value(self) -> float | None:
        """The sum over all calculations; ``None`` if it is not known of each."""
        return None if self.unknown else self.known


@dataclass(frozen=True)
class Cost:
    """What calculations have cost.

    :ivar calculations: their number, with those that failed, without those that never ran or were
        taken from AiiDA's cache.
    :ivar core_hours: wall time times cores, in hours.
    :ivar ionic_steps: the number of ionic steps.
    :ivar electronic_steps: the number of electronic steps.
    """

    calculations: int = 0
    core_hours: Amount = field(default_factory=Amount)
    ionic_steps: Amount = field(default_factory=Amount)
    electronic_steps: Amount = field(default_factory=Amount)

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of the calculations of both."""
        return Cost(
            self.calculations + other.calculations,
            self.core_hours + other.core_hours,
            self.ionic_steps + other.ionic_steps,
            self.electronic_steps + other.electronic_steps,
        )

    def describe(self) -> str:
        """Return a line: ``2.31 core-hours, 41 ionic and 523 electronic steps in 6 calculations``.

        Without calculations it is empty.
        """
        if not self.calculations:
            return ''
        count = f'{self.calculations} calculation{"s" if self.calculations > 1 else ""}'
        amounts = (self.core_hours, self.ionic_steps, self.electronic_steps)
        if all(amount.unknown >= self.calculations for amount in amounts):
            return f'nothing is known of {count}'
        steps = f'{_told(self.ionic_steps)} ionic and {_told(self.electronic_steps)}'
        line = f'{_told(self.core_hours)} core-hours, {steps} electronic steps in {count}'
        missing = max(amount.unknown for amount in amounts)
        return f'{line}; not all is known of {missing} of them' if missing else line


@dataclass(frozen=True)
class StageCost:
    """What a stage of a part of a run has cost.

    :ivar part: the label of a slab, or the name of another part, such as ``bulk``; in a group the
        name of a crystal.
    :ivar stage: ``relaxation``, ``single point``, ``prerelax`` or ``screen``.
    :ivar cost: the cost of all its calculations, with failed and repeated ones.
    """

    part: str
    stage: str
    cost: Cost


def total_of(costs: Iterable[StageCost]) -> Cost:
    """Return the cost of several stages together."""
    return sum((stage.cost for stage in costs), Cost())


def format_amount(amount: Amount, calculations: int) -> str:
    """Return a sum as text: ``≥`` before one that is incomplete, a dash if nothing is known."""
    if amount.unknown >= calculations:
        return '–'
    number = format_number(amount.known)
    return f'≥ {number}' if amount.unknown else number


def format_number(value: float) -> str:
    """Return a number of hours or steps with a sensible number of digits, without exponent."""
    if isinstance(value, int):
        return str(value)
    if value >= 100:
        return f'{value:.0f}'
    return f'{value:.2f}' if value >= 0.1 else f'{Decimal(f"{value:.2g}"):f}'


def _told(amount: Amount) -> str:
    if not amount.unknown:
        return format_number(amount.known)
    return f'at least {format_number(amount.known)}' if amount.known else 'an unknown number of'
