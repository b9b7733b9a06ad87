"""Why a webhook was not taken: codes that are stored, and their words."""

from django.utils.translation import gettext_lazy as _

from hostbill.core.errors import DriverError

WORDS = {
    "certificate": _("The server's certificate is not valid."),
    "connection_refused": _("The server does not take our connection."),
    "crashed": _("Something went wrong on our side; we try again."),
    "dropped": _("The connection broke off before the answer came."),
    "forbidden_address": _("This address is not on the public internet, so nothing is sent there."),
    "gone": _("It answered that it wants no more (410)."),
    "no_such_host": _("There is no server of this name."),
    "owner_gone": _("The person for whom it stands has no access any more."),
    "redirect": _("It answered with another address, which we do not follow."),
    "refused": _("It did not answer with success (2xx)."),
    "switched_off": _("The webhook was switched off."),
    "timeout": _("The server did not answer in time."),
}


class Trouble(DriverError):
    """A try that failed; ``permanent``: another one cannot help."""

    def __init__(self, code: str, technical: str = "", *, permanent: bool = False):
        super().__init__(WORDS[code], permanent=permanent, code=code, technical=technical)


def words_of(code: str) -> str:
    """For people; nothing where there is no trouble."""
    return WORDS.get(code, WORDS["crashed"]) if code else ""
