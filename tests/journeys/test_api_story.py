"""The main job by REST alone: a client, an order, its money from the bank, the account on the server; renewed, suspended for debt,
paid, back online; and a ticket. Nothing is clicked; only the months pass by themselves."""

import base64
import json
import urllib.error
import urllib.request

import pytest

from tests.journeys.stack import eventually

pytestmark = [pytest.mark.xdist_group("stack")]
DOMAIN = "by-program.example"
PERSON = {"first_name": "Petra", "last_name": "Program", "email": "petra@by-program.example", "country": "DE", "language": "en",
          "address1": "Ring 1", "city": "Kiel", "postcode": "24103", "currency": "EUR"}  # fmt: skip


class Rest:
    """A program with the demo's token."""

    def __init__(self, stack):
        self.url, self.token = f"{stack.url}/api/v1/", stack.up.token

    def __call__(self, method: str, path: str, body=None, **headers):
        """The answer's JSON; anything else than success fails the test."""
        address = path if path.startswith("http") else f"{self.url}{path}"
        data = None if method == "GET" else json.dumps(body or {}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        try:
            with urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method), timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:1500]}") from error

    def rows(self, path: str) -> list:
        """A list."""
        return self("GET", path)["data"]


def pay_by_bank(rest, invoice: dict, day: str, number: int) -> None:
    """The transfer on a statement of the bank: taken in, imported, booked for the invoice."""
    amount = invoice["open"]["amount"]
    table = f"Day;Payer;Text;Amount\n{day};Petra Program;{invoice['number']} no. {number};{amount}\n"
    accounts = [row["account"] for row in rest.rows("bank-statements/")]
    known = next((row["id"] for row in accounts if row["name"] == "Bank of programs"), None)
    named = {"account": known} if known else {"account": None, "new_name": "Bank of programs"}
    file = {"name": f"{number}.csv", "content": base64.b64encode(table.encode()).decode()}
    statement = rest("POST", "bank-statements/", {**named, "currency": "EUR", "file": file})
    mapping = {"booked_on": "Day", "amount": "Amount", "payer": "Payer", "text": "Text", "day": "%Y-%m-%d"}
    rest("POST", f"{statement['url']}import/", {"mapping": mapping})
    line = next(row for row in rest.rows("bank-lines/?tab=open&q=Petra") if row["text"].endswith(f"no. {number}"))
    booked = rest("POST", f"{line['url']}book/", {"invoices": [invoice["id"]]})
    assert booked["object"]["state"] == "booked"


def open_invoices(rest, client: dict) -> list:
    return rest.rows(f"invoices/?state=issued&client={client['id']}&sort=due_on")


def today(stack) -> str:
    return stack.query("str(__import__('hostbill.core.clock').core.clock.today())")


def test_the_main_job_by_rest_alone(stack):
    rest = Rest(stack)
    client = rest("POST", "clients/", PERSON, **{"Idempotency-Key": "petra"})
    assert rest("POST", "clients/", PERSON, **{"Idempotency-Key": "petra"})["id"] == client["id"], "sent twice, made once"

    plan = next(row for row in rest.rows("products/?q=Start") if row["name"] == "Start")
    line = {"product": plan["id"], "cycle": "monthly", "answers": {"domain": DOMAIN}}
    seen = rest("POST", "orders/preview/", {"client": client["id"], "lines": [line]})
    order = rest("POST", "orders/", {"client": client["id"], "lines": [line]})
    assert order["total"] == seen["total"]

    first = rest("GET", order["invoice"]["url"])
    pay_by_bank(rest, first, today(stack), 1)
    assert rest("GET", first["url"])["state"] == "paid"
    service = eventually(lambda: next((row for row in rest.rows(f"services/?q={DOMAIN}") if row["state"] == "live"), None), 60)
    assert any(account["domain"] == DOMAIN for account in stack.accounts().values())

    stack.manage("clock", "advance", "33d")
    renewal = open_invoices(rest, client)[0]
    assert renewal["kind"] == "renewal"
    stack.manage("clock", "advance", "30d")
    eventually(lambda: rest("GET", service["url"])["state"] == "suspended", 60)

    for number, invoice in enumerate(open_invoices(rest, client), 2):
        pay_by_bank(rest, invoice, today(stack), number)
    eventually(lambda: rest("GET", service["url"])["state"] == "live", 60)

    department = rest.rows("departments/")[0]
    ticket = rest("POST", "tickets/", {"client": client["id"], "subject": "Back online", "department": department["id"], "body": "Paid."})
    rest("POST", f"{ticket['url']}reply/", {"body": "Thank you."})
    assert rest("POST", f"{ticket['url']}close/")["object"]["state"] == "closed"
    stack.books()
