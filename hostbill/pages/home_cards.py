"""The cards of the staff home page. Each is drawn from its own figures, kept for half a minute for its reader; what somebody
has done themselves shows at once, since their own last act is part of the key.

Sums over much money are the same for all readers; where they take long a worker counts them and their age is shown."""

import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from clients.models import User
from clients.queries.actor import actor_of
from hostbill.core import clock, counting, preferences
from hostbill.core.models import Change
from hostbill.pages.job_words import today_words
from hostbill.pages.links import address
from hostbill.pages.money_overview import customers, overdue, received, risks
from hostbill.pages.tonight import FRESH as NIGHT_FRESH
from hostbill.pages.tonight import summary
from hostbill.pages.waiting import groups, whose
from provisioning.models import Server

#: Seconds for which a drawn card is kept, and after which somebody who still looks has a worker draw it anew.
KEPT, AGEING = 30, 15
PREFERENCE = "home.cards"
SERVERS = 8
MAIN, SIDE = "main", "side"


@dataclass(frozen=True)
class Card:
    """``build(actor) -> context`` of templates/pages/home/<key>.html; ``permission``: who may have it, empty for all.
    ``counted``: the figures are the same for everybody who may have the card, and ``build()`` takes nobody."""

    key: str
    label: str
    column: str
    build: Callable
    permission: str = ""
    counted: bool = False

    @property
    def figure(self) -> tuple:
        """What `counting` knows it by."""
        return (f"home.{self.key}",)


def build_queue(actor) -> dict:
    """What waits for a person, and the sentence that heads the page."""
    queue = groups(actor)
    count = sum(group.count for group in queue)
    return {"queue": queue, "count": count, "headline": headline(queue), "jobs": today_words()}


def headline(queue) -> str:
    """One sentence: what is worst, and how much waits."""
    total = sum(group.count for group in queue)
    if not total:
        return _("Nothing waits for a person.")
    words = ngettext("%(count)d thing waits for a person.", "%(count)d things wait for a person.", total)
    broken = next((group for group in queue if group.key == "services" and any(t.kind == "failed" for t in group.things)), None)
    if broken is None:
        return words % {"count": total}
    start = ngettext("%(count)d service needs help.", "%(count)d services need help.", broken.count)
    return f"{start % {'count': broken.count}} {words % {'count': total}}"


def build_servers(actor) -> dict:
    """Problems first, then the fullest."""
    rows = list(Server.objects.select_related("group"))
    rows.sort(key=lambda row: (row.state_words[0] != "failed", row.state_words[0] != "attention", -_fill(row), row.name))
    limits = [row.free_slots for row in rows if row.has_room]
    return {
        "servers": [(row, _fill(row) if row.max_accounts else None) for row in rows[:SERVERS]],
        "count": len(rows),
        "well": sum(row.state_words[0] == "ok" for row in rows),
        "free": None if None in limits else sum(limits),
        "url": address("provisioning_staff:server_list"),
    }


def build_tonight() -> dict:
    """What happens by itself; what has nothing to do is only counted."""
    acts = summary()
    return {"acts": acts, "quiet": sum(not act.count for act in acts)}


def _fill(server) -> int:
    """Percent of the accounts that fit; without a limit nothing can fill up."""
    return round(server.account_count * 100 / server.max_accounts) if server.max_accounts else 0


CARDS = (
    Card("queue", gettext_lazy("Waiting for a person"), MAIN, build_queue),
    Card("servers", gettext_lazy("Servers"), MAIN, build_servers, "provisioning.server.view"),
    Card("customers", gettext_lazy("Customers"), MAIN, customers, "billing.subscription.view", counted=True),
    Card("money", gettext_lazy("Money received"), SIDE, lambda: {"received": received()}, "billing.payment.view", counted=True),
    Card("risks", gettext_lazy("Money at risk"), SIDE, lambda: {"risks": risks()}, "billing.payment.view", counted=True),
    Card("overdue", gettext_lazy("Overdue"), SIDE, overdue, "billing.invoice.view", counted=True),
    Card("tonight", gettext_lazy("Tonight"), SIDE, build_tonight, "core.rule.view", counted=True),
)
for _card in CARDS:
    if _card.counted:
        counting.register_source(*_card.figure, _card.build, NIGHT_FRESH if _card.key == "tonight" else counting.FRESH)


