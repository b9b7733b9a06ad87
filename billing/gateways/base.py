"""What every payment gateway's driver speaks. Billing knows these classes and nothing of any gateway.

Methods raise (hostbill.core.errors):
- `OutcomeUnknown`: the call was sent and its result is not known. `look_up_by_key` before sending again.
- `DriverError`: refused, or never sent. `permanent` says whether repeating can help, `stop_lane` that this gateway should not be
  called again until staff looked. `code` is one of CODES or the gateway's own.
A bank's refusal is no error: it is a `ChargeResult` with state "declined".
"""

from dataclasses import dataclass, field

from hostbill.core.errors import DriverError
from hostbill.core.money import Money

CODES = {
    "unreachable": "no connection, nothing was sent",
    "server_error": "a reading call got no usable answer",
    "auth": "the key is refused (stops the lane)",
    "permission": "the key lacks a right (stops the lane)",
    "busy": "the gateway asks to come back later",
    "key_reused": "the idempotency key was used before with other parameters",
    "unsupported": "this gateway cannot do that",
    "refund_too_large": "more than is left of the payment",
    "already_refunded": "nothing is left of the payment",
}
#: Answers after which asking again with the same card is pointless and frowned upon.
HARD_DECLINES = frozenset(
    "lost_card stolen_card pickup_card restricted_card fraudulent expired_card incorrect_number invalid_account "
    "new_account_information_available security_violation transaction_not_allowed not_permitted revocation_of_authorization "
    "revocation_of_all_authorizations stop_payment_order card_not_supported currency_not_supported no_such_payment_method "
    "do_not_try_again".split()
)


@dataclass(frozen=True)
class SavedMethod:
    """A card or mandate that the gateway has stored. `kind`: "card" or "sepa_debit". `fingerprint` is the same for the same
    card or account, however often it was stored; `country` that of its bank; empty where the gateway does not tell."""

    remote_id: str
    customer_id: str = ""
    kind: str = "card"
    brand: str = ""
    last4: str = ""
    expires_month: int | None = None
    expires_year: int | None = None
    fingerprint: str = ""
    country: str = ""


@dataclass(frozen=True)
class ChargeRequest:
    """Take `amount`. `key` is the idempotency key; it also goes into the metadata, so that the charge can be found again.

    `save_method`: the payer agreed that the method is kept for later charges (needs a customer).
    `off_session`: the payer is not there, so no confirmation can be asked for."""

    amount: Money
    key: str
    description: str = ""
    customer_id: str = ""
    method_id: str = ""
    off_session: bool = False
    save_method: bool = True
    metadata: dict = field(default_factory=dict)


@dataclass(frozen=True)
class ChargeResult:
    """How a charge stands now.

    `state`: succeeded; requires_action (the payer must confirm, `client_secret` serves the element for that; also when the
    bank wanted a confirmation of an off-session charge); requires_method (nothing was tried yet); processing (money
    follows); declined; cancelled. `amount` is what was received, `refunded` what went back of it. `fee` is known once
    succeeded, and only when the gateway settles in the charge's currency. `key` is that of the request."""

    state: str
    remote_id: str
    amount: Money | None = None
    decline_code: str = ""
    message: str = ""
    fee: Money | None = None
    client_secret: str = ""
    method: SavedMethod | None = None
    key: str = ""
    refunded: Money | None = None

    @property
    def is_hard_decline(self) -> bool:
        """True when the same method should not be tried again."""
        return self.decline_code in HARD_DECLINES


@dataclass(frozen=True)
class CheckoutStart:
    """What the gateway's element in the browser needs."""

    remote_id: str
    client_secret: str
    publishable_key: str = ""
    script_url: str = ""


@dataclass(frozen=True)
class SetupResult:
    """How the saving of a method stands: succeeded (then with `method`), requires_action, requires_method, processing,
    declined or cancelled."""

    state: str
    remote_id: str
    client_secret: str = ""
    method: SavedMethod | None = None
    customer_id: str = ""
    decline_code: str = ""
    message: str = ""
    key: str = ""


@dataclass(frozen=True)
class RefundRequest:
    """Give back `amount` of the payment `remote_id`. `reason`: "", "duplicate", "fraudulent" or "requested_by_customer"."""

    remote_id: str
    amount: Money
    key: str
    reason: str = ""


