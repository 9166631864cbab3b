"""The readable formats of crystals. Used in a process with limits, see :mod:`.limited`.

Names are names of files only: ASE interprets ``name@0``, ``postgres…`` and ``-``, and some of its
formats are databases. That is disabled here.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from .ase_data import read_by_ase
from .asymmetric_units import find_space_group
from .checking import check_content, check_order
from .cif.block import is_cif, read_cif_file
from .content import Found, NoCrystalError, choose
from .data_files import holds_data, read_data
from .poscar import is_poscar, read_poscar_file
from .pymatgen_data import to_data

#: Warnings of readers that concern the composition: they make a crystal doubtful.
_DOUBTFUL = re.compile(
    'element|species|symbol|occup|hydrogen|composition|stoichiom|missing|guess|default|ignor|skip'
    '|parsed as|not found|token',
    re.IGNORECASE,
)

#: Formats of pymatgen whose names other programs use too, or in whose files it overlooks
#: further structures.
_LEFT_TO_ASE = frozenset(('abinit-nc', 'fleur-inpgen', 'lmto', 'pwmat', 'vasprun', 'xsf'))

#: The largest number of messages on a file, and of characters in one of them.
_MOST_MESSAGES, _LONGEST = 10, 400

#: Warnings to programmers, not to users.
_OF_PROGRAMS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ResourceWarning)


def read_content(path: str, elements: Sequence[str] | None, index: int | None) -> Found:
    """Return the crystal in a file.

    The name determines the format. ASE reads only what pymatgen has no reader for: it might accept
    what pymatgen refuses, and ignore what it does not know.

    :param elements: for a format that does not name them.
    :param index: which of several structures, counted from 0.
    :raises ValueError: if it cannot be read.
    """
    file = Path(path).absolute()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        found = _read(file, elements, index)
    if message := check_content(found['crystal']) or check_order(found['crystal']):
        raise NoCrystalError(message)
    for warning in caught:
        if issubclass(warning.category, _OF_PROGRAMS):
            continue
        message = f'its reader warns: {" ".join(str(warning.message).split())[:200]}'
        messages = found['objections' if _DOUBTFUL.search(message) else 'remarks']
        if message not in messages:
            messages.append(message)
    if group := find_space_group(file):
        found['objections'].append(
            f'its space group is {group}, and only the atoms that it lists are read'
        )
    found['remarks'], found['objections'] = map(_bound, (found['remarks'], found['objections']))
    return found


def _bound(messages: list[str]) -> list[str]:
    """Return messages of a bounded number and length; names in them are of any length."""
    short = [one if len(one) <= _LONGEST else f'{one[: _LONGEST - 1]}…' for one in messages]
    more = len(short) - _MOST_MESSAGES
    return short if more <= 0 else [*short[:_MOST_MESSAGES], f'and {more} more']


def read_second(path: str, index: int | None) -> Found:
    """Return the crystal that ASE reads from a file that pymatgen has read.

    :raises ValueError: if it cannot read it, or its values are not those of a crystal.
    """
    warnings.simplefilter('ignore')
    found = read_by_ase(Path(path).absolute(), None, index)
    if message := check_content(found['crystal']):
        raise NoCrystalError(message)
    return found


def _read(file: Path, elements: Sequence[str] | None, index: int | None) -> Found:
    if is_poscar(file):
        choose(1, index, 'structure')
        return read_poscar_file(file, elements)
    if elements is not None and not _is_without_elements(file):
        raise NoCrystalError('its format names the elements: leave out elements')
    if holds_data(file):
        return read_data(file, index)
    try:
        if is_cif(file):
            with warnings.catch_warnings():
                warnings.simplefilter('ignore')  # our own reader checks it in detail
                return read_cif_file(file, index)
        if (found := _read_by_pymatgen(file, index)) is not None:
            return found
    except (NoCrystalError, MemoryError):
        raise
    except Exception as error:  # readers raise whatever a broken file leads them to
        raise NoCrystalError(f'pymatgen: {_reason(error)}') from error
    try:
        return read_by_ase(file, elements, index)
    except (NoCrystalError, MemoryError):
        raise
    except Exception as error:  # as above
        reason = _reason(error)
    try:
        found = _read_by_pymatgen(file, index, *_LEFT_TO_ASE)
    except MemoryError:
        raise
    except Exception as error:  # as above
        raise NoCrystalError(f'ASE: {reason}; pymatgen: {_reason(error)}') from error
    if found is None:
        raise NoCrystalError(f'ASE: {reason}')
    return found


def _reason(error: Exception) -> str:
    reason = f'there is no {error}' if isinstance(error, KeyError) else str(error)
    return reason[:300] or type(error).__name__


def _is_without_elements(file: Path) -> bool:
    from .ase_data import WITHOUT_ELEMENTS, format_of

    return format_of(file) == WITHOUT_ELEMENTS


def _read_by_pymatgen(file: Path, index: int | None, *formats: str) -> Found | None:
    """Return what pymatgen reads, or ``None`` if it has no reader for the file.

    :param formats: those that it may read; by default all except those left to ASE.
    """
    from pymatgen.io.registry import dispatch_read_file, get_structure_format

    try:
        reader = get_structure_format(filename=file.name)
    except ValueError:
        return None
    if reader.name == 'poscar':  # read by ours; pymatgen's also accepts `CONTCAR.xyz`
        return None
    allowed = reader.name in formats if formats else reader.name not in _LEFT_TO_ASE
    if not allowed or (reader.read_file is None and reader.read_str is None):
        return None
    choose(1, index, 'structure')
    try:
        structure = dispatch_read_file(reader, str(file), primitive=False)
    except ImportError:  # the package of the reader is not installed
        return None
    return Found(crystal=to_data(structure), remarks=[], objections=[], reader='pymatgen')
