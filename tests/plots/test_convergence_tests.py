"""Surface energies against a setting, drawn."""

from __future__ import annotations

from dataclasses import replace

from aiida_slabrelax.plots import plot_convergence_test
from aiida_slabrelax.results import ConvergenceTest

SPACINGS = ConvergenceTest(
    quantity='k-point spacing (2π/Å)',
    towards_smaller=True,
    terminations={
        '(111) Cu': ((0.06, 1.3), (0.04, 1.25), (0.03, 1.2401)),
        '(100) Cu': ((0.03, 1.4),),
    },
)


def test_better_settings_lie_on_the_right() -> None:
    axes = plot_convergence_test(SPACINGS).axes[0]
    assert [line.get_xydata().tolist() for line in axes.lines] == [
        [[0.06, 1.3], [0.04, 1.25], [0.03, 1.2401]],
        [[0.03, 1.4]],
    ]
    left, right = axes.get_xlim()
    assert left > right
    vacuum = replace(SPACINGS, quantity='vacuum (Å)', towards_smaller=False)
    left, right = plot_convergence_test(vacuum).axes[0].get_xlim()
    assert left < right


def test_the_last_value_and_the_last_change_are_named() -> None:
    axes = plot_convergence_test(SPACINGS).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ('k-point spacing (2π/Å)', 'γ (J/m²)')
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        '(111) Cu: 1.2401, Δ = −0.0099 J/m²',
        '(100) Cu: 1.4000 J/m²',
    ]
