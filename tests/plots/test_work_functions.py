"""The potential across slabs, and the work functions of their faces."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import fcc111

from aiida_slabrelax.plots import plot_work_functions
from aiida_slabrelax.plots.layout.limits import MOST_DIAGRAMS, note_of
from aiida_slabrelax.results import PlanarAverage, RunResults, SlabResult, WorkFunctions

FOUND = WorkFunctions(4.2, 3.9, 1.0, 5.2, 4.9, 'LOCPOT')


def slab(label: str = 'slab_00', **values: object) -> SlabResult:
    atoms = fcc111('Al', (1, 1, 4), a=4.05, vacuum=7.0, periodic=True)
    area = float(np.linalg.norm(np.cross(*atoms.cell[:2])))
    known = {'work_functions': FOUND, 'relaxed': atoms, **values}
    return SlabResult(label, 'relaxed', 'Al4', 4, 7.0148, area, **known)  # type: ignore[arg-type]


def run(*slabs: SlabResult) -> RunResults:
    return RunResults(1, 'uuid', 'finished', False, 0, None, slabs)


def test_energies_count_from_the_fermi_level() -> None:
    heights = np.linspace(0, 20.9, 210)
    average = PlanarAverage(heights, np.full(210, 5.2), 7.0, 21.0)
    (axes,) = plot_work_functions(run(slab(potential=average))).axes
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 4.2)
    assert axes.get_xlim() == (0, 21.0)
    assert [text.get_text() for text in axes.texts] == ['upper 4.20 eV', 'lower 3.90 eV']
    assert axes.get_ylabel() == 'V − E_F (eV)'


def test_levels_alone_without_locpot() -> None:
    (axes,) = plot_work_functions(run(slab())).axes
    _, upper, lower = axes.lines
    np.testing.assert_allclose(upper.get_xdata(), [7.0148, 14.0148], atol=1e-3)
    np.testing.assert_allclose(lower.get_xdata(), [14.0148, 21.0148], atol=1e-3)
    assert (set(upper.get_ydata()), set(lower.get_ydata())) == ({4.2}, {3.9})


def test_the_first_of_many_are_drawn() -> None:
    figure = plot_work_functions(run(*(slab(f's{n:02d}') for n in range(MOST_DIAGRAMS + 1))))
    assert len(figure.axes) == MOST_DIAGRAMS
    assert '16 of 17 slabs are drawn' in note_of(figure)


@pytest.mark.parametrize(
    ('refused', 'message'),
    [(None, '--work-functions'), ('no flat vacuum: thin', 'slab_00: no flat vacuum: thin')],
)
def test_nothing_to_draw(refused: str | None, message: str) -> None:
    unknown = slab(work_functions=None, work_functions_refused=refused)
    with pytest.raises(ValueError, match=message):
        plot_work_functions(run(unknown))
