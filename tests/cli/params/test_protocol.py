"""The option ``--protocol``."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from aiida_slabrelax.cli.params.protocol import ProtocolName

PARAMETER = click.Option(['--protocol'])


def complete(incomplete: str) -> dict[str, str | None]:
    items = ProtocolName().shell_complete(click.Context(click.Command('x')), PARAMETER, incomplete)
    return {item.value: item.help for item in items}


def test_completion_has_the_protocols_and_their_meanings() -> None:
    assert list(complete('')) == ['fast', 'balanced', 'stringent']
    assert complete('ba') == {
        'balanced': 'For production. Forces under 0.02 eV/Å, slabs of at least 12 Å.'
    }


def test_completion_has_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('HOME', str(tmp_path))
    folder = tmp_path / '.aiida-vasp/protocols/slab_relax'
    folder.mkdir(parents=True)
    (folder / 'broken.yaml').write_text('protocols: 3')
    (folder / 'group.yaml').write_text(
        'default_protocol: paper\nprotocols: {paper: {description: What we publish.}}'
    )
    assert complete('p') == {'paper@group': 'What we publish.'}


def test_a_protocol_that_is_not_there() -> None:
    with pytest.raises(click.ClickException) as refused:
        ProtocolName().convert('best', PARAMETER, None)
    assert refused.value.message == (
        "--protocol: there is no protocol 'best'; choose from fast, balanced, stringent"
    )
