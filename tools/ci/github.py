"""The calls of GitHub's REST API that the workflows make, on the repository that they run in."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tools.ci.actions import variable
from workbench.errors import OperationFailedError

BODY_LIMIT = 65_536
"""How many characters the body of a comment or an issue may have; GitHub answers 422 to more."""

_TIMEOUT_SECONDS = 30
_PER_PAGE = 100


class GitHub:
    """One repository, with a workflow's token."""

    def __init__(self, *, api_url: str, repository: str, token: str) -> None:
        self._base = f"{api_url}/repos/{repository}"
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": "2022-11-28",
            }
        )
        # What was lost on its way may be asked again where twice is the same as once; a comment may not be made twice.
        retries = Retry(total=4, backoff_factor=0.5, status_forcelist=[502, 503, 504], allowed_methods=["GET", "PATCH"])
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retries))

    @classmethod
    def of_this_run(cls) -> "GitHub":
        """Return the repository of the run, as the step's environment names it.

        Raises:
            OperatorError: outside GitHub Actions, or without ``GITHUB_TOKEN``.
        """
        return cls(
            api_url=variable("GITHUB_API_URL"),
            repository=variable("GITHUB_REPOSITORY"),
            token=variable("GITHUB_TOKEN"),
        )

    def get(self, path: str) -> Any:
        """Return what is there.

        Raises:
            OperationFailedError: when GitHub does not say.
        """
        return self._answer("GET", f"{self._base}{path}").json()

    def listed(self, path: str, **filters: str) -> Iterator[Mapping[str, Any]]:
        """Return every item of a list, page by page.

        Raises:
            OperationFailedError: when GitHub does not say.
        """
        url: str | None = f"{self._base}{path}"
        query: Mapping[str, str] | None = {**filters, "per_page": str(_PER_PAGE)}
        while url is not None:
            answer = self._answer("GET", url, query=query)
            yield from answer.json()
            # The link to the next page carries the query.
            url, query = answer.links.get("next", {}).get("url"), None

    def create(self, path: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make something, and return it.

        Raises:
            OperationFailedError: when GitHub refuses.
        """
        return self._answer("POST", f"{self._base}{path}", document=document).json()

    def change(self, path: str, document: Mapping[str, Any]) -> None:
        """Change something.

        Raises:
            OperationFailedError: when GitHub refuses.
        """
        self._answer("PATCH", f"{self._base}{path}", document=document)

    def _answer(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
    ) -> requests.Response:
        what = f"{method} {url.partition('?')[0]}"
        try:
            answer = self._session.request(method, url, params=query, json=document, timeout=_TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise OperationFailedError(f"{what}: no answer: {error}") from None
        if not answer.ok:
            raise OperationFailedError(f"{what}: {answer.status_code}: {_reason(answer)}")
        return answer


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason or "no reason given"
