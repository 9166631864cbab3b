"""The tags of the INCAR that aiida-vasp lists, and those that are most similar to other ones."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def listed_tags() -> frozenset[str]:
    """Return all listed tags in lower case."""
    path = files('aiida_vasp.assistant').joinpath('parameters.yml')
    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    return frozenset(yaml.load(path.read_text('utf-8'), Loader=loader))


def unlisted_tags(parameters: Mapping[str, Any]) -> list[str]:
    """Return the tags in ``parameters['incar']`` that are not listed, in lower case."""
    incar = parameters.get('incar')
    tags = incar if isinstance(incar, Mapping) else ()
    return [tag for tag in (str(tag).lower() for tag in tags) if tag not in listed_tags()]


def describe_unlisted(parameters: Mapping[str, Any], settings: Mapping[str, Any]) -> str | None:
    """Return a message on tags that are not listed: the most similar ones, and how to use them.

    :param parameters: the input ``parameters``.
    :param settings: the input ``settings``, which can allow more tags.
    """
    allowed = {str(tag).lower() for tag in settings.get('unsupported_parameters') or {}}
    unlisted = [tag for tag in unlisted_tags(parameters) if tag not in allowed]
    if not unlisted or settings.get('skip_parameters_validation'):
        return None
    similar = [tag for name in unlisted for tag in get_close_matches(name, listed_tags(), n=1)]
    hint = f'; the nearest is {", ".join(similar).upper()}' if similar else ''
    addition = {'unsupported_parameters': dict.fromkeys(unlisted, '')}
    return (
        f'`parameters`: aiida-vasp does not list {", ".join(unlisted).upper()}{hint}; if your VASP '
        f'knows more than it does, add to `settings`: {addition}'
    )
