"""What staff do with a client's money from the client's page: give credit, charge a saved card."""

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from billing.actions.account import open_account
from billing.actions.charge import request_charge
from billing.actions.credit import grant_credit
from billing.actions.document_wishes import set_document_wishes
from billing.forms.client import ChargeForm, CreditForm
from billing.forms.document import WishesForm
from billing.models import Invoice, PaymentMethod
from clients.models import Client
from hostbill.core.crud import StaffVerbView
from hostbill.core.money import Money


class ClientCredit(StaffVerbView):
    """Goodwill."""

    model = Client
    permission = "billing.credit.edit"
    title = _("Give credit")
    explain = _("Used by itself for the next invoices. It is our cost in the books, and is not paid out.")
    button = _("Give the credit")
    form_class = CreditForm
    done = _("The credit is given.")

    def form_options(self):
        """In the account's currency."""
        return {"currency": open_account(self.obj).currency}

    def action(self, client, *, amount, note, actor):
        """Book it."""
        account = open_account(client)
        return grant_credit(account, money=Money(amount, account.currency), note=note, actor=actor)

    def after_url(self, result):
        """Back to the client."""
        return self.obj.get_absolute_url()


class ClientCharge(StaffVerbView):
    """Several open invoices from one card, as one charge."""

    model = Client
    permission = "billing.charge.create"
    title = _("Charge a saved card")
    button = _("Charge the card")
    form_class = ChargeForm
    done = _("The charge is on its way. Its outcome appears on the invoices.")

    @property
    def explain(self):
        """What is missing, or what happens."""
        if not self.methods().exists():
            return _now("This client has no saved card. Send the pay link of an invoice instead.")
        if not self.invoices().exists():
            return _now("Nothing is open.")
        return _now("What is open on the chosen invoices is taken as one charge.")

    @property
    def impossible(self) -> bool:
        """Without a card or a debt there is nothing to press."""
        return not (self.methods().exists() and self.invoices().exists())

    def methods(self):
        """The client's usable ones, the default first."""
        return PaymentMethod.objects.usable().filter(client=self.obj).order_by("-is_default", "pk")

    def invoices(self):
        """What can be paid, the longest due first."""
        return Invoice.objects.unpaid().filter(client=self.obj).order_by("due_on", "pk")

    def form_options(self):
        """This client's only."""
        return {"methods": self.methods(), "invoices": self.invoices()}

    def action(self, client, *, payment_method, invoices, actor):
        """Ask the worker."""
        first, *others = invoices
        return request_charge(first, payment_method, actor=actor, others=others)

    def after_url(self, result):
        """Back to the client."""
        return self.obj.get_absolute_url()


class ClientWishes(StaffVerbView):
    """Together or apart, and who else gets the documents."""

    model = Client
    permission = "billing.invoice.create"
    title = _("How this client is invoiced")
    explain = _("Holds for renewals from now on; what is invoiced stays.")
    button = _("Save")
    form_class = WishesForm
    done = _("Saved.")

    def get_initial(self):
        """As it is now."""
        account = open_account(self.obj)
        return {
            "separate_invoices": account.separate_invoices,
            "consolidate_monthly": account.consolidate_monthly,
            "document_emails": "\n".join(account.document_emails),
        }

    def action(self, client, *, actor, **wishes):
        """For the client's account."""
        return set_document_wishes(open_account(client), **wishes, actor=actor)

    def after_url(self, result):
        """Back to the client."""
        return self.obj.get_absolute_url()
