"""Money by API: a line or two for each noun; the rest is in the screens' declarations."""

from billing.api.accounts import ACCOUNT, MOVEMENT, AccountRows, MovementRows, PaymentCreate
from billing.api.bank import LineBook, LineLeave, LineSuggest, LineTakeUp, StatementImport
from billing.api.catalogue import BundleByApi, ProductByApi
from billing.api.change import StaffChangeByApi, StaffChangePreview
from billing.api.drafts import DraftChange, DraftCreate
from billing.api.eu_rates import EuRates
from billing.api.lists import DiscountRows, PriceRows
from billing.api.options import CHOICES, RULES, OptionByApi, OptionRows
from billing.api.order import OrderCreateByApi, OrderPreview
from billing.api.portal import CLIENT_NOUNS  # noqa: F401 - read by the addresses
from billing.api.promotions import PromotionByApi
from billing.api.quotes import QuoteAcceptByApi, QuoteChange, QuoteCreate
from billing.api.usage import MetricByApi, UsageRecordByApi, told_terms, told_use
from billing.models import (
    BundleItem,
    CreditNoteLine,
    CreditNoteTax,
    InvoiceLine,
    InvoiceTax,
    OrderLine,
    PaymentAllocation,
    Posting,
    Price,
    ProductOption,
    PromotionAmount,
    QuoteLine,
    SubscriptionItem,
    Suspension,
)
from hostbill.core.api.fields import Fact, rows
from hostbill.core.api.nouns import Noun

