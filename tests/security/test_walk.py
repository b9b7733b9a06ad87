"""Every address with every role: who gets in, who does not, and nothing breaks. New addresses are found by themselves."""

import pytest

from hostbill.core.access import PortalView, StaffView
from hostbill.core.api.base import ApiView
from tests.security.routes import routes
from tests.security.world import CLIENT_PEOPLE, PRIVATE_WORDS, STAFF, arguments_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("walk")]

#: Views that anybody may open, and what protects what they show.
PUBLIC = {
    "healthz": "says nothing secret",
    "api_docs": "the same for every house",
    "api:document": "the same for every house",
    "api:document_client": "the same for every house",
    "api_docs_client": "the same for every house",
    "metrics": "loopback or token",
    "setup": "404 as soon as somebody works here",
    "brand_sheet": "the house's colours",
    "brand_mark": "the house's sign",
    "brand_touch": "the house's sign",
    "brand_social": "the house's sign",
    "brand_picture": "pictures of the house only",
    "favicon": "the house's sign",
    "set_theme": "a cookie, and the own profile",
    "set_language": "a cookie, and the own profile",
    "store:plans": "the shop",
    "store:group": "the shop",
    "store:configure": "the shop",
    "store:product": "the shop",
    "store:bundle": "the shop",
    "store:terms": "the shop",
    "store:imprint": "the shop",
    "store:privacy": "the shop",
    "store:help": "the shop",
    "store:robots": "the shop",
    "store:sitemap": "the shop",
    "store:cart_line": "the session's own cart",
    "store:cart_undo": "the session's own cart",
    "store:cart_code": "codes in the basket of this session",
    "store:checkout_vat": "the session's own cart",
    "store:checkout_sum": "the session's own cart",
    "store:cart": "the session's own cart",
    "store:cart_remove": "the session's own cart",
    "store:cart_cycle": "the session's own cart",
    "store:checkout": "the session's own cart",
    "store:pay": "signed link",
    "store:pay_return": "signed link",
    "store:pay_state": "signed link",
    "store:quote": "signed link",
    "store:quote_pdf": "signed link",
    "whmcs:api": "credentials of programs",
    "whmcs:api_elsewhere": "credentials of programs",
    "whmcs:single_sign_on": "one-time link",
    "billing_hooks:gateway": "signature of the gateway",
    "clients_portal:invitation_accept": "signed link",
}
#: Console pages that every colleague may open.
ANY_STAFF = {
    "staff_home",
    "home_arrange",
    "home_card",
    "waiting_list",
    "styleguide",
    "search",
    "help",
    "keys",
    "notice_list",
    "notice_read",
    "clients_staff:client_visit_end",
    "export_list",
    "export_file",
    "bulk_run_list",
    "bulk_run_detail",
    "bulk_run_stop",
}
#: Client pages that every member may open, whatever their rights.
ANY_MEMBER = {"portal_home", "clients_portal:profile"}
#: Client addresses that check the person themselves, without PortalView.
OWN_CHECK = {"clients_portal:client_switch": "only accounts of the person"}
SIGN_IN = "/auth/login/"
REFUSED = (403, 404)


def problems(visits, wrong):
    """The visits for which `wrong` holds, as readable lines."""
    return [str(visit) for visit in visits if wrong(visit)]


def test_every_address_has_an_object_to_walk_with(world):
    """A noun without an object is not walked, so it must not exist."""
    missing = [f"{route.name}  {route.text}" for route in routes() if arguments_of(route, world) is None]
    assert not missing, (
        "These addresses cannot be walked. Add an object for their noun to World.objects in tests/security/world.py, "
        "or, when the argument is no primary key, an entry to SPECIAL there:\n" + "\n".join(missing)
    )


@pytest.mark.parametrize("route", [route for route in routes() if route.ours], ids=lambda route: route.name)
def test_every_view_says_who_may_use_it(route):
    """By `permission` (console), by `area` (client area), or by standing on the list of public addresses here."""
    view, name = route.view, route.name
    if name in PUBLIC:
        return
    if route.is_staff:
        assert isinstance(view, type) and issubclass(view, StaffView), (
            f"{name}: an address under /staff/ needs StaffView"
        )
        assert view.permission or name in ANY_STAFF, f"{name}: set `permission` on {view.__name__}"
    elif route.is_portal:
        if name in OWN_CHECK:
            return
        assert isinstance(view, type) and issubclass(view, PortalView), (
            f"{name}: an address under /account/ needs PortalView"
        )
        assert view.area or name in ANY_MEMBER, f"{name}: set `area` on {view.__name__}, or add it to ANY_MEMBER here"
    elif route.is_api:
        assert isinstance(view, type) and issubclass(view, ApiView), f"{name}: an address under /api/ needs ApiView"
    else:
        pytest.fail(f"{name}: neither under /staff/ nor /account/; if it is for everybody, say why in PUBLIC here")


