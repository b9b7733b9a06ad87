"""`{% load ui %}`: the components of templates/components/, described in docs/design.md and shown on /staff/styleguide/."""

from functools import lru_cache
from itertools import count

from django import template
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from hostbill.core import doors, failures, static_bundles
from hostbill.core.ui import cases, charts, currencies, joined, marking, rows, words

register = template.Library()
_ids = count(1)
_static = lru_cache(static)  # the same for as long as the process lives

register.filter("money", words.money)
register.filter("money_staff", words.money_staff)
register.filter("size", words.size)
register.filter("initials", words.initials)
register.filter("plain", words.plain)
register.filter("marked", marking.marked)
register.filter("host", joined.host)
register.simple_tag(joined.comma_here, name="comma")
register.simple_tag(words.ago, name="ago")
register.simple_tag(words.day, name="day")
register.simple_tag(words.moment, name="moment")


def component(context, name: str, /, **values) -> SafeString:
    """Render components/<name>.html with these values and nothing else but the CSRF token and who reads."""
    values["actor"] = _reader(context)
    values["csrf_token"] = context.get("csrf_token")
    return get_template(f"components/{name}.html").template.render(context.new(values))


def _reader(context):
    """The actor who reads the page; None in mails and documents, where every link stays."""
    return context.get("actor") or getattr(context.get("request"), "actor", None)


def _is_shut(context, url) -> bool:
    """Whether the reader may not open the address."""
    actor = _reader(context)
    return actor is not None and not doors.opens(actor, str(url or ""))


def attributes(extra) -> SafeString:
    """HTML attributes from a mapping; True gives a bare attribute, None and False none. Text written in code passes."""
    if not extra:
        return mark_safe("")
    if isinstance(extra, str):
        return mark_safe(f" {extra}")
    pairs = [(key, "" if value is True else value) for key, value in extra.items() if value not in (None, False)]
    return format_html_join("", ' {}="{}"', pairs)


@register.filter
def number(value, digits=None):
    """Grouped figure with the reader's digits."""
    return "–" if value is None else words.number(value, digits)


@register.filter
def language_name(code):
    """A language in its own words: Deutsch. From CLDR, which knows more languages than Django."""
    return words.locale_of(code).get_display_name().capitalize()


@register.filter
def country_name(code):
    """A country in the reader's language: Germany."""
    return words.country_name(str(code))


@register.filter
def style_sheets(bundle):
    """Addresses of the style sheets of a bundle (`hostbill.core.static_bundles`): one where static files are collected."""
    return static_bundles.addresses(bundle)


@register.filter
def open_to(url, actor):
    """The address for those who may open it, else nothing: ``{% if address|open_to:request.actor %}``."""
    return doors.open_to(actor, url) if actor else url


@register.filter
def failure(exchange):
    """What went wrong in an exchange, in words."""
    return failures.short(exchange.get("code", ""), exchange.get("error", ""))


@register.filter
def attr(obj, name):
    """An attribute or key by a name known only to code."""
    return obj.get(name) if isinstance(obj, dict) else getattr(obj, name, None)


@register.simple_tag
def icon(name, label="", size="", css=""):
    """An icon of the sprite. Decorative unless it has a label. ``size``: s, m, l, xl."""
    return _drawn(str(name), str(label), str(size), css)


#: Icons that point along the line, and so the other way from right to left.
POINTS_ALONG = {
    *("arrow-left", "arrow-right", "chevron-left", "chevron-right", "login", "login-2", "logout", "send"),
    *("external-link", "arrow-back-up"),
}


@lru_cache(maxsize=2000)
def _drawn(name, label, size, css) -> SafeString:
    """A page has a hundred icons, and few differ."""
    hidden = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    turned = "icon-mirror" if name in POINTS_ALONG and "icon-mirror" not in css else ""
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", css, turned) if part)
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"/></svg>', classes, hidden, _static("vendor/icons.svg"), name
    )


@register.simple_tag
def state(kind, state_text="", rest=""):
    """Shape, colour and words: for tables, cards and lists."""
    shown = words.state_words(kind, state_text, rest)
    return _state(str(shown.kind), words.html(shown.words), words.html(words.joined(shown.words, shown.rest)), shown.icon)


#: State words of so many letters are not broken into lines.
SHORT_STATE = 22


@lru_cache(maxsize=2000)
def _state(kind, telling, tail, sign) -> SafeString:
    """A list has fifty of them, and few differ. A few words stay on one line."""
    whole = SafeString(" state-whole") if len(telling) + len(tail) <= SHORT_STATE else ""
    template = '<span class="state state-{}{}">{}<span><b>{}</b>{}</span></span>'
    return format_html(template, kind, whole, icon(sign), telling, tail)


@register.simple_tag
def badge(label, tone="", icon=None):
    """A pill, only beside a title."""
    sign = _icon(icon) if icon else ""
    return format_html('<span class="badge{}">{}{}</span>', f" badge-{tone}" if tone else "", sign, label)


