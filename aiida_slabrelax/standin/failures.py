"""Failures on demand, as they happen on real clusters, for tests."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from .elements import ELEMENTS
from .errors import InputError
from .messages import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The failures by name.
FAILURES = {
    'electronic': 'no ionic step converges electronically: all take NELM iterations',
    'ionic': 'the ions do not converge: NSW steps, the last ones without a move (needs NSW > 1)',
    'crash': 'a segmentation fault before the first iteration; no vasprun.xml',
    'lstop': 'a STOPCAR with LSTOP appears in the second ionic step, or in another: lstop=STEP',
    'labort': 'likewise with LABORT',
    'killed': 'SIGKILL in the second ionic step, or in another: killed=STEP',
    'no-vasprun': 'a normal end, but vasprun.xml is missing',
    'slow': 'slow=SECONDS sleeps before the first iteration; then the run is normal',
    'warned': 'BRMIX in the output of a run that continues and converges',
}

#: The messages of VASP or of the machine that end the setup.
IN_SETUP = [name for name, message in MESSAGES.items() if message.in_setup]

#: The failures that happen in an ionic step, with its default number.
IN_STEP = {
    **dict.fromkeys(('killed', 'lstop', 'labort'), 2.0),
    **{name: 3.0 for name, message in MESSAGES.items() if not message.in_setup},
}

#: The value of IBRION that a failure needs.
ONLY_WITH_IBRION = {'zbrent': 2}

_RULE = re.compile(r'(?P<name>[\w-]+)(=(?P<value>[\d.]+))?(@(?P<pattern>[^#]+))?(#(?P<count>\d+))?')


class Rule(NamedTuple):
    """When and how to fail.

    :ivar text: the rule as given.
    :ivar failure: one of :data:`FAILURES` or of the messages.
    :ivar value: the seconds of ``slow``, or the ionic step in which the failure happens.
    :ivar pattern: the pattern for the names of runs that fail; see :func:`names_of`.
    :ivar limit: the number of runs that fail; ``None`` for all.
    """

    text: str
    failure: str
    value: float
    pattern: str
    limit: int | None


class Failure(NamedTuple):
    """The failure of a run.

    :ivar name: one of :data:`FAILURES` or of the messages; empty for a normal run.
    :ivar step: the ionic step in which it ends.
    :ivar delay: the time to sleep before the first iteration, s.
    """

    name: str
    step: int
    delay: float


def read_rules(text: str) -> list[Rule]:
    """Read rules of the form ``failure[@pattern][#count]``, separated by semicolons.

    :raises InputError: if a rule cannot be understood.
    """
    rules = []
    for part in filter(None, map(str.strip, text.split(';'))):
        match = _RULE.fullmatch(part)
        name = match['name'] if match else ''
        if match is None or name not in {*FAILURES, *MESSAGES}:
            raise InputError(
                f"VASP_STANDIN_FAIL: '{part}' is not failure[@pattern][#count] with one of "
                f'{", ".join([*FAILURES, *MESSAGES])}.'
            )
        value = _value(part, name, match['value'])
        limit = None if match['count'] is None else int(match['count'])
        if limit == 0:
            raise InputError(f"VASP_STANDIN_FAIL: '{part}': a count of 0 would never fail.")
        rules.append(Rule(part, name, value, match['pattern'] or '*', limit))
    return rules


def _value(part: str, name: str, text: str | None) -> float:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        value = -1.0
    if name == 'slow' and value is not None and value >= 0:
        return value
    if name in IN_STEP and (value is None or (value >= 1 and value.is_integer())):
        return value or IN_STEP[name]
    if name != 'slow' and name not in IN_STEP and value is None:
        return 0.0
    raise InputError(
        f"VASP_STANDIN_FAIL: '{part}': slow needs =SECONDS; {', '.join(IN_STEP)} "
        'may have =STEP, others none.'
    )


def choose_failure(environ: Mapping[str, str], names: Sequence[str], ibrion: int) -> Failure:
    """Choose the failure of this run, and count the run.

    The first rule that applies decides; ``slow`` is combined with the others.

    :param environ: the environment variables: ``VASP_STANDIN_FAIL`` and, for rules with a count,
        ``VASP_STANDIN_STATE``, the folder of the counters.
    :param names: the names that the patterns are matched against; see :func:`names_of`.
    :param ibrion: the algorithm that moves the ions.
    :raises InputError: if a rule cannot be understood, or has a count without a folder.
    """
    rules = read_rules(environ.get('VASP_STANDIN_FAIL', ''))
    state = environ.get('VASP_STANDIN_STATE', '')
    for rule in rules:
        if rule.limit is not None and not state:
            raise InputError(f"VASP_STANDIN_FAIL: '{rule.text}' needs VASP_STANDIN_STATE.")
    failure = Failure('', 0, 0.0)
    for rule in rules:
        if failure.name and rule.failure != 'slow':
            continue
        if not any(fnmatchcase(name, rule.pattern) for name in names):
            continue
        if ONLY_WITH_IBRION.get(rule.failure, ibrion) != ibrion:
            continue
        if rule.limit is not None and not _count(Path(state), rule.text, rule.limit):
            continue
        if rule.failure == 'slow':
            failure = failure._replace(delay=failure.delay + rule.value)
        else:
            failure = failure._replace(name=rule.failure, step=int(rule.value))
    return failure


def _count(folder: Path, key: str, limit: int) -> bool:
    """Count one run; return ``False`` if the limit has already been reached.

    Each counted run owns a file, created exclusively, so that parallel runs are counted correctly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, limit + 1):
        path = folder / f'{quote(key, safe="")}.{number}'
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            continue
        return True
    return False


def names_of(comment: str, symbols: Sequence[str]) -> list[str]:
    """Return the names by which a rule can select a run.

    They are POSCAR's comment (without leading ``#`` and blanks) and the formula, with the elements
    in order of electronegativity (as in pymatgen) and in alphabetical order, each with and without
    the number 1: ``Ni1O1``, ``NiO``.

    :param comment: the first line of POSCAR.
    :param symbols: the element of each ion.
    """
    numbers = {symbol: symbols.count(symbol) for symbol in sorted(set(symbols))}
    names = [comment.lstrip('# ').rstrip()]
    for order in (sorted(numbers, key=lambda s: ELEMENTS[s].electronegativity), list(numbers)):
        names.append(''.join(f'{symbol}{numbers[symbol]}' for symbol in order))
        names.append(''.join(f'{s}{numbers[s] if numbers[s] > 1 else ""}' for s in order))
    return names
