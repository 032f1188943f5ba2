"""Detections: events of the sensor in, alerts out.

``engine`` takes one event at a time (``dissectors.context.Event``): a fact with what is known around it, a change of the
inventory or of the sensor, a finding of a model. ``dispatch`` finds the entries of the ``catalogue`` that look at it,
their predicates answer with a Hit, ``incident`` joins hits, and ``subject`` makes the alert.

What a protocol declares in ``dissectors.spec.Danger`` and ``Patterns`` becomes entries in ``patterns.declared``: a new
protocol needs no line here. What is special stands in a file of its subject in ``catalogue``. Severities, settings and
sentences are data of the entry; the numbers may be changed by a site (``settings``).
"""
