"""What is known: products, injection patterns, muscles, parameters, published numbers and their sources.

Other rooms use `catalogue()`; `rows` and `cite` serve the listing commands.
"""

from __future__ import annotations

from endplate.catalogue.clinical import (
    MODELLED_AREAS,
    PLACEBO,
    Arm,
    Endpoint,
    Result,
    Study,
    Treatment,
    UnwantedEffect,
)
from endplate.catalogue.landmarks import LANDMARKS, MIDLINE_LANDMARKS, PAIRED_LANDMARKS
from endplate.catalogue.listing import KINDS, cite, rows
from endplate.catalogue.records import (
    Dimension,
    MuscleRecord,
    Observation,
    Parameter,
    Pattern,
    PatternSite,
    Product,
    Source,
)
from endplate.catalogue.rules import validate
from endplate.catalogue.table import Catalogue, catalogue

__all__ = [
    "KINDS",
    "LANDMARKS",
    "MIDLINE_LANDMARKS",
    "MODELLED_AREAS",
    "PAIRED_LANDMARKS",
    "PLACEBO",
    "Arm",
    "Catalogue",
    "Dimension",
    "Endpoint",
    "MuscleRecord",
    "Observation",
    "Parameter",
    "Pattern",
    "PatternSite",
    "Product",
    "Result",
    "Source",
    "Study",
    "Treatment",
    "UnwantedEffect",
    "catalogue",
    "cite",
    "rows",
    "validate",
]
