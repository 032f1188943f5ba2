"""The wire: from a captured frame to bytes in order, and to whoever dissects them.

A packet goes down this list::

    wire        the clock, then the frame; puts the parts below together
    decode      link types, VLAN tags, ethertypes        tunnel   what mirrors and carriers wrap around
    network     IPv4, IPv6                               fragments, assembly, unfinished
    flows       which conversation, counted              flow, half, flow_table
    arrivals    first packets of a direction, other MACs    joining and places: is another place the same network?
    tcp         the next segment at once, others by      handshake, reorder, repeats, copies, delivery
    strands     numbers that another SYN denied          holes: what comes late after all
    readings    bytes that came with two contents        seen, checksum, senders
    streams     bytes in order to the session, with what is still held of an unfinished message
    recognise   which protocol: the port proposes, the bytes decide    doors, service, naming
    roles       who is the client, where the first message leaves it in doubt
    layer2      frames without IP                        neighbours, neighbour_discovery   ARP, IPv6 likewise

and time alone does the rest: ``clock`` says when, ``sweep`` looks for what is late, ``health`` reports counters. ``addresses``
knows which MAC answers for an IP address. ``numbers`` holds assigned numbers, each once; those of a protocol that is dissected
stand in its declaration. ``failures`` ends the session of a flow whose packet made code raise.

Doors. A TCP or UDP port proposes its first declared protocol; any other is asked when its messages may begin with the
byte that came. An ethertype, LLC access point or SNAP number leads to its protocol without a question. Datagrams and frames
to a multicast or broadcast address make one flow for each sender and group: the sender is the client, the group the server,
nobody is missed on the other side.

Limits: one frame without IP is one message. Answers to a group are matched by asker, port and tag within 10 s; on Ethernet
by asker and tag.
"""