_icon = icon


@register.simple_tag
def badge_state(kind, state_text=""):
    """A pill made of state words."""
    shown = words.state_words(kind, state_text)
    return badge(shown.words, shown.tone, shown.icon)


@register.simple_tag
def avatar(name, kind="", size="", me=False):
    """Initials; decorative, so the name must stand beside it."""
    css = "".join(f" avatar-{part}" for part in (kind, size, "me" if me else "") if part)
    return format_html('<span class="avatar{}" aria-hidden="true">{}</span>', css, words.initials(name))


@register.filter
def browser(user_agent):
    """Which browser on which system, by the names people know."""
    return words.browser_words(user_agent)


@register.simple_tag
def native(name, native_name=""):
    """A name followed by its native writing."""
    if not native_name or native_name == name:
        return format_html("<bdi>{}</bdi>", name)
    return format_html('<bdi>{}</bdi> <bdi class="muted">{}</bdi>', name, native_name)


@register.simple_tag(takes_context=True)
def button(context, label, **options):
    """A button; see components/button.html."""
    options["extra"] = attributes(options.pop("attrs", None))
    return component(context, "button", label=label, **options)


@register.simple_tag(takes_context=True)
def link_button(context, label, url, **options):
    """A link that looks like a button; nothing for those who may not open it."""
    if _is_shut(context, url):
        return ""
    options["extra"] = attributes(options.pop("attrs", None))
    return component(context, "link_button", label=label, url=url, **options)


@register.simple_block_tag(takes_context=True)
def linked(context, content, url, css=""):
    """A link for those who may open the address, plain words for others: {% linked client.get_absolute_url %}…{% endlinked %}."""
    if not url or _is_shut(context, url):
        return content
    return format_html('<a{} href="{}">{}</a>', attributes({"class": css}) if css else "", url, content)


@register.simple_tag(takes_context=True)
def place(context, label, url, sign=""):
    """A link of a ``nav.places`` to a neighbouring page; nothing for those who may not open it."""
    if _is_shut(context, url):
        return ""
    here = SafeString(' aria-current="page"') if context["request"].path == url else ""
    return format_html('<a href="{}"{}>{}<span>{}</span></a>', url, here, icon(sign) if sign else "", label)


@register.simple_tag(takes_context=True)
def post_button(context, label, url, hidden=None, confirm="", **options):
    """A form of one button; nothing for those who may not press it. ``confirm``: a question asked first (script) in a dialog."""
    if _is_shut(context, url):
        return ""
    options["extra"] = attributes(options.pop("attrs", None))
    dialog = f"ask-{next(_ids)}" if confirm else ""
    values = {"label": label, "url": url, "hidden": hidden or {}, "question": confirm, "dialog": dialog}
    return component(context, "post_button", **values, **options)


@register.simple_tag(takes_context=True)
def verb(context, item, **options):
    """The button of a crud.Verb bound to its object."""
    if item.post:
        return post_button(context, item.label, item.url, kind=item.kind, icon=item.icon, **options)
    return link_button(context, item.label, item.url, kind=item.kind, icon=item.icon, **options)


@register.simple_tag(takes_context=True)
def copy(context, text, label=""):
    """A value to take away."""
    return component(context, "copy", text=text, label=label)


@register.simple_tag(takes_context=True)
def progress(context, value=None, label="", tone=""):
    """A bar of 0 to 100; None = running without measure."""
    return component(context, "progress", value=value, label=label, tone=tone)


@register.simple_tag(takes_context=True)
def skeleton(context, lines=3):
    """Grey lines where something is on its way; invisible for the first half second."""
    return component(context, "skeleton", lines=range(lines))


@register.simple_tag(takes_context=True)
def usage_bar(context, used, limit, label="", unit="bytes"):
    """How much of a limit is used. No limit: words only."""
    share = round(used * 100 / limit) if limit else None
    tone = "bad" if (share or 0) >= 95 else "warn" if (share or 0) >= 80 else "muted"
    show = words.size if unit == "bytes" else words.number
    values = {
        "share": share,
        "tone": tone,
        "label": label,
        "used": show(used or 0),
        "limit": show(limit) if limit else "",
    }
    return component(context, "usage_bar", **values)


@register.simple_tag
def bar(value, highest, tone="muted"):
    """A small horizontal bar beside a figure (decorative)."""
    share = charts.percent(value / highest * 100 if highest else 0)
    return format_html('<svg class="bar bar-{}" aria-hidden="true"><rect width="{}" height="100%"/></svg>', tone, share)


@register.simple_tag(takes_context=True)
def form(context, form, columns=1, summary=True):
    """All rows and, when something is wrong, the summary. Stands inside your own <form>."""
    fields = [rows.describe(bound) for bound in form]
    return component(
        context, "form", form=form, fields=fields, columns=columns, problems=rows.problems(form) if summary else ()
    )


