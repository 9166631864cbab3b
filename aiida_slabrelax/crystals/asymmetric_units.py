"""Space groups that a file declares and readers ignore, so that atoms would be missing."""

from __future__ import annotations

import re
from pathlib import Path

#: Where a file declares its space group, by its extension. Readers take only the listed atoms.
_DECLARED = {
    '.cssr': re.compile(r'SPGR\s*=\s*(.*?)\s*(?:OPT|$)', re.MULTILINE),
    '.pdb': re.compile(r'^CRYST1.{49}(.{1,11})', re.MULTILINE),
    '.res': re.compile(r'^(LATT\s+(?!-1\b)\S+)', re.MULTILINE),
    '.xsd': re.compile(r'\bITNumber="(\d+)"'),
}

#: P 1, its number, or nothing: the file lists all atoms.
_ALL_ATOMS = re.compile(r'1?\s*(P\s*1)?\s*1?')


def find_space_group(path: Path) -> str | None:
    """Return the space group that a file declares and its reader ignores.

    :returns: as written in the file; ``None`` if the file lists all atoms, or has no space group.
    """
    name = path.name.lower()
    pattern = next((one for ending, one in _DECLARED.items() if ending in name), None)
    if pattern is None:
        return None
    from ase.io.formats import open_with_compression

    with open_with_compression(str(path), 'rb') as file:
        declared = pattern.findall(file.read().decode('utf-8', 'replace'))
    groups = [group.strip() for group in declared if not _ALL_ATOMS.fullmatch(group.strip())]
    return groups[0] if groups else None
