# The wheel is compiled in the first stage; the second holds only what runs. No server, no shell needed at run time.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY dissectors dissectors
COPY models models
COPY rules rules
COPY sensor sensor
RUN python -m venv /opt/spanwatch \
    && /opt/spanwatch/bin/pip install --no-cache-dir --upgrade pip \
    && SPANWATCH_COMPILE=1 /opt/spanwatch/bin/pip install --no-cache-dir .

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Spanwatch" \
      org.opencontainers.image.description="A passive security sensor for industrial networks" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/spanwatch /opt/spanwatch
RUN useradd --system --uid 10001 --home-dir /data --create-home spanwatch
USER spanwatch
WORKDIR /data
ENV PATH="/opt/spanwatch/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["spanwatch"]
CMD ["--help"]
