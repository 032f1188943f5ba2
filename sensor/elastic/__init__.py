"""Writing to Elasticsearch: the cluster's set-up as data, and the process that ships what the spool of a store holds.

Public: ``settings.Settings`` (how a cluster is reached) and ``settings.check``; ``requests`` (what ``setup`` sends, as
data); ``start.start_shipper`` (the shipper as a process of its own); ``tally.read_tally`` (what it counted). The
``elasticsearch`` package is imported when a connection is made, not before. Supported: Elasticsearch 8.19+ and 9.1+.
"""
