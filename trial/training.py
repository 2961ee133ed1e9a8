"""The training without which nobody changes anything (21 CFR 11.10(i); ICH E6(R3) 4.3.2).

VERSION goes up when the system changes so that people have to learn anew; who has not then may read, and no more.
"""

VERSION = "1"
TITLE = "Working with Cradle"
REMINDER = (
    f"Your training “{TITLE}”, version {VERSION}, is not recorded, so that you can read and not change anything."
    " Ask your trial manager."
)
