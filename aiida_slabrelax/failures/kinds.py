"""What is known of one kind of failure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from .cures import Cure


class Weight(IntEnum):
    """Which of several kinds in one output is the failure: the heaviest.

    A warning counts only where it stands near the end: VASP has gone on from an earlier one.
    """

    #: VASP tells what it has done: never the failure.
    NOTE = 0
    #: VASP gives advice and goes on; or MPI repeats that something has ended.
    HINT = 1
    #: How the process ended, without a reason: a signal, an abort of MPI.
    END = 2
    #: VASP complains of what may ruin the run, and may go on.
    WARNING = 3
    #: Why the machine ended the process.
    REASON = 4
    #: VASP stops here.
    FATAL = 5


class Repeat(IntEnum):
    """Whether the same calculation may be tried again as it is."""

    #: It would end the same way.
    NEVER = 0
    #: Only from another geometry than the one it began with.
    IF_MOVED = 1
    #: Once as it is, in case it was an accident; else only from another geometry.
    ONCE = 2
    #: What ended it lay outside of it.
    YES = 3


@dataclass(frozen=True)
class Kind:
    """One kind of failure.

    :ivar name: as the field knows it.
    :ivar patterns: regular expressions for what is printed; case does not matter, a blank stands
        for any white space, line breaks included. None: it is not found in text.
    :ivar advice: one line on what to do.
    :ivar weight: see :class:`Weight`.
    :ivar repeat: see :class:`Repeat`.
    :ivar cures: safe changes, tried in this order.
    :ivar spoils: whether it makes the energy wrong even where VASP went on and converged.
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
        """The patterns as one, for text whose white space has been reduced to single blanks."""
        return re.compile('|'.join(self.patterns) or r'(?!)', re.IGNORECASE)
