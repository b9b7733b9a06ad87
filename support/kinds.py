"""Kinds of files a ticket may carry: extension, the type we serve it as, and how its content is recognised."""

import io

from PIL import Image, UnidentifiedImageError

IMAGE_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "webp": "WEBP"}
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "log": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
}
TEXT = {"txt", "log", "csv"}
MAGIC = {"pdf": (b"%PDF-",), "zip": (b"PK\x03\x04", b"PK\x05\x06")}
MAX_PIXELS = 60_000_000


def extension_of(name):
    """The lower-case extension without the dot, or an empty text."""
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def content_matches(extension, data):
    """True when the bytes really are what the extension says."""
    if extension in IMAGE_FORMATS:
        return _is_image(data, IMAGE_FORMATS[extension])
    if extension in MAGIC:
        return data.startswith(MAGIC[extension])
    return extension in TEXT and _is_text(data)


def _is_image(data, wanted):
    """True for a readable image of that format which is not a decompression bomb."""
    try:
        image = Image.open(io.BytesIO(data), formats=[wanted])
        return image.width * image.height <= MAX_PIXELS
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return False


def _is_text(data):
    """True for UTF-8 or Latin-1 looking text without control bytes."""
    return b"\x00" not in data
