"""Crystals from files: no file is misread in silence.

Works without AiiDA. Partial occupancies, several structures and unnamed elements are refused, and
so is a doubtful crystal, unless ``read_anyway`` accepts it.
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
