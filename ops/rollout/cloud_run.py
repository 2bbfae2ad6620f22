"""A Cloud Run service and its revisions, seen and changed through gcloud. Decides nothing."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class Refused(Exception):
    """Something does not go on; the message says what, and the next step."""


@dataclass(frozen=True, slots=True)
class Target:
    """One line of a service's traffic."""

    revision: str
    percent: int
    tag: str
    """'' without one."""
    url: str
    """Where the tagged revision answers by itself; '' without a tag."""


@dataclass(frozen=True, slots=True)
class State:
    """A service as it is now."""

    url: str
    targets: tuple[Target, ...]

    def serving(self) -> str:
        """Name the revision with the most traffic; '' when none has any."""
        shares: dict[str, int] = {}
        for one in self.targets:
            shares[one.revision] = shares.get(one.revision, 0) + one.percent
        most = max(shares, key=lambda name: shares[name], default="")
        return most if shares.get(most) else ""

    def tagged(self, tag: str) -> Target | None:
        """Find what a tag points to."""
        return next((one for one in self.targets if one.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of the service that was once deployed."""

    name: str
    created: str
    """RFC 3339 in UTC, so that the order of texts is that of time."""
    is_ready: bool
    image: str


@dataclass(frozen=True, slots=True)
class CloudRun:
    """One service in one region of one project."""

    project: str
    region: str
    service: str

    def state(self) -> State:
        """Ask where the traffic goes.

        Raises:
            Refused: there is no such service, or it may not be seen.
        """
        status = json.loads(self._gcloud("run", "services", "describe", self.service, "--format=json"))[
            "status"
        ]
        targets = (
            Target(one["revisionName"], one.get("percent", 0), one.get("tag", ""), one.get("url", ""))
            for one in status.get("traffic", ())
        )
        return State(status["url"], tuple(targets))

    def revisions(self) -> list[Revision]:
        """List what was deployed, newest first.

        Raises:
            Refused: the list cannot be had.
        """
        listed = self._gcloud("run", "revisions", "list", f"--service={self.service}", "--format=json")
        found = [
            Revision(
                one["metadata"]["name"],
                one["metadata"]["creationTimestamp"],
                any(
                    said["type"] == "Ready" and said["status"] == "True"
                    for said in one["status"]["conditions"]
                ),
                one["spec"]["containers"][0]["image"],
            )
            for one in json.loads(listed)
        ]
        return sorted(found, key=lambda one: one.created, reverse=True)

    def add(self, image: str, suffix: str, tag: str) -> None:
        """Make a revision that gets no traffic and answers at an address of its own.

        Raises:
            Refused: it does not start, or may not be made.
        """
        self._gcloud(
            "run", "services", "update", self.service,
            f"--image={image}", f"--revision-suffix={suffix}", f"--tag={tag}", "--no-traffic",
        )  # fmt: skip

    def give_all(self, revision: str, tags: Mapping[str, str], without: Sequence[str]) -> None:
        """Send all traffic to one revision, and set and remove tags, in one change.

        Raises:
            Refused: the change is not made.
        """
        options = [f"--to-revisions={revision}=100"]
        options += (
            [f"--update-tags={','.join(f'{tag}={name}' for tag, name in tags.items())}"] if tags else []
        )
        options += [f"--remove-tags={','.join(without)}"] if without else []
        self._gcloud("run", "services", "update-traffic", self.service, *options)

    def follow(self, image: str) -> bool:
        """Let the dispatcher's job run the same image.

        Returns:
            Whether there is such a job that may be changed.

        Raises:
            Refused: there is one, and the change fails.
        """
        job = f"{self.service}-dispatch"
        try:
            self._gcloud("run", "jobs", "describe", job, "--format=value(metadata.name)")
        except Refused:
            return False
        self._gcloud("run", "jobs", "update", job, f"--image={image}")
        return True

    def token(self, audience: str) -> str:
        """Draw an identity token of the account that runs this, for one audience.

        Raises:
            Refused: the account may not draw one.
        """
        return _said(["gcloud", "auth", "print-identity-token", f"--audiences={audience}"]).strip()

    def _gcloud(self, *words: str) -> str:
        return _said(["gcloud", *words, f"--project={self.project}", f"--region={self.region}", "--quiet"])


def _said(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise Refused(
            "gcloud is not installed. Next step: https://cloud.google.com/sdk/docs/install"
        ) from None
    if done.returncode:
        what = " ".join(command[:4])
        raise Refused(f"{what} ended with {done.returncode}: {done.stderr.strip()[-1000:] or 'no word'}")
    return done.stdout
