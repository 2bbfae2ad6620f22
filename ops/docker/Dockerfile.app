# The service, and the commands beside it that need no tables: dispatch, campaign, keys, ledger, control, versions.
#
#     docker build --file ops/docker/Dockerfile.app --tag app .
#
# Serving packages only: no torch, no polars, no pandera, no matplotlib, no scikit-learn. On top of its base it has
# at most 350 MB; tests/e2e measures that, and that every package over 20 MB is named here:
# over 20 MB: scipy, numpy, sqlalchemy
#
# A build behind a mirror hands over its pip configuration and its certificates as the secrets `pip` and `ca`,
# which no layer keeps. Without them pip does as it does everywhere.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY pyproject.toml constraints.txt ops/docker/requirements.py ./
# Tests of packages, and what only compilers and type checkers read, are left out. Bytecode is made once and never
# compared with its source: nobody can change the source in a container that may not be written to.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/build-ca.pem \
    python3 -m venv --without-pip /opt/venv \
    && python3 requirements.py pyproject.toml postgres gcp > requirements.txt \
    && python3 -m pip --python /opt/venv/bin/python install --no-compile \
        --constraint constraints.txt --requirement requirements.txt \
    && find /opt/venv -type d -name tests -prune -exec rm -rf {} + \
    && find /opt/venv \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' \) -delete \
    && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib
COPY README.md LICENSE ./
COPY ops/configs ops/configs
COPY src src
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca,target=/etc/ssl/build-ca.pem \
    python3 -m pip --python /opt/venv/bin/python install --no-compile --no-deps . \
    && /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        /opt/venv/lib/python3*/site-packages/churn_saver

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Churn-Saver" \
      org.opencontainers.image.description="Decides whom to contact, when, with which discount, and keeps what was promised" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/venv /opt/venv
# DATABASE_URL here is for a trial run: its ledger ends with the container. With K_SERVICE, which Cloud Run sets,
# a ledger in a file is refused. AUTH_MODE and API_KEYS come from outside; without them this does not start.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATABASE_URL=sqlite:////tmp/churn_saver.db
# The one folder that may be written to when the root is read-only.
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["churn-saver"]
CMD ["serve"]
