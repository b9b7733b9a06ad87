"""Rules of a history that are about who pays and what: groups, price lists, changes of prices, VAT numbers, saved cards, merged clients."""

from datetime import timedelta
from decimal import Decimal as D

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.actions.account import open_account, set_auto_charge
from billing.actions.back_dated import back_date_price
from billing.actions.discount import grant_discount
from billing.actions.payment_method import remove_payment_method, save_payment_method
from billing.actions.price_list import set_price
from billing.actions.price_update import (
    begin_price_update,
    create_price_update,
    schedule_price,
    withdraw_price_update,
    work_on,
)
from billing.actions.vat_check import set_exemption, settle_check
from billing.gateways.base import SavedMethod
from billing.models import PaymentMethod, PriceUpdate, TaxIdCheck
from billing.vat_checkers.base import VatAnswer
from clients.actions.client import update_client
from clients.actions.group import set_client_group
from clients.actions.merge import merge_clients
from hostbill.core import clock
from hostbill.core.access import SYSTEM
from hostbill.core.money import Money

from .acts import attempt, pick, running
from .catalogue import scaled
from .moments import CYCLES, NUMBER, needs

GRANTS = st.sampled_from([("percent", "50", 2), ("fixed", "4.01", None), ("override", "0.99", 1), ("free_months", "1", None)])


class People:
    """Of `Histories`, which has the clients, the catalogue and the currency."""

    @rule(who=NUMBER, number=st.integers(0, 3))
    def joins_a_group(self, who, number):
        group = ([None] + self.catalogue.groups)[number % (len(self.catalogue.groups) + 1)]
        attempt(set_client_group, self.client(who), group=group, actor=SYSTEM)

    @rule(number=NUMBER, cycle=CYCLES, price=st.sampled_from(["0", "10.99", "33.335"]), days=st.sampled_from([None, 3]))
    def catalogue_changes(self, number, cycle, price, days):
        product = self.catalogue.plans[number % len(self.catalogue.plans)]
        on = clock.today() + timedelta(days=days) if days else None
        attempt(
            set_price, product, currency=self.currency, cycle=cycle, amount=scaled(price, self.currency), setup_amount=D(0),
            actor=SYSTEM, valid_from=on,
        )  # fmt: skip

    @rule(how=st.sampled_from(["list", "percent", "amount", "exact"]), figure=st.sampled_from(["7.5", "1.01", "-2"]), is_told=st.booleans())
    def raises_prices(self, how, figure, is_told):
        fields = {"percent": D(figure)} if how == "percent" else {} if how == "list" else {"amount": scaled(figure, self.currency)}
        update = attempt(
            create_price_update, actor=SYSTEM, name="raise", how=how, currency=self.currency, tells=is_told,
            starts_on=clock.today() + timedelta(days=31), skips_overrides=is_told, **fields,
        )  # fmt: skip
        if update and attempt(begin_price_update, update, actor=SYSTEM):
            assert work_on(update.pk, 60)

    @precondition(needs("updates"))
    @rule(which=NUMBER)
    def takes_a_raise_back(self, which):
        if update := pick(PriceUpdate.objects.exclude(state="withdrawn"), which):
            attempt(withdraw_price_update, update, actor=SYSTEM)

    @precondition(needs("running"))
    @rule(which=NUMBER, price=st.sampled_from(["0", "8.88", "14.005"]), days=st.sampled_from([-60, -9, 0, 12]))
    def gets_a_dated_price(self, which, price, days):
        if subscription := pick(running(), which):
            money, on = Money(scaled(price, self.currency), self.currency), clock.today() + timedelta(days=days)
            if days > 0:
                attempt(schedule_price, subscription, price=money, starts_on=on, actor=SYSTEM, reason="promised")
            else:
                since = max(on, subscription.started_on)
                attempt(back_date_price, subscription, price=money, since=since, actor=SYSTEM, reason="it was wrong")

    @precondition(needs("running"))
    @rule(which=NUMBER, grant=GRANTS)
    def gets_a_discount(self, which, grant):
        kind, value, periods = grant
        if subscription := pick(running(), which):
            figure = scaled(value, self.currency) if kind in ("fixed", "override") else D(value)
            attempt(grant_discount, subscription, kind=kind, value=figure, periods=periods, reason="kept", actor=SYSTEM)

    @rule(who=NUMBER, country=st.sampled_from(["FR", "AT"]), is_valid=st.sampled_from([True, True, False, None]))
    def tells_a_vat_number(self, who, country, is_valid):
        client = self.client(who)
        number = {"FR": "FR12345678901", "AT": "ATU12345678"}[country]
        attempt(update_client, client, actor=SYSTEM, country=country, tax_id=number)
        check = TaxIdCheck.objects.filter(client=client, answered_at=None).order_by("-pk").first()
        if check and is_valid is not None:
            attempt(settle_check, check, VatAnswer(is_valid, request_id="X"))

    @rule(who=NUMBER, is_exempt=st.booleans())
    def is_charged_no_tax(self, who, is_exempt):
        attempt(set_exemption, self.client(who), actor=SYSTEM, is_exempt=is_exempt, exempt_reason="an embassy")

    @rule(who=NUMBER, number=st.integers(0, 2), is_auto=st.sampled_from([True, True, False]))
    def keeps_a_card(self, who, number, is_auto):
        client = self.client(who)
        self.buyer.count += 1
        method = SavedMethod(f"pm_{self.buyer.count}", "cus_1", brand="visa", last4="4242", fingerprint=f"f{number}", country="AT")
        attempt(save_payment_method, client, gateway=self.gateway, method=method, actor=SYSTEM, consent_text="yes")
        attempt(set_auto_charge, open_account(client), auto_charge=is_auto, actor=SYSTEM)

    @precondition(needs("cards"))
    @rule(which=NUMBER)
    def forgets_a_card(self, which):
        if card := pick(PaymentMethod.objects.filter(removed_at=None), which):
            attempt(remove_payment_method, card, actor=SYSTEM)

    @rule(who=NUMBER)
    def is_one_with_another(self, who):
        """Two are always left, so that services can be handed over."""
        if len(self.clients) > 2:
            gone = self.clients[who % len(self.clients)]
            kept = next(client for client in self.clients if client.pk != gone.pk)
            if attempt(merge_clients, gone, into=kept, actor=SYSTEM):
                self.clients[:] = [client for client in self.clients if client.pk != gone.pk]
