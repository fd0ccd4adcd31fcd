# tobs, with ffmpeg and what asks a graphics card. docs/docker.md says how to run it.
#
#   docker build -t tobs .

FROM python:3.13-slim-trixie AS build
WORKDIR /source
RUN python -m venv /opt/tobs
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/tobs/bin/pip install --no-cache-dir '.[images,prometheus]'

FROM python:3.13-slim-trixie
# Intel's full driver is only for its own processors, and in a section of Debian that is not switched on.
RUN set -eu; \
    drivers=mesa-va-drivers; \
    if [ "$(dpkg --print-architecture)" = amd64 ]; then \
        sed -i 's/^Components: main$/Components: main non-free/' /etc/apt/sources.list.d/debian.sources; \
        drivers="$drivers intel-media-va-driver-non-free"; \
    fi; \
    apt-get update; \
    apt-get install -y --no-install-recommends ffmpeg vainfo $drivers; \
    rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 tobs \
    && install -d -o tobs -g tobs /data /data/export \
    && install -d -m 0700 -o tobs -g tobs /data/home
COPY --from=build /opt/tobs /opt/tobs
# TTY_MODE stays unset: auto draws with `docker run -t` and writes lines without, and FORCE_TTY_MODE goes on working.
ENV PATH=/opt/tobs/bin:$PATH \
    TOBS_HOME=/data/home \
    EXPORT_PATH=/data/export
USER tobs
WORKDIR /data
VOLUME ["/data"]
# Alone it leads through an export where there is a terminal, and shows its help where there is none.
ENTRYPOINT ["tobs"]
