"""Reading captures: pcap and pcapng files, plain or compressed, folders and standard input, into a packet sink.

``reader.read`` is the door. ``pcap`` and ``pcapng`` walk the bytes (compiled, per packet), ``source`` and
``compression`` bring them, ``folder`` and ``file_type`` find out what is to be read, ``record`` says what was.
"""
