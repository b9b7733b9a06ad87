"""What becomes of a client's money when two clients are merged: each foreign key to a client or an account, once."""

from django.utils.translation import gettext_lazy as _

from billing.actions.merge import (
    lock_money,
    merge_accounts,
    merge_gateway_customers,
    merge_payment_methods,
    merge_promotion_uses,
    merge_transfers,
)
from billing.queries.merge import money_facts, money_obstacles
from clients.actions.merge_plan import Part, Share, moved, register_share, stays

BOOKED = _("The books stay as they were written; what is left on the account is booked over.")
OWN_TAX = _("The kept client's number and exemption count from now on; these prove how it was taxed until now.")

register_share(
    Share(
        lock=lock_money,
        obstacles=money_obstacles,
        facts=money_facts,
        parts=(
            moved("billing.Quote.client", label=_("Quotes")),
            moved("billing.Cart.client"),
            Part(("billing.Account.client",), move=merge_accounts),
            moved("billing.Account.merged_into"),
            moved("billing.Order.client", label=_("Orders")),
            moved("billing.Subscription.client", "billing.Subscription.account", label=_("Subscriptions")),
            moved("billing.Invoice.client", "billing.Invoice.account", label=_("Invoices")),
            moved("billing.Charge.client"),
            moved("billing.Payment.client", "billing.Payment.account", label=_("Payments")),
            moved("billing.Refund.client", label=_("Refunds")),
            moved("billing.Dispute.client", label=_("Chargebacks")),
            moved("billing.CreditNote.client", "billing.CreditNote.account", label=_("Credit notes")),
            moved("billing.EInvoice.client"),
            moved("billing.BillableItem.client", "billing.BillableItem.account", label=_("Billable items")),
            moved("billing.SubscriptionChange.client"),
            moved("billing.Stay.client"),
            moved("billing.WriteOff.client"),
            Part(("billing.PromotionUse.client",), _("Used codes"), move=merge_promotion_uses),
            Part(("billing.PaymentMethod.client",), _("Payment methods"), move=merge_payment_methods),
            Part(("billing.GatewayCustomer.client",), move=merge_gateway_customers),
            moved("billing.MethodSetup.client"),
            Part(("billing.Transfer.from_client",), move=merge_transfers),
            Part(("billing.Transfer.to_client",), move=merge_transfers),
            stays("billing.Posting.account", label=_("Postings in the ledger"), why=BOOKED),
            stays("billing.CreditMovement.account", label=_("Movements of credit"), why=BOOKED),
            stays("billing.StatementSent.account"),
            stays("billing.TaxProfile.client", label=_("Tax status"), why=OWN_TAX),
            stays("billing.TaxIdCheck.client", label=_("Answers about VAT numbers"), why=OWN_TAX),
            stays("billing.LocationEvidence.client", label=_("Signs of where it lives"), why=OWN_TAX),
            stays("billing.TaxLine.client"),  # the database moves it with its invoice
            stays("billing.Preview.client"),
            stays("billing.PreviewItem.client"),
        ),
    )
)
