from tests.station.conftest import browser, running_chromium

__all__ = ["browser", "running_chromium"]
