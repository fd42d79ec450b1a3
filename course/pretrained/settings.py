"""Settings: what config.json says of a model, each value of its kind, and nothing that the course cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from course.pretrained.folder import Source, read_json, read_weights
from course.pretrained.refused import Refused

REQUIRED = object()


class Settings:
    """The values of a config, asked for one by one; whatever is wrong with one is Refused by its name.

    kind: the model_type that the config must have; null counts as not there."""

    def __init__(self, values: Mapping[str, Any], kind: str) -> None:
        self.values, self.kind = values, kind
        if (found := self.get("model_type")) != kind:
            raise Refused(f"model_type={found!r} must be {kind!r}: the config is another model's")
        self.only("quantization_config", [], "its weights are not plain numbers")

    def get(self, name: str, default: Any = REQUIRED) -> Any:
        """The value, or the default where there is none."""
        value = self.values.get(name)
        if value is None and default is REQUIRED:
            raise Refused(f"config.json does not say {name}: it is incomplete, or another model's")
        return default if value is None else value

    def whole(self, name: str, default: Any = REQUIRED, least: int = 1) -> Any:
        """A whole number, `least` or above."""
        value = self.get(name, default)
        if value is not default and (type(value) is not int or value < least):
            raise Refused(f"{name}={value!r} must be a whole number, {least} or above")
        return value

    def number(self, name: str, default: Any = REQUIRED) -> Any:
        """A number above 0, or 0."""
        value = self.get(name, default)
        if value is not default and (type(value) not in (int, float) or not 0 <= value < float("inf")):
            raise Refused(f"{name}={value!r} must be a number, 0 or above")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or False."""
        value = self.get(name, default)
        if type(value) is not bool:
            raise Refused(f"{name}={value!r} must be true or false")
        return value

    def choice(self, name: str, choices: Mapping[str, Any]) -> Any:
        """What the named choice means here."""
        value = self.get(name)
        if not isinstance(value, str) or value not in choices:
            raise Refused(f"{name}={value!r} is not implemented; the course has {', '.join(map(repr, choices))}")
        return choices[value]

    def only(self, name: str, allowed: Iterable[Any], why: str) -> None:
        """Nothing is said of it, or one of what is allowed."""
        value = self.get(name, None)
        if value is not None and value not in list(allowed):
            raise Refused(f"{name}={value!r} is not implemented by the course: {why}")

    def off(self, *names: str) -> None:
        """Features that the course does not have."""
        for name in names:
            self.only(name, [False], f"its {self.kind} works as if this were false")

    def architectures(self, *known: str) -> None:
        """Which of transformers' classes wrote the weights: one that the course knows, where it is said."""
        named = self.get("architectures", None)
        if named is not None and not set(known) & set(named):
            raise Refused(f"architectures={named!r} is not implemented; the course reads {', '.join(known)}")

    def divisible(self, name: str, by: str) -> None:
        """One whole number is a multiple of another."""
        if self.whole(name) % self.whole(by):
            raise Refused(f"{name}={self.get(name)} must be divisible by {by}={self.get(by)}: one of them is wrong")


def opened(source: Source, config: Mapping[str, Any] | None, kind: str) -> tuple[Settings, dict[str, Tensor]]:
    """Settings and weights: from a folder, or from a state dict with its config (a dict, as in config.json)."""
    if isinstance(source, Mapping):
        if not isinstance(config, Mapping):
            raise ValueError(
                "a state dict comes with its config, what config.json says, as a dict (config.to_dict()), "
                f"not as {type(config).__name__}"
            )
        return Settings(config, kind), dict(source)
    if not isinstance(source, str | Path):
        raise ValueError(f"weights come from a folder or a state dict, not from a {type(source).__name__}")
    if config is not None:
        raise ValueError("a folder has a config.json of its own: config is for a state dict")
    folder = Path(source)
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder: give the one in which config.json is")
    settings = Settings(read_json(folder / "config.json"), kind)
    return settings, read_weights(folder)
