"""Failed calls in words: what happened, what it means, what to do. Codes stand in the rows; the raw line stays beside them.

A stored error is one line of words, and below it the technical line where there is one (`errors.DriverError`)."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

#: What Python says of an exception that nobody expected: "KeyError: 'x'".
RAW = re.compile(r"^(\w+\.)*\w*(Error|Exception|DoesNotExist|MultipleObjectsReturned|Timeout|Unknown)\b[:(]?")


@dataclass(frozen=True)
class Failure:
    """How a code is told. ``happened`` may be empty: then the words that came with the error are used."""

    happened: str = ""
    means: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Told:
    """One failure for one reader; ``technical`` is for support and stays folded away."""

    happened: str
    means: str
    todo: str
    technical: str

    @property
    def short(self) -> str:
        """For a cell or a list."""
        return self.happened


LOOKED_UP = _("It may have done the work all the same: we look before we try again.")
NOTHING_DONE = _("Nothing was done. It is tried again by itself.")
_failures: dict[str, Failure] = {}


def register_failures(failures: dict[str, Failure]) -> None:
    """Make the words of codes known."""
    _failures.update(failures)


def explain(code: str, text: str) -> Told:
    """A stored error in the reader's language: ``code`` as it was raised, ``text`` as it was stored."""
    words, _break, technical = text.partition("\n")
    if not technical and RAW.match(words):
        words, technical, code = "", words, code or "crashed"
    known = _failures.get(code, Failure())
    happened = str(known.happened) or words or str(_failures["crashed"].happened)
    if words and known.happened and not technical and words != happened:
        technical = words
    seconds = re.search(r"\d+", words) if code == "timeout" else None
    if seconds:
        happened = _now("The other side did not answer within %(seconds)s seconds.") % {"seconds": seconds[0]}
    return Told(happened, str(known.means), str(known.todo), technical)


def short(code: str, text: str) -> str:
    """What happened, in one line; empty for no error."""
    return explain(code, text).short if text else ""


register_failures(
    {
        "timeout": Failure(_("The other side did not answer in time."), LOOKED_UP),
        "dropped": Failure(_("The connection broke off before the answer came."), LOOKED_UP),
        "broken_answer": Failure(_("The answer could not be read."), LOOKED_UP),
        "server_failed": Failure(_("The other side failed while it worked on our call."), LOOKED_UP),
        "unreachable": Failure(
            _("The other side could not be reached."),
            NOTHING_DONE,
            _("If it goes on: is the server up, is its name and port right, does a firewall keep us out?"),
        ),
        "no_such_host": Failure(
            _("There is no server of this name."), NOTHING_DONE, _("Check the host name and its entry in the DNS.")
        ),
        "connection_refused": Failure(
            _("The server is there, but nothing answers at this port."),
            NOTHING_DONE,
            _("Is the service running there, and is the port right?"),
        ),
        "certificate": Failure(
            _("The certificate of the other side is not valid."),
            _("Nothing was sent: somebody else could be listening."),
            _("Renew it there, or enter its fingerprint with the connection when it is one of your own."),
        ),
        "server_error": Failure(_("The other side failed to answer a question."), NOTHING_DONE),
        "bad_answer": Failure(
            _("The answer was not what this system sends."), "", _("Is the address right, and nothing else in between?")
        ),
        "busy": Failure(_("The other side is busy."), _("It asked us to wait; it is tried again by itself.")),
        "auth": Failure(
            _("Our login was refused."),
            _("No further call is made until somebody has looked: each refused one could lock us out."),
            _("Enter a new key or password with the connection, test it, and let the calls go on."),
        ),
        "permission": Failure(
            _("Our login lacks a right."), "", _("Give it the right on the other side, then try again.")
        ),
        "bad_address": Failure(
            _("There is no such interface at this address."), "", _("Check host name, port and encryption of the connection.")
        ),
        "gave_up": Failure(
            _("It was tried again and again without success."), "", _("Mend the cause, then let it be tried again.")
        ),
        "crashed": Failure(
            _("HostBill met something it did not expect."),
            _("What was under way was undone, so nothing stands half."),
            _("Try it again. If it fails the same way, send the technical line to support."),
        ),
        "refused": Failure("", "", _("Correct what it names, then try again.")),
        "smtp_login": Failure(
            _("The mail server refuses our login."), _("No mail leaves until it is mended."), _("Check user name and password.")
        ),
    }
)
