"""A shop with a card gateway: the real driver against the sandbox, and what a payer's browser does."""

from decimal import Decimal as D

import stripe

from billing.actions.account import open_account
from billing.actions.charge import note_checkout, start_checkout
from billing.actions.gateway_event import check_charge
from billing.actions.invoice import NewLine, write_invoice
from billing.actions.payment_method import note_customer, note_method_setup, settle_method_setup, start_method_setup
from billing.gateways.base import ChargeRequest
from billing.models import Charge, PaymentMethod
from hostbill.core import clock, modules, outgoing
from hostbill.core.access import SYSTEM
from hostbill.core.jobs import Report
from hostbill.core.models import JobRun, ModuleConfig, Outgoing


class Shop:
    """The configured gateway, and what a payer's browser does."""

    def __init__(self, sandbox, client):
        self.sandbox, self.client, server = sandbox, client, sandbox.stripe
        self.gateway = ModuleConfig.objects.create(kind="gateway", driver="stripe", label="Card")
        values = {name: getattr(server, name) for name in ("secret_key", "publishable_key", "webhook_secret")}
        modules.store_values(self.gateway, values | {"api_base": server.url, "element_url": f"{server.url}/element.js"})
        self.driver = modules.load(self.gateway)
        self.browser = stripe.StripeClient(server.publishable_key, base_addresses={"api": server.url}).v1

    def control(self, path, body=None):
        return self.sandbox.control("stripe", path, body or {})

    def open_form(self, invoice) -> Charge:
        """What the pay page does."""
        charge = start_checkout(invoice, self.gateway, actor=SYSTEM, consent_text="keep it")
        customer = self.driver.ensure_customer(self.client.email, self.client.name, self.client.number)
        note_customer(self.client, self.gateway, customer)
        start = self.driver.checkout(ChargeRequest(charge.money, charge.key, customer_id=customer))
        return note_checkout(charge, remote_id=start.remote_id, client_secret=start.client_secret)

    def confirm(self, charge, token):
        card = {"type": "card", "card": {"token": token}}
        params = {"client_secret": charge.client_secret, "payment_method_data": card}
        try:
            return self.browser.payment_intents.confirm(charge.remote_id, params)
        except (stripe.CardError, stripe.InvalidRequestError) as refusal:
            return refusal

    def save_card(self, token) -> PaymentMethod:
        """What the portal's card page does."""
        setup = start_method_setup(self.client, self.gateway, consent_text="keep it", actor=SYSTEM)
        customer = self.driver.ensure_customer(self.client.email, self.client.name, self.client.number)
        start = self.driver.start_setup(customer, setup.key)
        setup = note_method_setup(setup, remote_id=start.remote_id, client_secret=start.client_secret)
        card = {"type": "card", "card": {"token": token}}
        params = {"client_secret": setup.client_secret, "payment_method_data": card}
        if self.browser.setup_intents.confirm(setup.remote_id, params).status == "requires_action":
            self.control("authenticate", {"setup_intent": setup.remote_id})
        result = self.driver.fetch("setup_intent", setup.remote_id)
        return settle_method_setup(setup, result, actor=SYSTEM)

    def ask(self, charge):
        check_charge(charge, reason=f"{Outgoing.objects.count()}")
        work()

    def bill(self, amount="20.00"):
        lines = [NewLine("hosting", D(amount))]
        return write_invoice(open_account(self.client), lines, due_on=clock.today(), actor=SYSTEM)


def work():
    """Send what is due, a lost answer's look-up included."""
    Outgoing.objects.filter(state__in=["queued", "unknown"], kind__startswith="billing").update(next_try_at=clock.now())
    for row_id in outgoing.due():
        if Outgoing.objects.get(pk=row_id).kind.startswith("billing"):
            outgoing.process(row_id)


def run(job):
    report = Report(JobRun(name="test", slot=clock.now()))
    job(clock.now(), report)
    assert not report.failures
    work()
    return report.counts
