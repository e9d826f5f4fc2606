"""Task utilities without parameters."""

from .tcl_sampler import IdentityTCLSampler, TCLSampler

__all__ = ['IdentityTCLSampler', 'TCLSampler']
