"""Running diffusion experts: any diffusers folder of the Stable Diffusion 1.5, 2.1 or SDXL layout, guided four ways.

`DiffusionExpert` draws, `ModelPool` keeps what it draws with; both are imported from their own modules, so that
reading this one loads nothing.
"""
