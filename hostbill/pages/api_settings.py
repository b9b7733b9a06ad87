"""Settings by API: by topic, each value checked by its option's own rules."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from hostbill.core import options
from hostbill.core.api.addresses import TEXT, Address, Plain, Told, found, listed, shaped
from hostbill.core.api.base import answer
from hostbill.core.api.fields import moment
from hostbill.core.api.problems import Problem
from hostbill.pages.settings import SettingHistory, SettingList, changes_of, groups

ANY: dict = {}
SETTING = shaped(key=TEXT, label=TEXT, help=TEXT, type=TEXT, value=ANY, default=ANY, is_set={"type": "boolean"}, choices={"type": "array"})
CHANGED = shaped(at={"type": "string", "format": "date-time"}, by=TEXT, before=ANY, after=ANY)
VALUE = {"type": "object", "properties": {"value": ANY}, "required": ["value"], "additionalProperties": False}
ONE = shaped(**SETTING["properties"], history={"type": "array", "items": CHANGED})
TOPIC = shaped(topic=TEXT, title=TEXT, settings={"type": "array", "items": SETTING})


def kind_of(option) -> str:
    """What may be sent."""
    return option.type if isinstance(option.type, str) else option.type.__name__.lower()


def plain(option, value):
    """As JSON: exact numbers are texts, and secrets are not told."""
    if option.type == "secret":
        return None
    return f"{value:f}" if isinstance(value, Decimal) else value if isinstance(value, bool | int) else str(value)


def told(option) -> dict:
    """One setting."""
    value = option.value
    return {
        "key": option.key,
        "label": str(option.label),
        "help": str(option.help or ""),
        "type": kind_of(option),
        "value": plain(option, value),
        "default": plain(option, option.default),
        "is_set": bool(value) if option.type == "secret" else value != option.default,
        "choices": [key for key, _label in option.choices or ()],
    }


def topic_of(key: str) -> tuple:
    """(words, options), or 404."""
    found = groups().get(key)
    if found is None:
        raise Http404
    return found


class Topics(Plain):
    """GET: which there are."""

    told = {"get": Told("Topics of settings", SettingList, listed(topic=TEXT, title=TEXT, count={"type": "integer"}))}

    def get(self, request):
        """In their order."""
        return answer({"data": [{"topic": key, "title": str(words), "count": len(rows)} for key, (words, rows) in groups().items()]})


class Topic(Plain):
    """GET: the settings of a topic. PATCH: change those that are sent, all or none."""

    told = {
        "get": Told("Settings of a topic", SettingList, TOPIC),
        "patch": Told("Change settings", SettingList, TOPIC, body={"type": "object", "additionalProperties": True}),
    }

    def get(self, request, topic):
        """All of it."""
        return answer(self.shown(topic))

    def shown(self, topic: str) -> dict:
        """The topic as it is."""
        words, rows = topic_of(topic)
        return {"topic": topic, "title": str(words), "settings": [told(option) for option in rows]}

    def patch(self, request, topic):
        """By key."""
        topic_of(topic)
        return self.once(lambda: self.change(topic))

    def change(self, topic: str) -> dict:
        """Check all, then store what is another."""
        known = {option.key: option for option in topic_of(topic)[1]}
        errors, values = {}, {}
        for key, value in self.sent().items():
            try:
                values[key] = cleaned(known, key, value)
            except ValidationError as error:
                errors[key[:200]] = error.messages
        if errors:
            raise Problem(422, errors=errors)
        for key, value in values.items():
            if value != known[key].value:
                options.set_option(known[key], value, self.actor)
        return self.shown(topic)


def cleaned(known: dict, key: str, value):
    """The value as the option keeps it. ValidationError."""
    if key not in known:
        raise ValidationError(_("There is no such setting here. There are: %(known)s.") % {"known": ", ".join(known)})
    option = known[key]
    wanted = {bool: bool, int: int}.get(option.type, str)
    if not isinstance(value, wanted) or wanted is int and isinstance(value, bool):
        words = {bool: _("Send true or false."), int: _("Send a whole number.")}
        raise ValidationError(words.get(wanted, _("Send text.")))
    return option.clean(value)


class One(Plain):
    """GET: one setting with its history. PATCH: change it; ``null`` is its default again."""

    told = {
        "get": Told("A setting with its history", SettingHistory, ONE),
        "patch": Told("Change one setting", SettingHistory, ONE, body=VALUE),
    }

    def option(self):
        """By the address, or 404."""
        known = {option.key: option for option in topic_of(self.kwargs["topic"])[1]}
        return found(known.get(self.kwargs["key"]))

    def get(self, request, topic, key):
        """As it is, and how it came to be."""
        return answer(self.shown())

    def shown(self) -> dict:
        """The newest change first."""
        option = self.option()
        rows = [
            {"at": moment(row.at), "by": row.actor_label, "before": told_value(row.fields[option.key][0]),
             "after": told_value(row.fields[option.key][1])}
            for row in changes_of(option.key)
        ]  # fmt: skip
        return told(option) | {"history": rows}

    def patch(self, request, topic, key):
        """Checked as its topic's."""
        self.option()
        return self.once(self.change)

    def change(self) -> dict:
        """Store another value, or none."""
        option, sent = self.option(), self.sent()
        if set(sent) != {"value"}:
            words = _("There is no such field. There are: %(known)s.") % {"known": "value"}
            raise Problem(422, errors={name[:100]: [words] for name in sent if name != "value"} or {"value": [_("Send it.")]})
        if sent["value"] is None:
            options.reset_option(option, self.actor)
            return self.shown()
        try:
            value = cleaned({option.key: option}, option.key, sent["value"])
        except ValidationError as error:
            raise Problem(422, errors={"value": error.messages}) from error
        if value != option.value:
            options.set_option(option, value, self.actor)
        return self.shown()


def told_value(value):
    """As the log keeps it: plain, or as text."""
    return value if isinstance(value, str | int | bool | None) else str(value)


ADDRESSES = [
    Address("settings/", "settings", Topics, "settings"),
    Address("settings/<slug:topic>/", "setting_topic", Topic, "settings"),
    Address("settings/<slug:topic>/<str:key>/", "setting", One, "settings"),
]
