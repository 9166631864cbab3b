"""What runs at contributors' and on the server of the repository is what there is to run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import aiida_slabrelax

ROOT = Path(__file__).parents[1]


@pytest.fixture
def parts() -> list[str]:
    """The parts of `.ci/run`."""
    found = re.search(r'^parts=\((.+)\)$', (ROOT / '.ci/run').read_text(), re.MULTILINE)
    assert found is not None
    return found[1].split()


@pytest.fixture
def jobs() -> dict[str, Any]:
    """The jobs of the workflow on the server."""
    content = yaml.safe_load((ROOT / '.github/workflows/checks.yml').read_text())
    found: dict[str, Any] = content['jobs']
    return found


def test_an_unknown_part_is_named(parts: list[str]) -> None:
    ran = subprocess.run([ROOT / '.ci/run', 'lint'], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == f".ci/run: there is no part 'lint', only: {' '.join(parts)}\n"


def test_every_part_is_a_function(parts: list[str]) -> None:
    text = (ROOT / '.ci/run').read_text()
    assert re.findall(r'^run_(\w+)\(\)', text, re.MULTILINE) == parts


def test_the_server_runs_every_part(parts: list[str], jobs: dict[str, Any]) -> None:
    asked = list(jobs['part']['strategy']['matrix']['part'])
    steps = [step.get('run', '') for job in jobs.values() for step in job['steps']]
    asked += [
        word
        for step in steps
        for word in step.removeprefix('.ci/run').split()
        if step.startswith('.ci/run') and word in parts
    ]
    assert sorted(asked) == sorted(parts)


def test_the_version_stands_where_a_release_looks_for_it() -> None:
    version = aiida_slabrelax.__version__
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text('utf-8'))
    assert citation['version'] == version
    changelog = (ROOT / 'CHANGELOG.md').read_text('utf-8')
    assert re.search(r'^## (\S+)', changelog, re.MULTILINE)[1] == version  # type: ignore[index]


def test_types_are_checked_before_a_push() -> None:
    content = yaml.safe_load((ROOT / '.pre-commit-config.yaml').read_text())
    stages = {hook['id']: hook.get('stages') for hook in content['repos'][0]['hooks']}
    assert stages['mypy'] == stages['lint-imports'] == ['pre-push']
    assert content['default_install_hook_types'] == ['pre-commit', 'pre-push']
