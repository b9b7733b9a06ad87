"""Declarations of what HostBill writes to people. Each app declares its own in ``<app>/notices.py``.

A notice says what it is for, which placeholders it offers, and the wording that ships with HostBill. Bodies are Markdown
with Liquid placeholders; a line holding only ``[[facts]]``, ``[[button]]``, ``[[lines]]``, ``[[details]]``, ``[[steps]]``
or ``[[quote]]`` says where that block of the context goes; one that has no place stands at the end
(without any marker, all follow the first paragraph).
"""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Notice:
    """One kind of message.

    ``context`` names the placeholders with a description for staff; one that a caller leaves out is empty, any other
    name is a mistake. ``button`` is (label, placeholder holding its address); ``note`` stands small under it.
    ``reason`` tells the reader why they get it. ``area`` says which members of a client account it goes to.
    """

    kind: str
    label: Text
    audience: str
    subject: Text
    body: Text
    context: dict = field(default_factory=dict)
    button: tuple[Text, str] | None = None
    note: Text = ""
    reason: Text = ""
    area: str = ""
    sample: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.audience not in ("client", "staff"):
            raise ValueError(f"{self.kind}: audience is client or staff")


_notices: dict[str, Notice] = {}


def register_notice(notice: Notice) -> Notice:
    """Make the notice known. A kind is declared once."""
    if _notices.get(notice.kind, notice) != notice:
        raise ValueError(f"notice {notice.kind} is declared twice")
    _notices[notice.kind] = notice
    return notice


def get_notice(kind: str) -> Notice:
    """The declaration of a kind. Raises LookupError."""
    try:
        return _notices[kind]
    except KeyError:
        raise LookupError(f"no notice is called {kind}") from None


def all_notices() -> list[Notice]:
    """Every declared notice, by kind."""
    return [_notices[kind] for kind in sorted(_notices)]


SAMPLE_ROWS = [
    {"text": "Grow hosting, atelier.example", "note": "15 October – 14 November 2027", "amount": "€26.00"},
    {"text": "atelier.example, renewal", "note": "3 November 2027 – 2 November 2028", "amount": "€14.00"},
]


def sample_lines(rows: list[dict], *, net: str, tax: str, total: tuple, title="") -> dict:
    """The block of a document's lines in a preview; ``total``: its words and the amount."""
    sums = [{"text": _("Net"), "amount": net}, {"text": _("VAT 19 %"), "amount": tax}]
    total_line = {"text": total[0], "amount": total[1]}
    return {"title": title or _("What it is for"), "amount_title": _("Amount"), "rows": rows, "sums": sums, "total": total_line}


#: What previews show for the structured blocks of a body that places them.
BLOCK_SAMPLES = {
    "facts": {"label": _("To pay"), "value": "€47.60", "side_label": _("Due"), "side_value": "15 October 2027"},
    "lines": sample_lines(SAMPLE_ROWS, net="€40.00", tax="€7.60", total=(_("To pay"), "€47.60")),
    "details": [
        {"label": _("Domain"), "value": "atelier.example"},
        {"label": _("User name"), "value": "atelier"},
        {"label": _("Name servers"), "value": "ns1.host.example, ns2.host.example"},
    ],
    "steps": [
        {"when": _("Today"), "title": _("Everything runs as usual.")},
        {"when": "3 October", "title": _("The site goes offline"), "text": _("Paying brings it back."), "tone": "bad"},
    ],
    "quote": {
        "author": "Lena Brandt",
        "at": "14 May 2027, 09:12",
        "text": "Hello,\n\nthe form on my page sends nothing.",
    },
}

register_notice(
    Notice(
        kind="core.test",
        label=_("Test mail"),
        audience="staff",
        subject=_("Test mail from {{ company.name }}"),
        body=_("{{ hello }}, this is a test. It arrived, so mail leaves the house as it should. There is nothing to do."),
    )
)
