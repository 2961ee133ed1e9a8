"""A server's process has its pages loaded before the first request."""

import gc

from trial.conf.warm import warm_up


def test_what_stays_for_good_is_not_looked_through_again() -> None:
    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    try:
        warm_up()
        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
