"""What all sandbox servers share: state survives, faults count down, calls are logged."""

import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from hostbill.sandbox.faults import BadFault, Faults


def start(state, *more):
    """A WHM sandbox on a free port; returns the process and its address."""
    command = [
        sys.executable,
        "-m",
        "hostbill.sandbox.whm",
        "--port",
        "0",
        "--state",
        str(state),
        "--token",
        "T",
        *more,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    url = process.stdout.readline().split()[-1]
    process.stdout.close()
    return process, url


def create(url, number, session=requests):
    """Make an account by a raw call."""
    data = {
        "api.version": "1",
        "username": f"a{number:07d}",
        "domain": f"a{number}.example.com",
        "plan": "start",
        "password": "Tr7kZp9Qx!",
    }
    return session.post(
        f"{url}/json-api/createacct", data=data, headers={"Authorization": "whm root:T"}, timeout=10
    ).json()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_state_survives_a_restart(tmp_path, how):
    process, url = start(tmp_path)
    create(url, 1)
    if how == signal.SIGKILL:
        time.sleep(0.6)  # the write-behind lags at most 0.2 s
    process.send_signal(how)
    process.wait(10)
    again, url = start(tmp_path)
    try:
        assert list(requests.get(f"{url}/_control/state", timeout=5).json()["accounts"]) == ["a0000001"]
    finally:
        again.kill()
        again.wait()


def test_many_callers_at_once_make_each_account_once(tmp_path):
    """Eight threads, 200 accounts, each tried twice: fast enough for the bench and without doubles."""
    process, url = start(tmp_path)
    began = time.monotonic()

    def work(offset):
        with requests.Session() as session:
            for number in range(offset, 200, 4):
                create(url, number, session)

    threads = [threading.Thread(target=work, args=(index % 4,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    try:
        made = [row for row in requests.get(f"{url}/_control/calls", timeout=5).json() if row["outcome"] == "ok"]
        assert len(requests.get(f"{url}/_control/state", timeout=5).json()["accounts"]) == 200
        assert len(made) == 200
        assert took < 10
    finally:
        process.kill()
        process.wait()


def test_faults_fire_in_order_and_run_out():
    faults = Faults()
    faults.add({"match": "create", "kind": "500", "times": 2})
    faults.add({"match": "", "kind": "html"})
    assert faults.take("suspend").kind == "html"
    assert [faults.take("createacct").kind, faults.take("createacct").kind] == ["500", "500"]
    assert faults.take("createacct") is None
    faults.add({"match": "x", "kind": "delay", "times": None})
    assert [faults.take("x").id for _ in range(3)] == [3, 3, 3]


@pytest.mark.parametrize("order", [{"kind": "explode"}, {"kind": "500", "times": 0}, {"kind": "500", "match": "("}])
def test_senseless_faults_are_refused(order):
    with pytest.raises(BadFault):
        Faults().add(order)


def test_delay_and_log_of_calls(whm):
    whm.control("faults", {"match": "version", "kind": "delay", "seconds": 0.3})
    began = time.monotonic()
    assert whm.call("version")["metadata"]["result"] == 1
    assert time.monotonic() - began >= 0.3
    [entry] = whm.control("calls?operation=version")
    assert (entry["fault"], entry["outcome"], entry["params"]["api.version"]) == ("delay", "ok", "1")
