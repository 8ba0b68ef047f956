"""A SageMaker endpoint with moods: throttles some calls, fails on some items. For `bench inference`.

`python -m bench.programs.moody_endpoint THROTTLED_SHARE` prints its port. A line `{"n": N}` is answered with its half,
unless N ends in 007: those the model never gets right. One process, no threads: it must not be what is measured.
"""

import asyncio
import json
import random
import sys

DICE = random.Random(11)
KIND = b"content-type: application/json\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\n" + KIND + b"x-amzn-invoked-production-variant: v1\r\ncontent-length: %d\r\n\r\n%b"
REFUSED = b"HTTP/1.1 %b\r\n" + KIND + b"x-amzn-errortype: %b\r\ncontent-length: %d\r\n\r\n%b"


def answer(body: bytes, share: float) -> bytes:
    """The response to an invocation."""
    if DICE.random() < share:
        return _refused(b"429 Too Many Requests", b"ThrottlingException", {"message": "Rate exceeded"})
    number = json.loads(body)["n"]
    if number % 1000 == 7:
        told = {"OriginalStatusCode": 500, "OriginalMessage": "no", "message": "the model broke"}
        return _refused(b"424 Failed Dependency", b"ModelError", told)
    content = b'{"label":"half","score":%r}' % (number / 2)
    return ANSWERED % (len(content), content)


def _refused(status: bytes, code: bytes, told: dict[str, object]) -> bytes:
    content = json.dumps(told).encode()
    return REFUSED % (status, code, len(content), content)


async def main(share: float) -> None:
    """Serve until standard input ends."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
                writer.write(answer(await reader.readexactly(length), share))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
