"""Plain clients of the sandbox servers, as strangers would write them."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest
import requests


@pytest.fixture
def whm(sandbox):
    """`whm.call(function, **params)` -> JSON answer of API 1."""
    sandbox.control("whm", "reset", {})
    url, login = sandbox.whm.url, {"Authorization": f"whm root:{sandbox.whm.token}"}

    def call(function, *, version="1", headers=login, **params):
        if version:
            params["api.version"] = version
        return requests.post(f"{url}/json-api/{function}", data=params, headers=headers, timeout=5).json()

    return SimpleNamespace(call=call, url=url, control=lambda *args: sandbox.control("whm", *args))


@pytest.fixture
def plesk(sandbox):
    """`plesk.send(xml)` -> the answer's packet element."""
    sandbox.control("plesk", "reset", {})
    url, login = f"{sandbox.plesk.url}/enterprise/control/agent.php", {"KEY": sandbox.plesk.secret_key}

    def send(operators, headers=login, version="1.6.9.1"):
        document = f'<?xml version="1.0" encoding="UTF-8"?><packet version="{version}">{operators}</packet>'
        return ET.fromstring(requests.post(url, data=document.encode(), headers=headers, timeout=5).content)

    return SimpleNamespace(
        send=send, url=sandbox.plesk.url, server=sandbox.plesk, control=lambda *args: sandbox.control("plesk", *args)
    )
