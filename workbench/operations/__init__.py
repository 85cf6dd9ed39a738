"""What the commands do: each operation is planned, shown, and then carried out.

A plan is a frozen dataclass that a ``plan_…`` function makes by reading alone; the function that executes it is given
the plan and the wrappers of :mod:`workbench.aws` that it needs. Nothing here prints, asks or reads the command line.
"""
