"""The program that wrote the files of a calculation."""

from __future__ import annotations

import pytest

from aiida_slabrelax.parsers.program import (
    engine_in_outcar,
    engine_in_vasprun,
    engines_among,
    program_in_outcar,
    program_in_vasprun,
)
from aiida_slabrelax.standin.output.files import BANNER


@pytest.mark.parametrize(
    'line',
    [
        ' vasp.6.2.0 18Jan21 (build May 29 2021 13:05:38) complex',
        ' vasp.5.4.4.18Apr17-6-g9f103f2a35 (build Apr  9 2020 10:35:27) complex',
        ' vasp.5.2.11 01Dec10 complex',
        'vasp.4.6.28 25Jul05 complex',
    ],
)
def test_the_first_line_of_an_outcar(line: str) -> None:
    assert program_in_outcar(f'{line}\n  \n executed on             LinuxIFC') == 'vasp'


@pytest.mark.parametrize('text', ['', ' running on   16 total cores\n', 'x' * 5000 + ' vasp.6.2.0'])
def test_an_outcar_without_a_program(text: str) -> None:
    assert program_in_outcar(text) is None


def test_the_stand_in_is_not_vasp() -> None:
    assert program_in_outcar(f' {BANNER}\n') == 'vasp-standin'


@pytest.mark.parametrize(
    ('item', 'program'),
    [
        ('<i name="program" type="string">vasp </i>', 'vasp'),
        ('<i type="string" name="program">vasp</i>', 'vasp'),
        ('<i type="string" name="program">vasp-standin (this is NOT VASP)</i>', 'vasp-standin'),
        ('<i name="version" type="string">6.2.0  </i>', None),
    ],
)
def test_the_generator_of_a_vasprun(item: str, program: str | None) -> None:
    assert program_in_vasprun(f'<modeling>\n <generator>\n  {item}\n') == program


VASPRUN = (
    '<modeling>\n <generator>\n  <i name="program" type="string">{program} </i>\n'
    '  <i name="subversion" type="string">{subversion} </i>\n'
)


@pytest.mark.parametrize(
    ('program', 'subversion', 'engine'),
    [
        ('vasp-standin (this is NOT VASP)', 'model emt', None),
        ('vasp-standin (this is NOT VASP)', 'model linear', None),
        (
            'vasp-standin (this is NOT VASP)',
            'model SevenNet {&quot;model&quot;: &quot;7net-0&quot;} (sevenn 0.13.0)',
            'SevenNet {"model": "7net-0"} (sevenn 0.13.0)',
        ),
        ('vasp', '18Jan21 (build May 29 2021 13:05:38) complex', None),
        ('vasp', 'model GPAW', None),
    ],
)
def test_the_engine_behind_a_vasprun(program: str, subversion: str, engine: str | None) -> None:
    text = VASPRUN.format(program=program, subversion=subversion)
    assert engine_in_vasprun(text) == engine


def test_the_engine_behind_an_outcar() -> None:
    line = ' vasp.6.5.1 stand-in: this is vasp-standin and NOT VASP, its'
    assert engine_in_outcar(f'{line} model is GPAW 26.7.0\n executed') == 'GPAW 26.7.0'
    assert engine_in_outcar(f'{line} results are a model\n') is None
    assert engine_in_outcar(' vasp.6.2.0 18Jan21 complex\n') is None


def test_engines_among_programs() -> None:
    programs = ['GPAW 26.7.0 by vasp-standin', 'VASP 6.4.2', 'vasp-standin 6.5.1']
    assert engines_among(programs) == programs[:1]
