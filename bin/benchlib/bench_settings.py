"""The product's settings with one more address: the bare view that pages are measured against."""

from hostbill.settings import *  # noqa: F403

ROOT_URLCONF = "benchlib.bench_urls"
