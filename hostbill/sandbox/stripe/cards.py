"""Stripe's published test cards, test payment methods and test IBANs, and how each behaves."""

from dataclasses import dataclass

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "fraudulent": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently or exceeding its "
    "amount limit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "do_not_honor": "Your card was declined.",
}
# These refusals are error codes of their own; every other decline is a card_declined with a decline_code.
OWN_CODE = {"expired_card", "incorrect_cvc", "processing_error"}


@dataclass(frozen=True)
class Card:
    """`at_save`: declined already when saved. `at_charge`: declined when charged. `auth`: when 3-D Secure is asked:
    never, `first` (not after it was set up for off-session use), `always`, or `on_session` (off-session passes)."""

    number: str
    token: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    at_save: str = ""
    at_charge: str = ""
    auth: str = ""
    disputed: bool = False


def _declined(number: str, token: str, code: str, *, saved: bool = False) -> Card:
    return Card(number, token, at_save="" if saved else code, at_charge=code)


CARDS = [
    Card("4242424242424242", "pm_card_visa"),
    Card("4000056655665556", "pm_card_visa_debit", funding="debit"),
    Card("5555555555554444", "pm_card_mastercard", brand="mastercard"),
    Card("5200828282828210", "pm_card_mastercard_debit", brand="mastercard", funding="debit"),
    Card("378282246310005", "pm_card_amex", brand="amex"),
    Card("4000002760000016", "pm_card_de", country="DE"),
    Card("4000003720000278", "pm_card_ie", country="IE"),
    Card("4000008260000000", "pm_card_gb", country="GB", funding="debit"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", country="FR", auth="first"),
    Card("4000002760003184", "pm_card_authenticationRequired", country="DE", auth="always"),
    Card("4000000000003220", "pm_card_threeDSecure2Required", auth="always"),
    Card("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", country="TH", auth="on_session"),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        country="GB",
        auth="first",
        at_charge="insufficient_funds",
    ),
    _declined("4000000000000002", "pm_card_visa_chargeDeclined", "generic_decline"),
    _declined("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    _declined("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "lost_card"),
    _declined("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "stolen_card"),
    _declined("4100000000000019", "pm_card_radarBlock", "fraudulent"),
    _declined("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card"),
    _declined("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
    _declined("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error"),
    _declined("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
    _declined("4000000000000341", "pm_card_chargeCustomerFail", "generic_decline", saved=True),
    Card("4000000000000259", "pm_card_createDispute", disputed=True),
]
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS} | {"tok_" + card.token.removeprefix("pm_card_"): card for card in CARDS}

# What becomes of a direct debit from each published test account.
IBANS = {
    "DE89370400440532013000": "succeed",
    "DE62370400440532013001": "fail",
    "DE35370400440532013002": "dispute",
    "AT611904300234573201": "succeed",
    "AT861904300235473202": "fail",
    "FR1420041010050500013M02606": "succeed",
    "NL39RABO0300065264": "succeed",
    "IE29AIBK93115212345678": "succeed",
}


def luhn_ok(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(d if place % 2 == 0 else sum(divmod(d * 2, 10)) for place, d in enumerate(digits)) % 10 == 0


def error_code(decline_code: str) -> str:
    return decline_code if decline_code in OWN_CODE | {"authentication_required"} else "card_declined"


def message(decline_code: str) -> str:
    return MESSAGES.get(decline_code, "Your card was declined.")
