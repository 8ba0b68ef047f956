# The Task Runner as an image: the one-file program, Python, and the PostgreSQL driver that the file does not carry.
# Build it from the repository's root: docker build -f docker/taskrunner.Dockerfile -t penstock-taskrunner .
FROM public.ecr.aws/docker/library/python:3.13-slim-trixie AS build
WORKDIR /build
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY chalicelib ./chalicelib
COPY taskrunner ./taskrunner
RUN python -m taskrunner.build

FROM public.ecr.aws/docker/library/python:3.13-slim-trixie
RUN pip install --no-cache-dir "psycopg[binary]==3.3.9" "awscli==1.46.2" \
    && useradd --create-home --uid 1000 runner
COPY --from=build /build/dist/taskrunner.pyz /opt/penstock/taskrunner.pyz
USER 1000
WORKDIR /home/runner
# SIGTERM lets work under way end; give `docker stop --time` as long as the longest task takes.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "/opt/penstock/taskrunner.pyz"]
CMD ["--help"]
