"""Each recipe of the page: in the files of a dry run, and in those that the executable got."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from aiida.engine.daemon.client import DaemonClient
from aiida.orm import InstalledCode, WorkChainNode, load_node
from ase.build import bulk
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.standin.inputs.poscar import read_poscar
from process_tree import await_that

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


def arguments_of(text: str, code: InstalledCode, family: str) -> list[str]:
    """Return the arguments of the command of a recipe, and write the file of its overrides."""
    command = block(text, 'console')
    assert command is not None
    arguments = shlex.split(command.removeprefix('$ aiida-slabrelax ').replace('\\\n', ' '))
    if (overrides := block(text, 'yaml')) is not None:
        name = overrides.splitlines()[0].removeprefix('# ')
        assert name in arguments
        Path(name).write_text(overrides)
    place = [code.full_label if word == 'vasp@cluster' else word for word in arguments]
    return [*place, '--family', family]


@pytest.fixture
def written(
    crystals_here: Path, vasp_code: InstalledCode, potential_family: str
) -> Callable[[str], tuple[Path, str]]:
    """Return a function that runs the command of a recipe: the files of its first slab."""

    def run(text: str) -> tuple[Path, str]:
        arguments = arguments_of(text, vasp_code, potential_family)
        result = CliRunner().invoke(cli, [*arguments, '--write-inputs', 'inputs'])
        assert result.exit_code == 0, result.output
        return crystals_here / 'inputs' / 'slab_00', result.output

    return run


@pytest.fixture
def instant_code(vasp_code: InstalledCode) -> InstalledCode:
    """The stand-in with the model that answers at once and takes any physics."""
    return InstalledCode(
        label='instant',
        computer=vasp_code.computer,
        filepath_executable=str(vasp_code.filepath_executable),
        default_calc_job_plugin='vasp.vasp',
        with_mpi=False,
        prepend_text='export VASP_STANDIN_MODEL=instant OMP_NUM_THREADS=1',
    ).store()


def got(run: WorkChainNode, folder: Path) -> Path:
    """Write the files that the executable got for the first slab of a run into a folder.

    POTCAR is licensed and not kept: its titles are those that the executable has printed.
    """
    (relaxation,) = (child for child in run.called if child.label == 'slab_00')
    calculation = min(relaxation.called_descendants, key=lambda node: node.pk)
    folder.mkdir()
    for name in ('INCAR', 'KPOINTS', 'POSCAR'):
        content = calculation.base.repository.get_object_content(name)
        (folder / name).write_text(content)
    printed = calculation.outputs.retrieved.base.repository.get_object_content('OUTCAR')
    titles = re.findall(r'^ POTCAR: +\S+ (\S+)', printed, re.MULTILINE)
    # As VASP does, it prints all titles twice.
    (folder / 'POTCAR.spec').write_text('\n'.join(titles[: len(titles) // 2]))
    return folder


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


def said(text: str) -> dict[str, str]:
    """Return what VASP gets, as a recipe says."""
    listed = block(text[text.index('VASP gets') :], 'text')
    assert listed is not None
    return dict(line.split(' = ', 1) for line in listed.splitlines())


@pytest.mark.parametrize('heading', sections())
def test_vasp_gets_what_the_page_says(
    heading: str, written: Callable[[str], tuple[Path, str]]
) -> None:
    text = sections()[heading]
    folder, output = written(text)
    found, expected = gets(folder), said(text)
    assert {name: found.get(name) for name in expected} == expected
    # A recipe does nothing that the page warns of. Of the first NiO it is told that a magnetic
    # oxide has no order.
    warnings = [line for line in output.splitlines() if line.startswith('Warning: ')]
    assert len(warnings) == ('NiO.vasp' in text), warnings


@pytest.mark.timeout(900)
def test_the_executable_got_what_the_page_says(
    started_daemon_client: DaemonClient,
    crystals_here: Path,
    instant_code: InstalledCode,
    potential_family: str,
) -> None:
    runs: dict[str, WorkChainNode] = {}
    for heading, text in sections().items():
        arguments = arguments_of(text, instant_code, potential_family)
        arguments.remove('--dry-run')
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, (heading, result.output)
        submitted = re.search(r'Submitted SlabRelaxWorkChain<(\d+)>', result.output)
        assert submitted is not None, (heading, result.output)
        runs[heading] = load_node(int(submitted[1]))
    await_that(lambda: all(run.is_sealed for run in runs.values()), 600, 1)
    assert {heading: run.exit_status for heading, run in runs.items()} == dict.fromkeys(runs, 0)
    different = {}
    for number, (heading, run) in enumerate(runs.items()):
        found, expected = gets(got(run, crystals_here / str(number))), said(sections()[heading])
        different |= {
            f'{heading}: {name}': (found.get(name), value)
            for name, value in expected.items()
            if found.get(name) != value
        }
    assert different == {}


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
