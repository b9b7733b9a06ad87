"""PDFs of many rows made one."""

import io
from pathlib import Path, PurePosixPath

from pypdf import PdfWriter


class PdfBox:
    """All pages, with a bookmark where each document begins; to be printed, not to be kept instead of the documents."""

    def __init__(self, path: Path):
        self.path, self.target = path, PdfWriter()

    def add(self, name: str, content: bytes, pk: int) -> None:
        """One more."""
        self.target.append(io.BytesIO(content), outline_item=PurePosixPath(name).stem, import_outline=False)

    def close(self, left_out: list[str]) -> None:
        """The end of the file; the page of the export tells how many rows had no document."""
        self.target.write(self.path)
        self.target.close()
