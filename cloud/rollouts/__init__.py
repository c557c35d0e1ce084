"""Releases of the controllers' firmware, and their rollout over a dealer's cabinets stage by stage.

versions, choosing, health, judging      pure: which cabinets in which order, how they are, what is done next
releases, bundles                        what was put up, checked; fetched by gateways
reports, facts                           what gateways say of their cabinets' firmware, and what is judged of it
beginning, deciding                      what people do: begin, pause, go on, stop, take back, leave out
telling, following, steps                orders to gateways, what became of them, all of it kept
resuming                                 one that is done, and cabinets that it could not reach then
work                                     every half minute by one process, while the cloud runs
views, listing, alerting                 what people see and are told
"""
