"""What every checker of VAT numbers speaks. Raises DriverError (hostbill.core.errors) when nobody answered."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class VatAnswer:
    """What an office says of a number. `request_id` is its proof that we asked, empty when it gave none. `asked_at` in ISO 8601
    as the office told it; `name` and `address` where it tells them."""

    is_valid: bool
    request_id: str = ""
    asked_at: str = ""
    name: str = ""
    address: str = ""

    @property
    def plain(self) -> dict:
        """As JSON."""
        return asdict(self)


class VatChecker:
    """Base of the drivers, built from `{"url": address of the service, ...}` and the credentials that it wants."""

    label = ""

    def __init__(self, values: dict):
        self.values = values

    def check(self, tax_id: str, requester: str = "") -> VatAnswer:
        """Ask about a cleaned number with its prefix. `requester`: our own number, which makes the answer a proof."""
        raise NotImplementedError
