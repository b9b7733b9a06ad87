"""Clients of the WHMCS API that others wrote, unchanged, against a live server."""

import warnings

import pytest

from billing.models import Invoice
from hostbill.core.models import ModuleConfig
from tests.billing.factories import make_product, pay

warnings.filterwarnings("ignore", module="whmcs_client|urllib3")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan(db):
    """Something to order, and a way to pay."""
    ModuleConfig.objects.create(kind="gateway", driver="bank_transfer", label="By bank", is_default=True)
    return make_product()


@pytest.fixture
def place(live_server, whmcs):
    """(address of the server, identifier, secret)."""
    return live_server.url, whmcs.keys["identifier"], whmcs.keys["secret"]


ADA = {
    "firstname": "Ada", "lastname": "Lindqvist", "email": "ada@lindqvist.example", "address1": "Norra gatan 1", "city": "Uppsala",
    "state": "Uppland", "postcode": "75320", "country": "SE", "phonenumber": "+46 18 123456", "password2": "three-blue-herons-44",
}  # fmt: skip


def test_whmcspy(place, plan):
    from whmcspy import WHMCS, exceptions

    url, identifier, secret = place
    program = WHMCS(f"{url}/includes/api.php", identifier, secret)
    assert program.get_servers() == []
    assert program.call("GetCurrencies")["currencies"]["currency"][0]["code"] == "EUR"
    client = program.add_client(**ADA)
    order = program.add_order(client, products=[{"id": plan.pk, "domain": "lindqvist.example"}], billingcycle="monthly")
    program.add_transaction("banktransfer", invoiceid=order["invoiceid"], transid="T-1", amountin="1.00", userid=client)
    assert [row["transid"] for row in program.get_transactions(invoiceid=order["invoiceid"])] == ["T-1"]
    assert [row["id"] for row in program.get_orders()] == [order["orderid"]]
    assert [row["status"] for row in program.get_clients_products(clientid=client)] == ["Pending"]
    program.update_client_product(int(order["serviceids"]), notes="From a program")
    program.send_email(id=client, customtype="general", customsubject="Hello", custommessage="Welcome.")
    program.accept_order(order["orderid"])
    with pytest.raises(exceptions.Error, match="Command Not Found"):
        program.call("GetNothing")
    with pytest.raises(exceptions.MissingPermission):
        WHMCS(program.url, identifier, "wrong").call("GetCurrencies")


def test_whmcs_api_client(place, plan):
    import whmcs_client

    url, identifier, secret = place
    with whmcs_client.ApiClient(whmcs_client.Configuration(host=f"{url}/includes")) as connection:
        program, keys = whmcs_client.DefaultApi(connection), {"username": identifier, "password": secret}
        found = program.get_currencies(**keys)
        assert found.result == "success" and found.currencies.currency[0].code == "EUR"
        assert program.get_payment_methods(**keys).paymentmethods.paymentmethod[0].module == "banktransfer"
        client = program.add_client(**ADA, **keys).clientid
        assert program.get_clients(**keys, search="Lindqvist").clients.client[0].id == client
        assert program.update_client(clientid=client, city="Lund", **keys).clientid == str(client)
        assert program.get_clients_details(clientid=client, **keys).client.email == ADA["email"]
        wish = {"pid": [plan.pk], "domain": ["lindqvist.example"], "billingcycle": ["monthly"]}
        order = program.add_order(clientid=client, paymentmethod="banktransfer", **wish, **keys)
        assert order.result == "success" and order.orderid.isdigit()
        assert program.get_orders(**keys).totalresults == program.get_invoices(**keys).totalresults == 1
        assert program.get_clients_domains(clientid=client, **keys).domains == []
        pay(Invoice.objects.get(pk=order.invoiceid))
        assert program.get_transactions(**keys).transactions.transaction[0].amountin > 0
        assert program.cancel_order(orderid=int(order.orderid), **keys).result in ("success", "error")
        assert program.get_affiliates(**keys).result == "error"
        with pytest.raises(whmcs_client.exceptions.ForbiddenException):
            program.get_currencies(username=identifier, password="wrong")