def offered(actor) -> list[Card]:
    """The cards this person may have, in the house's order."""
    return [card for card in CARDS if not card.permission or actor.may(card.permission)]


def arrangement(actor) -> list[tuple[Card, bool]]:
    """(card, whether it is shown) in the person's own order; new cards come last and are shown."""
    stored = preferences.read(actor, PREFERENCE, {"order": [], "hidden": []})
    order = {key: place for place, key in enumerate(stored["order"])}
    cards = sorted(offered(actor), key=lambda card: order.get(card.key, len(order)))
    return [(card, card.key not in stored["hidden"]) for card in cards]


def arrange(actor, key: str, verb: str) -> None:
    """Move a card up or down within its column, show or hide it."""
    cards = arrangement(actor)
    keys = [card.key for card, _shown in cards]
    hidden = {card.key for card, shown in cards if not shown}
    if key not in keys or verb not in ("up", "down", "show", "hide"):
        return
    if verb in ("up", "down"):
        column = next(card.column for card, _shown in cards if card.key == key)
        mates = [card.key for card, _shown in cards if card.column == column]
        place = mates.index(key) + (1 if verb == "down" else -1)
        if not 0 <= place < len(mates):
            return
        here, there = keys.index(key), keys.index(mates[place])
        keys[here], keys[there] = keys[there], keys[here]
    else:
        (hidden.discard if verb == "show" else hidden.add)(key)
    preferences.store(actor, PREFERENCE, {"order": keys, "hidden": sorted(hidden)})


def draw(actor, cards: list[Card]) -> dict[str, dict]:
    """{key: what the page needs of the card: its HTML, and of the queue its headline and how the jobs went}."""
    reader = _reader(actor)
    found = cache.get_many([_name(card, reader) for card in cards])
    if any(drawn["at"] < time.time() - AGEING for drawn in found.values()):
        counting.ask("home.cards", actor.user_id)  # who looks again does not wait then
    fresh = _draw_anew(actor, [card for card in cards if _name(card, reader) not in found], reader)
    return {card.key: (found | fresh)[_name(card, reader)] for card in cards}


def _draw_anew(actor, cards: list[Card], reader: str) -> dict[str, dict]:
    """{name in the cache: the card}, and into the cache."""
    figures = counting.read_many(card.figure for card in cards if card.counted)
    fresh = {_name(card, reader): _drawn(actor, card, figures.get(card.figure)) for card in cards}
    if keep := {name: drawn for name, drawn in fresh.items() if not drawn["moves"]}:
        cache.set_many(keep, KEPT)
    return fresh


def _name(card: Card, reader: str) -> str:
    return f"home.{card.key}.{reader}"


def redraw(user_id: int) -> None:
    """What the worker does for somebody who looks at the home page again and again."""
    user = User.objects.get(pk=user_id)
    actor = actor_of(user)
    with timezone.override(user.zone or clock.seller_zone()):
        _draw_anew(actor, [card for card, shown in arrangement(actor) if shown], _reader(actor))


counting.register_source("home.cards", redraw)


def _drawn(actor, card: Card, figures: counting.Counted | None) -> dict:
    """``moves``: it asks for itself again, until its figures are there and not old."""
    if not card.counted:
        context, moves = card.build(actor), False
    else:
        context, moves = figures.value if figures else {}, figures is None or figures.is_late
        context = context | {"as_of": figures.at if figures and not figures.is_live else None}
    name = "counting" if card.counted and figures is None else card.key
    html = render_to_string(f"pages/home/{name}.html", {**context, "title": card.label, "actor": actor})
    if moves:
        html = render_to_string("pages/home/moving.html", {"html": html, "card": card})
    told = {"headline": context.get("headline", ""), "jobs": context.get("jobs", "")}
    return {"html": html, "moves": moves, "at": time.time(), **told}


def _reader(actor) -> str:
    """Whatever changes what a card shows, besides the time."""
    own = Change.objects.filter(actor_id=actor.user_id).order_by("-pk").values_list("pk", flat=True).first()
    rights = "all" if actor.superuser else zlib.crc32("|".join(sorted(actor.permissions)).encode())
    zone = timezone.get_current_timezone_name()
    return f"{actor.user_id}.{rights}.{whose(actor)}.{get_language()}.{zone}.{clock.today()}.{own or 0}"

