"""A job: a method with its settings and a seed, and the names of what it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from harness.config import Settings, digest, with_values
from harness.plan.fit import check_fit
from harness.plan.hashed_identity import DEVICE, component_identity, settings_identity
from harness.plan.menu import Values
from methods.devices import SearchPlace
from methods.method import Method


@dataclass(frozen=True)
class Job:
    """A method with a seed: trained and built once, then measured at every budget.

    Jobs with the same trainer and training settings share a `trained_key`, and so what was trained.
    """

    dataset: str
    method: Method
    settings: Settings
    seed: int
    dataset_fingerprint: str
    encoder_fingerprint: str
    device: str  # to train on
    encoder_reading: Mapping[str, Any] = field(default_factory=dict)
    """How the encoder reads texts otherwise than in ehibench 0.2; empty for most encoders."""
    encode_device: str = "cpu"
    search: SearchPlace = field(default_factory=SearchPlace)

    @cached_property
    def name(self) -> str:
        """The job's identity within a run."""
        return f"{self.method.name}, seed {self.seed}, {digest(self.identity)}"

    @cached_property
    def base(self) -> "Job | None":
        """The job that trains the frozen encoder that this one starts from, or None."""
        trainer = self.method.trainer
        if trainer is None or trainer.base is None:
            return None
        return replace(self, method=replace(self.method, trainer=trainer.base))

    @property
    def identity(self) -> dict[str, Any]:
        """The plain values that decide the job's result."""
        return {
            **self._inputs,
            "method": self.method.name,
            "parts": [component_identity(part) for part in self.method.parts],
            "settings": self._settings,
        }

    @cached_property
    def trained_key(self) -> str:
        """The hash of what decides the trained encoder and router; it names their folder."""
        trainer = self.method.trainer
        if trainer is None:
            return digest(self._inputs)
        used = ("encoder", "training", trainer.section)
        settings = {name: self._settings[name] for name in used if name in self._settings}
        identity = {**self._inputs, "trainer": component_identity(trainer), "settings": settings}
        if self.base is not None:
            identity["base"] = self.base.trained_key
        return digest(identity)

    @cached_property
    def index_key(self) -> str:
        """The hash of what decides the index that is built, apart from what was trained.

        Settings of its searches alone do not: the same files serve every value.
        """
        index, form = self.method.index, self.method.form
        identity = {
            "index": component_identity(index),
            "settings": self._built_settings(index.section),
        }
        if index.inner is not None:
            identity["inner"] = component_identity(index.inner)
            identity["inner_settings"] = self._built_settings(index.inner.section)
        if form is not None:
            identity["form"] = component_identity(form)
            identity["form_settings"] = self._settings[form.section]
        return digest(identity)

    def _built_settings(self, section: str) -> dict[str, Any] | None:
        """Return what is hashed for the settings of a section, without those of searches alone."""
        if section not in self._settings:
            return None
        searched = {
            each.name
            for each in fields(self.settings[section])
            if each.metadata.get("searched", False)
        }
        return {k: v for k, v in self._settings[section].items() if k not in searched}

    @cached_property
    def _settings(self) -> dict[str, Any]:
        return settings_identity(self.method, self.settings)

    @property
    def _inputs(self) -> dict[str, Any]:
        inputs = {"dataset": self.dataset_fingerprint, "seed": self.seed}
        if self.method.trainer is None:
            return inputs
        reading = {"encoder_reading": self.encoder_reading} if self.encoder_reading else {}
        return {**inputs, "encoder": self.encoder_fingerprint, "device": DEVICE, **reading}


def job_with_values(job: Job, values: Values) -> Job:
    """Return the job with values chosen from its menu. Raise InputError if they do not fit."""
    settings = with_values(job.settings, values)
    check_fit(job.method, settings)
    return replace(job, settings=settings)
