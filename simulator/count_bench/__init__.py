"""How well Partsbay counts: people's sessions, the firmware's weighing, the gateway's counting, and a score.

Not production. Of the product it sees the firmware's weighing and the gateway's counting, as they are.
"""
