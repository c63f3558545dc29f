"""How hard the properties are tried: moderately and always the same by default, at length and by chance under
`--hypothesis-profile=torture`. Either way a failure prints what reproduces it."""

from typing import Any

from hypothesis import HealthCheck, settings

USUAL = 100  # examples of a test that says nothing, in the usual profile


def is_torture() -> bool:
    return settings.default.max_examples > USUAL


def examples(number: int, **options: Any) -> settings:
    """So many, as the profile scales them. Real files and databases are slow: that is no fault of an example."""
    scaled = number * settings.default.max_examples // USUAL
    return settings(
        max_examples=scaled,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        report_multiple_bugs=False,
        **options,
    )
