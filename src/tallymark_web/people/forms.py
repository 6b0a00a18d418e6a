"""Forms about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator

from tallymark_web.people.models import ROLE_NAMES, Person
from tallymark_web.words import later, say

USERNAME = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]*$", later("Small letters, digits, dot, dash and underscore.")
)


class PersonForm(forms.Form):
    """A new account."""

    username = forms.CharField(label=later("User name"), max_length=60, validators=[USERNAME])
    name = forms.CharField(label=later("Name"), max_length=80)

    def clean_username(self) -> str:
        """A user name that nobody has."""
        username = str(self.cleaned_data["username"])
        if Person.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(say("Somebody has this user name; choose another."))
        return username


class FirstForm(PersonForm):
    """The first account."""

    password = forms.CharField(
        label=later("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=later("At least 12 signs. A few words in a row are easy to keep and hard to guess."),
    )
    again = forms.CharField(
        label=later("Password again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    code = forms.CharField(label=later("Start code"), help_text=later("`tallymark serve` prints it."))

    def clean(self) -> dict[str, Any]:
        """Both passwords the same, and one that keeps the rules."""
        said: dict[str, Any] = super().clean()
        if said.get("password") and said.get("again"):
            if said["password"] != said["again"]:
                self.add_error("again", say("The two passwords differ."))
            try:
                validate_password(said["password"], Person(username=said.get("username", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said


class GrantForm(forms.Form):
    """A role over a unit and everything below it, for a while."""

    role = forms.ChoiceField(label=later("Role"))
    unit = forms.ChoiceField(label=later("Unit and everything below it"))
    first_day = forms.DateField(
        label=later("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    last_day = forms.DateField(
        label=later("To (empty: until withdrawn)"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = list(ROLE_NAMES.items())
        self.fields["unit"].choices = units
