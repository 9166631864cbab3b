"""Variants of VASP's output that real runs write, produced on demand for tests of readers.

Each changes the files that the stand-in has written, when the run ends.
"""

from __future__ import annotations

import re
import sys
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError
from .states import write_states

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..inputs.reading import Inputs

#: The dialects by name.
DIALECTS = {
    'dos': 'dos=COLUMNS: bands, and densities of states, the partial ones of 4, 5, 10, 16 or 17',
    'projected': 'projected=COLUMNS: bands, and projections of states, of 3, 4, 9 or 16',
    'symbols': 'elements cut short in vasprun.xml, as VASP writes Xe (X) and Zr (r); Cu is C',
    'hash': 'CONTCAR with the hash of each potential behind its symbol, as since 6.4.2',
    'stars': '**** for the energies of the first electronic iteration',
    'nan': 'NaN for the energies and forces of the last ionic step',
    'foreign': 'a byte that is not UTF-8 in each file',
    'control': 'a control character in each file',
    'no-contcar': 'CONTCAR is missing',
    'empty-contcar': 'CONTCAR is empty',
    'half-vasprun': 'vasprun.xml ends within the last ionic step',
    'half-outcar': 'OUTCAR ends within the last ionic step',
    'version': "version=4 or 5: vasprun.xml with that version's energies, of which E0 is wrong",
}

#: The numbers of columns: energy (of the density of states only) and s p d, s p d f, or these by m.
_COLUMNS = {'dos': (4, 5, 10, 16, 17), 'projected': (3, 4, 9, 16), 'version': (4, 5)}

_RULE = re.compile(r'(?P<name>[\w-]+)(=(?P<value>\d+))?(@(?P<pattern>.+))?')
_NUMBER = re.compile(r'-?\d+\.\d+')


class Dialect(NamedTuple):
    """A variant of the output.

    :ivar name: one of :data:`DIALECTS`.
    :ivar value: the number of columns, or the version.
    """

    name: str
    value: int


def choose_dialects(environ: Mapping[str, str], names: Sequence[str]) -> list[Dialect]:
    """Return the dialects of a run.

    :param environ: the environment variables. ``VASP_STANDIN_DIALECT`` holds rules
        ``dialect[@pattern]`` separated by semicolons, all of which apply.
    :param names: the names that the patterns are matched against.
    :raises InputError: if a rule cannot be understood.
    """
    dialects = []
    for part in filter(None, map(str.strip, environ.get('VASP_STANDIN_DIALECT', '').split(';'))):
        match = _RULE.fullmatch(part)
        if match is None or match['name'] not in DIALECTS:
            raise InputError(
                f"VASP_STANDIN_DIALECT: '{part}' is not dialect[@pattern] with one of "
                f'{", ".join(DIALECTS)}.'
            )
        allowed = _COLUMNS.get(match['name'], ())
        value = int(match['value'] or 0)
        if bool(allowed) != bool(match['value']) or (allowed and value not in allowed):
            needed = f'one of {", ".join(map(str, allowed))}' if allowed else 'no value'
            raise InputError(f"VASP_STANDIN_DIALECT: '{part}' needs {needed}.")
        if any(fnmatchcase(name, match['pattern'] or '*') for name in names):
            dialects.append(Dialect(match['name'], value))
    return dialects


def rewrite(folder: Path, dialects: Sequence[Dialect], inputs: Inputs) -> None:
    """Rewrite the files of a run in the given dialects.

    :param folder: the folder of the run.
    """
    for name, value in dialects:
        if name in ('dos', 'projected'):
            _append_to_last_step(folder, write_states(inputs, name, value))
        elif name == 'version':
            _edit(folder, 'vasprun.xml', partial(_of_version, major=value))
        else:
            _SIMPLE[name](folder)


def _edit(folder: Path, name: str, change: Callable[[str], str]) -> None:
    path = folder / name
    if path.exists():
        text = path.read_text(encoding='iso-8859-1')
        path.write_text(change(text), encoding='iso-8859-1')


def _append_to_last_step(folder: Path, addition: str) -> None:
    def change(text: str) -> str:
        head, mark, tail = text.rpartition('</calculation>')
        return head + addition + mark + tail if mark else text

    _edit(folder, 'vasprun.xml', change)


