"""Templates of pages, and what all pages contain."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from ..results.columns import COLUMNS, Column, Row
from ..results.costs.amounts import StageCost, format_amount
from ..results.faces import name_lost
from ..results.relaxations.programs import warn_of_programs
from ..results.slab_data import SlabResult
from .citations import CITATIONS, programs_to_cite
from .models import Model, write_models
from .provenance import installed_versions

#: Attributes that pages show below the table of slabs instead of in it.
_ELSEWHERE = (
    *('exit_message', 'taken_over', 'recovered', 'read_again', 'program'),
    *('work_functions_refused', 'band_gap', 'electronic_steps', 'core_hours'),
)


def render(template: str, models: Sequence[Model], programs: list[str], **values: Any) -> str:
    """Return a page.

    :param template: the name of its file.
    :param models: the slabs for the viewer.
    :param programs: those that computed the energies.
    :param values: what only this template needs.
    """
    environment = Environment(
        loader=PackageLoader('aiida_slabrelax.report'),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters['breakable'] = _breakable
    environment.filters['lost'] = name_lost
    written, models_left_out = write_models(models)
    script = _read(environment, 'viewer.js')
    return environment.get_template(template).render(
        # Compact, and escaped so that the JSON cannot end its HTML element.
        models=htmlsafe_json_dumps(written, separators=(',', ':')) if models else '',
        models_left_out=models_left_out,
        programs=programs,
        not_vasp=warn_of_programs(programs),
        citations=[*CITATIONS, *programs_to_cite(programs)],
        versions=installed_versions(),
        made=f'{datetime.now(UTC):%Y-%m-%d %H:%M} UTC',
        script=script,
        # For the content security policy: only this script may run, and nothing may be loaded.
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        style=_read(environment, 'style.css'),
        **values,
    )


def columns_of(slabs: Sequence[SlabResult]) -> list[Column]:
    """Return the columns of the table of slabs."""
    return [
        column for column in COLUMNS if column.attribute not in _ELSEWHERE and column.applies(slabs)
    ]


def format_costs(costs: Sequence[StageCost]) -> list[Row]:
    """Return a row for each part and stage of a process that has cost something."""
    return [
        {
            'part': stage.part,
            'stage': stage.stage,
            'calculations': str(stage.cost.calculations),
            **{
                name: format_amount(amount, stage.cost.calculations)
                for name, amount in (
                    ('core-hours', stage.cost.core_hours),
                    ('ionic steps', stage.cost.ionic_steps),
                    ('electronic steps', stage.cost.electronic_steps),
                )
            },
        }
        for stage in costs
    ]


def _breakable(name: str) -> Markup:
    """Return a name that may be broken after its dots and underscores."""
    return Markup('<wbr>').join(re.split(r'(?<=[._])', name))


def _read(environment: Environment, name: str) -> str:
    """Return a packaged file as it is; the template inserts it unescaped."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
