# syntax=docker/dockerfile:1

# Front-end files: fetched with node, which the final image does not have.
FROM node:24-bookworm-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
COPY bin/bootlib bin/bootlib
RUN python3 bin/bootlib/vendor.py

# Python packages, wheels only.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: -r requirements.txt

FROM python:3.13-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=hostbill.settings \
    HOSTBILL_VAR=/data
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin hostbill \
 && mkdir -p /data/uploads /app && chown -R hostbill /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
COPY --from=frontend /app/static/vendor static/vendor
# Static files and translations become part of the image. The values below only let Django start; none of them stays.
RUN DATABASE_URL=postgres://x:x@localhost/x REDIS_URL=redis://localhost HOSTBILL_SECRET_KEY=build \
    HOSTBILL_ENCRYPTION_KEYS=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE= \
    python bin/bootlib/prepare.py translations "collectstatic --noinput --verbosity 0" \
 && chown -R hostbill /data
USER hostbill
EXPOSE 8000
CMD ["gunicorn", "--config", "python:hostbill.gunicorn", "hostbill.wsgi"]
