"""Steps of the application's workflows (``programs/pakashop/github/workflows``), each run with ``python -m`` from the top."""
