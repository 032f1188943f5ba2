"""hist-1: the historian, a TCP listener that takes trend records and acknowledges each with one line (port 5450)."""

from __future__ import annotations

import socketserver

from pcaps.plant import hosts


class Collector(socketserver.StreamRequestHandler):
    """Acknowledges every line."""

    def handle(self) -> None:
        """Answer line by line until the sender leaves."""
        for line in self.rfile:
            self.wfile.write(b"OK %d\n" % len(line))


class Listener(socketserver.ThreadingTCPServer):
    """One thread per sender; none of them keeps the process alive."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    with Listener((hosts.HISTORIAN.ip, hosts.HISTORIAN_PORT), Collector) as listener:
        listener.serve_forever()
