"""PDF by typst: our template files, data as JSON, our own fonts only, the same bytes for the same data.

User text never becomes source: a template reads ``json(bytes(sys.inputs.data))`` and places strings.
"""

import json
import threading
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import structlog
import typst
from django.conf import settings

from hostbill.core.errors import AppError

log = structlog.get_logger(__name__)
#: Where bin/up and the image build put the TrueType fonts.
FONTS = Path(settings.BASE_DIR) / "static" / "vendor" / "fonts" / "ttf"
TEMPLATES = Path(settings.BASE_DIR) / "templates" / "documents"
ARCHIVE = "a-3b"
_lock = threading.Lock()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    if not any(FONTS.glob("*.ttf")):
        raise AppError(f"No fonts in {FONTS}: run bin/up once, it fetches them.", code="fonts_missing")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@lru_cache(maxsize=8)
def _compiler(template: str) -> typst.Compiler:
    """One compiler per template: it keeps fonts and parsed source between documents."""
    return typst.Compiler(input=str(TEMPLATES / template), root=str(TEMPLATES), font_paths=_fonts())


def pdf(template: str, data: dict, *, made_on: date) -> bytes:
    """Typeset ``templates/documents/<template>`` as PDF/A-3b. ``made_on`` is written into the file instead of the clock.

    PDF/A forbids characters that no font of ours can draw; such a document (a name in Chinese, say) becomes a plain PDF.
    """
    moment = datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC)
    inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
    with _lock:
        compiler = _compiler(template)
        try:
            return compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=[ARCHIVE], timestamp=moment)
        except typst.TypstError as error:
            log.warning("not_archivable", template=template, error=error.message)
            return compiler.compile(format="pdf", sys_inputs=inputs, timestamp=moment)


def picture(template: str, data: dict, *, ppi: int = 110) -> list[bytes]:
    """The pages as PNG, for previews and tests."""
    with _lock:
        inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
        pages = _compiler(template).compile(format="png", sys_inputs=inputs, ppi=ppi)
    return pages if isinstance(pages, list) else [pages]
