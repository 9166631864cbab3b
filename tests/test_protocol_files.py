"""The protocols as files: which slabs and k-points they choose, without AiiDA."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aiida_slabrelax.cli.params.slab_options import SIZES_OF_PROTOCOLS
from aiida_slabrelax.protocol_files import (
    kpoints_spacing_of,
    load_protocols,
    merge_sizes,
    slab_options_of,
    split_name,
)


@pytest.mark.parametrize(
    ('name', 'parts'),
    [
        ('fast', ('fast', None)),
        ('fast@mine', ('fast', 'mine')),
        ('@mine', ('', 'mine')),
        ('fast@a@b.yaml', ('fast', 'a@b.yaml')),
    ],
)
def test_the_name_of_a_protocol(name: str, parts: tuple[str, str | None]) -> None:
    assert split_name(name) == parts


@pytest.mark.parametrize(
    ('protocol', 'thickness', 'vacuum', 'spacing'),
    [
        (None, 12.0, 15.0, 0.04),
        ('balanced', 12.0, 15.0, 0.04),
        ('fast', 8.0, 12.0, 0.06),
        ('stringent', 18.0, 20.0, 0.03),
    ],
)
def test_what_a_protocol_chooses(
    protocol: str | None, thickness: float, vacuum: float, spacing: float
) -> None:
    sizes = {'min_slab_thickness': thickness, 'min_vacuum_thickness': vacuum}
    assert slab_options_of(protocol, {}) == sizes
    assert kpoints_spacing_of(protocol) == spacing


def test_what_is_given_comes_first() -> None:
    assert slab_options_of('fast', {'min_vacuum_thickness': 9.0, 'symmetrize': False}) == {
        'min_slab_thickness': 8.0,
        'min_vacuum_thickness': 9.0,
        'symmetrize': False,
    }


@pytest.mark.parametrize(
    ('first', 'second', 'merged'),
    [
        ({'min_slab_thickness': 8.0}, {'layers': 5}, {'layers': 5}),
        ({'layers': 5}, {'min_slab_thickness': 8.0}, {'min_slab_thickness': 8.0}),
        ({'layers': 5}, {}, {'layers': 5}),
    ],
)
def test_one_size_replaces_the_other(
    first: dict[str, Any], second: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert merge_sizes(first, second) == merged


@pytest.mark.parametrize('name', SIZES_OF_PROTOCOLS)
def test_the_help_of_options_has_the_sizes_of_the_file(name: str) -> None:
    content = load_protocols()
    sizes = {
        protocol: {**content['default_inputs'], **inputs}[name]
        for protocol, inputs in content['protocols'].items()
    }
    written = re.findall(r'(\w+) (\d+)', SIZES_OF_PROTOCOLS[name])
    assert {protocol: float(size) for protocol, size in written} == sizes
