# Functions as an image, for those that outgrow a package: decoding of video and whatever requirements-image.txt adds.
# One image serves all of them; the command says which: docker run … penstock-functions app.chunks
FROM public.ecr.aws/docker/library/python:3.13-slim-trixie AS build
WORKDIR /function
COPY requirements.txt requirements-image.txt ./
# Chalice without its dependencies: what runs in a function needs none of them.
RUN pip install --no-cache-dir --target . -r requirements.txt -r requirements-image.txt \
    && pip install --no-cache-dir --target . --no-deps chalice==1.34.0
COPY app.py ./
COPY chalicelib ./chalicelib
RUN python -m compileall -q --invalidation-mode unchecked-hash .

FROM public.ecr.aws/docker/library/python:3.13-slim-trixie
COPY --from=build /function /function
WORKDIR /function
USER 65534
ENTRYPOINT ["python", "-m", "awslambdaric"]
CMD ["app.chunks"]
