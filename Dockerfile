# The image of Spanwatch, in two stages: the first compiles the wheel, the second holds only what runs.
#
# Reading captures (no capability, any user, read-only root):
#   docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp \
#     --user "$(id -u):$(id -g)" -v "$PWD:/data" spanwatch replay plant.pcap --output out
#
# Watching an interface (host network; the program runs as user 10001 with NET_RAW and nothing else):
#   docker run --network host --user 0 --cap-drop ALL --cap-add NET_RAW --cap-add SETUID --cap-add SETGID \
#     --security-opt no-new-privileges --read-only --tmpfs /tmp -v spanwatch:/data \
#     --entrypoint spanwatch-capture spanwatch watch -i eth1 --store /data/spanwatch.db
#
# Why a second entry point and no file capability on the interpreter: with the effective bit such a file cannot be
# executed at all where NET_RAW is missing, so that a replay under --cap-drop ALL would fail, and no-new-privileges
# makes the kernel ignore it where NET_RAW is there. Docker gives no ambient capability to a user that is not root.
# spanwatch-capture therefore starts as root with three capabilities and hands one of them on to user 10001.
#
# Why no HEALTHCHECK: the image also runs commands that end (replay, report, elastic setup), for which there is nothing to
# ask. A sensor that dies ends its container; how well it sees is in its own health documents and alerts.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# What runs and what builds the wheel, each checked by hash. The environment holds no pip of its own.
COPY requirements requirements
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/spanwatch \
    && /opt/build/bin/pip --python /opt/spanwatch/bin/python install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY dissectors dissectors
COPY models models
COPY rules rules
COPY sensor sensor
RUN SPANWATCH_COMPILE=1 /opt/build/bin/pip wheel --no-index --no-deps --no-build-isolation -w wheel . \
    && /opt/build/bin/pip --python /opt/spanwatch/bin/python install --no-index --no-deps wheel/spanwatch-*.whl
# A missing compiler only makes the wheel slower elsewhere; an image that is not compiled is a failed build. The tests
# that packages bring along are left out, and what is needed must import without them.
RUN /opt/spanwatch/bin/spanwatch --version | grep -F "(packet path compiled)" \
    && find /opt/spanwatch/lib -name tests -type d -prune -exec rm -r {} + \
    && /opt/spanwatch/bin/python -c "import elasticsearch, numpy.testing, sklearn.ensemble, sklearn.mixture"

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Spanwatch" \
      org.opencontainers.image.description="A passive security sensor for industrial networks" \
      org.opencontainers.image.licenses="Apache-2.0"
# No file of the base image may lend root's rights.
RUN groupadd --gid 10001 spanwatch \
    && useradd --uid 10001 --gid 10001 --no-log-init --home-dir /data --no-create-home --shell /usr/sbin/nologin spanwatch \
    && install --directory --owner=10001 --group=10001 --mode=0755 /data \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY deploy/spanwatch-capture /usr/local/bin/spanwatch-capture
COPY --from=build /opt/spanwatch /opt/spanwatch
USER 10001:10001
WORKDIR /data
# The byte code was written when the wheel was installed; nothing is written beside it at run time.
ENV PATH="/opt/spanwatch/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
STOPSIGNAL SIGTERM
ENTRYPOINT ["spanwatch"]
CMD ["--help"]
