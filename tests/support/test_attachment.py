"""Attachments: only what is allowed, only what it says it is, stored under a name of ours."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from hostbill.core.errors import AppError
from hostbill.core.models import File
from support.actions.ticket import open_ticket
from support.models import Department, Ticket


def png():
    """A real picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


def ask(cast, *uploads):
    """Alice opens a ticket with files."""
    department = Department.objects.get_or_create(name="Support")[0]
    return open_ticket(
        actor=cast.alice_actor,
        client=cast.alice_client,
        department=department,
        subject="See file",
        body="Attached.",
        files=uploads,
    )


def test_allowed_files_are_kept_outside_static_under_a_random_name(cast, settings):
    """The name the sender chose is only shown, never used as a path; the type is ours."""
    ask(cast, SimpleUploadedFile("../../etc/slip.PNG", png(), content_type="text/html"))
    row = File.objects.get()
    assert row.name == "slip.PNG"
    assert row.mime == "image/png"
    stored = Path(row.content.path).resolve()
    assert stored.is_relative_to(Path(settings.UPLOAD_ROOT).resolve())
    assert "slip" not in stored.name
    assert not stored.is_relative_to(Path(settings.STATIC_ROOT).resolve())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("run.php", b"<?php"),
        ("vector.svg", b"<svg onload='x'/>"),
        ("picture.png", b"<html><script>"),
        ("paper.pdf", b"MZ\x90"),
        ("noname", b"x"),
        ("text.txt", b"a\x00b"),
    ],
)
def test_other_files_are_refused_and_nothing_is_kept(cast, name, content):
    """By extension, and by content that does not match it."""
    with pytest.raises(AppError) as refused:
        ask(cast, SimpleUploadedFile(name, content))
    assert refused.value.field == "files"
    assert not File.objects.exists() and not Ticket.objects.exists()


def test_size_and_number_are_limited(cast):
    """Eleven megabytes, and six files."""
    with pytest.raises(AppError):
        ask(cast, SimpleUploadedFile("big.txt", b"x" * (11 * 1024 * 1024)))
    with pytest.raises(AppError):
        ask(cast, *[SimpleUploadedFile(f"{number}.txt", b"x") for number in range(6)])
