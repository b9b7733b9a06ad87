"""The bank's open lines with what fits them: choose, look at the whole, book all of it at once."""

from collections import Counter

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from billing.actions.bank import book_line
from billing.models import BankLine, Invoice, Payment
from billing.queries.bank_matching import suggest
from clients.models import Client
from hostbill.core.access import StaffView
from hostbill.core.errors import AppError
from hostbill.core.money import Money
from hostbill.core.ui.words import money_words

BOOK = "billing.payment.book"
AT_ONCE = 20


class BankLineMatch(StaffView, View):
    """`for-12` holds what line 12 is for; `verb` look shows what would be booked, book does it."""

    permission = BOOK

    def get(self, request):
        """The oldest that wait, with what is beyond doubt chosen already; `?after=` leaves the first ones for later."""
        return self.page([suggest(line) for line in self.waiting()[:AT_ONCE]])

    def waiting(self):
        """Open lines in the order of their days."""
        after = self.request.GET.get("after", "")
        rows = BankLine.objects.filter(state="open").select_related("account").order_by("booked_on", "pk")
        return rows.filter(pk__gt=int(after)).order_by("pk") if after.isdecimal() and len(after) < 18 else rows

    def post(self, request):
        """Look or book. A line that is refused stays, with its reason; the others are booked."""
        chosen = self.chosen()
        if not chosen:
            messages.info(request, _("Choose what at least one line is for."))
            return self.get(request)
        if request.POST.get("verb") != "book":
            gone = self.gone(chosen)
            return self.page([suggest(line) for line, _value in chosen], refused=gone, status=422) if gone else self.look(chosen)
        done, refused = Counter(), []
        for line, value in chosen:
            try:
                book_line(line, actor=request.actor, **self.meant(value))
                done[line.currency] += line.amount
            except AppError as error:
                refused.append((line, error.message))
        if done:
            messages.success(request, self.told(len(chosen) - len(refused), sums(done)))
        if refused:
            return self.page([suggest(line) for line, _why in refused], refused=refused, status=422)
        return redirect("billing_staff:bank_line_match" if self.waiting().exists() else "billing_staff:bank_line_list")

    def told(self, number: int, totals: list) -> str:
        """How many, how much."""
        words = ngettext("%(number)s line booked: %(money)s", "%(number)s lines booked: %(money)s", number)
        return words % {"number": number, "money": ", ".join(money_words(total) for total in totals)}

    def chosen(self) -> list[tuple]:
        """(line, value) of each line for which something is chosen and that still waits."""
        values = {
            int(key[4:]): value for key, value in self.request.POST.items()
            if key.startswith("for-") and key[4:].isdecimal() and len(key) < 20 and value
        }  # fmt: skip
        lines = BankLine.objects.filter(pk__in=values, state="open").select_related("account").order_by("booked_on", "pk")
        return [(line, values[line.pk]) for line in lines[:AT_ONCE]]

    def gone(self, chosen: list) -> list[tuple]:
        """(line, why) of what stands for nothing any more."""
        found = []
        for line, value in chosen:
            try:
                self.meant(value)
            except AppError as error:
                found.append((line, error.message))
        return found

    def meant(self, value: str) -> dict:
        """What a choice stands for, among what the person may see. AppError "gone"."""
        kind, _colon, rest = value.partition(":")
        ids = [int(text) for text in rest.split(",") if text.isdecimal() and len(text) < 18]
        model = {"i": Invoice, "c": Client, "p": Payment}.get(kind)
        rows = list(model.objects.visible_to(self.request.actor).filter(pk__in=ids)) if model and ids else []
        if not rows or len(rows) != len(set(ids)):
            raise AppError(_("What was chosen is gone. Choose again."), code="gone")
        if kind == "i":
            return {"invoices": sorted(rows, key=lambda invoice: (invoice.due_on, invoice.pk))}
        return {"client": rows[0]} if kind == "c" else {"payment": rows[0]}

    def look(self, chosen: list):
        """What would be booked, and how much."""
        rows, totals = [], Counter()
        for line, value in chosen:
            labels = {choice.value: choice for choice in suggest(line).choices}
            rows.append((line, value, labels.get(value)))
            totals[line.currency] += line.amount
        context = self.context(_("Book these lines?")) | {"rows": rows, "totals": sums(totals)}
        return render(self.request, "billing/staff/bank/look.html", context)

    def page(self, suggestions, refused=(), status=200):
        """Lines with their choices."""
        taken, why = self.request.POST, {line.pk: words for line, words in refused}
        context = self.context(_("Book bank lines")) | {
            "rows": [(item, taken.get(f"for-{item.line.pk}", item.chosen), why.get(item.line.pk)) for item in suggestions],
            "refused": refused,
            "waiting": self.waiting().count(),
            "last": suggestions[-1].line.pk if suggestions else None,
        }
        return render(self.request, "billing/staff/bank/match.html", context, status=status)

    def context(self, title) -> dict:
        """Title and trail."""
        crumbs = [(_("Payments"), reverse("billing_staff:payment_list")), (_("Bank lines"), reverse("billing_staff:bank_line_list"))]
        return {"page_title": title, "crumbs": [*crumbs, (title, "")]}


def sums(amounts: dict) -> list[Money]:
    """By currency."""
    return [Money(amount, currency) for currency, amount in sorted(amounts.items())]
