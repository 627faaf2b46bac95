"""One file for each library; adding a library is adding a file.

A file says:
    TITLE: what the table calls it.
    DISTRIBUTIONS: the installed distributions whose versions are printed.
    IMPORT, PACKAGES: for workload W10, the statement that it times and the top-level packages
        whose files it adds up. Left out by what has nothing of its own to import.
and has a function for each kind of workload that the library can run (`network`, `chain`,
`scalars`, `elementwise`, `hessian`, `update`), which takes the workload and returns
`workloads.Built`.
Results are compared with those of `numpy_by_hand` in float64, so it has a function for every kind.
"""
