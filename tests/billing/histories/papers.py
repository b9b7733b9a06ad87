"""Rules of a history that are about papers: quotes, corrective invoices, drafts taken apart and put together."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.actions.correction import correct_invoice
from billing.actions.draft import duplicate_invoice, issue_draft, lines_of, update_draft
from billing.actions.draft_parts import merge_drafts, split_draft
from billing.actions.quote import Offered, create_quote, deliver_quote, revise_quote
from billing.actions.quote_acceptance import Signing, accept_quote, decline_quote
from billing.actions.quote_conversion import invoice_rest
from billing.models import Invoice, Quote
from hostbill.core import clock
from hostbill.core.access import SYSTEM

from .acts import attempt, pick
from .catalogue import scaled
from .moments import NUMBER, needs

YES = Signing("Somebody", "It was said on the phone.", "staff")
DEPOSITS = st.sampled_from([("", "0"), ("percent", "30"), ("percent", "100"), ("amount", "17.77")])


class Papers:
    """Of `Histories`, which has the clients, the catalogue and the currency."""

    @rule(
        who=NUMBER, number=NUMBER, discount=st.sampled_from(["0", "12.5", "100"]), deposit=DEPOSITS, rest=st.sampled_from([5, None]),
        is_taken=st.booleans(),
    )  # fmt: skip
    def offers_a_quote(self, who, number, discount, deposit, rest, is_taken):
        kind, value = deposit
        fields = {"subject": "An offer", "currency": self.currency, "valid_until": clock.today() + timedelta(days=20)}
        fields |= {"deposit_kind": kind, "deposit_value": D(value) if kind != "amount" else scaled(value, self.currency)}
        fields |= {"rest_when": "days", "rest_days": rest} if rest else {}
        quote = attempt(create_quote, self._offered(number, D(discount)), client=self.client(who), actor=SYSTEM, **fields)
        if quote and attempt(deliver_quote, quote, actor=SYSTEM) and is_taken:
            quote = attempt(accept_quote, Quote.objects.get(pk=quote.pk), YES, actor=SYSTEM)
            if quote and quote.invoice and quote.invoice.state == "issued" and number % 2:
                attempt(self.buyer.transfer_money, quote.invoice, quote.client, quote.invoice.open, 0)

    def _offered(self, number: int, discount: D) -> list[Offered]:
        """Work, and perhaps a product at a price of its own."""
        lines = [Offered("work", scaled("40.005", self.currency), D("1.5"), discount)]
        product = self.catalogue.plans[number % len(self.catalogue.plans)]
        cycle = product.prices.order_by("pk").first().cycle
        if number % 3:
            lines.append(Offered(product.name, scaled("8.33", self.currency), D(1), discount, "standard", product, cycle, {},
                                 scaled("1.01", self.currency)))  # fmt: skip
        return lines

    @precondition(needs("quotes"))
    @rule(which=NUMBER, way=st.sampled_from(["yes", "yes", "yes", "no", "again"]))
    def answers_a_quote(self, which, way):
        quote = pick(Quote.objects.filter(state="delivered"), which)
        if quote and way == "yes":
            attempt(accept_quote, quote, YES, actor=SYSTEM)
        elif quote and way == "no":
            attempt(decline_quote, quote, actor=SYSTEM)
        elif quote and (later := attempt(revise_quote, quote, actor=SYSTEM)):
            attempt(deliver_quote, later, actor=SYSTEM)

    @precondition(needs("rests"))
    @rule(which=NUMBER)
    def delivers_a_quote(self, which):
        if quote := pick(Quote.objects.filter(rest_invoice__state="draft"), which):
            attempt(invoice_rest, quote, actor=SYSTEM)

    @precondition(needs("standing"))
    @rule(which=NUMBER, price=st.sampled_from([None, None, "0", "3.335", "77.01"]), is_issued=st.booleans())
    def corrects_an_invoice(self, which, price, is_issued):
        invoice = pick(Invoice.objects.filter(state__in=["issued", "paid"]), which)
        draft = attempt(correct_invoice, invoice, actor=SYSTEM, reason="a wrong price") if invoice else None
        if draft and price:
            self._write_on(draft, price, False)
        if draft and is_issued:
            attempt(issue_draft, draft, actor=SYSTEM)

    @precondition(needs("drafts"))
    @rule(which=NUMBER, price=st.sampled_from(["0", "3.335", "77.01"]), adds=st.booleans())
    def writes_on_a_draft(self, which, price, adds):
        if draft := pick(Invoice.objects.filter(state="draft"), which):
            self._write_on(draft, price, adds)

    def _write_on(self, draft, price: str, adds: bool) -> None:
        lines = lines_of(draft)
        lines[0] = replace(lines[0], unit_amount=scaled(price, self.currency))
        lines += [replace(lines[0], description="more", origin="")] if adds else []
        attempt(update_draft, draft, lines, due_on=clock.today() + timedelta(days=9), actor=SYSTEM)

    @precondition(needs("drafts"))
    @rule(which=NUMBER, number=NUMBER)
    def splits_a_draft(self, which, number):
        if draft := pick(Invoice.objects.filter(state="draft"), which):
            line = pick(draft.lines.all(), number)
            attempt(split_draft, draft, lines=[line.pk], due_on=clock.today() + timedelta(days=9), actor=SYSTEM)

    @precondition(needs("drafts"))
    @rule(which=NUMBER)
    def merges_drafts(self, which):
        if draft := pick(Invoice.objects.filter(state="draft"), which):
            others = list(Invoice.objects.filter(state="draft", account=draft.account).exclude(pk=draft.pk).order_by("pk"))
            attempt(merge_drafts, draft, drafts=others, actor=SYSTEM)

    @precondition(needs("standing"))
    @rule(which=NUMBER)
    def copies_an_invoice(self, which):
        if invoice := pick(Invoice.objects.exclude(state="draft"), which):
            attempt(duplicate_invoice, invoice, due_on=clock.today() + timedelta(days=9), actor=SYSTEM)