NOUNS = [
    Noun(
        "orders",
        "order",
        also="invoice currency placed_by accepted_at cancelled_at fraud_at",
        inside=(rows("lines", OrderLine, "id product label cycle quantity unit setup"),),
        prefetch=("lines__product",),
        create_view=OrderCreateByApi,
        on_list={"preview": OrderPreview},
    ),
    Noun(
        "invoices",
        "invoice",
        also="number kind currency issued_on due_on net tax total open reference notes language is_overdue issued_at paid_at "
        "cancelled_at cancel_reason credited is_proforma proforma_number corrects collections_at",
        inside=(
            rows("lines", InvoiceLine, "id description quantity unit net tax_class tax_category tax_name tax_percent "
                 "tax_reason period_start period_end kind subscription unit_amount origin"),
            rows("taxes", InvoiceTax, "name category reason percent country net tax"),
        ),
        prefetch=("lines__subscription__product",),
        create_view=DraftCreate,
        edit_view=DraftChange,
    ),
    Noun(
        "e-invoices",
        "einvoice",
        also="invoice credit_note format with_mail is_checked written_at left_reason",
        without="document first_finding",
        inside=(Fact("xml", "text", nullable=False), Fact("findings", "json", nullable=False)),
    ),
    Noun(
        "quotes",
        "quote",
        also="number version subject introduction notes currency includes_tax issued_on valid_until net tax total "
        "deposit_kind deposit_value rest_when rest_days "
        "company first_name last_name email language looks first_look_at accepted_at lost_at lost_reason "
        "converted_at trouble order invoice rest_invoice rest_on",
        inside=(
            rows("lines", QuoteLine, "id product cycle description quantity unit unit_amount setup setup_amount discount_percent "
                 "net tax_class tax_name tax_percent"),
        ),
        select=("order", "invoice", "rest_invoice"),
        prefetch=("lines__product",),
        create_view=QuoteCreate,
        edit_view=QuoteChange,
        acts={"accept": QuoteAcceptByApi},
    ),
    Noun(
        "billable-items",
        "billable",
        also="worked_on unit_kind unit tax_class action first_on every every_unit times times_done next_on currency",
    ),
    Noun(
        "credit-notes",
        "credit_note",
        also="number kind invoice currency issued_on issued_at net tax total settled credited reason language",
        inside=(
            rows("lines", CreditNoteLine, "id description quantity unit net tax_class tax_name tax_percent period_start period_end"),
            rows("taxes", CreditNoteTax, "name percent net tax"),
        ),
        prefetch=("lines", "taxes"),
    ),
    Noun(
        "metrics",
        "metric",
        also="product unit kind source ended_on",
        inside=(Fact("terms", "list", nullable=False, get=told_terms),),
        prefetch=("terms",),
        create_view=MetricByApi,
        edit_view=MetricByApi,
    ),
    Noun(
        "usage-records",
        "usage_record",
        also="subscription metric event_id quantity occurred_at reason recorded_by",
        without="period",
        on_list={"record": UsageRecordByApi},
    ),
    Noun("number-series", "series", also="document_type format reset"),
    Noun("billing-accounts", "billing_account", also=f"{ACCOUNT} parked_at parked_reason", list_view=AccountRows),
    Noun("credit-movements", "credit_movement", also=f"{MOVEMENT} account", select=("account__client", "invoice", "payment"),
         list_view=MovementRows),
    Noun(
        "payments",
        "payment",
        also="gateway method received_on credited refunded note booked_by",
        create_view=PaymentCreate,
        inside=(Fact("remaining", "money", nullable=False), rows("allocations", PaymentAllocation, "invoice money"),),
        prefetch=("allocations__invoice",),
    ),
    Noun(
        "subscriptions",
        "subscription",
        also="label product quantity currency anchor_day started_on paid_until cancel_at_end cancel_on cancel_reason ended_on "
        "origin_on ends_on parent",
        inside=(
            rows("items", SubscriptionItem, "option choice quantity unit description"),
            Fact("usage", "list", nullable=False, get=told_use),
            rows("suspensions", Suspension, "kind reason invoice started_at started_by until lifted_at lifted_by credited_days"),
        ),
        select=("parent__product",),
        prefetch=("suspensions__invoice", "items__option", "items__choice"),
        acts={"change": StaffChangeByApi, "change-preview": StaffChangePreview},
    ),
    Noun(
        "changes",
        "change",
        also="subscription from_product to_product to_cycle when effective_on expires_on asked_at asked_by reason done_at",
    ),
    Noun("transfers", "transfer", also="offered_by answered_by accepted_at declined_at withdrawn_at"),
    Noun(
        "products",
        "product",
        also="kind slug tagline description features tax_class is_hidden is_retired is_featured sort max_quantity bill_day "
        "charge_next_from_day trial_days cycles_limit terminate_after_days setup_refund_days follows_parent",
        inside=(rows("prices", Price, "currency cycle money setup price_list valid_from"), Fact("provisioning", "json")),
        prefetch=("prices__price_list",),
        create_view=ProductByApi,
        edit_view=ProductByApi,
    ),
    Noun(
        "option-groups",
        "option_group",
        also="products",
        inside=(
            rows("options", ProductOption, "id name key kind hint unit is_required min_quantity max_quantity step is_retired"),
        ),
        prefetch=("products", "options"),
    ),
    Noun(
        "options",
        "product_option",
        also="group kind key hint unit is_required min_quantity max_quantity step is_retired sort",
        list_view=OptionRows,
        create_view=OptionByApi,
        edit_view=OptionByApi,
        inside=(CHOICES, RULES),
        prefetch=("choices__prices", "rules__source", "rules__choice"),
    ),
    Noun(
        "bundles",
        "bundle",
        also="slug tagline description sort",
        inside=(rows("items", BundleItem, "product cycle quantity options"),),
        prefetch=("items__product",),
        create_view=BundleByApi,
        edit_view=BundleByApi,
    ),
    Noun("product-groups", "product_group", also="slug tagline is_hidden"),
    Noun(
        "promotions",
        "promotion",
        also="name kind percent months periods cycles includes_base includes_options includes_setup who once_per_client max_uses "
        "is_combinable ends_on_change is_active",
        inside=(rows("amounts", PromotionAmount, "currency value minimum"),),
        prefetch=("amounts",),
        create_view=PromotionByApi,
        edit_view=PromotionByApi,
    ),
    Noun("price-lists", "price_list", inside=(rows("prices", Price, "product cycle money setup valid_from"),),
         prefetch=("prices__product",)),
    Noun("price-updates", "price_update", also="starts_on currency how percent amount products cycles client_group reason tells "
         "skips_overrides", prefetch=("products",), select=("client_group",)),
    Noun("prices", "price", also="cycle currency money setup valid_from", list_view=PriceRows),
    Noun("discounts", "discount", also="subscription promotion percent currency money periods_left months_left reason granted_by",
         list_view=DiscountRows),
    Noun("exchange-rates", "exchange_rate"),
    Noun(
        "tax-rates",
        "tax_rate",
        also="tax_class category reason country state postcode buyer seller_country step compound valid_from valid_until",
        on_list={"eu": EuRates},
    ),
    Noun("tax-lines", "tax_line", also="invoice credit_note supply buyer_country buyer_tax_id country tax_class category percent step"),
    Noun("previews", "preview", also="cards changes total done summary error finished_at"),
    Noun("preview-items", "preview_item"),
    Noun("ledger-accounts", "ledger_account", also="xero_tax", words="Chart of accounts"),
    Noun(
        "journal-entries",
        "journal_entry",
        also="booked_at payment refund reverses",
        without="postings",
        inside=(rows("postings", Posting, "ledger_account account money"),),
        prefetch=("postings__ledger_account", "postings__account"),
    ),
    Noun("ledger-months", "ledger_period", also="month reopened_by"),
    Noun("bank-statements", "bank_statement", also="imported_at taken_by", acts={"import": StatementImport}),
    Noun("bank-lines", "bank_line", also="state currency text payer_account bank_reference reason payment statement",
         without="became", select=("payment__client", "statement__account"),
         acts={"book": LineBook, "leave": LineLeave, "take-up": LineTakeUp, "suggest": LineSuggest}),
]  # fmt: skip
