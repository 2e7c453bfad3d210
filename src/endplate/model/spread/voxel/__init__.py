"""The reference engine: the same physics as the default one, on voxels, with walls, fasciae and oblique fibres."""

from endplate.model.spread.voxel.closed import gaussian_field
from endplate.model.spread.voxel.fields import adjoint_field, exposure_field
from endplate.model.spread.voxel.flow import flow
from endplate.model.spread.voxel.grid import Grid, Medium
from endplate.model.spread.voxel.laplacian import Operator, laplacian, sheet_factor
from endplate.model.spread.voxel.tensor import tensor_of_axes
from endplate.model.spread.voxel.uptake import uptake, uptake_solver

__all__ = [
    "Grid",
    "Medium",
    "Operator",
    "adjoint_field",
    "exposure_field",
    "flow",
    "gaussian_field",
    "laplacian",
    "sheet_factor",
    "tensor_of_axes",
    "uptake",
    "uptake_solver",
]
