"""How many mails a program may have written to one mailbox, and to all of them, in an hour: a program gone wild floods nobody."""

from hostbill.core.api.limits import one_more
from hostbill.whmcs.action import Call
from hostbill.whmcs.errors import Refused

HOUR = 3600
#: Mails that programs of one person cause in an hour, of each kind, and those of them that go to one mailbox.
MOST, MOST_TO_ONE = 60, 3


def count_mail(call: Call, what: str, to: str, *, most: int = MOST, most_to_one: int = MOST_TO_ONE) -> None:
    """Count one more. Refused beyond that."""
    if one_more(f"whmcs.mail:{what}:to:{to.lower()}", HOUR) > most_to_one:
        raise Refused("Too many mails of this kind to this address: try again in an hour")
    if one_more(f"whmcs.mail:{what}:by:{call.actor.user_id}", HOUR) > most:
        raise Refused("Too many mails of this kind: try again in an hour")
