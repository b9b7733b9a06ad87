"""Storage of the static files for `bin/up`, which shall be there in seconds."""

from whitenoise.compress import Compressor

from hostbill.core.static_bundles import CompressedStorage


class QuicklyCompressed(CompressedStorage):
    """Hashed names, bundles and gzip. The image has brotli as well, which is smaller still and takes half a minute to make."""

    def create_compressor(self, **kwargs) -> Compressor:
        """Without brotli."""
        return Compressor(use_brotli=False, **kwargs)
