"""vasprun.xml as written by VASP, repaired for readers.

Readers fail on the whole file if a single number, byte or table is unexpected. Such parts are
removed; stars in place of a number become ``NaN``.

The file may be damaged or forged: every search takes a time that is proportional to its size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..steps import UnreadableError

_BEGIN, _END = '<calculation', '</calculation>'
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

#: Characters that XML does not allow. They become stars, so that a number with one is unreadable.
_CONTROL = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f]')
_STARRED = re.compile(r'(?<![^\s<>])[^\s<>*]*\*[^\s<>]*')
_STARRED_PARAMETER = re.compile(r'<(i|v)\b(?![^<>]*type="string")[^<>]*>[^<*]*\*[^<]*</\1>')
_ATOMS = re.compile(r'<array name="atoms" *>')
_PARTIAL_STATES = re.compile(r'<(partial|projected|projected_kpoints_opt)\b[^<>]*>')
_ELECTRONS = re.compile(
    r'<(dos|eigenvalues|eigenvalues_kpoints_opt|dielectricfunction|dynmat)\b[^<>]*>'
)
_KPOINTS = re.compile(r'<(kpoints)\b[^<>]*>')


@dataclass(frozen=True)
class VasprunText:
    """The parts of a vasprun.xml.

    :ivar header: the part before the first ionic step.
    :ivar steps: the complete ionic steps, each from ``<calculation>`` to ``</calculation>``.
    :ivar rest: the part after the last complete step.
    :ivar remarks: what is wrong with the file.
    """

    header: str
    steps: tuple[str, ...]
    rest: str
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the file is complete."""
        return self.rest.rstrip().endswith('</modeling>')

    @property
    def sites(self) -> int:
        """The number of sites of the crystal; 0 if the file ends before it."""
        start, end = self._atoms()
        return self.header.count('<rc>', start, end)

    def _atoms(self) -> tuple[int, int]:
        """Return where the table of the sites begins and ends in the header; 0, 0 without."""
        match = _ATOMS.search(self.header)
        start = self.header.find('<set>', match.end()) if match else -1
        end = self.header.find('</set>', start) if start >= 0 else -1
        return (start + len('<set>'), end) if end >= 0 else (0, 0)

    def last(self, count: int) -> VasprunText:
        """Return the file with only the last ``count`` steps."""
        return replace(self, steps=self.steps[-count:], rest='')

    def without_partial_states(self) -> VasprunText:
        """Return the file without site-resolved states, whose tables vary in form."""
        return replace(self, steps=tuple(_without(_PARTIAL_STATES, step) for step in self.steps))

    def without_electrons(self) -> VasprunText:
        """Return the file with only energies, forces, stress and structures."""
        stripped = self.without_partial_states()
        return replace(
            stripped,
            header=_without(_KPOINTS, stripped.header),
            steps=tuple(_without(_ELECTRONS, step) for step in stripped.steps),
        )

    def with_symbols(self, symbols: Sequence[str]) -> VasprunText:
        """Return the file with the given elements of the sites; VASP truncates some (``X``, ``r``).

        :raises UnreadableError: if the file has another number of sites.
        """
        if self.sites != len(symbols):
            raise UnreadableError(f'has {self.sites} sites, the input structure {len(symbols)}')
        rows = ''.join(f'<rc><c>{symbol}</c><c>1</c></rc>' for symbol in symbols)
        start, end = self._atoms()
        return replace(self, header=f'{self.header[:start]}{rows}{self.header[end:]}')

    def compose(self) -> bytes:
        """Return the file as well-formed XML, cut after the last complete step."""
        header = _STARRED_PARAMETER.sub('', self.header)
        steps = '\n'.join(_STARRED.sub('NaN', step) if '*' in step else step for step in self.steps)
        return f'{_DECLARATION}{header}{steps}\n</modeling>\n'.encode()


def _without(begin: re.Pattern[str], text: str) -> str:
    """Return a text without the elements that begin so; those without an end stay.

    :param begin: a pattern whose first group is the name of the element.
    """
    parts, at, endless = [], 0, set()
    for match in begin.finditer(text):
        name = match[1]
        if match.start() < at or name in endless:
            continue
        if (end := text.find(f'</{name}>', match.end())) < 0:
            endless.add(name)
            continue
        parts.append(text[at : match.start()])
        at = end + len(f'</{name}>')
    return ''.join([*parts, text[at:]])


def split_vasprun(content: bytes) -> VasprunText:
    """Return the parts of a vasprun.xml.

    :raises UnreadableError: if the content is empty or not a vasprun.xml.
    """
    # VASP declares ISO-8859-1, in which every byte is a character.
    text, controls = _CONTROL.subn('*', content.decode('iso-8859-1'))
    begin = text.find('<modeling>')
    if begin < 0:
        raise UnreadableError('is empty' if not text.strip() else 'is not a vasprun.xml')
    text = text[begin:]
    first = text.find(_BEGIN)
    end = text.rfind(_END)
    remarks = [f'{controls} characters that XML does not allow'] if controls else []
    if first < 0 or end < 0:
        cut = first if first >= 0 else len(text)
        header, steps, rest = text[:cut], [], text[cut:]
    else:
        end += len(_END)
        header, body, rest = text[:first], text[first:end], text[end:]
        steps = [step + _END for step in body.split(_END)[:-1]]
    if not rest.rstrip().endswith('</modeling>'):
        remarks.append(f'ends after {len(steps)} complete ionic steps, not with </modeling>')
    return VasprunText(header, tuple(step.lstrip() for step in steps), rest, tuple(remarks))
