"""In whom: draws of parameters and needles, and the bands they give."""

from endplate.population.bands import Bands, force_bands
from endplate.population.draws import draw_needles, draw_parameters

__all__ = ["Bands", "draw_needles", "draw_parameters", "force_bands"]
