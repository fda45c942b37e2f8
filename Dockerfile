# The product in one image: the built page, the server, its migrations. Runs as a user of its own.

FROM node:22-bookworm-slim AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY frontend/ ./
RUN npm run build

FROM python:3.13-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/rhapsode
WORKDIR /src
COPY backend/requirements-build.lock backend/requirements.lock ./
RUN /opt/rhapsode/bin/pip install --require-hashes -r requirements-build.lock -r requirements.lock
COPY backend/ ./backend/
RUN /opt/rhapsode/bin/pip install --no-deps --no-build-isolation ./backend

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home rhapsode \
    && install --directory --owner rhapsode --mode 0700 /data
COPY --from=packages /opt/rhapsode /opt/rhapsode
COPY --from=page /src/frontend/dist /app/frontend
COPY migrations/ /app/migrations/
COPY LICENSE /app/
ENV PATH=/opt/rhapsode/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RHAPSODE_DATA_DIR=/data \
    RHAPSODE_FRONTEND_DIR=/app/frontend \
    RHAPSODE_HOST=0.0.0.0 \
    RHAPSODE_MIGRATIONS_DIR=/app/migrations \
    RHAPSODE_PORT=9876
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 9876
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=5 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9876/readyz', timeout=4)"]
# A signal goes to the server itself, which lets running scenes end first.
ENTRYPOINT ["rhapsode"]
CMD ["serve"]
