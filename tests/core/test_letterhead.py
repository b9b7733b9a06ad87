"""The head of a mail: the drawn sign, an icon, or a logo on a plate that no dark ground swallows."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from hostbill.core import letterhead, options
from hostbill.core.access import SYSTEM
from hostbill.core.channels import email as channel
from hostbill.core.models import File
from hostbill.core.notify import notify
from hostbill.core.pictures import store_picture

pytestmark = pytest.mark.django_db


def give(key, width, height, colour=(10, 10, 10, 255)):
    """A picture of one colour becomes the brand's."""
    out = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    options.set_option(options.find(key), store_picture(SimpleUploadedFile("logo.png", out.getvalue())), SYSTEM)


def test_without_pictures_the_sign_and_the_name():
    head = letterhead.head()
    assert (head.width, head.height, head.is_logo) == (28, 28, False)


def test_a_logo_stands_on_its_own_white_plate():
    give("brand.logo", 1000, 100)
    head = letterhead.head()
    assert head.is_logo and head.width == 216 and head.height == 36
    with Image.open(io.BytesIO(head.png)) as picture:
        assert picture.getpixel((picture.width // 2, 4)) == (255, 255, 255, 255), "the plate"
        assert picture.getpixel((picture.width // 2, picture.height // 2))[:3] == (10, 10, 10)
    (message,) = notify("core.test", to="a@people.example", context={}, key="head")
    assert 'alt="HostBill"' in message.html or f'alt="{options.find("company.name").value}"' in message.html
    assert head.png in [
        part.get_payload(decode=True) for part in channel.build(message).message().walk() if not part.is_multipart()
    ]


def test_an_icon_and_a_lost_file():
    give("brand.icon", 64, 64, (200, 0, 0, 255))
    head = letterhead.head()
    with Image.open(io.BytesIO(head.png)) as picture:
        assert picture.size == (56, 56) and picture.getpixel((28, 28))[0] == 200
    letterhead._icon.cache_clear()
    File.objects.all().delete()
    assert letterhead.head().png != head.png
