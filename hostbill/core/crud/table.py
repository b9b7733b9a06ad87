"""The rows of a list as HTML. Written here and not in a template: fifty rows of ten cells are most of the work of a
list's page, and Django's templates take ten times as long for them."""

from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hostbill.core.templatetags.ui import icon
from hostbill.core.ui import words


class Table:
    """Draws the rows of one list for one request; what is the same in every row is worked out once."""

    def __init__(self, view):
        self.view = view
        self.actions = view.bulk_actions()
        self.sum_column = view.sum_column if view.bulk else None
        self.row_url, self.opens = view.open_url, view.opens

    @cached_property
    def cells(self) -> list[tuple]:
        """(column, its opening tag), in order."""
        found = []
        for place, column in enumerate(self.view.shown_columns):
            start = " cell-start" if not column.phone and (place == 0 or not column.numeric) else ""
            label = f' data-label="{words.html(column.label)}"' if place and column.says_little else ""
            found.append((column, f'<td class="{column.css}{start}"{label}>'))
        return found

    @cached_property
    def peek_words(self) -> tuple[str, str]:
        """What stands before and behind a row's name in the label of its preview."""
        return _around(_("Preview %(name)s"))

    @cached_property
    def select_words(self) -> tuple[str, str]:
        """The same for the box that selects it."""
        return _around(_("Select %(name)s"))

    @cached_property
    def preview_url(self) -> str:
        """The address of a row's preview, to which its key is added."""
        return words.html(self.view.url(preview=""))

    def html(self, rows) -> SafeString:
        """All rows."""
        return SafeString("".join([self.row(row) for row in rows]))

    def row(self, row) -> str:
        """One row: box, cells, eye."""
        view, name, url = self.view, words.html(str(row)), self.row_url(row)
        cells = "".join([cell(tag, column.html(row, url, self.opens)) for column, tag in self.cells])
        box = self.box(row, name) if self.actions else ""
        return f"<tr{self.attributes(row, url)}>{box}{cells}{self.eye(row, name) if view.previews else ''}</tr>"

    def attributes(self, row, url: str) -> str:
        """For the script: where the row leads, which acts it can take, what it adds to the sum of those selected."""
        able = " ".join([act.key for act in self.actions if act.when is None or act.when(row)])
        amount = self.sum_column.get(row) if self.sum_column else None
        return (
            (f' data-href="{words.html(url)}"' if url else "")
            + (f' data-able="{able}"' if able else "")
            + (f' data-sum="{amount.amount} {amount.currency}"' if amount is not None else "")
        )

    def box(self, row, name: str) -> str:
        """Selects the row."""
        before, behind = self.select_words
        return (
            f'<td class="table-check"><input type="checkbox" class="row-check" name="ids" value="{row.pk}" '
            f'aria-label="{before}{name}{behind}"></td>'
        )

    def eye(self, row, name: str) -> str:
        """Opens the preview."""
        before, behind = self.peek_words
        url = f"{self.preview_url}{row.pk}"
        return (
            f'<td class="table-peek"><a class="icon-button" href="{url}" hx-get="{url}" data-peek-row '
            f'aria-label="{before}{name}{behind}">{icon("eye")}</a></td>'
        )


def cell(tag: str, shown: str) -> str:
    """One cell; where nothing is to be said, phones leave it out."""
    tag = tag.replace('class="', 'class="cell-none ', 1) if shown == "–" else tag
    return f"{tag}{shown}</td>"


def _around(sentence: str) -> tuple[str, str]:
    """A sentence cut where the name goes, so that it is translated once and not per row."""
    before, _name, behind = sentence.partition("%(name)s")
    return words.html(before), words.html(behind)
