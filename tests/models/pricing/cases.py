"""A case of the pricing fixtures as the event that its usage object makes."""

from datetime import datetime

from models.pricing.names import canonical
from models.usage.event import Event
from models.usage.normalise import normalise


def event(case, api):
    """With its flavour named, or told from the shape where that is None."""
    sent, context = case["input"], case["input"].get("context", {})
    provider, model = canonical(sent["provider"], sent["model"])
    usage = normalise(sent["usage"] or {}, api, provider)
    return Event(
        source="rest",
        started_us=int(datetime.fromisoformat(sent["timestamp"]).timestamp()) * 10**6,
        provider=provider,
        model=model,
        tokens=usage.tokens,
        units=usage.units,
        service_tier=context.get("service_tier") or usage.service_tier,
        batch=context.get("batch", False) or usage.batch,
        flags=list(usage.flags),
    )
