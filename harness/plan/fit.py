"""Whether the settings of a method fit together, before anything is trained."""

from harness.config import Settings, with_values
from harness.plan.menu import Menu
from methods.errors import InputError
from methods.forms.short import not_learned
from methods.method import Method
from methods.registry import DUAL_ENCODER, EHI, SHORT


def check_any_fits(method: Method, settings: Settings, menu: Menu | None) -> None:
    """Raise InputError if the settings of a method do not fit together, whatever it may choose."""
    reasons = []
    for values in menu.combinations() if menu else [{}]:
        try:
            check_fit(method, with_values(settings, values))
            return
        except InputError as reason:
            reasons.append(reason)
    raise reasons[0]


def check_fit(method: Method, settings: Settings) -> None:
    """Raise InputError if a method is to scan a projection that its trainer will not learn."""
    if method.form is not SHORT or settings[SHORT.section].by != "projection":
        return
    trainer = method.trainer
    if trainer is not None and trainer.section == EHI.section:
        learns = settings[EHI.section].rank > 0
    else:
        learns = trainer is not DUAL_ENCODER  # a trainer of another package may
    if not learns:
        raise InputError(f"{method.name}: {not_learned()}")
