"""Alerts (提醒): what a dealer must know, once each, by page, e-mail and signed webhook (docs/alerts.md).

matters, contact, judging, lasting, quiet, visit_times    pure: what holds, and what becomes of it
facts, stock_outs, losses                                 what is judged, read from the tables
turns, judge, keeping                                     alerts kept, by one process at a time
ways, telling, outbound, words, sentences, letters        told by mail and webhook, once each
views, naming, listing, taking                            what people see and do
work                                                      all of it every few minutes, while the cloud runs
"""
