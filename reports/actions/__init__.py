"""All that makes, checks, releases and hands out reports. Keyword-only, the actor is `by`."""

from reports.actions.building import ask_for_report, build_asked
from reports.actions.downloads import Download, download_file, download_part
from reports.actions.release import can_check, can_release, mark_as_checked, release

__all__ = [
    "Download",
    "ask_for_report",
    "build_asked",
    "can_check",
    "can_release",
    "download_file",
    "download_part",
    "mark_as_checked",
    "release",
]
