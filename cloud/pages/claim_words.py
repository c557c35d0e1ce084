"""The words of claims: kinds and states, in both languages. Only texts."""

from collections.abc import Mapping

from page_kit.language import Say, Texts

KINDS: Mapping[str, str] = {
    "opened": "is-low",
    "received": "is-low",
    "accepted": "is-good",
    "refused": "is-wrong",
    "withdrawn": "",
}

TEXTS: Texts = {
    "kind_return": ("退货", "Return"),
    "kind_return_what": ("没用上，配件完好", "Not used, as good as new"),
    "kind_core": ("旧件", "Core"),
    "kind_core_what": ("换下来的旧件退回", "The old part goes back"),
    "kind_warranty": ("质保", "Warranty"),
    "kind_warranty_what": ("用了又坏，按质保处理", "It failed, and is claimed under warranty"),
    "claim_opened": ("已提出", "Opened"),
    "claim_received": ("已收件", "Received"),
    "claim_accepted": ("已同意", "Accepted"),
    "claim_refused": ("已拒绝", "Refused"),
    "claim_withdrawn": ("已撤回", "Withdrawn"),
}


def choices(say: Say) -> dict[str, tuple[str, str]]:
    """The kinds to choose from."""
    return {kind: (say(f"kind_{kind}"), say(f"kind_{kind}_what")) for kind in ("return", "core", "warranty")}
