"""Files from lists: short ones at once, long ones in the background, kept some days for the person who asked."""

import hashlib
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files import File as DjangoFile
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hostbill.core import clock, outgoing
from hostbill.core.audit import audit
from hostbill.core.crud import bundles, export, paging
from hostbill.core.crud.bundles import Bundle
from hostbill.core.crud.rebuild import reader, rebuild
from hostbill.core.errors import DriverError
from hostbill.core.models import Export, File
from hostbill.core.options import LIST_EXPORT_DAYS

OUTGOING_KIND, LANE = "core.export", "core.export"
#: Lists up to so many rows are handed out at once.
AT_ONCE = 1000
#: Of one person under way at the same time.
MOST_OPEN = 5


class ExportMixin:
    """What a list does with ``do=export``."""

    #: Whether the list may be taken along as a file.
    export = True

    def post_export(self):
        """The file, or a place where it will be."""
        form = self.request.POST.get("format", "")
        if not self.export or form not in export.WRITERS:
            return self.here()
        _number, more = paging.count(self.matching, AT_ONCE)
        if not more or not self.request.actor.user_id:
            rows = paging.ordered(self.matching, self.order)
            audit(self.request.actor, "core.list_exported", changes={}, reason=f"{self.title} ({form})")
            return export.response(rows, self.shown_columns, str(self.title), form)
        return self._in_background(form)

    def post_bundle(self, bundle: Bundle):
        """A file of each chosen row, or of all that match, in one."""
        ids = [] if self.everything else self.chosen_ids
        problem = bundles.too_many(self, bundle, ids)
        if problem:
            messages.error(self.request, problem)
            return self.stay()
        return self._in_background(bundle.form, bundle, ids)

    def _in_background(self, form: str, bundle: Bundle | None = None, ids: list[int] = ()):
        mine = Export.objects.filter(user_id=self.request.actor.user_id, state__in=["queued", "running"])
        if mine.count() >= MOST_OPEN:
            messages.error(self.request, _("Several of your files are being made already. Wait until one is ready."))
        else:
            ask(self, form, bundle, ids)
            messages.success(self.request, _("The file is being made. It will be here; you may go on working."))
        return HttpResponseRedirect(reverse("export_list"))


def ask(view, form: str, bundle: Bundle | None = None, ids: list[int] = ()) -> Export:
    """Write down what is wanted, and let a worker make it."""
    what = f"{form}: {bundle.key}" if bundle else form
    with transaction.atomic():
        row = Export.objects.create(
            user_id=view.request.actor.user_id,
            list_key=view.list_key,
            kwargs=view.kwargs,
            query=view.params.urlencode(),
            columns=[column.key for column in view.shown_columns],
            format=form,
            bundle=bundle.key if bundle else "",
            ids=list(ids),
            title=str(bundle.title if bundle else view.title)[:120],
            language=get_language() or "en",
            time_zone=timezone.get_current_timezone_name(),
        )
        audit(view.request.actor, "core.list_exported", row, changes={}, reason=f"{view.title} ({what})")
        outgoing.queue(OUTGOING_KIND, row.pk, key=str(row.pk), lane=LANE)
    return row


def make(row: Export) -> dict:
    """Write the file as the person may see the list now; what settle() needs. Made anew from the start if interrupted."""
    with reader(row.language, timezone.zoneinfo.ZoneInfo(row.time_zone)):
        try:
            view = reopen(row)
        except PermissionDenied as error:
            raise DriverError(_("You may not see this list any more."), permanent=True, code="forbidden") from error
        rows = bundles.rows_of(view, row.ids)
        Export.objects.filter(pk=row.pk).update(state=Export.State.RUNNING, total=rows.order_by().count())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "list")
            return {**_write(row, view, rows, path), **_store(row, path)}


def reopen(row: Export):
    """The list it was asked on, as the person sees it now. Raises PermissionDenied when they may not have the file any more."""
    view = rebuild(row)
    if row.bundle:
        bundles.find(view, row.bundle)
    return view


def _write(row: Export, view, rows, path: Path) -> dict:
    if row.bundle:
        return bundles.write(path, view, row, Progress(row, each=1))
    columns = view.columns_named(row.columns)
    return {"written": export.WRITERS[row.format](path, rows, columns, row.title, Progress(row))}


class Progress:
    """Tells at most twice a second how many rows are written."""

    def __init__(self, row: Export, each: int = 200):
        self.row, self.each, self.told = row, each, time.monotonic()

    def __call__(self, number: int) -> None:
        if number % self.each == 0 and time.monotonic() - self.told > 0.5:
            self.told = time.monotonic()
            Export.objects.filter(pk=self.row.pk).update(written=number)


def _store(row: Export, path: Path) -> dict:
    """Into the file storage under a name that is the same for every try, so that nothing is left over."""
    token = uuid.uuid5(uuid.NAMESPACE_URL, f"{OUTGOING_KIND}:{row.pk}:{row.created_at.isoformat()}")
    File.objects.filter(token=token).delete()
    stored = File(token=token, name=export.file_name(row.title, row.format), mime=export.MIME[row.format])
    with path.open("rb") as source:
        stored.sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    stored.size, stored.owner_kind, stored.owner_id = path.stat().st_size, Export.FILE_OWNER, row.pk
    stored.content.storage.delete(stored.content.field.upload_to(stored, ""))
    with path.open("rb") as source:
        stored.content.save("content", DjangoFile(source), save=True)
    return {"file": stored.pk}


def settle(row: Export, answer: dict | None, error) -> None:
    """Ready, or why not."""
    if answer is None:
        row.state, row.error = Export.State.FAILED, error.message[:300]
    else:
        row.state, row.written, row.file_id = Export.State.DONE, answer["written"], answer["file"]
        row.left_out = answer.get("left_out", 0)
        row.total = row.written + row.left_out
    row.finished_at = clock.now()
    row.save()


def forget_old(now) -> int:
    """Delete files that have been kept long enough, from the disk too; how many."""
    old = File.objects.filter(owner_kind=Export.FILE_OWNER, created_at__lt=now - timedelta(days=LIST_EXPORT_DAYS.value))
    number = 0
    for stored in old:
        stored.content.delete(save=False)
        stored.delete()
        number += 1
    return number
