"""No driver is said to be better proven than its fixture shows."""

from drivers.driver import Driver, load
from tests.drivers.frames import FRAMES
from tests.drivers.tier import BRONZE, NONE, SILVER, tier


def test_each_tier_is_given_by_what_the_fixture_holds() -> None:
    drivers = load()
    assert tier(drivers["beurer-bm85"]) == SILVER
    assert tier(drivers["weight-scale"]) == BRONZE
    assert tier(drivers["nonin-df13"]) == NONE


def test_a_capture_that_nobody_compared_with_a_display_is_no_silver() -> None:
    """The one vector of `astm` is a record of a meter whose meaning was read off by a decoder."""
    assert load()["astm"].proven_by == "capture"
    assert tier(load()["astm"]) == BRONZE


def test_a_driver_with_frames_of_our_own_only_has_no_tier() -> None:
    def encoded_by_hand(driver: type[Driver]) -> bool:
        return (FRAMES / f"{driver.name}.frames").read_text("utf-8").startswith("# source: encoded by hand")

    assert [name for name, driver in load().items() if encoded_by_hand(driver) and tier(driver) != NONE] == []