@dataclass(frozen=True)
class RefundResult:
    """`state`: succeeded, processing or failed. `charge_id` is the payment's remote_id."""

    state: str
    remote_id: str
    amount: Money | None = None
    message: str = ""
    charge_id: str = ""
    key: str = ""


@dataclass(frozen=True)
class DisputeResult:
    """A chargeback. `state`: open (the money is gone meanwhile), won (it is back) or lost. `fee` is what the gateway took."""

    state: str
    remote_id: str
    charge_id: str
    amount: Money
    fee: Money | None = None
    reason: str = ""


@dataclass(frozen=True)
class WebhookEvent:
    """A hint that something changed; the object is fetched before it counts."""

    remote_id: str
    type: str
    object_type: str
    object_id: str
    payload: dict = field(repr=False)
    #: False when it tells nothing that we act on: it is kept, and nobody asks the gateway about it.
    is_news: bool = True


@dataclass(frozen=True)
class TestResult:
    """What the gateway says about the account behind the keys."""

    account: str
    is_live: bool


class Gateway:
    """Base of the drivers, built from the values of a ModuleConfig.

    Capabilities: charge (take money from a saved method), save_method, refund, checkout_element (an element in the browser
    takes the card), webhook, manual (staff book what arrives)."""

    label = ""
    capabilities: frozenset[str] = frozenset()
    Config: type  # Django form asking for the values
    secret_fields: tuple[str, ...] = ()
    element_script = ""  # address of the script that brings the element
    element_origins: tuple[str, ...] = ()  # what the page's Content-Security-Policy must allow for the element
    publishable_key = ""

    def __init__(self, values: dict):
        self.values = values

    @staticmethod
    def payable(money: Money) -> Money:
        """The same or the next larger amount that this gateway can take or return: some count in larger steps than banks."""
        return money

    def _cannot(self, what: str) -> DriverError:
        return DriverError(f"{self.label} cannot {what}.", permanent=True, code="unsupported")

    def test(self) -> TestResult:
        """Are the settings right?"""
        raise self._cannot("be tested")

    def ensure_customer(self, email: str, name: str, key: str) -> str:
        """The id of the customer made for `key` (ours: the client's number), made if it does not exist yet."""
        raise self._cannot("keep customers")

    def checkout(self, request: ChargeRequest) -> CheckoutStart:
        """Open a charge that the payer completes in the browser."""
        raise self._cannot("take cards in the browser")

    def start_setup(self, customer_id: str, key: str, metadata: dict | None = None) -> CheckoutStart:
        """Open the saving of a method without a payment."""
        raise self._cannot("save methods")

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Take money from a saved method now."""
        raise self._cannot("charge")

    def look_up(self, remote_id: str) -> ChargeResult:
        """How a charge stands."""
        raise self._cannot("look up charges")

    def look_up_by_key(self, key: str, customer_id: str = "") -> ChargeResult | None:
        """The charge made with this idempotency key; None when there is surely none."""
        raise self._cannot("look up charges")

    def cancel(self, remote_id: str, key: str) -> ChargeResult:
        """Make sure that an open charge can no longer succeed; the answer says if it did before."""
        raise self._cannot("cancel charges")

    def refund(self, request: RefundRequest) -> RefundResult:
        """Give money back."""
        raise self._cannot("refund")

    def look_up_refund(self, remote_id: str) -> RefundResult:
        """How a refund stands."""
        raise self._cannot("look up refunds")

    def refunds_of(self, charge_id: str) -> list[RefundResult]:
        """All refunds of a payment, whoever made them; none where the gateway keeps no list."""
        return []

    def look_up_refund_by_key(self, key: str, charge_id: str) -> RefundResult | None:
        """The refund of this payment made with this key; None when there is surely none."""
        raise self._cannot("look up refunds")

    def detach_method(self, method_id: str) -> None:
        """Forget a saved method; quiet when it is gone already."""
        raise self._cannot("forget methods")

    def parse_webhook(self, body: bytes, headers) -> WebhookEvent:
        """Check the signature and read the message. AppError "bad_signature" or "bad_payload"."""
        raise self._cannot("receive webhooks")

    def recent_events(self) -> list[WebhookEvent]:
        """The gateway's newest messages, whether they reached us or not; none where it keeps no list."""
        return []

    def fetch(
        self, object_type: str, object_id: str
    ) -> ChargeResult | SetupResult | RefundResult | DisputeResult | None:
        """The object a webhook spoke of, as it is now; None for kinds that do not matter to us."""
        return None
