# The site as a container: styles built with Node, then Python with what the lock names. See docs/how-to/run-the-site.md.
FROM node:22-slim AS styles
WORKDIR /speccom
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /speccom
COPY requirements/postgres.txt requirements/
RUN pip install --quiet --require-hashes --requirement requirements/postgres.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY --from=styles /speccom/node_modules node_modules
RUN pip install --quiet --no-build-isolation --no-deps --editable . \
 && SPECCOM_HOME=/tmp/build python -m speccom.site.config.static \
 && rm -rf node_modules /tmp/build \
 && useradd --create-home --uid 10001 speccom \
 && install --directory --owner speccom --mode 0750 /workspace
USER speccom
ENV SPECCOM_HOME=/workspace
VOLUME /workspace
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/', timeout=4)"]
CMD ["speccom", "serve", "--host", "0.0.0.0", "--port", "8000"]
