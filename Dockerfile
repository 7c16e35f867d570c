# Personify's web app on a CPU.
#
#   docker build -t personify .
#   docker run --rm -it personify ui --hash                        # the HASH of a password, for a line NAME:HASH of ./login
#   docker run -p 7860:7860 -v personify:/data -v ./login:/run/secrets/login:ro personify
#
# By itself it listens to the outside with a login only. On your own machine, for you alone, say so:
#
#   docker run -p 127.0.0.1:7860:7860 -v personify:/data personify ui --host 0.0.0.0 --shelf /data/avatars
#
# It runs with a read-only root too: add --read-only --tmpfs /tmp.
FROM python:3.11-slim AS built

# PyPI's torch for Linux on x86-64 brings gigabytes of CUDA. Name PyTorch's own index of CPU wheels (its installation
# page says which) to leave them out: --build-arg TORCH_INDEX=URL
ARG TORCH_INDEX=""
# What you want besides, such as what fsspec needs for your object store: --build-arg ALSO=s3fs
ARG ALSO=""
ARG EXTRAS="ui,asr,openai,postgres"
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/personify
ENV PATH=/opt/personify/bin:$PATH

# The large libraries first: they change less often than Personify does.
WORKDIR /src
COPY constraints.txt ./
RUN if [ -n "$TORCH_INDEX" ]; then pip install -c constraints.txt --index-url "$TORCH_INDEX" torch; \
    else pip install -c constraints.txt torch; fi
COPY pyproject.toml README.md LICENSE ./
COPY avatar avatar
COPY voices voices
COPY pipelines pipelines
COPY ui ui
COPY eval eval
RUN pip install -c constraints.txt ".[$EXTRAS]" $ALSO


FROM python:3.11-slim

# OpenCV's build wants libGL and glib; a slim image has neither.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /home/personify personify \
    && install -d -o personify -g personify /data
COPY --from=built /opt/personify /opt/personify

# All that is kept lies in /data: avatars, memories, downloaded weights, settings.
ENV PATH=/opt/personify/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/data/cache \
    XDG_CONFIG_HOME=/data/config \
    XDG_DATA_HOME=/data/share \
    HF_HOME=/data/cache/huggingface \
    PERSONIFY_MEMORY=/data/memory.db
USER personify
WORKDIR /data
VOLUME /data
EXPOSE 7860

HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["personify"]
CMD ["ui", "--host", "0.0.0.0", "--port", "7860", "--shelf", "/data/avatars", "--login", "/run/secrets/login"]
