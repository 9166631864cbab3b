"""Where a workflow is, as its node tells."""

from __future__ import annotations

import sys

import pytest
from aiida import orm
from aiida.engine import run_get_node

from aiida_slabrelax.durable import publish, status, submit, workflow
from aiida_slabrelax.durable.__main__ import main
from durable import programs


@workflow
async def shows(x: float, fails: bool = False) -> dict[str, float]:
    publish(best=x)
    if fails:
        await submit(programs.fail, x)
    return {'x': await submit(programs.double, x)}


def test_the_status_of_what_has_ended() -> None:
    _, node = run_get_node(shows, x=1.5)
    assert str(status(node)) == (f'shows<{node.pk}>: finished [0]\nbest = 1.5\n1 calls so far')


def test_the_status_of_what_has_failed() -> None:
    _, node = run_get_node(shows, x=1.5, fails=True)
    found = status(node)
    assert found.state == 'finished [400]'
    assert found.message == f'fail<{node.called[0].pk}> excepted: ValueError: not 1.5'


def test_the_command_prints_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, node = run_get_node(shows, x=1.5)
    monkeypatch.setattr(sys, 'argv', ['durable', str(node.pk)])
    main()
    assert capsys.readouterr().out == f'{status(node)}\n'


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda: orm.Int(1).store(), '{pk} is a Int, not a workflow'),
        (lambda: orm.WorkChainNode().store(), 'None<{pk}> is not a durable workflow'),
    ],
)
def test_another_node_has_none(
    make: type, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = make()
    monkeypatch.setattr(sys, 'argv', ['durable', str(node.pk)])
    with pytest.raises(SystemExit):
        main()
    assert message.format(pk=node.pk) in capsys.readouterr().err
