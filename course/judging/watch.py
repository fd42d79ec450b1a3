"""Watch: which of torch's own functions an answer calls, where it has to write them itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from torch.overrides import TorchFunctionMode

# Torch's own attention, by whatever way it is called.
ATTENTION = frozenset(
    {
        "scaled_dot_product_attention",
        "flex_attention",
        "_scaled_dot_product_attention_math",
        "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_fused_attention_overrideable",
        "multi_head_attention_forward",
        "_native_multi_head_attention",
        "_transformer_encoder_layer_fwd",
    }
)


class Watch(TorchFunctionMode):
    """While it is entered: the first of the forbidden functions that is called, or ''."""

    def __init__(self, forbidden: Collection[str]) -> None:
        super().__init__()
        self.forbidden, self.seen = forbidden, ""

    def __torch_function__(
        self, function: Callable, types: Any, args: tuple = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(function, "__name__", "")
        if name in self.forbidden:
            self.seen = self.seen or name
        return function(*args, **(kwargs or {}))
