"""The moments of sites in the output `misc`."""

from __future__ import annotations

from typing import Any

import pytest

from aiida_slabrelax.parsers.site_moments import read_moments


def sphere(**axes: dict[str, float]) -> dict[str, Any]:
    """Return a `misc` with the moments of sites along axes."""
    return {
        'site_magnetization': {
            'sphere': {
                axis: {'site_moment': {number: {'tot': one} for number, one in sites.items()}}
                for axis, sites in axes.items()
            }
        }
    }


def test_the_order_is_that_of_the_sites() -> None:
    sites = {str(number): number / 10 for number in range(12, 0, -1)}
    assert read_moments(sphere(x=sites)) == [number / 10 for number in range(1, 13)]


def test_axes_without_sites_do_not_matter() -> None:
    assert read_moments(sphere(x={'1': 2.0}, y={}, z={})) == [2.0]


@pytest.mark.parametrize(
    'misc',
    [
        {},
        {'site_magnetization': None},
        {'site_magnetization': {'sphere': {'x': {}}}},
        {'site_magnetization': {'sphere': {'x': {'site_moment': {'1': {}}}}}},
        sphere(x={}),
        sphere(x={'1': 0.1}, y={'1': 1.0}, z={'1': 0.3}),
    ],
    ids=['nothing', 'none', 'no sites', 'no total', 'no site', 'vectors'],
)
def test_there_are_none(misc: dict[str, Any]) -> None:
    assert read_moments(misc) is None
