"""A page in headless Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome


class Page:
    """A page in a browser of its own, at one width."""

    def __init__(self, chrome: Chrome, path: Path, width: int) -> None:
        self.chrome = chrome
        self.uri = path.as_uri()
        self.width = width
        self.command('Emulation.setDeviceMetricsOverride', width=width, height=900, mobile=False)
        chrome.get(self.uri)

    def command(self, name: str, **parameters: Any) -> dict[str, Any]:
        if name == 'Emulation.setDeviceMetricsOverride':
            parameters['deviceScaleFactor'] = 1
        answer: dict[str, Any] = self.chrome.execute_cdp_cmd(name, parameters)
        return answer

    def run(self, script: str) -> Any:
        return self.chrome.execute_script(f'return {script}')

    def requests(self) -> list[str]:
        """The addresses of everything that was asked for, but what the page itself holds."""
        logged = [json.loads(entry['message'])['message'] for entry in self._log('performance')]
        asked = [
            message['params']['request']['url']
            for message in logged
            if message['method'] == 'Network.requestWillBeSent'
        ]
        return [address for address in asked if not address.startswith('data:')]

    def messages(self) -> list[str]:
        """What the console says: errors, warnings and what the page wrote."""
        return [entry['message'] for entry in self._log('browser')]

    def picture(self) -> str:
        """The pixels of the viewer."""
        return str(self.run("document.getElementById('canvas').toDataURL()"))

    def _log(self, name: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.chrome.get_log(name)
        return entries
