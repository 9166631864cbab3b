"""YAML files of users."""

from __future__ import annotations

from typing import Any

from ...plain_yaml import YamlFileError, read_mapping
from ..errors import reported


def read_yaml(path: str | None) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty one if there is no file or it is empty.

    :raises click.ClickException: if :func:`~aiida_slabrelax.plain_yaml.read_mapping` refuses it.
    """
    if path is None:
        return {}
    with reported(YamlFileError):
        return read_mapping(path)
