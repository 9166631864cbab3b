"""The description of one kind of failure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from .cures import Cure


class Weight(IntEnum):
    """The rank of a kind: if several are found in one output, the heaviest is the failure.

    A warning counts only near the end of the output: VASP continued after an earlier one.

    :ivar NOTE: VASP reports what it did; never the failure.
    :ivar HINT: VASP gives advice and continues, or MPI repeats that a process ended.
    :ivar END: how the process ended, without a reason: a signal, an abort of MPI.
    :ivar WARNING: VASP warns of a problem that may ruin the run, and may continue.
    :ivar REASON: why the machine ended the process.
    :ivar FATAL: VASP stops here.
    """

    NOTE = 0
    HINT = 1
    END = 2
    WARNING = 3
    REASON = 4
    FATAL = 5


class Repeat(IntEnum):
    """Whether a calculation may be repeated with the same settings.

    :ivar NEVER: no, because it would end in the same way.
    :ivar IF_MOVED: only from another geometry than its first one.
    :ivar ONCE: once from the same geometry, in case the failure was an accident; afterwards only
        from another one.
    :ivar YES: yes, because the cause was outside the calculation.
    """

    NEVER = 0
    IF_MOVED = 1
    ONCE = 2
    YES = 3


@dataclass(frozen=True)
class Kind:
    """One kind of failure.

    :ivar name: its usual name in the field.
    :ivar patterns: regular expressions for the printed message; case is ignored, and a blank
        matches any white space, including line breaks. Empty if the kind is not found in text.
    :ivar advice: one line on what to do.
    :ivar weight: see :class:`Weight`.
    :ivar repeat: see :class:`Repeat`.
    :ivar cures: safe changes, tried in this order.
    :ivar spoils: whether the energy is wrong even if VASP continued and converged.
    """

    name: str
    patterns: tuple[str, ...]
    advice: str
    weight: Weight
    repeat: Repeat = Repeat.NEVER
    cures: tuple[Cure, ...] = ()
    spoils: bool = False

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """All patterns as one expression, for text with white space reduced to single blanks."""
        return re.compile('|'.join(self.patterns) or r'(?!)', re.IGNORECASE)
