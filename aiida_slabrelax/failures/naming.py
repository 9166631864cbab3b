"""From the output of VASP and the machine to the name of the failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .engines import ENGINE_FAILURES
from .kinds import Kind, Weight
from .machine import MACHINE_FAILURES
from .outcomes import OUTCOMES
from .vasp import VASP_ERRORS

#: A warning counts as the failure only within this number of last lines with content.
LATE = 60

#: The number of last lines that are kept.
LAST_LINES = 8

#: The number of characters of a line that are read; the lines of VASP are much shorter.
LONGEST_LINE = 1000

#: A line without content: rules, the large letters of VASP's boxes.
_ADORNMENT = re.compile(r'[-=_*#|+ ]*|[EROWANIG#! ]+')
#: The text in a line of a box.
_BOXED = re.compile(r'\s*\|\s?(.*?)\s*\|\s*')
#: The routine in a message of VASP for an error that is not in the table.
_ROUTINE = re.compile(
    r'(?:internal error in (?:subroutine|routine)? ?:? ?|ERROR (?:in|IN) (?:subroutine )?)'
    r'([A-Z][A-Z_0-9]{2,})'
)
#: Lines of the iterations, of which there may be many thousands, and which hold no message.
_STEP = re.compile(
    r'[A-Z]{3} ?: *\d+ |\d+ F= |(?:trial|curvature|search vector|opt ?|step|gam|BRION)\b.*[=:]|'
    r'N E dE d eps|bond charge predicted'
)
_REFUSES = 'I REFUSE TO CONTINUE'


@dataclass(frozen=True)
class Diagnosis:
    """Why a calculation failed, as far as its output shows.

    :ivar kind: the kind of failure; ``None`` if no known message was printed.
    :ivar name: the name of the kind, or of the routine of VASP that reported an unknown error.
    :ivar also: the names of all other kinds found.
    :ivar last_lines: the last lines that VASP printed (or the machine, if VASP printed nothing),
        without frames and repetitions.
    :ivar spoiled: whether the energy is wrong even if VASP continued and converged.
    """

    kind: Kind | None = None
    name: str | None = None
    also: tuple[str, ...] = ()
    last_lines: tuple[str, ...] = ()
    spoiled: bool = False

    @property
    def advice(self) -> str | None:
        """One line on what to do."""
        return self.kind.advice if self.kind is not None else None


def diagnose(output: str, others: Sequence[str] = ()) -> Diagnosis:
    """Return why a calculation failed.

    :param output: the standard output of VASP.
    :param others: other texts: the standard output and error of the scheduler, the end of OUTCAR.
    """
    lines = _lines(output)
    kinds = _find(lines, lines[-LATE:])
    for other in map(_lines, others):
        kinds += _find(other, other[-LATE:])
    # The heaviest kind counts; of equally heavy ones, the first in the text.
    kinds = list(dict.fromkeys(sorted(kinds, key=lambda kind: -kind.weight)))
    kind = kinds[0] if kinds and kinds[0].weight > Weight.NOTE else None
    name = kind.name if kind is not None else None
    if kind is None or kind.weight is not Weight.FATAL:
        if (routine := _unknown_routine(lines[-LATE:])) is not None:
            kind, name = None, routine
    names = (other.name for other in [*kinds, *name_all(output)])
    also = dict.fromkeys(other for other in names if other != name)
    spoiled = any(other.spoils for other in kinds)
    printed = lines or next(filter(None, map(_lines, others)), [])
    return Diagnosis(kind, name, tuple(also), tuple(_last(printed)), spoiled)


def name_all(output: str) -> list[Kind]:
    """Return the errors and warnings of VASP in an output, in the order of the table."""
    text = _without_steps(_lines(output))
    return [kind for kind in VASP_ERRORS if kind.expression.search(text)]


def _find(lines: Sequence[str], late: Sequence[str]) -> list[Kind]:
    """Return the kinds found in lines, in the order of their messages.

    :param late: the last of the lines, in which a warning may be the failure.
    """
    texts = {True: ' '.join(late), False: _without_steps(lines)}
    places = []
    for kind in (*VASP_ERRORS, *ENGINE_FAILURES, *MACHINE_FAILURES, *OUTCOMES):
        text = texts[kind.weight in (Weight.NOTE, Weight.HINT, Weight.WARNING)]
        if (match := kind.expression.search(text)) is not None:
            places.append((match.start() - len(text), kind))
    return [kind for _, kind in sorted(places, key=lambda place: place[0])]


def _unknown_routine(lines: Sequence[str]) -> str | None:
    """Return the routine of VASP that reports an error which is not in the table."""
    match = _ROUTINE.search(' '.join(lines))
    known = {kind.name for kind in VASP_ERRORS}
    return match[1] if match is not None and match[1] not in known else None


def _lines(output: str) -> list[str]:
    """Return the lines with content, without frames, large letters and repeated blanks."""
    lines = []
    for whole in output.splitlines():
        line = whole[:LONGEST_LINE]
        boxed = _BOXED.fullmatch(line)
        content = ' '.join((boxed[1] if boxed is not None else line).split())
        if _ADORNMENT.fullmatch(content) is None and _REFUSES not in content:
            lines.append(content)
    return lines


def _without_steps(lines: Sequence[str]) -> str:
    """Return the lines that may hold a message, each once, as one text."""
    return ' '.join(dict.fromkeys(line for line in lines if _STEP.match(line) is None))


def _last(lines: Sequence[str]) -> list[str]:
    """Return the last lines, without those that repeat one of the three lines above them."""
    kept: list[str] = []
    for line in lines:
        if line not in kept[-3:]:
            kept.append(line)
    return kept[-LAST_LINES:]
