"""Figures laid out for a width."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import matplotlib
import numpy as np
import pytest
from ase.build import fcc100, fcc111
from matplotlib.figure import Figure
from matplotlib.text import Text

from aiida_slabrelax import plots
from aiida_slabrelax.plots.layout.sheet import MADE_BY
from aiida_slabrelax.results import ConvergenceTest
from aiida_slabrelax.results.energies.surface_energies import SurfaceResults
from aiida_slabrelax.results.slabs import RunResults, SlabResult
from drawn_texts import Texts, covered_by_legends, extents, outside, overlaps
from thicknesses import COPPER

Energies = Callable[..., SurfaceResults]
Draw = Callable[[float | None], Figure]
KINDS = [
    'slabs',
    'relaxation',
    'surface-energies',
    'planes',
    'stability',
    'convergence',
    'vacuum',
    'wulff',
]


def run(program: str | None = 'VASP 6.4.2') -> RunResults:
    """Four slabs: two with equal sides, one with different ones, one whose layers have crossed."""
    slabs = []
    for number, moved in enumerate(([0.1, 0.1], [0.2, 0.2], [0.3, 0.1], [2.0, 2.0])):
        before = (fcc100 if number % 2 else fcc111)('Cu', (1, 1, 9), a=3.6, vacuum=6.0)
        before.pbc = True
        after = before.copy()
        after.positions[-1, 2] -= moved[0]
        after.positions[0, 2] += moved[1]
        slabs.append(
            SlabResult(
                label=f'slab_111_{number:02d}',
                state='relaxed',
                formula='Ag10P3O12',
                n_atoms=9,
                thickness=9.3,
                area=37.0,
                energy=-2822.379,
                program=program,
                plane='(1 1 -1)',
                initial=before,
                relaxed=after,
            )
        )
    return RunResults(1, 'uuid', 'finished', False, 0, None, tuple(slabs))


class Drawn(NamedTuple):
    """A figure, and where its texts and panels were when it was drawn for the first time."""

    figure: Figure
    texts: Texts
    panels: list[tuple[float, ...]]


Figures = Callable[[str, float | None], Drawn]


def positions(figure: Figure) -> list[tuple[float, ...]]:
    return [axes.get_position().bounds for axes in figure.axes]


@pytest.fixture(scope='module')
def draw(energies_of: Energies, copper_energies: Energies) -> Callable[[str], Draw]:
    """Return a function that gives, for a kind of figure, one that draws it in a width (mm)."""
    vasp = ('VASP 6.4.2',)
    planes = [(1, 0, 0), (1, 1, 0), (1, 1, 0), (1, 1, 1)]
    ternary = replace(energies_of('ternary'), programs=vasp)
    several = replace(energies_of('ternary', planes), programs=vasp)
    shapes = {(1, 1, 1): 1.3, (1, 0, 0): 1.45, (1, 1, 0): 1.5, (2, 1, 0): 1.6, (2, 1, 1): 1.6}
    copper = replace(copper_energies(shapes), programs=vasp)
    thicknesses = replace(COPPER, identity='Ag2P/O2 (1 1 -1)', programs=vasp)
    vacuum = ConvergenceTest(
        quantity='vacuum (Å)',
        towards_smaller=False,
        terminations={
            '(1 1 -1) Ag2P/O2': ((10.0, 1.2), (15.0, 1.22), (20.0, 1.221)),
            '(1 1 -1) Ag3/O2': ((10.0, 0.8), (15.0, 0.81), (20.0, 0.811)),
        },
        programs=vasp,
    )
    kinds: Mapping[str, Draw] = {
        'slabs': lambda width: plots.plot_slabs(run(), above=True, width_mm=width),
        'relaxation': lambda width: plots.plot_relaxation(run(), width_mm=width),
        'surface-energies': lambda width: plots.plot_surface_energies(ternary, width_mm=width),
        'planes': lambda width: plots.plot_surface_energies(several, width_mm=width),
        'stability': lambda width: plots.plot_stability_map(ternary, width_mm=width),
        'convergence': lambda width: plots.plot_convergence([thicknesses], width_mm=width),
        'vacuum': lambda width: plots.plot_convergence_test(vacuum, width_mm=width),
        'wulff': lambda width: plots.plot_wulff(copper, width_mm=width),
    }
    return kinds.__getitem__


@pytest.fixture(scope='module')
def drawn(draw: Callable[[str], Draw]) -> Callable[[str, float | None], Drawn]:
    """Return a function that gives a figure of a kind and a width (mm), drawn only once."""

    @cache
    def give(kind: str, width: float | None) -> Drawn:
        figure = draw(kind)(width)
        return Drawn(figure, extents(figure), positions(figure))

    return give


@pytest.mark.parametrize('kind', KINDS)
def test_the_saved_figure_is_as_wide_as_asked(drawn: Figures, kind: str) -> None:
    svg = io.BytesIO()
    with matplotlib.rc_context({'svg.fonttype': 'none'}):  # not each letter as a path
        drawn(kind, 85.0).figure.savefig(svg, format='svg')
    (width,) = re.findall(rb'<svg [^>]*?width="([\d.]+)pt"', svg.getvalue())
    assert float(width) == pytest.approx(85 / 25.4 * 72, abs=1e-3)


def test_a_saved_pdf_is_as_wide_as_asked(drawn: Figures) -> None:
    pdf = io.BytesIO()
    drawn('convergence', 85.0).figure.savefig(pdf, format='pdf')
    (box,) = re.findall(rb'/MediaBox \[ ?0 0 ([\d.]+) [\d.]+ ?\]', pdf.getvalue())
    assert float(box) == pytest.approx(85 / 25.4 * 72, abs=1e-3)


@pytest.mark.parametrize('width', [60.0, 85.0, 170.0, None])
@pytest.mark.parametrize('kind', KINDS)
def test_no_text_covers_another_or_leaves_the_figure(
    drawn: Figures, kind: str, width: float | None
) -> None:
    figure, texts, _ = drawn(kind, width)
    assert len(texts) > 5
    assert overlaps(texts) == []
    assert outside(texts, figure) == []
    assert covered_by_legends(figure) == []


@pytest.mark.parametrize('kind', KINDS)
def test_texts_keep_their_size(drawn: Figures, kind: str) -> None:
    figure = drawn(kind, 85.0).figure
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()}
    assert sizes <= {7.0, 7.5, 8.0}


@pytest.mark.parametrize('kind', KINDS)
def test_panels_stay_where_they_are_when_it_is_saved(drawn: Figures, kind: str) -> None:
    figure, _, before = drawn(kind, 85.0)
    figure.savefig(io.BytesIO(), format='png', dpi=150)
    np.testing.assert_allclose(positions(figure), before, atol=0.01)


@pytest.mark.parametrize('width', [0.0, 59.9, 400.1, float('nan'), float('inf'), -85.0])
@pytest.mark.parametrize('kind', KINDS)
def test_a_width_that_no_figure_has(draw: Callable[[str], Draw], kind: str, width: float) -> None:
    message = f'the width of a figure is 60 to 400 mm, not {width:g}'
    with pytest.raises(ValueError, match=f'^{re.escape(message)}$'):
        draw(kind)(width)


def test_the_size_of_a_style_counts(draw: Callable[[str], Draw]) -> None:
    with matplotlib.rc_context({'font.size': 7.0, 'xtick.labelsize': 6.0}):
        figure = draw('convergence')(85.0)
    axes = figure.axes[0]
    assert axes.xaxis.label.get_fontsize() == 7.0
    assert {text.get_fontsize() for text in axes.get_xticklabels()} == {6.0}


def test_nothing_of_the_sheet_is_left_behind(draw: Callable[[str], Draw]) -> None:
    before = dict(matplotlib.rcParams)
    draw('wulff')(85.0)
    assert dict(matplotlib.rcParams) == before


def made_by(figure: Figure) -> list[Text]:
    return [text for text in figure.texts if text.get_gid() == MADE_BY]


@pytest.mark.parametrize('kind', KINDS)
def test_the_program_stands_in_the_foot(drawn: Figures, kind: str) -> None:
    (text,) = made_by(drawn(kind, None).figure)
    assert (text.get_text(), text.get_color()) == ('VASP 6.4.2', '0.45')


def test_a_model_is_no_dft() -> None:
    (text,) = made_by(plots.plot_slabs(run('vasp-standin 6.5.1')))
    assert text.get_text() == 'stand-in for VASP, a model: not DFT'
    assert text.get_color() == '#B34700'


def test_an_engine_is_named_and_is_not_vasp() -> None:
    (text,) = made_by(plots.plot_slabs(run('GPAW (gpaw 26.7.0) by vasp-standin')))
    assert text.get_text().startswith('not VASP: GPAW (gpaw 26.7.0)')


def test_own_numbers_name_no_program(energies_of: Energies) -> None:
    assert made_by(plots.plot_surface_energies(energies_of('binary'))) == []
