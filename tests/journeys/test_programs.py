"""The main job without a browser: a program written for WHMCS brings a customer from the form to the running account, through renewal,
debt, upgrade and questions to the end. Nothing else is called; only the months pass by themselves."""

import json
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest

from tests.journeys.stack import eventually

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
DOMAIN = "programs-have-customers.example"


def call(stack, action, **params) -> dict:
    """As PHP programs do it: a form, the credentials in it."""
    body = urlencode({"action": action, "responsetype": "json", **stack.up.api, **params}).encode()
    with urlopen(f"{stack.url}/includes/api.php", body, timeout=30) as answer:
        found = json.load(answer)
    assert found["result"] == "success", (action, found)
    return found


def service_of(stack, pk) -> dict:
    """The service as programs see it."""
    return call(stack, "GetClientsProducts", serviceid=pk)["products"]["product"][0]


def becomes(stack, pk, status) -> None:
    """Waits for the workers."""
    eventually(lambda: service_of(stack, pk)["status"] == status, 60)


def account(stack) -> dict:
    """The account on the panel; nothing while there is none."""
    return next((row for row in stack.accounts().values() if row["domain"] == DOMAIN), {})


def unpaid(stack, client) -> list[dict]:
    """What the client owes, the oldest first."""
    found = call(stack, "GetInvoices", userid=client, status="Unpaid", orderby="duedate", order="asc")
    return found["invoices"]["invoice"]


def pay(stack, invoice_id, gateway) -> None:
    """The whole balance, on the day that it is there."""
    today = call(stack, "GetAutomationLog")["currentDatetime"][:10]
    call(stack, "AddInvoicePayment", invoiceid=invoice_id, transid=f"program-{invoice_id}", gateway=gateway, date=today)
    assert call(stack, "GetInvoice", invoiceid=invoice_id)["status"] == "Paid"


def mails(stack, client) -> str:
    """Subjects of what was written to the client."""
    rows = call(stack, "GetEmails", clientid=client, limitnum=100)["emails"]["email"]
    return " | ".join(row["subject"] for row in rows)


def place(stack, gateway) -> tuple:
    """(client, service): a new client orders a plan, pays, and nothing begins before somebody accepts."""
    products = call(stack, "GetProducts")["products"]["product"]
    plan = next(row for row in products if row["name"] == "Start")
    client = call(
        stack, "AddClient", firstname="Ada", lastname="Lindqvist", email="ada@programs.example", address1="Norra gatan 1",
        city="Uppsala", state="", postcode="75320", country="SE", phonenumber="+46 18 123456", password2="three-blue-herons-44",
        skipvalidation="1",
    )["clientid"]  # fmt: skip
    wish = {"pid[0]": plan["pid"], "domain[0]": DOMAIN, "billingcycle[0]": "monthly"}
    order = call(stack, "AddOrder", clientid=client, paymentmethod=gateway, **wish)
    service = order["serviceids"].split(",")[0]
    assert service_of(stack, service)["status"] == "Pending"
    invoice = call(stack, "GetInvoice", invoiceid=order["invoiceid"])
    assert invoice["status"] == "Unpaid" and float(invoice["balance"]) == float(invoice["total"]) > 0
    pay(stack, order["invoiceid"], gateway)
    assert not account(stack), "an order of a program waits for its acceptance"
    call(stack, "AcceptOrder", orderid=order["orderid"])
    eventually(lambda: account(stack), 60)
    becomes(stack, service, "Active")
    return client, service


def upgrade(stack, service, gateway) -> None:
    """To a larger plan, whose price is asked first; the panel follows the payment."""
    bigger = next(row for row in call(stack, "GetProducts")["products"]["product"] if row["name"] == "Grow")
    before = account(stack)["plan"]
    wish = {"serviceid": service, "paymentmethod": gateway, "type": "product", "newproductid": bigger["pid"],
            "newproductbillingcycle": "monthly"}  # fmt: skip
    seen = call(stack, "UpgradeProduct", **wish, calconly="true")
    done = call(stack, "UpgradeProduct", **wish)
    assert done["price"] == seen["price"] and done["newproductname"] == "Grow"
    pay(stack, done["invoiceid"], gateway)
    eventually(lambda: account(stack)["plan"] != before, 60)
    assert service_of(stack, service)["name"] == "Grow"


def ask(stack, client, service) -> None:
    """A question, its answer, and the end of it."""
    department = call(stack, "GetSupportDepartments")["departments"]["department"][0]["id"]
    asked = {"deptid": department, "clientid": client, "serviceid": service, "subject": "Which plan?", "message": "Is it mine?"}
    ticket = call(stack, "OpenTicket", **asked)["id"]
    assert call(stack, "GetTicket", ticketid=ticket)["status"] == "Open"
    call(stack, "AddTicketReply", ticketid=ticket, message="It is.", adminusername="owner")
    assert call(stack, "GetTicket", ticketid=ticket)["status"] == "Answered"
    call(stack, "UpdateTicket", ticketid=ticket, status="Closed")
    found = call(stack, "GetTicket", ticketid=ticket)
    assert (found["status"], [row["message"] for row in found["replies"]["reply"]]) == ("Closed", ["Is it mine?", "It is."])


def test_the_main_job_by_whmcs_actions_alone(stack):
    gateway = call(stack, "GetPaymentMethods")["paymentmethods"]["paymentmethod"][-1]["module"]
    client, service = place(stack, gateway)
    found = service_of(stack, service)
    assert (found["domain"], found["password"]) == (DOMAIN, "")
    link = call(stack, "CreateSsoToken", client_id=client, destination="clientarea:services")["redirect_url"]
    with build_opener(HTTPCookieProcessor()).open(link, timeout=30) as page:
        assert page.url.endswith("/account/services/") and DOMAIN in page.read().decode()

    stack.manage("clock", "advance", "18d")  # the renewal is invoiced two weeks ahead, and paid
    (renewal,) = unpaid(stack, client)
    pay(stack, renewal["id"], gateway)
    assert service_of(stack, service)["status"] == "Active"

    stack.manage("clock", "advance", "58d")  # the next one is not: reminders, and two weeks after its day the account is closed
    assert service_of(stack, service)["nextduedate"] > found["nextduedate"]
    becomes(stack, service, "Suspended")
    eventually(lambda: account(stack)["suspended"], 60)
    assert "late" in mails(stack, client)
    for invoice in unpaid(stack, client):
        pay(stack, invoice["id"], gateway)
    becomes(stack, service, "Active")
    eventually(lambda: not account(stack)["suspended"], 60)

    upgrade(stack, service, gateway)
    ask(stack, client, service)

    call(stack, "AddCancelRequest", serviceid=service, type="End of Billing Period", reason="The shop closes")
    listed = call(stack, "GetCancelledPackages")["packages"]["package"]
    assert [row["reason"] for row in listed if str(row["relid"]) == service] == ["The shop closes"]
    call(stack, "ModuleTerminate", serviceid=service)  # sooner than its last day
    becomes(stack, service, "Terminated")
    eventually(lambda: not account(stack), 60)
    assert unpaid(stack, client) == []
    stack.books()


def test_the_token_of_the_demo_opens_the_api(stack):
    asked = Request(f"{stack.url}/api/v1/", headers={"Authorization": f"Bearer {stack.up.token}"})
    with urlopen(asked, timeout=30) as answer:
        assert "billing.invoice.view" in json.load(answer)["permissions"]
