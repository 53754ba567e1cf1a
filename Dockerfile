# Debian 13 in all, so that what is installed fits what runs it.
FROM docker.io/library/node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY nest-cli.json tsconfig.json ./
COPY client client
COPY cli cli
COPY context context
COPY src src
RUN npm run build

FROM docker.io/library/node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit
# It is here because a package may, but need not, have it: for development.
RUN rm -r node_modules/typescript
# What it is told of and does not find, npm calls missing.
RUN npm pkg delete devDependencies && npm sbom --sbom-format=cyclonedx >sbom.cdx.json
RUN mkdir data && chmod 770 data

# Node and what it needs: no shell, no package manager.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="CernVM Cluster Pairing" \
  org.opencontainers.image.description="Where the virtual machines of a CernVM cluster meet." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.vendor="CERN" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/package.json /app/sbom.cdx.json ./
COPY --from=build /app/dist dist
# Where the embedded database is, if neither Redis nor PostgreSQL is given. OpenShift takes any user, of group 0.
COPY --from=packages --chown=65532:0 /app/data /data
ENV NODE_ENV=production DATA_DIR=/data
USER 65532
EXPOSE 3000 9464
# Node would let what is new and dies young have 32 MiB twice, for nothing; and keep what loading leaves behind.
CMD ["--max-semi-space-size=8", "--expose-gc", "dist/main.js"]
