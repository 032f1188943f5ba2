"""What every protocol shares.

A ``Session`` is one connection, or what one publisher sends to one address. It cuts the streams; a protocol tells it how long a message is
and where one could begin, and takes one. What it does with a message it finds in its parts::

    conversation  the general path of a parsed message through the parts below
    units         the channels of the connection, one for each unit behind the server
    operations    which operations it carries, which followed which
    pairing       which answer belongs to which request       group   requests to everybody
    exchanges     when an exchange is a fact and when it is only counted
    reporting     violations, identities, values that changed

``Message`` is what a dissector's parser makes of bytes. ``Connection`` has two ``Side``s and knows which is the client. ``Channel`` counts
per window; ``ChannelTable`` opens, closes and bounds them. ``Recorder`` writes facts down in their one order.
"""