def _symbols(folder: Path) -> None:
    short = re.compile(r'(<c>)(\w+) *(</c><c> *\d+</c></rc>)')

    def cut(match: re.Match[str]) -> str:
        symbol = {'Zr': 'r'}.get(match[2], match[2][:1])
        return f'{match[1]}{symbol:2s}{match[3]}'

    _edit(folder, 'vasprun.xml', lambda text: short.sub(cut, text))


def _hash(folder: Path) -> None:
    def change(text: str) -> str:
        lines = text.split('\n')
        lines[5] = ' '.join(f'{symbol}/0123456789abc' for symbol in lines[5].split())
        return '\n'.join(lines)

    _edit(folder, 'CONTCAR', change)


def _stars(folder: Path) -> None:
    def change(text: str) -> str:
        head, mark, tail = text.partition('</scstep>')
        start = head.rfind('<energy>')
        return head[:start] + _NUMBER.sub('*' * 20, head[start:]) + mark + tail

    _edit(folder, 'vasprun.xml', change)


def _nan(folder: Path) -> None:
    def in_vasprun(text: str) -> str:
        start = text.rfind('</scstep>')
        end = text.rfind('</calculation>')
        last = text[start:end]
        for block in (r'<varray name="forces">.*?</varray>', r'<energy>.*?</energy>'):
            values = re.compile(block, re.DOTALL)
            last = values.sub(lambda match: _NUMBER.sub('NaN', match[0]), last)
        return text[:start] + last + text[end:]

    def in_outcar(text: str) -> str:
        start = text.rfind('TOTAL-FORCE')
        end = text.find('LOOP+', start)
        energy = re.compile(r'(TOTEN  =|entropy=|->0\) =) *-?\d+\.\d+')
        last = energy.sub(r'\1 NaN', text[start:end])
        row = re.compile(r'^((?: +-?\d+\.\d+){3})(?: +-?\d+\.\d+){3}$', re.MULTILINE)
        return text[:start] + row.sub(r'\1 NaN NaN NaN', last) + text[end:]

    _edit(folder, 'vasprun.xml', in_vasprun)
    _edit(folder, 'OUTCAR', in_outcar)


def _insert(character: str) -> Callable[[Path], None]:
    """Return a function that inserts a character after the title of each file."""

    def change(folder: Path) -> None:
        _edit(folder, 'vasprun.xml', lambda text: text.replace('(this', '(this' + character, 1))
        _edit(folder, 'OUTCAR', lambda text: text.replace('SYSTEM =', f'SYSTEM ={character}', 1))
        _edit(folder, 'CONTCAR', lambda text: character + text)
        sys.stdout.flush()
        sys.stdout.buffer.write(f' {character}\n'.encode('iso-8859-1'))
        sys.stdout.buffer.flush()

    return change


def _remove_contcar(folder: Path) -> None:
    (folder / 'CONTCAR').unlink(missing_ok=True)


def _empty_contcar(folder: Path) -> None:
    (folder / 'CONTCAR').write_text('')


def _half_vasprun(folder: Path) -> None:
    _edit(folder, 'vasprun.xml', lambda text: text[: text.rfind('<varray name="forces">') + 60])


def _half_outcar(folder: Path) -> None:
    _edit(folder, 'OUTCAR', lambda text: text[: text.rfind('TOTAL-FORCE') + 150])


def _of_version(text: str, major: int) -> str:
    """Give the energies of the ionic steps the meaning that they have in VASP 4 and 5."""
    number = {4: '4.6.28', 5: '5.4.4'}[major]
    text = re.sub(r'(<i [^>]*name="version">)[^<]*', rf'\g<1>{number} ', text)
    # These versions write the entropy there, and the model has none.
    wrong = re.compile(r'(</varray>\s*<energy>.*?<i name="e_0_energy">) *\S+', re.DOTALL)
    return wrong.sub(rf'\g<1>{0:20.10f}', text)


_SIMPLE: dict[str, Callable[[Path], None]] = {
    'symbols': _symbols,
    'hash': _hash,
    'stars': _stars,
    'nan': _nan,
    'foreign': _insert('\xe9'),
    'control': _insert('\x01'),
    'no-contcar': _remove_contcar,
    'empty-contcar': _empty_contcar,
    'half-vasprun': _half_vasprun,
    'half-outcar': _half_outcar,
}
