"""Preference pairs from public sources, and their mixture: the one door to all of them.

hh_pairs    HH-RLHF: answers of models, judged one by one
shp_pairs   SHP-2: comments of people, judged by votes
mixed       some of each, by shares
"""

from churn_saver.data.hh_rlhf import hh_pairs
from churn_saver.data.mixing import mixed
from churn_saver.data.shp2 import shp_pairs

__all__ = ["hh_pairs", "mixed", "shp_pairs"]
