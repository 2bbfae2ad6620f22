"""gcloud and docker as far as our scripts use them: keeps one service in a file, records every command.

Called as `gcloud_stand_in.py FOLDER gcloud|docker WORDS…`; the folder holds state.json and calls.json.
"""

import json
import sys
from pathlib import Path
from typing import Any

State = dict[str, Any]


def main() -> None:
    """Record the command, change the state, answer."""
    folder, words = Path(sys.argv[1]), sys.argv[2:]
    calls = json.loads((folder / "calls.json").read_text())
    (folder / "calls.json").write_text(json.dumps([*calls, words]))
    state: State = json.loads((folder / "state.json").read_text())
    plain = " ".join(word for word in words if not word.startswith("-"))
    for beginning, told in state["refuses"].items():
        if plain.startswith(beginning):
            sys.exit(f"ERROR: {told}")
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--") and "=" in word)
    answer = _answer(plain, options, state)
    (folder / "state.json").write_text(json.dumps(state))
    print(answer)


def _answer(plain: str, options: dict[str, str], state: State) -> str:
    if plain.startswith("gcloud auth print-identity-token"):
        return str(state["token"])
    if plain.startswith("gcloud run services describe"):
        return json.dumps({"status": {"url": state["url"], "traffic": state["traffic"]}})
    if plain.startswith("gcloud run revisions list"):
        return json.dumps(state["revisions"])
    if plain.startswith("gcloud run services update-traffic"):
        _move(options, state)
    elif plain.startswith("gcloud run services update"):
        name = f"{plain.split()[4]}-{options['revision-suffix']}"
        state["revisions"].append(revision(name, len(state["revisions"]), image=options["image"]))
        state["traffic"].append({"revisionName": name, "tag": options["tag"], "url": state["tagged_url"]})
    elif plain.startswith("docker inspect"):
        return str(plain.split()[-1].rsplit(":", 1)[0]) + "@sha256:" + "1" * 64
    return ""


def _move(options: dict[str, str], state: State) -> None:
    """Set traffic and tags, as one change."""
    tags = {one["tag"]: one for one in state["traffic"] if "tag" in one}
    for pair in filter(None, options.get("update-tags", "").split(",")):
        tag, name = pair.split("=")
        tags[tag] = {"revisionName": name, "tag": tag, "url": state["tagged_url"]}
    for tag in filter(None, options.get("remove-tags", "").split(",")):
        del tags[tag]
    name, percent = options["to-revisions"].split("=")
    assert name in {one["metadata"]["name"] for one in state["revisions"]}, f"no revision {name}"
    state["traffic"] = [{"revisionName": name, "percent": int(percent)}, *tags.values()]


def revision(name: str, number: int, ready: bool = True, image: str = "") -> State:
    """Describe a revision as the API does; a higher number is younger."""
    return {
        "metadata": {"name": name, "creationTimestamp": f"2026-11-{number + 1:02d}T08:00:00.000000Z"},
        "spec": {"containers": [{"image": image or f"repository/app@{name}"}]},
        "status": {
            "conditions": [
                {"type": "Active", "status": "False"},
                {"type": "Ready", "status": "True" if ready else "False"},
            ]
        },
    }


if __name__ == "__main__":
    main()
