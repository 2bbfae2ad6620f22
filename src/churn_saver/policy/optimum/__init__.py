"""The exact constrained optimum: the ruler that every policy is held against.

reach        which states can be met at all
blocks       the backward recursion, compiled
pricing      the best plan of each customer at a price
plan         the policy that follows it
restricted   the best mixture of known plans
master       column generation: plans in, optimum and its proof out
certificate  optimum, proof, and how a policy is held against them
"""

from churn_saver.policy.optimum.certificate import BudgetFrontier, Limits, Optimum
from churn_saver.policy.optimum.master import budget_frontier, dual, never_values, optimum
from churn_saver.policy.optimum.plan import ExactPolicy, greedy_actions
from churn_saver.policy.optimum.pricing import Plans, best_plans, best_values

__all__ = [
    "BudgetFrontier",
    "ExactPolicy",
    "Limits",
    "Optimum",
    "Plans",
    "best_plans",
    "best_values",
    "budget_frontier",
    "dual",
    "greedy_actions",
    "never_values",
    "optimum",
]
