"""A file for each row of a list, all in one: a ZIP, or a PDF to be printed. Chosen rows, or all that match; made in the background
like exports."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.core.exceptions import PermissionDenied
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from hostbill.core.crud import paging
from hostbill.core.errors import AppError
from hostbill.core.models import Export
from hostbill.core.options import LIST_BUNDLE_FILES

#: Rows read at a time: what a file needs of its neighbours is not kept.
CHUNK = 100
LEFT_OUT = "left-out.txt"
#: PDFs made one are held in memory until the last page, some 400 KB each.
MOST_PDFS = 500


@dataclass(frozen=True)
class Bundle:
    """Stands among a list's ``bulk``. ``file(row)`` gives (name, bytes) or raises AppError: then the row is left out and said
    so in the ZIP. ``when(row)``: whether there is one (no queries). ``title``: what the whole is called. ``form``: zip, or pdf: all
    pages of PDFs one behind the other."""

    key: str
    label: str
    title: str
    file: Callable
    permission: str = ""
    icon: str = "download"
    when: Callable | None = None
    kind: str = ""
    form: str = "zip"
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


def most_of(bundle: Bundle) -> int:
    """How many files one may hold."""
    return min(LIST_BUNDLE_FILES.value, MOST_PDFS) if bundle.form == "pdf" else LIST_BUNDLE_FILES.value


def too_many(view, bundle: Bundle, ids: list[int]) -> str:
    """What to say when there are more rows than it may hold; empty otherwise."""
    most = most_of(bundle)
    if not paging.count(rows_of(view, ids), most)[1]:
        return ""
    words = {
        "zip": _("One ZIP holds %(most)s files at most. Narrow the list by filters, for instance to a month."),
        "pdf": _("One PDF holds %(most)s documents at most. Narrow the list by filters, for instance to a week."),
    }
    return words[bundle.form] % {"most": most}


class ZipBox:
    """Each file under a name of its own, and a list of what is missing."""

    def __init__(self, path: Path):
        self.target, self.names = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1), set()

    def add(self, name: str, content: bytes, pk: int) -> None:
        """One more."""
        self.target.writestr(_own_name(name, pk, self.names), content)

    def close(self, left_out: list[str]) -> None:
        """The end of the file."""
        if left_out:
            self.target.writestr(LEFT_OUT, "\ufeff" + "\r\n".join(left_out))
        self.target.close()


#: By form; imported when one is made, since the library for PDFs is large.
BOXES = {"zip": f"{__name__}.ZipBox", "pdf": "hostbill.core.crud.pdf_box.PdfBox"}


def write(path: Path, view, work: Export, tell: Callable[[int], None]) -> dict:
    """The whole file; how many files are in it, and how many rows were left out."""
    bundle = find(view, work.bundle)
    box, left_out, number = import_string(BOXES[bundle.form])(path), [], 0
    for row in rows_of(view, work.ids)[: most_of(bundle)].iterator(chunk_size=CHUNK):
        try:
            if bundle.when and not bundle.when(row):
                raise AppError(_("there is no such file"), code="no_file")
            name, content = bundle.file(row)
        except AppError as error:
            left_out.append(f"{row}: {error.message}")
            continue
        box.add(name, content, row.pk)
        number += 1
        tell(number)
    box.close(left_out)
    return {"written": number, "left_out": len(left_out)}


def _own_name(name: str, pk: int, taken: set[str]) -> str:
    """No folders, and no two of one name."""
    name = PurePosixPath(name.replace("\\", "/")).name or str(pk)
    if name.casefold() in taken:
        name = f"{pk}-{name}"
    taken.add(name.casefold())
    return name
