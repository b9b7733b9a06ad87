"""Money for clients' programs: what the client area shows."""

from functools import partial

from billing.api.accounts import ACCOUNT, MOVEMENT, OwnAccount, OwnAccountChange, OwnMovements, OwnStatement
from billing.api.change import ClientChangeByApi, ClientChangePreview
from billing.api.client_more import ChangeRows, PaySeveral, TransferRows, is_given, service_of
from billing.api.client_order import ClientOrderByApi, ClientOrderPreview
from billing.api.client_screens import (
    InvoicePayByApi,
    MethodRows,
    OrderRows,
    PaymentRows,
    ProductRows,
    QuoteAcceptByClient,
    QuoteDeclineByClient,
    SubscriptionRows,
)
from billing.models import (
    CreditNoteLine,
    CreditNoteTax,
    InvoiceLine,
    InvoiceTax,
    OrderLine,
    PaymentAllocation,
    Price,
    QuoteLine,
    SubscriptionItem,
)
from billing.queries.pay_link import pay_url
from billing.views.portal.credit_note import CreditNoteDetail, CreditNoteList, CreditNotePdf
from billing.views.portal.ending import (
    SubscriptionPause,
    SubscriptionResume,
    SubscriptionTransfer,
    TransferAccept,
    TransferDecline,
    TransferWithdraw,
)
from billing.views.portal.invoice import InvoiceDetail, InvoiceList, InvoiceMoreDays, InvoicePdf
from billing.views.portal.payment_method import PaymentMethodDefault, PaymentMethodRemove
from billing.views.portal.quote import QuoteList, QuotePdf
from billing.views.portal.subscription import ChangeWithdraw, SubscriptionCancel, SubscriptionDetail, SubscriptionKeep
from hostbill.core.api.fields import Fact, fact, rows
from hostbill.core.api.nouns import ClientNoun

PDF = "application/pdf"
for _screen in (InvoicePdf, CreditNotePdf, QuotePdf):
    _screen.api_file = PDF


def pay_address(invoice) -> str | None:
    """Where it is paid without signing in, while something is open."""
    return pay_url(invoice) if invoice is not None and invoice.state == "issued" else None


def usual_prices(product) -> list:
    """Those of the catalogue that hold today; what a client's own list says is told by the preview of an order."""
    return [price for price in product.prices.all() if price.price_list_id is None and price.valid_from is None]


CLIENT_NOUNS = [
    ClientNoun(
        "invoices",
        InvoiceList,
        ("number kind state_words currency issued_on due_on net tax total open reference notes language is_overdue paid_at "
         "credited is_proforma proforma_number", Fact("pay_url", get=pay_address)),
        detail_view=InvoiceDetail,
        inside=(
            rows("lines", InvoiceLine, "id description quantity unit net tax_name tax_percent tax_reason period_start period_end "
                 "kind subscription"),
            rows("taxes", InvoiceTax, "name category reason percent net tax"),
        ),
        prefetch=("lines__subscription__product",),
        acts={"pay": InvoicePayByApi, "more-days": InvoiceMoreDays},
        on_list={"pay": PaySeveral},
        files={"pdf": InvoicePdf},
    ),
    ClientNoun(
        "credit-notes",
        CreditNoteList,
        "number kind invoice currency issued_on net tax total reason",
        detail_view=CreditNoteDetail,
        inside=(
            rows("lines", CreditNoteLine, "id description quantity unit net tax_name tax_percent period_start period_end"),
            rows("taxes", CreditNoteTax, "name percent net tax"),
        ),
        files={"pdf": CreditNotePdf},
    ),
    ClientNoun(
        "payments",
        PaymentRows,
        "method received_on money refunded credited",
        inside=(rows("allocations", PaymentAllocation, "invoice money"),),
        prefetch=("allocations__invoice",),
    ),
    ClientNoun(
        "quotes",
        QuoteList,
        "number version subject introduction notes state_words currency issued_on valid_until net tax total deposit_kind "
        "deposit_value accepted_at invoice rest_invoice order",
        select=("invoice", "rest_invoice", "order"),
        inside=(
            rows("lines", QuoteLine, "id product cycle description quantity unit setup discount_percent net tax_name tax_percent"),
        ),
        prefetch=("lines__product",),
        acts={"accept": QuoteAcceptByClient, "decline": QuoteDeclineByClient},
        files={"pdf": QuotePdf},
    ),
    ClientNoun(
        "orders",
        OrderRows,
        ("number state_words currency total invoice placed_at accepted_at cancelled_at",
         Fact("pay_url", get=lambda order: pay_address(order.invoice))),
        select=("invoice",),
        inside=(rows("lines", OrderLine, "id product label cycle quantity unit setup"),),
        prefetch=("lines__product",),
        create_view=ClientOrderByApi,
        on_list={"preview": ClientOrderPreview},
    ),
    ClientNoun(
        "subscriptions",
        SubscriptionRows,
        "product label state_words currency cycle quantity price price_includes_tax started_on next_due_on paid_until ends_on "
        "cancel_at_end cancel_on ended_on parent",
        detail_view=SubscriptionDetail,
        select=("product", "parent__product"),
        inside=(rows("items", SubscriptionItem, "option choice quantity unit description"),),
        prefetch=("items__option", "items__choice"),
        acts={
            "cancel": SubscriptionCancel,
            "keep": SubscriptionKeep,
            "pause": SubscriptionPause,
            "resume": SubscriptionResume,
            "transfer": SubscriptionTransfer,
            "change": ClientChangeByApi,
            "change-preview": ClientChangePreview,
        },
    ),
    ClientNoun(
        "payment-methods",
        MethodRows,
        "kind brand last4 country expires_month expires_year is_default state_words consented_at",
        acts={"default": PaymentMethodDefault, "remove": PaymentMethodRemove},
    ),
    ClientNoun(
        "products",
        ProductRows,
        "name tagline description features kind max_quantity trial_days",
        inside=(Fact("prices", "rows", nullable=False, get=usual_prices, parts=tuple(map(partial(fact, Price), ("cycle", "currency",
                "money", "setup")))),),
        prefetch=("prices",),
    ),
    ClientNoun("billing-accounts", OwnAccount, ACCOUNT, edit_view=OwnAccountChange, files={"statement": OwnStatement}),
    ClientNoun("credit-movements", OwnMovements, MOVEMENT, select=("invoice", "payment")),
    ClientNoun(
        "transfers",
        TransferRows,
        ("state", Fact("service", nullable=False, get=service_of), Fact("is_given", "boolean", nullable=False, get=is_given),
         "offered_at accepted_at declined_at withdrawn_at"),
        select=("subscription__product",),
        acts={"accept": TransferAccept, "decline": TransferDecline, "withdraw": TransferWithdraw},
    ),
    ClientNoun(
        "changes",
        ChangeRows,
        "subscription from_product to_product to_cycle when state effective_on expires_on asked_at done_at invoice",
        select=("subscription__product", "from_product", "to_product", "invoice"),
        acts={"withdraw": ChangeWithdraw},
    ),
]  # fmt: skip
