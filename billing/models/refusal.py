"""Why a card was refused, in the reader's words. Gateways answer in codes, and in English."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_REFUSED = gettext_noop("The bank refused the card without saying why.")
WORDS = {
    "insufficient_funds": gettext_noop("There is not enough money on the account of this card."),
    "expired_card": gettext_noop("The card has expired."),
    "incorrect_cvc": gettext_noop("The security code of the card is wrong."),
    "incorrect_number": gettext_noop("The card number is wrong."),
    "processing_error": gettext_noop("The bank could not be reached. The same card may work in a few minutes."),
    "card_velocity_exceeded": gettext_noop("The card was used too often, or its limit is reached."),
    "authentication_required": gettext_noop("The bank asks you to confirm the payment."),
    # What a bank keeps to itself stays unsaid: the person who pays may not be the one whose card it is.
    **dict.fromkeys(
        "card_declined generic_decline do_not_honor fraudulent lost_card stolen_card pickup_card".split(), _REFUSED
    ),
}


def refusal_words(code: str, message: str) -> str:
    """The sentence for a code that banks use; for any other what the gateway wrote."""
    return _(WORDS[code]) if code in WORDS else message
