"""Labels in figures are drawn as they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from ase.build import fcc100
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.cbook import is_math_text
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from pymatgen.io.ase import AseAtomsAdaptor

from aiida_slabrelax import plots
from aiida_slabrelax.plots.layout.text import plain, subscripts
from aiida_slabrelax.results.energies.surface_energies import SurfaceResults
from aiida_slabrelax.results.slabs import RunResults, SlabResult
from aiida_slabrelax.visible import visible

TEXTS = st.text(st.sampled_from('$\\_^{}%#&a1 \x1b\n')) | st.text()

#: What ends in an error where matplotlib takes it for TeX; control characters.
NASTY = [r'$\frac{$', '$$$', '$', r'\$\undefined$', 'a$b$c', '$_{$', '\x1b[2J', 'two\nlines']


@given(TEXTS)
@example(r'$\frac{$')
@example('\\$$')
def test_a_label_is_no_formula(text: str) -> None:
    drawn = plain(text)
    assert not is_math_text(drawn)
    assert drawn.replace(r'\$', '$') == visible(text)  # which matplotlib does


@given(TEXTS, st.integers(1, 99))
def test_a_label_beside_a_formula(text: str, number: int) -> None:
    drawn = f'{plain(text)}  {subscripts(f"Cu{number}")}'
    assert is_math_text(drawn)
    MathTextParser('path').parse(drawn.replace('\n', ' '))


def draw(figure: Figure) -> None:
    figure.savefig(io.BytesIO(), format='svg')


def test_slabs() -> None:
    atoms = fcc100('Cu', (1, 1, 3), a=3.6, vacuum=6.0, periodic=True)
    slabs = tuple(
        SlabResult(
            label=label,
            state='relaxed',
            formula='Cu3',
            n_atoms=3,
            thickness=3.6,
            area=6.5,
            energy=-1.5,
            initial=atoms,
            relaxed=atoms,
        )
        for label in NASTY
    )
    results = RunResults(1, 'uuid', 'finished', False, 0, None, slabs)
    draw(plots.plot_slabs(results))
    draw(plots.plot_relaxation(results))
    draw(plots.plot_faces({one: AseAtomsAdaptor.get_structure(atoms) for one in NASTY}))


@pytest.mark.parametrize('labels', [NASTY[:4], NASTY[4:]], ids=['no TeX', 'others'])
def test_surface_energies(
    labels: list[str],
    energies_of: Callable[..., SurfaceResults],
    copper_energies: Callable[..., SurfaceResults],
) -> None:
    def renamed(results: SurfaceResults) -> SurfaceResults:
        surfaces = [
            replace(surface, label=label, formula=f'{label}2')
            for surface, label in zip(results.surfaces, labels, strict=True)
        ]
        return replace(results, surfaces=tuple(surfaces))

    planes = {(1, 0, 0): 1.4, (1, 1, 1): 1.3, (1, 1, 0): 1.5, (2, 1, 0): 1.6}
    ternary = renamed(energies_of('ternary'))
    draw(plots.plot_surface_energies(ternary))
    draw(plots.plot_stability_map(ternary))
    draw(plots.plot_wulff(renamed(copper_energies(planes))))
