"""What every payment gateway's driver speaks: dataclasses in and out, capabilities asked and never guessed."""

from dataclasses import dataclass, field

from hostbill.core.money import Money


@dataclass(frozen=True)
class SavedMethod:
    """A card or mandate that the gateway has stored."""

    remote_id: str
    customer_id: str = ""
    kind: str = "card"
    brand: str = ""
    last4: str = ""
    expires_month: int | None = None
    expires_year: int | None = None


@dataclass(frozen=True)
class ChargeRequest:
    """``key`` is the idempotency key; it also goes into the metadata, so that the charge can be found again."""

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
    """``state``: succeeded, requires_action, requires_method, processing, declined or cancelled."""

    state: str
    remote_id: str
    amount: Money | None = None
    decline_code: str = ""
    message: str = ""
    fee: Money | None = None
    client_secret: str = ""
    method: SavedMethod | None = None


@dataclass(frozen=True)
class CheckoutStart:
    """What the gateway's element in the browser needs."""

    remote_id: str
    client_secret: str


@dataclass(frozen=True)
class RefundRequest:
    """Give back ``amount`` of the payment ``remote_id``."""

    remote_id: str
    amount: Money
    key: str
    reason: str = ""


@dataclass(frozen=True)
class RefundResult:
    """``state``: succeeded, pending or failed."""

    state: str
    remote_id: str
    amount: Money | None = None
    message: str = ""


@dataclass(frozen=True)
class WebhookEvent:
    """A hint that something changed; the object is fetched before it counts."""

    remote_id: str
    type: str
    object_type: str
    object_id: str
    payload: dict


class Gateway:
    """Base of gateway drivers."""

    label = ""
    capabilities: frozenset = frozenset()
    secret_fields: tuple = ()
    Config = None

    def __init__(self, values: dict):
        self.values = values
