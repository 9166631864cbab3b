"""Headless Chromium without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service


@pytest.fixture
def chrome() -> Iterator[Chrome]:
    programs = {name: shutil.which(name) for name in ('chromium', 'chromedriver')}
    if missing := ', '.join(name for name, path in programs.items() if path is None):
        pytest.skip(f'there is no {missing}; see scripts/services')
    options = ChromeOptions()
    options.binary_location = programs['chromium']
    for argument in (
        '--headless=new',
        '--no-sandbox',  # which root must not use
        '--disable-dev-shm-usage',
        '--host-resolver-rules=MAP * ~NOTFOUND',
    ):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    browser = Chrome(options=options, service=Service(programs['chromedriver']))
    yield browser
    browser.quit()
