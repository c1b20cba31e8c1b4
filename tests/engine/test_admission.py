"""What the API server refuses or warns of reaches the user."""

import pytest
from checkout import Checkout


@pytest.fixture(scope="module")
def update(checkout: Checkout) -> str:
    """What the first update says of a planted root container."""
    file = checkout.path / "components/containers.py"
    whole = file.read_text()
    planted = whole.replace('"run_as_non_root": not root', '"run_as_non_root": False')
    assert planted != whole
    file.write_text(planted)
    seen = checkout.local("up")
    file.write_text(whole)
    return seen


def test_a_pod_that_breaks_the_restricted_standard_is_reported(update: str) -> None:
    """The API server's warning stands in the update."""
    assert 'would violate PodSecurity "restricted:v1.35"' in update
    assert "runAsNonRoot != true" in update


@pytest.mark.usefixtures("update")
def test_an_unknown_field_is_refused_by_name_before_anything_is_changed(checkout: Checkout) -> None:
    """Strict validation acts in a preview, once the cluster exists."""
    file = checkout.path / "components/containers.py"
    whole = file.read_text()
    file.write_text(whole.replace('"run_as_non_root": not root', '"run_as_nonroot": not root'))
    seen = checkout.local("preview", expect=1)
    file.write_text(whole)
    assert "runAsNonroot" in seen or "run_as_nonroot" in seen


def test_a_resource_without_a_provider_of_its_own_is_refused(checkout: Checkout) -> None:
    """Default providers are off: nothing slips through to whatever account is at hand."""
    file = checkout.path / "__main__.py"
    whole = file.read_text()
    file.write_text(f'{whole}\nimport pulumi_aws\n\npulumi_aws.s3.Bucket("stray")\n')
    seen = checkout.local("preview", expect=1)
    file.write_text(whole)
    assert "Default provider for 'aws' disabled" in seen
