"""The shop on an old phone in a village: a quarter of the processor, slow 3G. Counted are bytes and requests, which are the same on
every machine; that it can be used is shown by using it."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("stack")]
#: 400 ms to the server and back, 400 kbit a second (what browsers' own tools call slow 3G).
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
#: What the first page may weigh besides fonts, and how often it may ask.
MOST_BYTES, MOST_REQUESTS = 100_000, 8
PHONE = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}


class Wire:
    """What came over the wire since the last `forget`, by kind of file."""

    def __init__(self, page):
        self.kinds, self.bytes = {}, {}
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", lambda one: self.kinds.update({one["requestId"]: one["type"]}))
        session.on("Network.loadingFinished", lambda one: self.bytes.update({one["requestId"]: one["encodedDataLength"]}))
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    def weights(self) -> dict[str, int]:
        """Bytes by kind, but for fonts."""
        found = {}
        for key, size in self.bytes.items():
            found[self.kinds[key]] = found.get(self.kinds[key], 0) + round(size)
        found.pop("Font", None)
        return found

    def requests(self) -> int:
        """How many files came, but for fonts."""
        return sum(self.kinds[key] != "Font" for key in self.bytes)

    def forget(self) -> None:
        """Count anew."""
        self.bytes.clear()


def test_the_shop_is_light_and_works_on_a_slow_phone(visit):
    page = visit(390, **PHONE)
    wire = Wire(page)
    page.goto("/", wait_until="networkidle")
    weights, requests = wire.weights(), wire.requests()
    assert sum(weights.values()) < MOST_BYTES, weights
    assert requests <= MOST_REQUESTS, weights
    assert {"Document", "Stylesheet", "Script"} <= set(weights), "all of it was counted"

    wire.forget()
    page.get_by_role("link", name="Choose Grow").tap()
    page.get_by_role("textbox", name="domain").fill("village.example")
    page.get_by_role("button", name="Put into the basket").tap()
    page.wait_for_url("**/cart/")
    page.wait_for_load_state("networkidle")
    assert sum(wire.weights().values()) < MOST_BYTES, f"style and script are kept: {wire.weights()}"
    page.get_by_role("link", name="Go to checkout").tap()
    page.get_by_label("First name").fill("Ada")
