"""The entry form of a CRF, derived from its spec and table: one Django field per item, its missing code and reason.

The form only reads what people type (dates as `3 jan 24`, decimal commas); whether an answer can be is said by
`actions.save_form`, whose sentences are put back on these fields.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from trial import missing, moments, partial_dates, reasons
from trial.checks import show
from trial.crf import registry, widgets
from trial.crf.fields import TOO_LONG, is_partial_date
from trial.crf.spec import CrfSpec, Item
from trial.form_fields import choice_field

MANY = 7  # longer code lists are a select
OFFERED = missing.OFFERED
SEARCHABLE = {"data-combobox": ""}  # a select; a script makes it a list that is searched while one types
REASON_SUFFIX = "__missing_reason"
CODE_SUFFIX = "__missing"
REPLACE_SUFFIX = "__replaces"  # said: the value that stands gives way to the missing code
# `12,500` is 12.5 on the continent and 12500 elsewhere; `0,125` and `1,5` are a decimal everywhere.
_EITHER_COMMA = re.compile(r"[+-]?(?!0)\d{1,3},\d{3}\Z")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?\Z")
PASSING_SUFFIX = "__passing"  # of a time that the clock showed twice: 1 or 2


class DayField(forms.CharField):
    """A full or partial date as people type it; shown back as `03-Jan-2024`."""

    def __init__(self, *, partial: bool = False, **options: Any) -> None:
        self.partial = partial
        attributes = {"class": "date", "placeholder": "dd-Mmm-yyyy", "autocomplete": "off", "spellcheck": "false"}
        super().__init__(widget=widgets.TextInput(attrs=attributes), **options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, date):
            return partial_dates.show(value)
        try:
            return partial_dates.show(value) if value else value
        except ValueError:
            return value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return partial_dates.parse(text, partial=self.partial) if text else None
        except partial_dates.NotADate as error:
            raise forms.ValidationError(str(error), code="date") from error


class ClockField(forms.CharField):
    """A time of day, 24 hours: `14:05`, `1405` or `14.05`."""

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").strip()
        if not text:
            return ""
        match = re.fullmatch(r"([0-9]{1,2})[:.]?([0-9]{2})", text)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59:
            raise forms.ValidationError(f"“{text}” is not a time. Enter it like 14:05.", code="time")
        return f"{int(match[1]):02d}:{match[2]}"


class SuggestingInput(widgets.TextInput):
    """A text input that offers known answers while one types; any browser does it, without script."""

    def __init__(self, suggestions: Callable[[], Iterable[str]]) -> None:
        super().__init__({"autocomplete": "off", "class": "long", **SEARCHABLE})
        self.suggestions = suggestions

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        known = f"{name}-known"
        control = super().render(name, value, {**(attrs or {}), "list": known}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((text,) for text in self.suggestions()))
        return format_html('{}<datalist id="{}">{}</datalist>', control, known, options)


class MomentWidget(forms.MultiWidget):
    def __init__(self, label: str) -> None:
        day = {"class": "date", "placeholder": "dd-Mmm-yyyy", "autocomplete": "off", "aria-label": f"{label}: date"}
        clock = {"class": "time", "placeholder": "hh:mm", "autocomplete": "off", "aria-label": f"{label}: time"}
        super().__init__(widgets={"day": widgets.TextInput(day), "time": widgets.TextInput(clock)})

    def decompress(self, value: Any) -> list[Any]:
        return [partial_dates.show(value.date()), f"{value:%H:%M}"] if isinstance(value, datetime) else ["", ""]


class MomentField(forms.MultiValueField):
    """A site's wall-clock moment: date and time. Cleans to ISO text without a zone."""

    def __init__(self, *, label: str, **options: Any) -> None:
        fields = (DayField(required=False), ClockField(required=False))
        super().__init__(
            fields, widget=MomentWidget(label), label=label, require_all_fields=False, required=False, **options
        )

    def compress(self, values: list[Any]) -> str | None:
        if not values or not any(values):
            return None
        if not all(values):
            raise forms.ValidationError("Enter both the date and the time.", code="moment")
        return f"{values[0]}T{values[1]}"


