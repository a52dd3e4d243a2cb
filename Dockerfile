# One stage builds the front end, one a virtual environment; the last is both on a slim image, and nothing else.
FROM node:22-slim AS frontend

WORKDIR /build
COPY LICENSE CHANGELOG.md ./
COPY docs/openapi.json ./docs/
COPY frontend ./frontend
WORKDIR /build/frontend
RUN npm ci --no-audit --no-fund && npm run build


FROM python:3.12-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/latchkey
ENV PATH=/opt/latchkey/bin:$PATH

# First what changes seldom. Every file is checked against its hash. EXTRA=-tracing has what sends traces as well.
WORKDIR /build
ARG EXTRA=""
COPY requirements.txt requirements-tracing.txt ./
RUN pip install --require-hashes -r requirements$EXTRA.txt

# setuptools is among the requirements: nothing unpinned is fetched to build the project.
COPY pyproject.toml README.md LICENSE ./
COPY service ./service
COPY models ./models
COPY migrations ./migrations
COPY latchkey ./latchkey
RUN pip install --no-deps --no-build-isolation .


FROM python:3.12-slim

RUN groupadd --system --gid 10001 latchkey \
    && useradd --system --uid 10001 --gid latchkey --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin latchkey
COPY --from=build /opt/latchkey /opt/latchkey
COPY --from=frontend /build/frontend/app/dist /opt/latchkey/frontend/app/dist

ENV PATH=/opt/latchkey/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production \
    HOST=0.0.0.0 \
    PORT=8000

# By number: `runAsNonRoot` of Kubernetes takes nobody's word for a name.
USER 10001:10001
WORKDIR /opt/latchkey
EXPOSE 8000

# The image has no curl. Liveness only: a store that is away is no reason to restart.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/api/health\", timeout=2)"]

# SIGTERM: three seconds for balancers to notice, then requests under way finish, for up to 15: give it at least 20 to stop.
STOPSIGNAL SIGTERM
CMD ["latchkey", "serve"]