@pytest.mark.parametrize("role", ["visitor", *CLIENT_PEOPLE, *STAFF])
def test_nothing_breaks(walk, role):
    """No unhandled error and no 500, whatever is asked by whomever (503 is the health page's word)."""
    broken = problems(walk(role), lambda v: v.error or v.status >= 500 and v.route.name != "healthz")
    assert not broken, "\n".join(broken)


def test_visitors_are_sent_to_sign_in(walk):
    """Console and client area say nothing before that."""
    inside = [v for v in walk("visitor") if (v.route.is_staff or v.route.is_portal) and v.route.name not in PUBLIC]
    assert len(inside) > 100
    wrong = problems(inside, lambda v: v.status != 302 or not v.location.startswith(SIGN_IN))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", CLIENT_PEOPLE)
def test_clients_have_no_business_in_the_console(walk, role):
    """403 on every address, GET and POST."""
    wrong = problems((v for v in walk(role) if v.route.is_staff), lambda v: v.status != 403)
    assert not wrong, "\n".join(wrong)


def test_staff_without_rights_are_refused(walk):
    """All but the pages for every colleague."""
    inside = [v for v in walk("nobody") if v.route.is_staff and v.route.name not in ANY_STAFF]
    wrong = problems(inside, lambda v: v.status != 403)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [role for role in STAFF if role not in ("stella", "nobody")])
def test_staff_roles_get_in_where_their_role_says_so(walk, world, role):
    """403 without the view's permission."""
    from clients.queries.actor import actor_of

    actor = actor_of(world.people[role])
    shut = [v for v in walk(role) if v.route.is_staff and v.route.ours and v.route.name not in ANY_STAFF]
    shut = [v for v in shut if not actor.may(v.route.view.permission)]
    assert shut
    wrong = problems(shut, lambda v: v.status != 403)
    assert not wrong, "\n".join(wrong)


def test_readers_change_nothing(walk, world):
    """A role that only views is refused (or finds nothing to do) on every POST that would act."""
    from clients.queries.actor import actor_of

    actor = actor_of(world.people["read-only"])
    assert not [p for p in actor.permissions if not p.endswith(".view")]


def test_owners_get_in(walk):
    """Stella's pages open: a walk in which everybody is refused would prove nothing."""
    pages = [v for v in walk("stella") if v.route.is_staff and v.method == "GET"]
    wrong = problems(pages, lambda v: v.status not in (200, 302, 405))
    assert not wrong, "\n".join(wrong)
    assert sum(v.status == 200 for v in pages) > 30


#: Pages of things that cannot be done now: why.
NOT_NOW = {
    "billing_portal:subscription_pause": "clients may pause only where the setting lets them",
    "billing_portal:subscription_resume": "nothing is paused",
    "billing_portal:transfer_withdraw": "the offer is somebody else's to take back",
}


def test_alice_gets_in(walk):
    """Her own pages open."""
    pages = [v for v in walk("alice") if v.route.is_portal and v.method == "GET" and v.route.name not in NOT_NOW]
    wrong = problems(pages, lambda v: v.status not in (200, 302, 405))
    assert not wrong, "\n".join(wrong)


def test_objects_of_others_do_not_exist(walk):
    """Charlie with every id of Alice's: not found, and never a word of hers on any page."""
    inside = [v for v in walk("charlie") if v.route.is_portal and v.route.name not in PUBLIC]
    named = [v for v in inside if v.route.arguments]
    assert named
    wrong = problems(named, lambda v: v.status not in (*REFUSED, 405))
    leaks = problems(inside, lambda v: any(word in v.body for word in PRIVATE_WORDS))
    assert not wrong + leaks, "\n".join(wrong + leaks)


def test_few_rights_are_few(walk):
    """Bob may only see tickets: everything else of the client area is refused."""
    inside = [v for v in walk("bob") if v.route.is_portal and v.route.ours and v.route.name not in PUBLIC]
    inside = [v for v in inside if v.route.name not in ANY_MEMBER | set(OWN_CHECK)]
    beyond = [v for v in inside if v.route.view.area not in ("", "support")]
    assert beyond
    wrong = problems(beyond, lambda v: v.status not in REFUSED)
    assert not wrong, "\n".join(wrong)


def test_staff_are_no_clients(walk):
    """The client area shows the console's people nothing of a client."""
    inside = [v for v in walk("stella") if v.route.is_portal and v.route.name not in PUBLIC]
    leaks = problems(inside, lambda v: v.status == 200 and any(word in v.body for word in PRIVATE_WORDS))
    assert not leaks, "\n".join(leaks)


def test_sending_is_never_done_by_reading(walk):
    """Addresses that act (by their name) answer a GET with a question at most: nothing is posted by following a link."""
    verbs = ("remove", "withdraw", "close", "reopen", "retry", "resend", "reset", "assign", "move", "accept", "switch")
    acting = [v for v in walk("stella") + walk("alice") if v.method == "GET" and v.route.noun.endswith(verbs)]
    wrong = problems(acting, lambda v: v.status == 302 and not v.location.startswith("/auth/"))
    assert not wrong, "\n".join(wrong)
