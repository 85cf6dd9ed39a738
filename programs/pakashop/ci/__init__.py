"""Steps of the application's workflows (``programs/pakashop/github``), each run with ``python -m`` from the top."""
