"""May this user: what a role can be allowed to do. In which state anyone may is `lifecycle`."""

from enum import StrEnum


class Permission(StrEnum):
    VIEW_DATA = "view data"
    ENROL = "screen and enrol subjects"
    ENTER_DATA = "enter and correct data"
    ANSWER_QUERY = "answer queries"
    RAISE_QUERY = "raise queries"
    CLOSE_ANY_QUERY = "close any query"
    RETIRE_CHECK = "retire checks"
    VERIFY = "verify source data"
    PLAN_VERIFICATION = "plan verification"
    SIGN = "sign"
    DELEGATE = "delegate signing"
    REVIEW_DATA = "review data"
    REVIEW_MEDICAL = "review data medically"
    LOCK = "freeze, lock and unlock"
    VIEW_AUDIT = "view the audit trail of all sites"
    REVIEW_AUDIT = "review the audit trail"
    MANAGE_PEOPLE = "manage sites and accounts"
    BUILD_REPORT = "build reports"
    RELEASE_REPORT = "release reports"
    READ_CLOSED_REPORT = "read released closed reports"
    REVIEW_SAFETY = "review serious adverse events"
    EXPORT = "export data"
