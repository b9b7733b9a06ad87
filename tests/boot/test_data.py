"""The data folder: private, locked by one, its secrets and ports made once."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bootlib.console import Trouble
from bootlib.data import Data, free_port, is_free
from bootlib.stack import Stack

BIN = Path(__file__).resolve().parents[2] / "bin"
OWNER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from bootlib.data import Data
data = Data(Path(sys.argv[2])); data.create()
print(data.lock(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path):
    """A new data folder."""
    data = Data(tmp_path / "data")
    data.create()
    return data


def mode(path) -> int:
    """Permission bits of a file."""
    return stat.S_IMODE(os.stat(path).st_mode)


def test_secrets_are_made_once_and_only_the_owner_reads_them(data):
    first = data.secret("password")
    assert len(first) >= 40
    assert Data(data.root).secret("password") == first
    assert data.secret("other") != first
    assert mode(data.root) == 0o700
    assert mode(data.root / "secrets.json") == 0o600


def test_a_port_stays_until_somebody_takes_it(data):
    port = data.port("web")
    assert data.port("web") == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not is_free(port)
        assert data.port("web") != port


def test_free_ports_differ_from_taken_ones():
    assert len({free_port() for _ in range(20)}) > 1


def test_one_process_owns_the_folder_and_its_death_gives_it_free(data):
    command = [sys.executable, "-c", OWNER, str(BIN), str(data.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout.readline().strip() == "True"
        assert data.owner() == owner.pid
        assert not data.lock()
        owner.kill()
    assert data.owner() is None
    assert data.lock()
    data.unlock()


def test_only_a_folder_of_ours_is_erased(tmp_path, data):
    foreign = tmp_path / "photos"
    foreign.mkdir()
    with pytest.raises(Trouble, match="not made by bin/up"):
        Data(foreign).erase()
    assert foreign.exists()
    data.erase()
    assert not data.root.exists()


def test_a_folder_that_cannot_be_written_is_one_plain_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="Choose another folder with --data"):
        Data(tmp_path / "file" / "below").create()


def test_the_data_is_where_the_command_line_says(data, monkeypatch):
    """A variable left over in somebody's shell must not send half of it elsewhere."""
    data.create()
    monkeypatch.setenv("HOSTBILL_VAR", "/somewhere/else")
    assert Stack(data, 8000, "postgres://x", "redis://y").environment["HOSTBILL_VAR"] == str(data.root)
