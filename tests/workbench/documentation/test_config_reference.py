from sample_infra.config import Service
from workbench.documentation.config_reference import docstrings


def test_docstrings_belong_to_the_field_above_them() -> None:
    assert docstrings(Service) == {
        "initial_image_tag": "Null: only third-party images.",
        "images": "The third-party images, by container.",
    }
