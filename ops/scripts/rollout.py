"""Deploy an image to Cloud Run without a gap, and go back.

    python3 -m ops.scripts.rollout forward --build=ID IMAGE
    python3 -m ops.scripts.rollout back [--to REVISION]

Forward: a revision without traffic, a smoke test at its own address, then all traffic. Back: all traffic to
the revision that had it before, which the tag `previous` remembers. A tag `try-...` stays on what failed its
test, and no way back leads there. Only traffic goes back: the ledger keeps the shape that it has.

Reads GCP_PROJECT_ID, GCP_REGION and SERVICE_NAME. Needs gcloud and Python, nothing else: it runs where the
package is not installed.
"""

import argparse
import os
import sys
from collections.abc import Mapping

from ops.rollout.cloud_run import CloudRun, Refused, Revision, State
from ops.rollout.smoke import smoke

REGION, SERVICE = "us-central1", "churn-retain-api"
"""The same as in ops/cloudbuild.yaml."""
PREVIOUS, TRIED = "previous", "try-"
SAMPLES = "us-docker.pkg.dev/cloudrun/container/"
"""Google's images, one of which stands at the address until the first deploy: no way back leads there."""
PATIENCE_SECONDS = 120


def main() -> int:
    """Do what the command line says and give the exit code."""
    options = _parser().parse_args()
    try:
        service = named_service(os.environ)
        if options.way == "forward":
            forward(service, options.image, options.build, options.patience)
        else:
            back(service, options.to)
    except Refused as error:
        print(f"rollout: {error}", file=sys.stderr)
        return 1
    return 0


def named_service(variables: Mapping[str, str]) -> CloudRun:
    """Find which service is meant.

    Raises:
        Refused: no project is named.
    """
    project = variables.get("GCP_PROJECT_ID", "")
    if not project:
        raise Refused(
            "GCP_PROJECT_ID is not set, wanted the id of a Google Cloud project. "
            "Next step: fill in .env and load it: set -a; . ./.env; set +a"
        )
    return CloudRun(project, variables.get("GCP_REGION") or REGION, variables.get("SERVICE_NAME") or SERVICE)


def forward(service: CloudRun, image: str, build: str, patience_seconds: float) -> None:
    """Make a revision, ask it whether it is well, and only then give it all traffic.

    Raises:
        Refused: it does not start or is not well; the traffic stays where it was.
    """
    before = service.state().serving()
    tag, suffix = f"{TRIED}{build[:8]}", f"b{build[:8]}"
    stays = f"All traffic stays at {before or 'nobody'}."
    try:
        service.add(image, suffix, tag)
    except Refused as error:
        raise Refused(f"{error}\nThe revision did not start. {stays}") from None
    state = service.state()
    candidate = state.tagged(tag)
    if candidate is None:
        raise Refused(f"{service.service} has no revision tagged {tag} after the deploy. {stays}")
    print(f"{candidate.revision} runs {image} without traffic at {candidate.url}", flush=True)
    # The audience is the service, even where one of its revisions is asked.
    if fault := smoke(candidate.url, service.token(state.url), patience_seconds):
        raise Refused(
            f"{candidate.revision} failed its smoke test: {fault}. {stays} Next step: read its log: gcloud "
            f"logging read resource.labels.revision_name={candidate.revision} --project={service.project}"
        )
    print(f"{candidate.revision} has passed its smoke test", flush=True)
    remembered = {PREVIOUS: before} if before not in {"", candidate.revision} else {}
    service.give_all(candidate.revision, remembered, [tag])
    print(
        f"{candidate.revision} has all traffic; before it: {before or 'nobody'}. The way back: make rollback"
    )
    _follow(service, image)


def back(service: CloudRun, wanted: str | None) -> None:
    """Give all traffic to the revision that had it before, or to the one that is named.

    Raises:
        Refused: there is none that is ready; the traffic stays where it was.
    """
    state = service.state()
    target = earlier(state, service.revisions(), wanted)
    service.give_all(target.name, {}, [PREVIOUS] if state.tagged(PREVIOUS) else [])
    print(f"{target.name} has all traffic; before it: {state.serving() or 'nobody'}")
    _follow(service, target.image)


def earlier(state: State, revisions: list[Revision], wanted: str | None = None) -> Revision:
    """Choose where to go back to: what is named, else who had the traffic before, else the newest older one.

    Args:
        state: Of the service.
        revisions: Newest first.
        wanted: A revision by its name.

    Raises:
        Refused: none is ready.
    """
    ready = {one.name: one for one in revisions if one.is_ready and not one.image.startswith(SAMPLES)}
    serving, remembered = state.serving(), state.tagged(PREVIOUS)
    if wanted is not None:
        if wanted not in ready:
            raise Refused(
                f"revision {wanted} is not there or not ready, wanted one of {', '.join(ready) or 'none'}"
            )
        return ready[wanted]
    if remembered and remembered.revision in ready and remembered.revision != serving:
        return ready[remembered.revision]
    failed = {one.revision for one in state.targets if one.tag.startswith(TRIED)}
    names = [one.name for one in revisions]
    older = names[names.index(serving) + 1 :] if serving in names else names
    for name in older:
        if name in ready and name not in failed:
            return ready[name]
    raise Refused(
        f"no revision before {serving or 'this'} is ready and has served. Next step: make rollback "
        f"TO=REVISION, one of {', '.join(ready) or 'none'}"
    )


def _follow(service: CloudRun, image: str) -> None:
    job = f"{service.service}-dispatch"
    if service.follow(image):
        print(f"the job {job} runs the same image")
    else:
        print(f"the job {job} is not there or may not be changed: left as it is")


def _parser() -> argparse.ArgumentParser:
    # A word @FILE stands for the lines of a file.
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, fromfile_prefix_chars="@"
    )
    ways = parser.add_subparsers(dest="way", required=True)
    ahead = ways.add_parser("forward", help="deploy, test, take over")
    ahead.add_argument("image", help="by its digest; @FILE reads it from a file")
    ahead.add_argument(
        "--build", required=True, help="id of the build; its first eight signs name the revision"
    )
    ahead.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds for the smoke test")
    behind = ways.add_parser("back", help="give the traffic back")
    behind.add_argument("--to", help="this revision")
    return parser


if __name__ == "__main__":
    sys.exit(main())
