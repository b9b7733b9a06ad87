"""The home page of staff: what waits for a person, money, servers."""

from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from hostbill.core import clock
from hostbill.core.access import StaffView
from hostbill.core.models import JobRun
from hostbill.pages.links import address
from hostbill.pages.money_overview import overdue, received, risks
from hostbill.pages.waiting import groups
from provisioning.models import Server

SERVERS = 8


class StaffHome(StaffView, View):
    """The answer first: how much waits, then where to start."""

    def get(self, request):
        """Show what this person may see."""
        actor, queue = request.actor, groups(request.actor)
        context = {"page_title": headline(queue), "queue": queue, "queue_count": sum(group.count for group in queue)}
        context |= {"now": clock.now().astimezone(clock.seller_zone()), "jobs": jobs_words()}
        if actor.may("billing.payment.view"):
            context |= {"received": received(), "risks": risks()}
        if actor.may("billing.invoice.view"):
            ages, count, sums = overdue()
            context |= {
                "ages": ages,
                "overdue_count": count,
                "overdue_sums": sums,
                "heaviest": max((age.weight for age in ages), default=0),
                "overdue_url": address("billing_staff:invoice_list"),
            }
        if actor.may("provisioning.server.view"):
            context |= servers()
        return render(request, "pages/staff_home.html", context)


def headline(queue):
    """One sentence: what is worst, and how much waits."""
    total = sum(group.count for group in queue)
    if not total:
        return _("Nothing waits for a person.")
    words = ngettext("%(count)d thing waits for a person.", "%(count)d things wait for a person.", total)
    broken = [thing for group in queue[:1] for thing in group.things if thing.kind == "failed"]
    start = _("A service needs help.") + " " if broken else ""
    return start + words % {"count": total}


def jobs_words():
    """How the jobs of today went."""
    start = clock.start_of(clock.today())
    runs = JobRun.objects.filter(created_at__gte=start)
    failed = runs.filter(state="failed").count()
    words = ngettext("%(count)d job ran since midnight", "%(count)d jobs ran since midnight", runs.count())
    words %= {"count": runs.count()}
    if failed:
        return f"{words}; " + ngettext("%(n)d failed.", "%(n)d failed.", failed) % {"n": failed}
    return f"{words}."


def servers():
    """Problems first, then by name."""
    rows = list(Server.objects.select_related("group").order_by("name"))
    rows.sort(key=lambda server: (server.health != "problem", server.health == "well", server.name))
    lines = [
        {"server": server, "state": server_state(server), "url": address("provisioning_staff:server_detail", server.pk)}
        for server in rows[:SERVERS]
    ]
    return {
        "servers": lines,
        "server_count": len(rows),
        "servers_well": sum(server.health == "well" for server in rows),
        "server_list_url": address("provisioning_staff:server_list"),
    }


def server_state(server):
    """In words."""
    if server.stopped_since:
        return ("failed", _("Refuses our login"), server.last_error[:120])
    if server.health == "problem":
        return ("failed", _("Problem"), server.last_error[:120])
    if server.full_since or not server.has_room:
        return ("attention", _("Full") if server.is_active else _("Takes no new accounts"))
    return ("ok", _("Well")) if server.health == "well" else ("draft", _("Not tested yet"))


urls = [path("staff/", StaffHome.as_view(), name="staff_home")]
