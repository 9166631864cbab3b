"""Crystals from files: no file is misread in silence.

Works without AiiDA. Partial occupancies, several structures, files that do not say what their atoms
are, and what may mean another crystal are refused; the last with a way to insist.
"""

from .reading import (
    CrystalFileError,
    CrystalFileWarning,
    DoubtfulCrystalError,
    Reading,
    read_crystal,
    read_file,
)

__all__ = [
    'CrystalFileError',
    'CrystalFileWarning',
    'DoubtfulCrystalError',
    'Reading',
    'read_crystal',
    'read_file',
]
