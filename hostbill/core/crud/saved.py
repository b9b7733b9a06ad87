"""Saved views and chosen columns: the forms above a list that keep its state under a name, or arrange it for a person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from hostbill.core import preferences
from hostbill.core.access import require
from hostbill.core.audit import audit
from hostbill.core.crud.state import DENSITY, ROW_CHOICES, ROWS, plain
from hostbill.core.models import SavedView

SHARE = "core.view.share"
#: Of one person for one list; tabs beyond that help nobody.
MOST_VIEWS = 20


class SavedViewsMixin:
    """What a list does with ``do=view_...`` and ``do=columns``."""

    def view_tabs(self, total: str) -> list[dict]:
        """Saved views as tabs; only the one in use is counted, since each count costs."""
        return [
            {
                "label": row.name,
                "url": self.url_of_view(row),
                "current": row == self.saved,
                "count": total if row == self.saved else None,
                "icon": "users" if row.is_shared else "",
            }
            for row in self.saved_views
        ]

    def view_menu(self) -> dict | None:
        """What the menu beside the tabs offers."""
        if not self.keeps or not self.request.actor.user_id:
            return None
        start = self.preference.get("start", "")
        return {
            "saved": self.saved,
            "mine": self.owns_saved,
            "changed": self.is_changed,
            "may_share": self.request.actor.may(SHARE),
            "is_start": start == self.place_key if start else False,
            "has_start": bool(start),
        }

    @property
    def owns_saved(self) -> bool:
        """Whether the view in use may be changed: one's own, or any for superusers."""
        actor = self.request.actor
        return self.saved is not None and (
            self.saved.user_id == actor.user_id or actor.superuser and self.saved.is_shared
        )

    @property
    def place_key(self) -> str:
        """What "begin here" remembers."""
        return f"view:{self.saved.pk}" if self.saved else f"tab:{self.tab.key if self.tab else ''}"

    def start_url(self) -> str:
        """Where this person wants the bare address to lead; nothing without such a wish."""
        kind, _colon, key = self.preference.get("start", "").partition(":")
        if kind == "tab":
            wanted = next((tab for tab in self.tabs if tab.key == key), None)
            return f"?tab={wanted.key}" if wanted and wanted != self.tabs[0] else ""
        row = next((row for row in self.saved_views if str(row.pk) == key), None)
        return self.url_of_view(row) if row else ""

    def go(self, url: str = "?") -> HttpResponseRedirect:
        """Back to this list."""
        return HttpResponseRedirect(f"{self.request.path}{url}")

    def here(self) -> HttpResponseRedirect:
        """Back to where the form was sent from."""
        return self.go(self.url())

    def _name(self) -> str:
        return " ".join(self.request.POST.get("name", "").replace("\x00", "").split())[:60]

    def _is_taken(self, name: str, but=None) -> bool:
        mine = [row for row in self.saved_views if row.user_id == self.request.actor.user_id and row != but]
        return any(row.name == name for row in mine) or (but is None and len(mine) >= MOST_VIEWS)

    def _refuse(self, words) -> HttpResponseRedirect:
        messages.error(self.request, words)
        return self.here()

    def post_view_save(self):
        """Keep what is shown under a name."""
        name, share = self._name(), bool(self.request.POST.get("share"))
        if not name:
            return self._refuse(_("Give the view a name."))
        if self._is_taken(name):
            return self._refuse(_("You have a view of that name, or too many views already."))
        if share:
            require(self.request.actor, SHARE)
        row = SavedView.objects.create(
            list_key=self.list_key,
            user_id=self.request.actor.user_id,
            name=name,
            is_shared=share,
            **self._state(),
        )
        self._tell(row, "core.view_shared" if share else "")
        messages.success(self.request, _("Saved as “%(name)s”.") % {"name": name})
        return self.go(self.url_of_view(row))

    def _state(self) -> dict:
        """What a saved view keeps."""
        keys = [column.key for column in self.shown_columns]
        usual = [column.key for column in self.columns if column.shown]
        return {"query": plain(self.params, "view", "columns").urlencode(), "columns": [] if keys == usual else keys}

    def post_view_update(self):
        """Keep the changes in the view in use."""
        row = self._mine()
        for name, value in self._state().items():
            setattr(row, name, value)
        row.save(update_fields=["query", "columns"])
        self._tell(row, "core.view_changed")
        messages.success(self.request, _("“%(name)s” is saved.") % {"name": row.name})
        return self.go(self.url_of_view(row))

    def post_view_rename(self):
        """Another name, and whether colleagues see it."""
        row, name, share = self._mine(), self._name(), bool(self.request.POST.get("share"))
        if not name or self._is_taken(name, row):
            return self._refuse(_("Choose a name that none of your views has."))
        if share and not row.is_shared:
            require(self.request.actor, SHARE)
        was, row.name, row.is_shared = row.is_shared, name, share
        row.save(update_fields=["name", "is_shared"])
        self._tell(row, "core.view_changed" if was or share else "")
        return self.here()

    def post_view_delete(self):
        """The rows stay, the name goes."""
        row = self._mine()
        self._tell(row, "core.view_deleted")
        row.delete()
        messages.success(self.request, _("The view “%(name)s” is deleted.") % {"name": row.name})
        return self.go()

    def post_view_start(self):
        """Begin here from now on, or as usual again."""
        value = {**self.preference, "start": self.place_key if self.request.POST.get("begin") else ""}
        self._arrange(value)
        return self.here()

    def post_columns(self):
        """Chosen columns: kept in the view in use when it is one's own, else for this person and list."""
        keys = [key for key in self.request.POST.getlist("column") if key in {c.key for c in self.every_column}]
        chosen = (
            [column.key for column in self.columns_named(self._moved(keys))] if "usual" not in self.request.POST else []
        )
        if self.owns_saved:
            self.saved.columns = chosen
            self.saved.save(update_fields=["columns"])
        elif self.saved:
            return self.go(self.url(columns=",".join(chosen)))
        else:
            self._arrange({**self.preference, "columns": chosen})
        params = plain(self.params, "columns")
        return self.go(f"?{params.urlencode()}")

    def post_density(self):
        """Narrow rows, or comfortable ones, in all lists of this person."""
        if self.request.POST.get("compact") == "1":
            preferences.store(self.request.actor, DENSITY, "compact")
        else:
            preferences.forget(self.request.actor, DENSITY)
        return self.here()

    def post_rows(self):
        """So many rows a page, in all lists of this person."""
        asked = self.request.POST.get("rows", "")
        if asked in map(str, ROW_CHOICES):
            preferences.store(self.request.actor, ROWS, int(asked))
        return self.here()

    def _moved(self, keys: list[str]) -> list[str]:
        """Without script the arrows are buttons of the form: one column goes one place up or down."""
        for name, step in (("up", -1), ("down", 1)):
            key = self.request.POST.get(name)
            if key in keys:
                place = keys.index(key)
                other = min(max(place + step, 0), len(keys) - 1)
                keys[place], keys[other] = keys[other], keys[place]
        return keys

    def column_items(self) -> list[dict]:
        """All columns for the form: those in use in their order, then the others."""
        shown = self.shown_columns
        rest = [column for column in self.every_column if column not in shown]
        return [{"column": c, "chosen": c in shown, "fixed": c.link and c in shown} for c in [*shown, *rest]]

    def _arrange(self, value: dict) -> None:
        value = {key: entry for key, entry in value.items() if entry}
        if value:
            preferences.store(self.request.actor, f"list:{self.list_key}", value)
        else:
            preferences.forget(self.request.actor, f"list:{self.list_key}")

    def _mine(self) -> SavedView:
        """The view in use, when it may be changed."""
        if not self.owns_saved:
            raise PermissionDenied
        return self.saved

    def _tell(self, row: SavedView, action: str) -> None:
        """What colleagues see is in the change log; one's own arrangement is not."""
        if action and row.is_shared:
            audit(self.request.actor, action, row, changes={}, reason=str(self.title))
