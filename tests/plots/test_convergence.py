"""Surface energies against the thickness of the slabs, drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aiida_slabrelax.plots import plot_convergence
from thicknesses import COPPER


def test_the_numbers_of_the_slabs_and_of_the_fit() -> None:
    axes = plot_convergence([COPPER]).axes[0]
    plain, fitted = axes.lines
    assert plain.get_xydata().tolist() == [[12.5, 1.13], [17.8, 1.131], [23.1, 1.132]]
    assert list(fitted.get_ydata()) == [1.129, 1.129]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        'Cu: plain',
        'Cu: fitted, 1.1290 ± 0.0010 J/m²',
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('thickness (Å)', 'γ (J/m²)')


def test_without_a_fit_there_is_one_line() -> None:
    unfitted = replace(COPPER, fitted_j_per_m2=None, error_j_per_m2=None, residuals_mev=None)
    assert len(plot_convergence([unfitted]).axes[0].lines) == 1


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match='no surface energies at several thicknesses'):
        plot_convergence([])
