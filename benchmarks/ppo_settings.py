"""The five settings that each side declares for the race, and the race itself.

Of ours: ppo.yaml, and four that learn in smaller portions. Of the peer: its defaults, and four of the kind
that its guide advises (normalised inputs and rewards, several environments, other rates), with discount 1,
which is that of the problem. All of the peer's act in our environment of arrays.
Source: https://stable-baselines3.readthedocs.io/en/master/guide/rl_tips.html
"""

from collections.abc import Sequence

from benchmarks.ppo_ground import Ground
from benchmarks.ppo_peer import Peer, PeerSetting
from benchmarks.ppo_race import SEED, Clock, Lap, Ours, OurSetting, lap
from churn_saver.domain.progress import Progress

OURS: Sequence[OurSetting] = (
    OurSetting("as ppo.yaml"),
    OurSetting("half the slots", {"slots": 1024, "minibatch": 4096}),
    OurSetting("512 slots", {"slots": 512, "minibatch": 4096}),
    OurSetting("256 slots", {"slots": 256, "minibatch": 2048}),
    OurSetting("512 slots, narrow", {"slots": 512, "minibatch": 4096, "hidden": (64, 64)}),
)
PEERS: Sequence[PeerSetting] = (
    PeerSetting("defaults"),
    PeerSetting(
        "8 slots", slots=8, rollout_steps=256, minibatch=64, gamma=1.0, normalised=True, anneals=True
    ),
    PeerSetting(
        "64 slots", slots=64, rollout_steps=64, minibatch=512, gamma=1.0, normalised=True, anneals=True,
        entropy=0.01,
    ),
    PeerSetting(
        "512 slots", slots=512, rollout_steps=64, minibatch=4096, epochs=4, learning_rate=2e-3,
        hidden=(128, 128), gamma=1.0, normalised=True, anneals=True,
    ),
    PeerSetting(
        "2,048 slots", slots=2048, rollout_steps=64, minibatch=8192, epochs=2, learning_rate=3e-3,
        hidden=(128, 128), gamma=1.0, normalised=True, anneals=True, entropy=0.01,
    ),
)  # fmt: skip


def run(ground: Ground, clock: Clock, progress: Progress) -> tuple[list[Lap], list[Lap]]:
    """Let all learn, one after the other: ours, and the peer's."""
    panel, stick = ground.judges()
    share, total = ground.settings.budget_share, len(OURS) + len(PEERS)
    ours, peers = list[Lap](), list[Lap]()
    for setting in OURS:
        progress(f"race: ours, {setting.name}", len(ours), total)
        ours.append(lap(setting.name, Ours(ground, setting, SEED), panel, stick, share, clock))
    for peer in PEERS:
        progress(f"race: sb3, {peer.name}", len(ours) + len(peers), total)
        peers.append(lap(peer.name, Peer(ground, peer, SEED), panel, stick, share, clock))
    return ours, peers
