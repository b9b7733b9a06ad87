"""A file for each row of a list, all in one ZIP: chosen rows, or all that match; made in the background like exports."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from hostbill.core.crud import paging
from hostbill.core.errors import AppError
from hostbill.core.models import Export
from hostbill.core.options import LIST_BUNDLE_FILES

#: Rows read at a time: what a file needs of its neighbours is not kept.
CHUNK = 100
LEFT_OUT = "left-out.txt"


@dataclass(frozen=True)
class Bundle:
    """Stands among a list's ``bulk``. ``file(row)`` gives (name, bytes) or raises AppError: then the row is left out and said
    so in the ZIP. ``when(row)``: whether there is one (no queries). ``title``: what the ZIP is called."""

    key: str
    label: str
    title: str
    file: Callable
    permission: str = ""
    icon: str = "download"
    when: Callable | None = None
    kind: str = ""
    asks = False


def find(view, key: str) -> Bundle:
    """The list's bundle of this key. Raises PermissionDenied when there is none, or not for this person."""
    for item in view.bulk_actions():
        if isinstance(item, Bundle) and item.key == key:
            return item
    raise PermissionDenied(_("You may not do this any more."))


def rows_of(view, ids: list[int]):
    """Chosen rows, else all that match, in the list's order."""
    rows = view.rows.filter(pk__in=ids) if ids else view.matching
    return paging.ordered(rows, view.order)


def too_many(view, ids: list[int]) -> str:
    """What to say when there are more rows than a ZIP may hold; empty otherwise."""
    most = LIST_BUNDLE_FILES.value
    if not paging.count(rows_of(view, ids), most)[1]:
        return ""
    return _("One ZIP holds %(most)s files at most. Narrow the list by filters, for instance to a month.") % {"most": most}


def write(path: Path, view, work: Export, tell: Callable[[int], None]) -> dict:
    """The whole ZIP; how many files are in it, and how many rows were left out."""
    bundle, names, left_out, number = find(view, work.bundle), set(), [], 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for row in rows_of(view, work.ids)[: LIST_BUNDLE_FILES.value].iterator(chunk_size=CHUNK):
            try:
                if bundle.when and not bundle.when(row):
                    raise AppError(_("there is no such file"), code="no_file")
                name, content = bundle.file(row)
            except AppError as error:
                left_out.append(f"{row}: {error.message}")
                continue
            target.writestr(_own_name(name, row.pk, names), content)
            number += 1
            tell(number)
        if left_out:
            target.writestr(LEFT_OUT, "\ufeff" + "\r\n".join(left_out))
    return {"written": number, "left_out": len(left_out)}


def _own_name(name: str, pk: int, taken: set[str]) -> str:
    """No folders, and no two of one name."""
    name = PurePosixPath(name.replace("\\", "/")).name or str(pk)
    if name.casefold() in taken:
        name = f"{pk}-{name}"
    taken.add(name.casefold())
    return name
