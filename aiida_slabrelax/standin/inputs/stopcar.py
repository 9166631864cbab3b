"""STOPCAR, with which a user or a script stops a run of VASP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: VASP's name of the stop for each tag of STOPCAR.
STOPS = {'LSTOP': 'soft', 'LABORT': 'hard'}

_TAG = re.compile(r'^\s*(LSTOP|LABORT)\s*=\s*\.?[Tt]', re.MULTILINE | re.IGNORECASE)


def read_stopcar(folder: Path) -> str | None:
    """Return ``soft`` (after this ionic step) or ``hard`` (at once) if STOPCAR asks for a stop."""
    try:
        text = (folder / 'STOPCAR').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return None
    match = _TAG.search(text)
    return STOPS[match[1].upper()] if match else None


def write_stopcar(folder: Path, tag: str) -> None:
    """Write a STOPCAR, as a user does.

    :param tag: ``LSTOP`` or ``LABORT``.
    """
    (folder / 'STOPCAR').write_text(f'{tag} = .TRUE.\n', encoding='utf-8')
