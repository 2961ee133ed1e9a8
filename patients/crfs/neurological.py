from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table


@crf_table
class Neurological(Crf):
    neudat = fields.day()
    seizure = fields.yes_no()
    encephalopathy = fields.yes_no()
    neuro_other = fields.yes_no()
    neuro_other_text = fields.text()


register(
    CrfSpec(
        code="neurological",
        title="Neurological assessment",
        model=Neurological,
        help="Events that blinatumomab may cause; “No” is an answer. A “Yes” needs an adverse event form.",
        sections=[
            Section(
                "Since the last assessment",
                Item("neudat", "Date of assessment", cdash="NVDAT", required=True),
                Item("seizure", "Seizure", required=True),
                Item("encephalopathy", "Encephalopathy", required=True),
                Item("neuro_other", "Other neurological event", required=True),
                Item("neuro_other_text", "Which", required=True, only_if=("neuro_other", ("Y",))),
            )
        ],
        title_items=("neudat",),
    )
)
