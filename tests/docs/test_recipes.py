"""Each recipe of the page, in the files that VASP would get for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from aiida.orm import InstalledCode
from ase.build import bulk
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.standin.inputs.poscar import read_poscar

PAGE = Path(__file__).parents[2] / 'docs/how-to/vasp-recipes.md'
BLOCK = r'^```{}\n(.*?)^```'


def sections() -> dict[str, str]:
    """Return the recipes that say what VASP gets, by their headings."""
    parts = re.split(r'^## (.*)\n', PAGE.read_text('utf-8'), flags=re.MULTILINE)[1:]
    found = dict(zip(parts[::2], parts[1::2], strict=True))
    return {heading: text for heading, text in found.items() if 'VASP gets' in text}


def block(text: str, language: str) -> str | None:
    match = re.search(BLOCK.format(language), text, re.DOTALL | re.MULTILINE)
    return match[1] if match else None


@pytest.fixture
def crystals_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the recipes."""
    monkeypatch.chdir(tmp_path)
    bulk('Cu', 'fcc', a=3.6, cubic=True).write('Cu.vasp')
    oxide = bulk('NiO', 'rocksalt', a=4.17, cubic=True)
    oxide.write('NiO.vasp', sort=True)
    up = np.abs(oxide.positions[:, 2]) < 0.1
    moments = np.where(oxide.symbols == 'Ni', np.where(up, 2.0, -2.0), 0.0)
    oxide.set_initial_magnetic_moments(moments)
    oxide.write('NiO-afm.extxyz')
    return tmp_path


@pytest.fixture
def written(
    crystals_here: Path, vasp_code: InstalledCode, potential_family: str
) -> Callable[[str], tuple[Path, str]]:
    """Return a function that runs the command of a recipe: the files of its first slab."""

    def run(text: str) -> tuple[Path, str]:
        command = block(text, 'console')
        assert command is not None
        arguments = shlex.split(command.removeprefix('$ aiida-slabrelax ').replace('\\\n', ' '))
        if (overrides := block(text, 'yaml')) is not None:
            name = overrides.splitlines()[0].removeprefix('# ')
            assert name in arguments
            Path(name).write_text(overrides)
        place = [vasp_code.full_label if word == 'vasp@cluster' else word for word in arguments]
        more = ['--family', potential_family, '--write-inputs', 'inputs']
        result = CliRunner().invoke(cli, [*place, *more])
        assert result.exit_code == 0, result.output
        return crystals_here / 'inputs' / 'slab_00', result.output

    return run


def gets(folder: Path) -> dict[str, str]:
    """Return what VASP gets, as the page writes it."""
    incar = (folder / 'INCAR').read_text().splitlines()
    tags = [line.split('=', 1) for line in incar if '=' in line]
    slab = read_poscar((folder / 'POSCAR').read_text())
    found = {tag.strip(): ' '.join(value.split()) for tag, value in tags}
    found['KPOINTS'] = ' '.join((folder / 'KPOINTS').read_text().splitlines()[3].split())
    found['POTCAR'] = ' '.join((folder / 'POTCAR.spec').read_text().split())
    found['FIXED'] = str((slab.selective or []).count((False, False, False)))
    heights = np.array(slab.positions)[:, 2] * slab.lattice[2][2]
    found['VACUUM'] = f'{slab.lattice[2][2] - np.ptp(heights):.1f}'
    return found


@pytest.mark.parametrize('heading', sections())
def test_vasp_gets_what_the_page_says(
    heading: str, written: Callable[[str], tuple[Path, str]]
) -> None:
    text = sections()[heading]
    folder, output = written(text)
    said = block(text[text.index('VASP gets') :], 'text')
    assert said is not None
    expected = dict(line.split(' = ', 1) for line in said.splitlines())
    found = gets(folder)
    assert {name: found.get(name) for name in expected} == expected
    # A recipe does nothing that the page warns of. Of the first NiO it is told that a magnetic
    # oxide has no order.
    warnings = [line for line in output.splitlines() if line.startswith('Warning: ')]
    assert len(warnings) == ('NiO.vasp' in text), warnings


def test_all_recipes_are_there() -> None:
    assert len(sections()) >= 12


@pytest.mark.parametrize(
    ('overrides', 'warning'),
    [
        ('{gga: ps, lhfcalc: true, algo: damped}', 'GGA = PS'),
        ('{lhfcalc: true, algo: normal, gga: pe}', 'ALGO = normal'),
        ('{ldau: true, ldaul: [2], ldauu: [4.0]}', 'LMAXMIX = 4'),
        ('{kpar: 3}', 'KPAR = 3 does not divide'),
    ],
)
def test_what_the_page_warns_of_is_told(
    overrides: str, warning: str, written: Callable[[str], tuple[Path, str]]
) -> None:
    text = (
        f'```yaml\n# x.yaml\nvasp: {{parameters: {{incar: {overrides}}}}}\n```\n'
        '```console\n$ aiida-slabrelax launch vasp@cluster Cu.vasp --miller 1 0 0 --num-machines 1 '
        '--num-mpiprocs-per-machine 8 --overrides x.yaml --dry-run\n```\n'
    )
    _, output = written(text)
    assert warning in ' '.join(output.split())
