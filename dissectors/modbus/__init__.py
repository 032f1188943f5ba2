"""Modbus/TCP: MODBUS Application Protocol V1.1b3 and Messaging on TCP/IP V1.0b.

``table`` holds every code of the standard once (and the known codes of Schneider's function 90), ``parse`` turns the bytes
of one message into a Message, ``session`` counts and pairs. Limits: serial framings inside TCP and Modbus/TCP Security (TLS
on 802, opaque) are not dissected.
"""
