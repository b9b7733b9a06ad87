"""The home page of staff: is everything all right, and what needs me? Arranged by each person for themselves."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views import View

from hostbill.core import clock, preferences
from hostbill.core.access import StaffView
from hostbill.pages.guide import guide_for
from hostbill.pages.home_cards import MAIN, PREFERENCE, SIDE, arrange, arrangement, draw
from hostbill.pages.waiting import choose, everything, kinds, whose


class StaffHome(StaffView, View):
    """The answer first: how much waits, then where to start."""

    def get(self, request):
        """Show what this person may see and wants to see."""
        actor = request.actor
        cards = [card for card, shown in arrangement(actor) if shown]
        drawn = draw(actor, cards)
        context = {
            "page_title": drawn["queue"]["headline"] if "queue" in drawn else _("Home"),
            "now": clock.now().astimezone(clock.seller_zone()),
            "jobs": drawn["queue"]["jobs"] if "queue" in drawn else "",
            "main": [drawn[card.key]["html"] for card in cards if card.column == MAIN],
            "side": [drawn[card.key]["html"] for card in cards if card.column == SIDE],
            "guide": guide_for(actor),
            "whose": whose(actor) if "queue" in drawn else "",
        }
        return render(request, "pages/staff_home.html", context)

    def post(self, request):
        """Whose queue it is from now on."""
        choose(request.actor, request.POST.get("whose", ""))
        return redirect("staff_home")


class HomeCard(StaffView, View):
    """One card by itself, for a page on which its figures were still being counted."""

    def get(self, request, key):
        """As it is now; it goes on asking for itself where that is not enough."""
        card = next((card for card, _shown in arrangement(request.actor) if card.key == key), None)
        if card is None:
            raise Http404
        return HttpResponse(draw(request.actor, [card])[key]["html"])


class HomeArrange(StaffView, View):
    """Which cards, and in which order: plain buttons, so that keyboards and browsers without script can do it."""

    def get(self, request):
        """The cards by column, with the buttons that are of use."""
        columns = []
        cards = arrangement(request.actor)
        for column, label in ((MAIN, _("Wide column")), (SIDE, _("Narrow column"))):
            mates = [(card, shown) for card, shown in cards if card.column == column]
            rows = [
                {"card": card, "shown": shown, "up": place > 0, "down": place < len(mates) - 1}
                for place, (card, shown) in enumerate(mates)
            ]
            columns.append((label, rows))
        context = {
            "page_title": _("Arrange my home page"),
            "crumbs": [(_("Home"), reverse("staff_home")), (_("Arrange"), "")],
            "columns": columns,
            "moved": request.GET.get("moved", ""),
        }
        return render(request, "pages/home/arrange.html", context)

    def post(self, request):
        """One step; the page then begins at the card that was moved."""
        if request.POST.get("reset"):
            preferences.forget(request.actor, PREFERENCE)
            return redirect("home_arrange")
        key, _dot, verb = request.POST.get("move", "").partition(":")
        arrange(request.actor, key, verb)
        return redirect(f"{reverse('home_arrange')}?moved={key}#card-{key}" if key.isalpha() else "home_arrange")


class WaitingList(StaffView, View):
    """All things of one kind that wait for a person: exactly those that the home page counts."""

    def get(self, request, kind):
        """As far as the person may see them."""
        if kind not in kinds():
            raise Http404
        things = everything(request.actor, kind)
        title = kinds()[kind][0]
        context = {
            "page_title": title,
            "crumbs": [(_("Home"), reverse("staff_home")), (title, "")],
            "things": things,
            "whose": whose(request.actor),
        }
        return render(request, "pages/home/waiting.html", context)


urls = [
    path("staff/", StaffHome.as_view(), name="staff_home"),
    path("staff/home/card/<slug:key>/", HomeCard.as_view(), name="home_card"),
    path("staff/home/arrange/", HomeArrange.as_view(), name="home_arrange"),
    path("staff/waiting/<slug:kind>/", WaitingList.as_view(), name="waiting_list"),
]
