"""Preferences of all sources together."""

import json

from churn_saver.data.preferences import hh_pairs, mixed, shp_pairs


def test_sources_mix_as_they_are_read() -> None:
    """From lines to one frame; each pair says where it comes from."""
    hh = [
        {"chosen": f"\n\nHuman: q{i}\n\nAssistant: good", "rejected": f"\n\nHuman: q{i}\n\nAssistant: bad"}
        for i in range(6)
    ]
    shp = [
        {"post_id": f"p{i}", "history": f"post {i}", "human_ref_A": "a", "human_ref_B": "b", "labels": 0,
         "score_ratio": 1.0 + i} for i in range(6)
    ]  # fmt: skip
    parts = {
        "hh_rlhf": hh_pairs({"hh": [json.dumps(row).encode() for row in hh]}).frame,
        "shp2": shp_pairs({"shp": [json.dumps(row).encode() for row in shp]}, 3.0).frame,
    }

    found = mixed(parts, {"hh_rlhf": 0.5, "shp2": 0.5}, 100, 42)
    assert found["source"].value_counts().sort("source").rows() == [("hh_rlhf", 6), ("shp2", 4)]
    assert set(found.filter(source="shp2")["chosen"]) == {"b"}
