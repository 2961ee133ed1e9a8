from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, LeadsTo, Section
from trial.models import Crf, crf_table


@crf_table
class FollowUp(Crf):
    fudat = fields.day()
    alive = fields.yes_no()
    remission = fields.yes_no()


register(
    CrfSpec(
        code="follow_up",
        title="Follow-up",
        model=FollowUp,
        log=True,
        sections=[
            Section(
                "Last contact",
                Item("fudat", "Date of last contact", cdash="SSDAT", required=True),
                Item("alive", "Alive", cdash="SURVSTAT_SSORRES", required=True),
                Item("remission", "In remission", required=True, only_if=("alive", ("Y",))),
            )
        ],
        leads_to=[LeadsTo(crf="death", item="alive", answers=("N",), because="the child is not alive")],
        title_items=("fudat", "alive"),
    )
)
