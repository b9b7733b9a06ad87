"""Certificates: refused by default, accepted by fingerprint or authority, ignored only when told so."""

import shutil
import ssl
import subprocess
import sys
from hashlib import sha256

import pytest

from hostbill.core.errors import DriverError
from provisioning.panels.cpanel.driver import CPanel

openssl = shutil.which("openssl")


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    """A WHM sandbox with a self-signed certificate: (values, certificate as PEM)."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert]
    subprocess.run(
        [*command, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True
    )
    command = [sys.executable, "-m", "hostbill.sandbox.whm", "--port", "0", "--state", folder, "--token", "T"]
    process = subprocess.Popen([*command, "--cert", cert, "--key", key], stdout=subprocess.PIPE, text=True)
    port = process.stdout.readline().split(":")[-1]
    process.stdout.close()
    yield (
        {"hostname": "127.0.0.1", "port": int(port), "use_tls": True, "username": "root", "token": "T"},
        cert.read_text(),
    )
    process.terminate()
    process.wait(10)


def test_self_signed_is_refused(tls_server):
    with pytest.raises(DriverError) as caught:
        CPanel(tls_server[0]).test()
    assert caught.value.code == "unreachable"


def test_authority(tls_server):
    values, cert = tls_server
    assert CPanel(values | {"tls_check": "ca", "ca_certificate": cert}).test().version


def test_fingerprint(tls_server):
    values, cert = tls_server
    right = sha256(ssl.PEM_cert_to_DER_cert(cert)).hexdigest()
    assert CPanel(values | {"tls_check": "fingerprint", "fingerprint": right}).test().version
    with pytest.raises(DriverError):
        CPanel(values | {"tls_check": "fingerprint", "fingerprint": "0" * 64}).test()


@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_insecure_only_when_told(tls_server):
    assert CPanel(tls_server[0] | {"tls_check": "insecure"}).test().version
