"""Whatever stands in the input files: what the reader makes of it, or one line about it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aiida_slabrelax.standin.errors import InputError
from aiida_slabrelax.standin.inputs.incar import read_incar
from aiida_slabrelax.standin.inputs.kpoints import mesh_of_spacing, read_kpoints
from aiida_slabrelax.standin.inputs.poscar import read_poscar
from aiida_slabrelax.standin.inputs.potcar import read_potcar, synthetic_potcar
from aiida_slabrelax.standin.inputs.reading import MOST_BYTES, read_inputs

SETTINGS = settings(
    max_examples=150,
    derandomize=True,
    database=None,
)

CUBE = [[4.0, 0, 0], [0, 4.0, 0], [0, 0, 4.0]]

#: A reader, and a file that it reads.
READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    'INCAR': (
        read_incar,
        'SYSTEM = a slab\nNSW = 5 ; IBRION = 2\nEDIFFG = -0.02\nMAGMOM = 2*5.0 1\nLDAUL = 2 -1\n'
        'LWAVE = .FALSE.\nENCUT = 4D2\nKSPACING = 0.3 # in 1/Å\n',
    ),
    'POSCAR': (
        read_poscar,
        'copper\n1.0\n4 0 0\n0 4 0\n0 0 4\nCu O\n1 1\nSelective dynamics\nCartesian\n'
        '0 0 0 T T F\n2 2 2 F F F\n',
    ),
    'KPOINTS': (lambda text: read_kpoints(text, CUBE), 'mesh\n0\nMonkhorst\n4 4 4\n0 0 0.5\n'),
    'lines': (
        lambda text: read_kpoints(text, CUBE),
        'lines\n10\nLine\nReciprocal\n0 0 0\n0.5 0 0\n\n0.5 0 0\n0.5 0.5 0\n',
    ),
    'POTCAR': (read_potcar, synthetic_potcar('Fe_pv') + synthetic_potcar('O')),
}

#: What is put into valid files.
WORDS = (
    st.sampled_from(
        [
            *(
                'nan',
                'inf',
                '-1',
                '0',
                '1e300',
                '-1e300',
                '1e-300',
                '1e999',
                '²',
                '٣',
                '.',
                '1.2.3',
            ),
            *('999999999*1.0', '-3*1', '*', '=', ';', '#', '\\', 'T', 'Auto', 'Line', '9' * 6000),
            *('1000000000', '99999999999999999999', '\x00', '\x85', '\ud800', '\n', ' ' * 1000),
        ]
    )
    | st.floats().map(str)
    | st.integers().map(str)
    | st.text(max_size=20)
)


def mutated(text: str) -> st.SearchStrategy[str]:
    """Texts like a valid one, with a few words taken out or replaced."""
    places = st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, 12), WORDS), max_size=4)

    def change(changes: list[tuple[int, int, str]]) -> str:
        changed = text
        for place, length, word in changes:
            changed = changed[:place] + word + changed[place + length :]
        return changed

    return places.map(change)


NO_VOLUME = 'POSCAR: the lattice vectors span no volume, or one that is too large'


@pytest.mark.parametrize('name', READERS)
def test_the_files_are_valid_before_they_are_changed(name: str) -> None:
    reader, text = READERS[name]
    assert reader(text) is not None


@pytest.mark.parametrize('name', READERS)
def test_changed_files_and_random_text(name: str) -> None:
    reader, valid = READERS[name]

    @SETTINGS
    @given(mutated(valid) | st.text() | st.binary().map(lambda raw: raw.decode('utf-8', 'replace')))
    def look_at(text: str) -> None:
        with suppress(InputError):
            reader(text)

    look_at()


@SETTINGS
@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1e-320)
@example(1e-9)
def test_spacings_of_any_size(spacing: float) -> None:
    with suppress(InputError):
        mesh_of_spacing(spacing, True, CUBE)


@pytest.mark.parametrize(
    ('name', 'old', 'new', 'message'),
    [
        ('INCAR', '2*5.0', '999999999*1.0', "Error reading item 'MAGMOM' from file INCAR."),
        ('INCAR', '2*5.0', '-1*1.0', "Error reading item 'MAGMOM' from file INCAR."),
        ('INCAR', '-0.02', 'nan', "Error reading item 'EDIFFG' from file INCAR."),
        ('INCAR', '= 5', '= ' + '9' * 6000, "Error reading item 'NSW' from file INCAR."),
        (
            'POSCAR',
            '1.0',
            '1e300',
            NO_VOLUME,
        ),
        (
            'POSCAR',
            '1.0',
            'nan',
            NO_VOLUME,
        ),
        (
            'POSCAR',
            '1.0',
            '1e-5',
            NO_VOLUME,
        ),
        ('POSCAR', '1 1', '1 999999999', 'POSCAR: 1000000000 ions announced, '),
        (
            'KPOINTS',
            '4 4 4',
            '9999 9999 9999',
            'Error reading KPOINTS file: more than 100000',
        ),
        ('KPOINTS', '0.5', 'inf', 'Error reading KPOINTS file: cannot convert float infinity'),
        ('lines', '10', '1000000000', 'Error reading KPOINTS file: more than 100000 k-points'),
        ('POTCAR', 'ZVAL   =   14.000', 'ZVAL   =   1.4.0', 'POTCAR: ZVAL is not a number.'),
    ],
)
def test_numbers_beyond_any_crystal(name: str, old: str, new: str, message: str) -> None:
    reader, text = READERS[name]
    assert old in text
    with pytest.raises(InputError) as refused:
        reader(text.replace(old, new))
    assert str(refused.value).startswith(message)


def test_a_file_too_large(tmp_path: Path) -> None:
    with (tmp_path / 'INCAR').open('wb') as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match=r'^INCAR is larger than 50 MB\.$'):
        read_inputs(tmp_path, {})
