"""INCAR: the control tags. Those in :data:`OBEYED` determine what the stand-in does."""

from __future__ import annotations

import math
import re

from ..errors import InputError

Value = bool | int | float | str | list[int] | list[float]

#: The tags that the stand-in obeys, and their meaning.
OBEYED = {
    'SYSTEM': 'a title, repeated in the output',
    'NSW': 'largest number of ionic steps',
    'IBRION': '-1 single point, 1 BFGS, 2 BFGS with line search, 3 FIRE; others refused',
    'EDIFFG': '< 0 largest force in eV/Å, > 0 change of energy in eV, 0 all NSW steps',
    'ISIF': '0, 1, 2 ions; 3 ions and cell; 4 ions and shape; 8 ions and volume; others refused',
    'NELM': 'largest number of electronic iterations (they are simulated)',
    'EDIFF': 'electronic convergence in eV; ten times it is the default of EDIFFG',
    'KSPACING': 'spacing of the k-points in 1/Å if there is no KPOINTS',
    'KGAMMA': 'whether the mesh made from KSPACING is centred on Γ',
    'LVHAR': 'write LOCPOT, a model whose work functions are known; LVTOT likewise',
    'IDIPOL': '3 prints the vacuum levels of both sides, if there is a LOCPOT',
    'LDIPOL': 'with IDIPOL = 3: each side has a flat vacuum, whose step is opposite to DIPOL',
}

#: The largest number of values in a list: enough for three values for each ion.
MOST_VALUES = 100_000


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The types of the tags whose values are checked; any other value is kept as a string.
_INTEGERS = _tags("""
    IBRION NSW ISIF NELM NELMIN NELMDL ISPIN ISTART ICHARG ISMEAR ISYM NBANDS NEDOS NCORE NPAR KPAR
    NSIM LMAXMIX LORBIT IVDW IDIPOL NWRITE LDAUTYPE LDAUPRINT INIWAV MAXMIX NFREE NBLOCK KBLOCK
    NGX NGY NGZ NGXF NGYF NGZF
""")
_REALS = _tags("""
    EDIFF EDIFFG ENCUT ENAUG SIGMA POTIM SYMPREC NELECT NUPDOWN KSPACING AMIX BMIX AMIX_MAG
    BMIX_MAG AMIN PSTRESS SMASS TEBEG TEEND AEXX HFSCREEN EMIN EMAX EFIELD
""")
_LOGICALS = _tags("""
    KGAMMA LWAVE LCHARG LVTOT LVHAR LASPH LDAU LDIPOL LSORBIT LNONCOLLINEAR LPLANE LHFCALC ADDGRID
    LELF LAECHG LUSE_VDW LSOL
""")
_INTEGER_LISTS = _tags('LDAUL')
_REAL_LISTS = _tags('MAGMOM LDAUU LDAUJ DIPOL RWIGS')


class Incar:
    """The tags of an INCAR, with VASP's defaults for the tags that are obeyed.

    :ivar tags: the values in the file, by tag in capitals.
    """

    def __init__(self, tags: dict[str, Value]) -> None:
        self.tags = tags

    @property
    def system(self) -> str:
        """The title of the calculation."""
        return str(self.tags.get('SYSTEM', 'unknown system'))

    @property
    def nsw(self) -> int:
        """The largest number of ionic steps."""
        return self._integer('NSW', 0)

    @property
    def ibrion(self) -> int:
        """How the ions are moved; with NSW > 0 VASP's default is molecular dynamics."""
        return self._integer('IBRION', -1 if self.nsw in (-1, 0) else 0)

    @property
    def relaxes(self) -> bool:
        """Whether the ions are moved at all."""
        return self.ibrion > 0 and self.nsw > 0

    @property
    def ediff(self) -> float:
        """The electronic convergence criterion in eV."""
        return self._real('EDIFF', 1e-4)

    @property
    def ediffg(self) -> float:
        """The ionic convergence criterion: eV if positive, eV/Å if negative."""
        return self._real('EDIFFG', 10 * self.ediff)

    @property
    def isif(self) -> int:
        """What is relaxed: ions, shape and volume of the cell."""
        return self._integer('ISIF', 2)

    @property
    def nelm(self) -> int:
        """The largest number of electronic iterations."""
        return self._integer('NELM', 60)

    def _integer(self, tag: str, default: int) -> int:
        value = self.tags.get(tag, default)
        assert isinstance(value, int)
        return value

    def _real(self, tag: str, default: float) -> float:
        value = self.tags.get(tag, default)
        assert isinstance(value, float)
        return value


def read_incar(text: str) -> Incar:
    """Read an INCAR.

    :param text: the contents of the file.
    :raises InputError: if the value of a known tag cannot be read or is not supported.
    """
    text = re.sub(r'\\[ \t]*\n', ' ', text)
    tags: dict[str, Value] = {}
    for line in text.splitlines():
        for statement in re.split('[#!]', line, maxsplit=1)[0].split(';'):
            tag, equals, value = statement.partition('=')
            tag = tag.strip().upper()
            # As in VASP, the first of several values of a tag counts.
            if equals and tag and tag not in tags:
                tags[tag] = _read_value(tag, value.strip().strip('"'))
    incar = Incar(tags)
    _check(incar)
    return incar


def _read_value(tag: str, text: str) -> Value:
    try:
        if tag in _INTEGERS:
            return int(text.split()[0])
        if tag in _REALS:
            return _read_real(text.split()[0])
        if tag in _LOGICALS:
            return _read_logical(text)
        if tag in _INTEGER_LISTS:
            return [int(word) for word in _repeated(text)]
        if tag in _REAL_LISTS:
            return [_read_real(word) for word in _repeated(text)]
    except (ValueError, IndexError) as error:
        raise InputError(f"Error reading item '{tag}' from file INCAR.") from error
    return text


def _read_real(word: str) -> float:
    number = float(word.upper().replace('D', 'E'))
    if not math.isfinite(number):
        raise ValueError(word)
    return number


def _read_logical(text: str) -> bool:
    match = re.match(r'\.?([TF])', text.upper())
    if match is None:
        raise ValueError(text)
    return match.group(1) == 'T'


def _repeated(text: str) -> list[str]:
    """Expand Fortran's repeat counts: ``2*5.0 1`` is ``5.0 5.0 1``."""
    words: list[str] = []
    for word in text.split():
        count, star, value = word.rpartition('*')
        times = int(count) if star else 1
        if not 0 < times <= MOST_VALUES - len(words):
            raise ValueError(f'{word}: from 1 to {MOST_VALUES} values can be read')
        words += [value] * times
    return words


def _check(incar: Incar) -> None:
    if incar.ibrion == 0 and incar.nsw > 0:
        raise InputError(
            'Fatal error! IBRION=0, but no entry for POTIM on file INCAR. MUST be specified!!'
            if 'POTIM' not in incar.tags
            else 'IBRION = 0: this stand-in for VASP does no molecular dynamics.'
        )
    if incar.ibrion not in (-1, 0, 1, 2, 3):
        raise InputError(f'IBRION = {incar.ibrion}: not supported by this stand-in for VASP.')
    if incar.isif not in (0, 1, 2, 3, 4, 8):
        raise InputError(f'ISIF = {incar.isif}: not supported by this stand-in for VASP.')
    if incar.nelm < 1:
        raise InputError(f'NELM = {incar.nelm}: at least one electronic iteration is needed.')
