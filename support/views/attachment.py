"""Sending an attachment to the browser: always as a download, never as something it might run."""

from django.http import FileResponse


def download(row):
    """The stored file under the name its sender gave it."""
    response = FileResponse(row.content.open("rb"), as_attachment=True, filename=row.name, content_type=row.mime)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