class EntryForm(forms.Form):
    """Base of derived forms; `initial` is what is saved so far, `zone` the site's.

    Beside its fields it reads, of each item, `__replaces` (the person has read that the value gives way to the missing
    code) and `__passing` (which of the two, of a doubled time).
    """

    spec: CrfSpec
    items: tuple[Item, ...]
    zone: str

    reason_code = forms.ChoiceField(required=False, choices=[("", ""), *reasons.REASONS.items()])
    reason_text = forms.CharField(required=False, max_length=400, error_messages={"max_length": TOO_LONG})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._doubled: dict[str, datetime] = {}
        for item in self.items:
            self._keep_code(item.name + CODE_SUFFIX)

    def _keep_code(self, name: str) -> None:
        """A saved code that a person cannot choose (an import's) is offered all the same, so that it is not lost."""
        saved, field = self.initial.get(name), choice_field(self, name)
        if saved and saved not in OFFERED:
            offered: Any = field.choices
            field.choices = [*offered, (saved, missing.MISSING[saved])]

    def clean(self) -> dict[str, Any]:
        for item in self.items:
            self._let_give_way(item.name)
            self._choose_passing(item.name)
        return self.cleaned_data

    def _let_give_way(self, name: str) -> None:
        """A missing code takes the place of a value only after the person was told so; never silently."""
        code = self.cleaned_data.get(name + CODE_SUFFIX)
        if not code or code == self.initial.get(name + CODE_SUFFIX):
            return
        entered = self.cleaned_data.get(name)
        if self.data.get(name + REPLACE_SUFFIX):
            self.errors.pop(name, None)
            self.cleaned_data[name] = None
        elif entered not in (None, ""):
            words = f"The value {self.in_words(name)} will be replaced by: {missing.MISSING[code].lower()}."
            self.add_error(name + CODE_SUFFIX, forms.ValidationError(f"{words} Save again to do so.", code="replaces"))

    def in_words(self, name: str) -> str:
        """What is entered, as the page shows it."""
        field, value = self.fields[name], self[name].value()
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            return str({str(code): label for code, label in choices}.get(str(value), value))
        if isinstance(value, datetime):
            return f"{value:%d-%b-%Y %H:%M}"
        shown = value if isinstance(value, list | tuple) else [field.prepare_value(value)]
        return " ".join(str(part) for part in shown if part not in (None, ""))

    def _choose_passing(self, name: str) -> None:
        wall = self._doubled_time(name, self.cleaned_data.get(name))
        if wall is None:
            return
        self._doubled[name] = wall
        number = self.passing(name)
        if number is None:
            first, second = moments.passings_in_words(wall, self.zone)
            self.add_error(name, forms.ValidationError(
                f"The clock in {self.zone} showed {wall:%H:%M} twice on {wall:%d-%b-%Y}. Choose {first} or {second}.",
                code="doubled",
            ))  # fmt: skip
        elif number == 2:
            self.cleaned_data[name] = moments.passing(wall, self.zone, number).isoformat()

    def doubled(self, name: str) -> datetime | None:
        """The wall-clock time of a moment that the site's clock showed twice; else None."""
        if self.is_bound:
            return self._doubled.get(name)
        return self._doubled_time(name, self.initial.get(name))

    def _doubled_time(self, name: str, value: Any) -> datetime | None:
        if not isinstance(self.fields[name], MomentField) or not value:
            return None
        wall: datetime = (datetime.fromisoformat(value) if isinstance(value, str) else value).replace(tzinfo=None)
        return wall if moments.is_doubled(wall, self.zone) else None

    def passing(self, name: str) -> int | None:
        """1 or 2, as chosen, or as saved where the moment is the saved one."""
        chosen = self.data.get(name + PASSING_SUFFIX)
        if chosen in ("1", "2"):
            return int(chosen)
        saved, wall = self.initial.get(name), self.doubled(name)
        return saved.fold + 1 if isinstance(saved, datetime) and saved == wall else None

    def answers(self) -> dict[str, Any]:
        """item -> answer, for save_form."""
        return {item.name: self.cleaned_data.get(item.name) for item in self.items}

    def codes(self) -> dict[str, Any]:
        """item -> missing code with its reason, or None."""
        found: dict[str, Any] = {}
        for item in self.items:
            code = self.cleaned_data.get(item.name + CODE_SUFFIX)
            reason = self.cleaned_data.get(item.name + REASON_SUFFIX, "")
            found[item.name] = {"code": code, "reason": reason} if code else None
        return found

    def asked(self, item: Item) -> bool:
        """Whether an item is asked, given the other answers as they now stand on the page."""
        return item.only_if is None or str(self[item.only_if[0]].value() or "") in item.only_if[1]

    def is_blank(self, name: str) -> bool:
        value = self[name].value()
        return not any(value) if isinstance(value, list | tuple) else value in (None, "")

    def rows(self) -> Iterator[tuple[Item, Any, Any, Any]]:
        """(item, field, missing field, missing reason field), bound."""
        for item in self.items:
            yield item, self[item.name], self[item.name + CODE_SUFFIX], self[item.name + REASON_SUFFIX]


