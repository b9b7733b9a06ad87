"""Style sheets as one file per kind of page: put together while static files are collected, so that a page asks once, for a hashed
file that is kept for ever. Where nothing is collected (development, tests) pages link the sheets one by one."""

import re

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

FONTS = "vendor/fonts/fonts.css"
#: Bundle -> its sheets in the order of the cascade. Pages of strangers load what they use and no more.
BUNDLES = {
    "pages": "tokens base layout frames controls console forms data lists store pages services desk modes".split(),
    "shop": "tokens base frames layout controls forms data store modes".split(),
}
#: Addresses inside a sheet that are relative to it.
RELATIVE = re.compile(r"""url\((["']?)(?!data:|#|/|\w+:)""")


def sources(bundle: str) -> list[str]:
    """Names of the files of a bundle: the fonts, then our own."""
    return [FONTS, *(f"css/{name}.css" for name in BUNDLES[bundle])]


def target(bundle: str) -> str:
    """Name of the file made of them."""
    return f"css/bundle-{bundle}.css"


def addresses(bundle: str) -> list[str]:
    """What a page links: the bundle where one was made, else its sheets."""
    made = getattr(staticfiles_storage, "makes_bundles", False) and not settings.DEBUG
    return [static(name) for name in ([target(bundle)] if made else sources(bundle))]


class Bundling:
    """Mixin of a storage with hashed names: writes the bundles beside what was collected, to be hashed (and compressed) with it."""

    makes_bundles = True

    def post_process(self, paths, dry_run=False, **options):
        """As the storage does, with the bundles among the files."""
        if not dry_run:
            paths = {**paths, **{target(bundle): (self, target(bundle)) for bundle in BUNDLES}}
            for bundle in BUNDLES:
                self.delete(target(bundle))
                self.save(target(bundle), ContentFile(self.put_together(bundle, paths).encode()))
        yield from super().post_process(paths, dry_run, **options)

    def put_together(self, bundle: str, paths: dict) -> str:
        """The sheets one after the other; addresses relative to another folder are told from ours."""
        texts = []
        for name in sources(bundle):
            storage, path = paths[name]
            with storage.open(path) as file:
                text = file.read().decode()
            folder = name.rpartition("/")[0]
            texts.append(text if folder == "css" else RELATIVE.sub(rf"url(\1../{folder}/", text))
        return "\n".join(texts)


class CompressedStorage(Bundling, CompressedManifestStaticFilesStorage):
    """Hashed names, and each file compressed beside it."""