@register.simple_tag(takes_context=True)
def form_errors(context, *forms):
    """The summary of what is wrong, linked to the fields."""
    return component(context, "form_errors", problems=[problem for form in forms for problem in rows.problems(form)])


@register.simple_tag(takes_context=True)
def form_row(context, field, **options):
    """Label, control, hint, error."""
    return component(context, "form_row", **rows.describe(field, **options))


@register.simple_tag(takes_context=True)
def money_rows(context, label, table, *heads):
    """Figures by currency. ``table``: [(currency, [bound fields])]; ``heads``: a name for each of its columns."""
    parts = currencies.folded(table, lambda row: row[1])
    named = zip(heads, (cases.case_of(field) for field in table[0][1]), strict=True) if table else ()
    return component(context, "money_rows", label=label, tables=parts, heads=list(named))


@register.simple_tag
def money_cell(field):
    """A figure's control in a table, named by its label, with what is wrong with it."""
    found = rows.describe_cell(field)
    errors = format_html_join("", '<span class="field-error" id="{}">{}</span>', ((found["error_id"], error) for error in field.errors))
    return found["control"] + errors


@register.simple_tag
def case_of(field):
    """The same attribute for a field that only some answers need."""
    place = cases.case_of(field)
    return format_html(' data-case="{}"', place) if place else ""


@register.simple_tag
def case(form, question, *answers):
    """The attribute by which a part of the page is shown only while one of these answers is chosen."""
    return format_html(' data-case="{}"', cases.places(form, question, answers))


@register.simple_tag
def control(field):
    """Only the field's control, tied to its hint and error; the label is yours."""
    return rows.control(field)


@register.simple_tag(takes_context=True)
def file_drop(context, field, **options):
    """A file field that takes dropped files."""
    return component(context, "file_drop", **rows.describe(field, **options))


@register.simple_tag(takes_context=True)
def choice_cards(context, field, notes=None):
    """Radio buttons as cards. ``notes``: choice value -> text at the end of the card."""
    cards = [(widget, (notes or {}).get(widget.data["value"], "")) for widget in field.subwidgets]
    return component(context, "choice_cards", cards=cards, **rows.describe(field))


@register.simple_tag(takes_context=True)
def facts(context, pairs, css=""):
    """A definition list from (label, value) or (label, value, url)."""
    return component(context, "facts", pairs=[(*pair, "")[:3] for pair in pairs], css=css)


@register.simple_tag(takes_context=True)
def stat(context, label, value, **options):
    """One figure with its label."""
    return component(context, "stat", label=label, value=value, **options)


@register.simple_tag(takes_context=True)
def tabs(context, items, label="", page=False):
    """Links that switch what stands below."""
    return component(context, "tabs", items=items, label=label, page=page)


@register.simple_tag(takes_context=True)
def breadcrumb(context, items):
    """The way here: (label, url); the last one is this page and needs no url."""
    return component(context, "breadcrumb", items=[(*item, "")[:2] for item in items]) if items else ""


@register.simple_tag(takes_context=True)
def steps(context, items, label="", vertical=False):
    """Where a longer matter stands."""
    signs = {"done": "check", "bad": "x"}
    shown = [{"state": "next", **item, "sign": signs.get(item.get("state"), "")} for item in items]
    return component(context, "steps", items=shown, label=label, vertical=vertical)


@register.simple_tag(takes_context=True)
def chart(context, kind, data, label="", **options):
    """Bars, line, stack or spark, with its table."""
    return component(context, "chart", chart=charts.build(kind, data, label, **options))


@register.simple_tag(takes_context=True)
def exchange(context, exchanges):
    """What we sent and what was answered, redacted."""
    return component(context, "exchange", exchanges=exchanges)


@register.simple_tag(takes_context=True)
def thread_event(context, text, at=None, icon="bolt"):
    """A grey line between messages: something the system did."""
    return component(context, "thread_event", text=text, at=at, icon=icon)


@register.simple_tag(takes_context=True)
def pager(context, page):
    """Earlier and later."""
    return component(context, "pager", page=page)


def _block(name, template_name=None, **defaults):
    """A block tag that renders components/<name>.html with ``content`` and its keyword arguments."""

    def tag(context, content, *args, **options):
        values = dict(zip(defaults.get("positional", ()), args, strict=False)) | options
        values.setdefault("id", f"{name}-{next(_ids)}")
        return component(context, template_name or name, content=content, **values)

    register.simple_block_tag(takes_context=True, name=name)(tag)


@register.simple_block_tag
def capture(content):
    """HTML for an argument: {% capture as verbs %}...{% endcapture %}."""
    return content


_block("card")
_block("alert", positional=("tone",))
_block("menu", positional=("label",))
_block("modal")
_block("confirm")
_block("factlist")
_block("fact", positional=("label",))
_block("empty_state")
_block("timeline")
_block("event")
_block("thread")
_block("message")