def form_class(
    spec: CrfSpec, links: Mapping[str, list[tuple[str, str]]] | None = None, *, zone: str = "UTC"
) -> type[EntryForm]:
    """The entry form of a CRF. links: item -> choices (record id, label) for the items that link to other forms.

    zone: the site's time zone. One without links is made once, and not to be changed.
    """
    known = not links and registry.find(spec.code) is spec
    return _made_once(spec.code, zone) if known else _made(spec, links or {}, zone)


@cache
def _made_once(code: str, zone: str) -> type[EntryForm]:
    return _made(registry.get(code), {}, zone)


def _made(spec: CrfSpec, links: Mapping[str, list[tuple[str, str]]], zone: str) -> type[EntryForm]:
    fields: dict[str, Any] = {"spec": spec, "items": tuple(spec.items), "zone": zone}
    for item in spec.items:
        fields[item.name] = _field(spec.model._meta.get_field(item.name), item, links.get(item.name, []))
        fields[item.name + CODE_SUFFIX] = forms.ChoiceField(
            required=False, choices=[("", "Why?"), *((code, missing.MISSING[code]) for code in OFFERED)],
            label=f"Why there is no value for {item.label}", widget=widgets.Select,
        )  # fmt: skip
        fields[item.name + REASON_SUFFIX] = forms.CharField(
            required=False, max_length=200, widget=widgets.TextInput({"placeholder": "Reason"}),
            error_messages={"max_length": TOO_LONG},
        )  # fmt: skip
    return type(f"{spec.code.title().replace('_', '')}Form", (EntryForm,), fields)


def initial(spec: CrfSpec, values: Mapping[str, Any], codes: Mapping[str, Any]) -> dict[str, Any]:
    """What a form shows of saved answers: moments already as the site's wall clock."""
    shown = dict(values)
    for name, code in codes.items():
        shown[name + CODE_SUFFIX] = code["code"]
        shown[name + REASON_SUFFIX] = code.get("reason", "")
    return shown


def _field(field: Any, item: Item, links: list[tuple[str, str]]) -> forms.Field:
    common: dict[str, Any] = {"label": item.label, "help_text": item.help, "required": False}
    if isinstance(field, models.ForeignKey):
        return forms.ChoiceField(choices=[("", "—"), *links], widget=widgets.Select(SEARCHABLE), **common)
    if field.choices:
        return _choice(field, common)
    if isinstance(field, models.DateTimeField):
        return MomentField(label=item.label, help_text=item.help)
    if isinstance(field, models.DateField):
        return DayField(**common)
    if isinstance(field, models.TextField):
        return forms.CharField(widget=forms.Textarea({"rows": 5}), strip=True, **common)
    if isinstance(field, models.DecimalField | models.IntegerField):
        return NumberField(whole=isinstance(field, models.IntegerField), **common)
    if _is_partial(field):
        return DayField(partial=True, **common)
    if item.suggestions:
        common["widget"] = SuggestingInput(item.suggestions)
    said = {"max_length": TOO_LONG}
    return forms.CharField(max_length=field.max_length, error_messages=said, **{"widget": widgets.TextInput, **common})


class NumberField(forms.CharField):
    """A number as typed; a decimal comma is read as a point. Whether it can be is said by the column."""

    def __init__(self, *, whole: bool, **options: Any) -> None:
        attributes = {"inputmode": "numeric" if whole else "decimal", "class": "number", "autocomplete": "off"}
        super().__init__(widget=widgets.TextInput(attributes), **options)

    def prepare_value(self, value: Any) -> Any:
        return show(value) if isinstance(value, Decimal) else value  # 108, not the column's 108.000

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError where the comma may set off decimals or thousands: nobody guesses which."""
        text = (super().to_python(value) or "").strip()
        if _EITHER_COMMA.match(text):
            point, whole = text.replace(",", "."), text.replace(",", "")
            raise forms.ValidationError(f"“{text}” can be {point} or {whole}. Enter one of the two, without comma.")
        return (text.replace(",", ".", 1) if text.count(",") == 1 and "." not in text else text) or None

    def shown_back(self, text: str) -> str:
        """A number as it was read, the way it is shown once it is saved; other text as it is."""
        return show(Decimal(text)) if _PLAIN_NUMBER.match(text) else text


def _choice(field: Any, common: dict[str, Any]) -> forms.Field:
    choices = [(code, label) for code, label in field.choices]
    if len(choices) > MANY:
        return forms.ChoiceField(choices=[("", "—"), *choices], widget=widgets.Select(SEARCHABLE), **common)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def _is_partial(field: Any) -> bool:
    return is_partial_date in field.validators
