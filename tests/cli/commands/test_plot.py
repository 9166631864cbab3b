"""``aiida-slabrelax plot``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.common.links import LinkType
from aiida.manage import get_manager
from aiida.orm import CalcFunctionNode, Dict, Int, StructureData, WorkChainNode
from ase.build import fcc100
from click.testing import Result
from PIL import Image

from sample_structures import copper_slabs

Invoke = Callable[..., Result]
START = {'.png': b'\x89PNG', '.svg': b'<?xml', '.pdf': b'%PDF'}


@pytest.fixture(scope='module')
def run(
    instantiate_for_all: Callable[..., Any], relax: Callable[..., WorkChainNode]
) -> WorkChainNode:
    process = instantiate_for_all(slabs=copper_slabs(3))
    relax(process, 'cu_3')
    node: WorkChainNode = process.node
    return node


@pytest.fixture(scope='module')
def energies(phosphate_energies: Callable[[], CalcFunctionNode]) -> CalcFunctionNode:
    return phosphate_energies()


@pytest.fixture
def many_slabs(aiida_profile: object) -> WorkChainNode:
    """A run that has cut 26 slabs, and relaxed none yet."""
    with get_manager().get_profile_storage().transaction():
        run = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
        run.set_process_label('SlabRelaxWorkChain')
        run.set_process_state('waiting')
        run.store()
        cut = CalcFunctionNode()
        cut.set_process_label('generate_slabs')
        cut.set_process_state('finished')
        cut.set_exit_status(0)
        cut.base.links.add_incoming(run, LinkType.CALL_CALC, 'generate_slabs')
        cut.store()
        for number in range(26):
            slab = fcc100('Cu', (1, 1, 1), a=3.6 + number / 100, vacuum=5.0, periodic=True)
            node = StructureData(ase=slab)
            node.base.links.add_incoming(cut, LinkType.CREATE, f'slabs__slab_{number:02d}')
            node.store()
        terminations = Dict({})
        terminations.base.links.add_incoming(cut, LinkType.CREATE, 'terminations')
        terminations.store()
    return run


def refusal(result: Result) -> str:
    assert result.exit_code == 2
    assert result.stdout == ''
    return result.stderr.removeprefix('Error: ').removesuffix('\n')


@pytest.mark.parametrize('suffix', START)
@pytest.mark.parametrize('kind', ['slabs', 'relaxation'])
def test_of_a_run(
    invoke: Invoke, run: WorkChainNode, tmp_path: Path, kind: str, suffix: str
) -> None:
    path = tmp_path / f'picture{suffix}'
    result = invoke('plot', kind, run.pk, '-o', path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f'{path}: ')
    assert path.read_bytes().startswith(START[suffix])


def test_chosen_slabs(
    invoke: Invoke, run: WorkChainNode, many_slabs: WorkChainNode, tmp_path: Path
) -> None:
    path = tmp_path / 'picture.png'
    result = invoke('plot', 'slabs', many_slabs.pk, '-o', path)
    assert result.stderr == (
        '25 of 26 slabs are drawn here: slab_00 to slab_24. --slab draws others.\n'
    )
    words = ('plot', 'slabs', many_slabs.pk, '-o', path, '--slab', 'slab_2*', '--force')
    chosen = invoke(*words)
    assert (chosen.exit_code, chosen.stderr) == (0, '')
    result = invoke('plot', 'slabs', run.pk, '-o', tmp_path / 'x.png', '--slab', 'ag*')
    assert refusal(result) == "no slab is called 'ag*'; there are: cu_3"


@pytest.mark.parametrize(
    'words',
    [
        ('surface-energies',),
        ('surface-energies', '--element', 'P', '--at', 'O=-1.2'),
        ('stability',),
        ('stability', '--element', 'O', '--element', 'P'),
        ('wulff', '--at', 'O=-1', '--at', 'P=-3'),
    ],
)
def test_of_surface_energies(
    invoke: Invoke, energies: CalcFunctionNode, tmp_path: Path, words: tuple[str, ...]
) -> None:
    path = tmp_path / 'picture.svg'
    kind, *options = words
    assert invoke('plot', kind, energies.uuid, '-o', path, *options).exit_code == 0
    assert path.read_bytes().startswith(START['.svg'])


def test_the_wrong_kind_of_node(
    invoke: Invoke, run: WorkChainNode, energies: CalcFunctionNode, tmp_path: Path
) -> None:
    path = tmp_path / 'x.png'
    assert refusal(invoke('plot', 'wulff', run.pk, '-o', path)) == (
        f'SlabRelaxWorkChain<{run.pk}> has no surface energies'
    )
    assert refusal(invoke('plot', 'slabs', energies.pk, '-o', path)) == (
        f'node {energies.pk} is a calculate_surface_energies, not a SlabRelaxWorkChain'
    )
    number = Int(1).store()
    assert refusal(invoke('plot', 'wulff', number.pk, '-o', path)) == (
        f'Int<{number.pk}> has no surface energies'
    )
    assert not path.exists()


def test_dots_per_inch_and_a_style(invoke: Invoke, run: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'x.png'
    sizes = []
    for dpi in (50, 100):
        words = ('plot', 'relaxation', run.pk, '-o', path, '--dpi', dpi, '--force')
        assert invoke(*words).exit_code == 0
        with Image.open(path) as picture:
            sizes.append(picture.size)
    assert sizes[1][0] == 2 * sizes[0][0]
    assert sizes[1][1] - 2 * sizes[0][1] in (0, 1)  # the height is no whole number of dots
    words = ('plot', 'relaxation', run.pk, '-o', tmp_path / 'dark.png')
    assert invoke(*words, '--style', 'dark_background').exit_code == 0
    with Image.open(tmp_path / 'dark.png') as picture:
        assert picture.convert('RGB').getpixel((0, 0)) == (0, 0, 0)


def size(path: Path, dpi: float) -> float:
    """The width of a picture, mm."""
    with Image.open(path) as picture:
        return picture.size[0] / dpi * 25.4


@pytest.mark.parametrize('kind', ['slabs', 'relaxation'])
def test_a_width_in_millimetres(
    invoke: Invoke, run: WorkChainNode, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / 'x.png'
    result = invoke('plot', kind, run.pk, '-o', path, '--width', 85, '--dpi', 254)
    assert (result.exit_code, result.stderr) == (0, '')
    assert size(path, 254) == pytest.approx(85)


def test_a_figure_of_a_given_width_is_fine_enough_for_print(
    invoke: Invoke, energies: CalcFunctionNode, tmp_path: Path
) -> None:
    path = tmp_path / 'x.png'
    assert invoke('plot', 'stability', energies.pk, '-o', path, '--width', 127).exit_code == 0
    assert size(path, 300) == pytest.approx(127)


def test_a_style_does_not_crop_a_figure(invoke: Invoke, run: WorkChainNode, tmp_path: Path) -> None:
    style = tmp_path / 'tight.mplstyle'
    style.write_text('savefig.bbox: tight\nfigure.autolayout: True\n')
    path = tmp_path / 'x.png'
    words = ('plot', 'relaxation', run.pk, '-o', path, '--width', 85, '--dpi', 254)
    assert invoke(*words, '--style', style).exit_code == 0
    assert size(path, 254) == pytest.approx(85)


@pytest.mark.parametrize('width', ['59', '401', 'nan', '-85'])
def test_a_width_that_no_figure_has(invoke: Invoke, tmp_path: Path, width: str) -> None:
    assert refusal(invoke('plot', 'slabs', 1, '-o', tmp_path / 'x.png', '--width', width)) == (
        f'--width: the width of a figure is 60 to 400 mm, not {width}'
    )


def test_changes_in_angstrom(invoke: Invoke, run: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'x.svg'
    words = ('plot', 'relaxation', run.pk, '-o', path)
    assert invoke(*words, '--unit', 'angstrom').exit_code == 0
    assert 'Δd (Å)' in path.read_text()
    assert invoke(*words, '--force').exit_code == 0
    assert 'Δd (% of the bulk spacing)' in path.read_text()


def test_an_unknown_style(invoke: Invoke, run: WorkChainNode, tmp_path: Path) -> None:
    words = ('plot', 'slabs', run.pk, '-o', tmp_path / 'x.png')
    assert refusal(invoke(*words, '--style', 'nosuch')).startswith("--style: 'nosuch' is not")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / 'x.bmp'
    assert refusal(invoke('plot', 'slabs', 1, '-o', path)) == (
        f'--output: {path} must end in one of .png, .svg, .pdf'
    )


def test_a_file_that_is_there(invoke: Invoke, run: WorkChainNode, tmp_path: Path) -> None:
    path = tmp_path / 'x.png'
    path.write_text('mine')
    assert refusal(invoke('plot', 'slabs', run.pk, '-o', path)) == (
        f'there is already {path}; --force replaces existing files'
    )
    assert path.read_text() == 'mine'
    assert invoke('plot', 'slabs', run.pk, '-o', path, '--force').exit_code == 0
    assert path.read_bytes().startswith(START['.png'])


@pytest.mark.parametrize(
    ('kind', 'words', 'message'),
    [
        ('slabs', ('--at', 'O=-1'), '--at: slabs depends on no chemical potential'),
        ('wulff', ('--slab', 'slab_00'), '--slab: wulff shows all slabs'),
        ('slabs', ('--unit', 'angstrom'), '--unit: only relaxation has one, not slabs'),
        ('wulff', ('--element', 'O'), '--element: wulff takes none, not 1'),
        ('stability', ('--element', 'O'), '--element: stability takes two, not 1'),
        (
            'wulff',
            ('--at', 'O:-1'),
            "--at: an element and Δμ in eV are needed, such as O=-1.2, got 'O:-1'",
        ),
    ],
)
def test_options_that_do_not_fit(
    invoke: Invoke, tmp_path: Path, kind: str, words: tuple[str, ...], message: str
) -> None:
    assert refusal(invoke('plot', kind, 1, '-o', tmp_path / 'x.png', *words)) == message


def test_potentials_that_are_not_there(
    invoke: Invoke, energies: CalcFunctionNode, tmp_path: Path
) -> None:
    result = invoke('plot', 'wulff', energies.pk, '-o', tmp_path / 'x.png', '--at', 'Fe=-1')
    assert refusal(result) == 'the chemical potential of Fe is not free; free: P, O'


def test_runs_that_differ_in_a_setting(
    invoke: Invoke, copper_run: Callable[..., CalcFunctionNode], tmp_path: Path
) -> None:
    runs = [str(copper_run(vacuum=vacuum).pk) for vacuum in (10.0, 12.5)]
    picture = tmp_path / 'vacuum.svg'
    result = invoke('plot', 'convergence', *runs, '-o', picture)
    assert result.exit_code == 0, result.output
    assert '>vacuum (Å)<' in picture.read_text()


def test_several_runs_are_of_a_convergence_only(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke('plot', 'wulff', 1, 2, '-o', tmp_path / 'x.png')
    assert refusal(result) == 'PK: only convergence is of several runs, not wulff'
