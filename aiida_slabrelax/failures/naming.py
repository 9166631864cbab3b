"""From what VASP and the machine have printed to the name of the failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .kinds import Kind, Weight
from .machine import MACHINE_FAILURES
from .outcomes import OUTCOMES
from .vasp import VASP_ERRORS

#: Warnings are taken for the failure only if they stand among so many last lines with content.
LATE = 60

#: So many of the last lines are kept.
LAST_LINES = 8

#: A line that only frames or adorns: rules, the large letters of VASP's boxes.
_ADORNMENT = re.compile(r'[-=_*#|+ ]*|[EROWANIG#! ]+')
#: The text in a line of a box.
_BOXED = re.compile(r'\s*\|\s?(.*?)\s*\|\s*')
#: An error of VASP that the table does not know still names its routine.
_ROUTINE = re.compile(
    r'(?:internal error in (?:subroutine|routine)? ?:? ?|ERROR (?:in|IN) (?:subroutine )?)'
    r'([A-Z][A-Z_0-9]{2,})'
)
#: Steps of a run, of which there may be many thousands: in them there is no message.
_STEP = re.compile(
    r'[A-Z]{3} ?: *\d+ |\d+ F= |(?:trial|curvature|search vector|opt ?|step|gam|BRION)\b.*[=:]|'
    r'N E dE d eps|bond charge predicted'
)
_REFUSES = 'I REFUSE TO CONTINUE'


@dataclass(frozen=True)
class Diagnosis:
    """Why a calculation ended as it did, as far as its output tells.

    :ivar kind: what it died of; ``None`` if nothing that was printed is known.
    :ivar name: of the kind, or of the routine of VASP in which an unknown error came up.
    :ivar also: the names of whatever else was found.
    :ivar last_lines: the last lines that VASP printed, or the machine where VASP printed nothing,
        without frames and repetitions.
    :ivar spoiled: whether the energy is wrong even if VASP has gone on and converged.
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
    """Return why a calculation that did not succeed has failed.

    :param output: what VASP printed.
    :param others: what the machine printed (standard error and output of the scheduler, …), the end
        of OUTCAR.
    """
    lines = _lines(output)
    found = _find(lines, lines[-LATE:])
    for other in map(_lines, others):
        found += _find(other, other[-LATE:])
    # The heaviest counts, of equally heavy ones the first that was found.
    found = list(dict.fromkeys(sorted(found, key=lambda kind: -kind.weight)))
    kind = found[0] if found and found[0].weight > Weight.NOTE else None
    name = kind.name if kind is not None else None
    if kind is None or kind.weight is not Weight.FATAL:
        if (routine := _unknown_routine(lines[-LATE:])) is not None:
            kind, name = None, routine
    also = dict.fromkeys(one.name for one in [*found, *name_all(output)] if one.name != name)
    spoiled = any(one.spoils for one in found)
    said = lines or next(filter(None, map(_lines, others)), [])
    return Diagnosis(kind, name, tuple(also), tuple(_last(said)), spoiled)


def name_all(output: str) -> list[Kind]:
    """Return the errors and warnings of VASP in an output, in the order of the table."""
    text = _without_steps(_lines(output))
    return [kind for kind in VASP_ERRORS if kind.expression.search(text)]


def _find(lines: Sequence[str], late: Sequence[str]) -> list[Kind]:
    """Return what is found in lines, in the order in which it stands there.

    :param late: the part of them in which a warning may be the failure.
    """
    texts = {True: ' '.join(late), False: _without_steps(lines)}
    places = []
    for kind in (*VASP_ERRORS, *MACHINE_FAILURES, *OUTCOMES):
        text = texts[kind.weight in (Weight.NOTE, Weight.HINT, Weight.WARNING)]
        if (match := kind.expression.search(text)) is not None:
            places.append((match.start() - len(text), kind))
    return [kind for _, kind in sorted(places, key=lambda place: place[0])]


def _unknown_routine(lines: Sequence[str]) -> str | None:
    """Return the routine of VASP that reports an error which the table does not know."""
    match = _ROUTINE.search(' '.join(lines))
    known = {kind.name for kind in VASP_ERRORS}
    return match[1] if match is not None and match[1] not in known else None


def _lines(output: str) -> list[str]:
    """Return the lines with content: without frames, large letters, and blanks in a row."""
    lines = []
    for line in output.splitlines():
        boxed = _BOXED.fullmatch(line)
        content = ' '.join((boxed[1] if boxed is not None else line).split())
        if _ADORNMENT.fullmatch(content) is None and _REFUSES not in content:
            lines.append(content)
    return lines


def _without_steps(lines: Sequence[str]) -> str:
    """Return the lines, each once, in which there may be a message."""
    return ' '.join(dict.fromkeys(line for line in lines if _STEP.match(line) is None))


def _last(lines: Sequence[str]) -> list[str]:
    """Return the last lines without those that repeat what stands shortly above them."""
    kept: list[str] = []
    for line in lines:
        if line not in kept[-3:]:
            kept.append(line)
    return kept[-LAST_LINES:]
