"""The client against a real server that a test scripts."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import shutil
import ssl
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from bulk_update.account.answers import AnswerKind
from bulk_update.account.client import CallbellClient
from bulk_update.account.throttle import Throttle
from bulk_update.errors import AccountUnreachable, BulkUpdateError, ConfigError, TokenRefused

UUID = "414a6d692bd645ed803f2e7ce360d4c8"
OTHER = "f" * 32
PATH = f"/contacts/{UUID}"


async def free_port() -> int:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


@pytest.fixture
async def raw_server():
    """A server that answers each connection by what a test writes to it; counts connections."""
    servers, tasks = [], set()

    async def start(serve):
        count = [0]

        async def handle(reader, writer):
            tasks.add(asyncio.current_task())
            count[0] += 1
            try:
                with suppress(ConnectionError, asyncio.IncompleteReadError):
                    await reader.readuntil(b"\r\n\r\n")
                    await serve(reader, writer)
            finally:
                writer.close()
                with suppress(ConnectionError):
                    await writer.wait_closed()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", count

    yield start
    for server in servers:
        server.close()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)


class TestPatch:
    """One attempt, and what its answer means."""

    @pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one]])
    async def test_a_whole_contact_is_proof(self, account, client, make_contact, wrap):
        """In both envelopes; the body goes as it was given, the token as a bearer."""
        account.on("PATCH", PATH, (200, {"contact": wrap(make_contact(note="n"))}))
        answer = await client.patch_contact(UUID, {"note": "n"})
        assert answer.kind is AnswerKind.CONTACT
        assert answer.complete
        assert answer.contact.note == "n"
        assert account.seen[0].body == {"note": "n"}
        assert account.seen[0].headers["Authorization"].startswith("Bearer abc")
        assert account.seen[0].headers["Content-Type"] == "application/json"

    @pytest.mark.parametrize(
        ("step", "kind", "words"),
        [
            ((422, {"errors": {"tags": ["unknown"]}}), AnswerKind.REFUSED, "tags: unknown"),
            ((404, {"error": "Not found"}), AnswerKind.REFUSED, "Not found"),
            ((409, ""), AnswerKind.REFUSED, "HTTP 409, without a word"),
            ((401, {"message": "no"}), AnswerKind.TOKEN_REFUSED, "no"),
            ((403, {"message": "no"}), AnswerKind.TOKEN_REFUSED, "no"),
            ((408, {}), AnswerKind.UNCLEAR, "HTTP 408, without a word"),
            ((429, {}), AnswerKind.THROTTLED, "HTTP 429, without a word"),
            ((500, "<title>Oops</title>"), AnswerKind.UNCLEAR, "<title>Oops</title>"),
            ((503, "<html><title>Down</title>"), AnswerKind.UNCLEAR, "Down"),
            ((200, "<html>Hello"), AnswerKind.UNCLEAR, "the answer is not the API's (not JSON)"),
            (
                (200, '{"contact": {"uu'),
                AnswerKind.UNCLEAR,
                "the answer is not the API's (not JSON)",
            ),
            ((200, {"error": "failed"}), AnswerKind.UNCLEAR, "failed"),
            ((200, {}), AnswerKind.UNCLEAR, "the answer holds no contact"),
            ((200, []), AnswerKind.UNCLEAR, "the answer is not the API's (answer)"),
            (
                (200, {"contact": {"uuid": UUID}}),
                AnswerKind.UNCLEAR,
                "the answer is not the API's (contact without tags)",
            ),
            ((204, ""), AnswerKind.UNCLEAR, "the answer is not the API's (not JSON)"),
            ((302, {}), AnswerKind.UNCLEAR, "redirected elsewhere (HTTP 302), not followed"),
        ],
    )
    async def test_an_answer_that_came_whole(self, account, client, step, kind, words):
        """Its kind by status and body, in the account's own words, after one request."""
        account.on("PATCH", PATH, step)
        answer = await client.patch_contact(UUID, {"note": "n"})
        assert (answer.kind, answer.message, answer.http_status) == (kind, words, step[0])
        assert answer.complete
        assert answer.contact is None
        assert client.requests == {"patch_contact": 1}
        assert len(account.seen) == 1

    async def test_another_contact_proves_nothing(self, account, client, make_contact):
        """An answer about somebody else is unclear."""
        account.on("PATCH", PATH, (200, {"contact": make_contact(OTHER)}))
        answer = await client.patch_contact(UUID, {"note": "n"})
        assert answer.kind is AnswerKind.UNCLEAR
        assert "another contact" in answer.message

    async def test_nobody_listens(self):
        """The request certainly never left."""
        async with CallbellClient(f"http://127.0.0.1:{await free_port()}", "t", Throttle(5)) as one:
            answer = await one.patch_contact(UUID, {})
        assert answer.kind is AnswerKind.NO_CONNECTION
        assert not answer.complete
        assert answer.message.endswith("takes no connection")

    async def test_no_such_host(self):
        """Nor here."""
        async with CallbellClient("https://no-such-host.invalid/v1", "t", Throttle(5)) as one:
            answer = await one.patch_contact(UUID, {})
        assert answer.kind is AnswerKind.NO_CONNECTION

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nContent-Le",
            b"NONSENSE\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000,
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        ],
        ids=["reset", "cut head", "no http", "endless headers", "long header"],
    )
    async def test_a_head_that_never_came_whole(self, raw_server, said):
        """Unclear, not complete, and not sent again."""

        async def serve(_reader, writer):
            writer.write(said)
            await writer.drain()

        url, count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None)) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)
        assert count == [1]

    async def test_a_body_that_is_cut_off(self, raw_server):
        """The head came, the body did not."""

        async def serve(_reader, writer):
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"contact":')
            await writer.drain()

        url, _count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None)) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)
        assert answer.http_status == 200

    async def test_an_answer_that_never_comes_in_time(self, raw_server):
        """Unclear, and it may linger."""

        async def serve(reader, _writer):
            await reader.read()

        url, _count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None), request_timeout=0.2) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)
        assert answer.message == "no answer in time"

    async def test_a_slow_drip_ends_with_the_time_out(self, raw_server):
        """A byte now and then does not keep it going."""

        async def serve(_reader, writer):
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0.02)

        url, _count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None), request_timeout=0.3) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)

    @pytest.mark.parametrize("announced", [True, False])
    async def test_an_endless_body_is_not_read(self, account, announced):
        """Neither one that announces its size nor one that does not."""
        sent = [0]

        async def endless(request):
            response = web.StreamResponse()
            if announced:
                response.content_length = 10**9
            await response.prepare(request)
            with suppress(ConnectionError):
                while sent[0] < 50_000_000:
                    await response.write(b" " * 65536)
                    sent[0] += 65536
            return response

        account.on("PATCH", PATH, endless)
        async with CallbellClient(account.url, "t", Throttle(None), max_body=100_000) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)
        assert sent[0] < 50_000_000

    async def test_an_answer_that_opens_to_too_much_is_refused(self, account):
        """Packed without being asked for, and a thousand times larger when opened."""
        bomb = web.Response(
            body=gzip.compress(b" " * 20_000_000), headers={"Content-Encoding": "gzip"}
        )
        account.on("PATCH", PATH, bomb)
        async with CallbellClient(account.url, "t", Throttle(None), max_body=100_000) as one:
            answer = await one.patch_contact(UUID, {})
        assert (answer.kind, answer.complete) == (AnswerKind.UNCLEAR, False)

    async def test_a_packed_answer_is_read(self, account, client, make_contact):
        """Nobody asked for it, but some do."""
        body = gzip.compress(json.dumps({"contact": make_contact()}).encode())
        account.on("PATCH", PATH, web.Response(body=body, headers={"Content-Encoding": "gzip"}))
        assert (await client.patch_contact(UUID, {})).kind is AnswerKind.CONTACT

    async def test_a_redirect_is_never_followed(self, account, client):
        """The token would go along."""
        where = web.Response(status=307, headers={"Location": f"{account.url}/contacts/stolen"})
        account.on("PATCH", PATH, where)
        await client.patch_contact(UUID, {})
        assert [one.path for one in account.seen] == [PATH]

    async def test_the_caller_knows_whether_it_left(self, account, client):
        """``on_send`` comes right before: what it raises keeps the request from leaving."""

        class Gone(Exception):
            pass

        def lost_lease():
            raise Gone

        with pytest.raises(Gone):
            await client.patch_contact(UUID, {}, on_send=lost_lease)
        assert account.seen == []
        assert client.requests == {}

    async def test_cancelled_while_in_flight(self, account, client):
        """The cancellation comes through, and ``on_send`` has told that it left."""
        arrived, told = asyncio.Event(), []

        async def hang(_request):
            arrived.set()
            await asyncio.sleep(30)

        account.on("PATCH", PATH, hang)
        sending = asyncio.ensure_future(
            client.patch_contact(UUID, {}, on_send=lambda: told.append(True))
        )
        await arrived.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert told == [True]

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [("7", 7.0), ("0.5", 0.5), ("soon", None), ("-3", None), ("nan", None), ("", None)],
    )
    async def test_retry_after_in_seconds(self, account, client, header, seconds):
        """As a number; what is none is none."""
        account.on("PATCH", PATH, web.Response(status=429, headers={"Retry-After": header}))
        assert (await client.patch_contact(UUID, {})).retry_after == seconds

    async def test_retry_after_as_a_date(self, account, client):
        """Counted from the server's own clock, where it tells it."""
        headers = {
            "Retry-After": "Wed, 21 Oct 2026 07:28:09 GMT",
            "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
        }
        account.on("PATCH", PATH, web.Response(status=429, headers=headers))
        assert (await client.patch_contact(UUID, {})).retry_after == 9.0

    async def test_a_429_pauses_everybody(self, account, client):
        """The throttle hears of it, whatever call it was."""
        account.on("PATCH", PATH, web.Response(status=429, headers={"Retry-After": "9"}))
        await client.patch_contact(UUID, {})
        waiting = asyncio.ensure_future(client.me())
        await asyncio.sleep(0.05)
        waiting.cancel()
        assert len(account.seen) == 1
        assert client.refused_429 == 1


class TestGet:
    """Calls that read."""

    @pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one]])
    async def test_a_contact_in_both_envelopes(self, account, client, make_contact, wrap):
        account.on("GET", PATH, (200, {"contact": wrap(make_contact())}))
        assert (await client.get_contact(UUID)).uuid == UUID

    @pytest.mark.parametrize(
        "step", [(404, {"error": "x"}), (400, {}), (200, {"contact": None}), (200, {"contact": []})]
    )
    async def test_no_contact_is_none(self, account, client, step):
        account.on("GET", PATH, step)
        assert await client.get_contact(UUID) is None

    async def test_what_may_pass_is_tried_again(self, account, client, make_contact):
        """5xx and cut-off answers; each try counts."""
        account.on("GET", PATH, (503, ""), (200, '{"con'), (200, {"contact": make_contact()}))
        assert (await client.get_contact(UUID)).uuid == UUID
        assert client.requests == {"get_contact": 3}

    @pytest.mark.parametrize(
        ("step", "error", "words"),
        [
            ((500, {"error": "broken"}), AccountUnreachable, "broken"),
            ((200, "<html>hello"), AccountUnreachable, "not JSON"),
            ((200, {"error": "odd"}), AccountUnreachable, "odd"),
            ((401, {"error": "bad token"}), TokenRefused, "bad token"),
            ((403, {}), TokenRefused, "HTTP 403"),
            ((302, {}), AccountUnreachable, "redirected elsewhere"),
            ((405, {"error": "x"}), AccountUnreachable, "HTTP 405"),
        ],
    )
    async def test_what_does_not_pass_is_one_clear_line(self, account, client, step, error, words):
        account.on("GET", PATH, step)
        with pytest.raises(error, match=words):
            await client.get_contact(UUID)

    async def test_a_429_is_waited_out_and_is_no_attempt(self, account, client, make_contact):
        """More 429s than there are attempts."""
        later = web.Response(status=429, headers={"Retry-After": "0.001"})
        again = [web.Response(status=429, headers={"Retry-After": "0.001"}) for _ in range(6)]
        account.on("GET", PATH, later, *again, (200, {"contact": make_contact()}))
        assert (await client.get_contact(UUID)).uuid == UUID
        assert client.refused_429 == 7

    async def test_nothing_but_429_ends(self, account, client, monkeypatch):
        """After five minutes of it."""
        monkeypatch.setattr("bulk_update.account.getting.PATIENCE_429", 0.01)
        account.on("GET", PATH, web.Response(status=429, headers={"Retry-After": "0.02"}))
        account.routes["GET", PATH] = account.routes["GET", PATH]

        async def too_many(_request):
            return web.Response(status=429, headers={"Retry-After": "0.02"})

        account.on("GET", PATH, too_many)
        with pytest.raises(AccountUnreachable, match="429") as caught:
            await client.get_contact(UUID)
        assert caught.value.code == "rate_limited"

    async def test_a_closed_connection_is_tried_again_in_the_open(self, raw_server):
        """Aiohttp would send a GET a second time by itself, unseen by the throttle."""
        ok = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"teams":[]}'

        async def serve(reader, writer):
            writer.write(ok)
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")  # the second request is dropped

        url, count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None)) as one:
            await one.list_teams()
            await one.list_teams()
        assert count == [2]
        assert one.requests == {"list_teams": 3}

    async def test_nobody_listens_is_said(self):
        url = f"http://127.0.0.1:{await free_port()}/v1"
        async with CallbellClient(url, "t", Throttle(None)) as one:
            with pytest.raises(AccountUnreachable, match="takes no connection"):
                await one.me()

    @pytest.mark.parametrize(
        ("key", "path"),
        [
            ("+39333", "/contacts/phone/%2B39333"),
            ("39 333", "/contacts/phone/39%20333"),
            ("a/b?c#d", "/contacts/phone/a%2Fb%3Fc%23d"),
            ("%2B39", "/contacts/phone/%252B39"),
            ("è", "/contacts/phone/%C3%A8"),
            ("..", "/contacts/phone/%2E%2E"),
        ],
    )
    async def test_keys_are_encoded_once(self, account, client, key, path):
        """As one segment of the path, whatever they hold."""
        await client.get_contact_by_phone(key)
        assert account.seen[0].path == path

    async def test_a_key_the_server_does_not_understand_is_not_found_in_its_words(
        self, account, client
    ):
        account.on("GET", "/contacts/phone/12", (400, {"error": "Invalid phone number"}))
        found = await client.get_contact_by_phone("12")
        assert (found.contact, found.http_status, found.message) == (
            None,
            400,
            "Invalid phone number",
        )

    async def test_the_calls_and_their_parameters(self, account, client):
        """Each as the reference spells it."""
        account.on("GET", f"{PATH}/bot", (200, {"bot": {"status": "in_progress"}}))
        await client.get_contact(UUID, include_field_types=True)
        await client.get_contact_by_phone("39", channel_uuid="c1")
        await client.get_contact_by_bsuid("IT.1")
        assert await client.get_bot(UUID) == "bot_start"
        account.on("GET", "/contacts", (200, {"contacts": [], "meta": {}}))
        await client.list_contacts(page=2, tags=("a", "b"), source="whatsapp", team_uuid="t")
        await client.list_contacts(page=2, after="cur/+", include_field_types=True)
        assert account.calls() == [
            f"GET {PATH}?include_field_types=true",
            "GET /contacts/phone/39?channel_uuid=c1",
            "GET /contacts/bsuid/IT.1",
            f"GET {PATH}/bot",
            "GET /contacts?page=2&source=whatsapp&tags=a,b&team_uuid=t",
            "GET /contacts?after=cur/+&include_field_types=true",
        ]

    async def test_me_keeps_no_key(self, account, client):
        """The answer tells an API key: it is dropped."""
        said = {"status": "ok", "user_email": "a@b.it", "user_name": "A", "api_key": "SECRET"}
        account.on("GET", "/auth/me", (200, said))
        assert "SECRET" not in repr(await client.me())

    async def test_a_wrong_address_is_a_matter_of_configuration(self, client):
        """404 for who am I: there is no such API there."""
        with pytest.raises(ConfigError, match="not the address of the API"):
            await client.me()

    async def test_the_clocks_are_compared(self, account, client):
        """By the Date of the last answer; None while there was none."""
        assert client.clock_skew is None
        ahead = datetime.now(UTC) - timedelta(hours=1)
        account.on("GET", PATH, web.Response(status=404, headers={"Date": format_datetime(ahead)}))
        await client.get_contact(UUID)
        assert timedelta(minutes=59) < client.clock_skew < timedelta(minutes=61)

    async def test_teams_and_members_are_paged(self, account, client):
        teams = [{"uuid": "t1", "name": "A", "default": True}]
        account.on("GET", "/teams", (200, {"teams": teams, "meta": {"page": 1, "pages": 1}}))
        users = {"users": [{"email": "a@b.it", "name": "A"}], "meta": {"page": 2, "pages": 3}}
        account.on("GET", "/teams/t1/members", (200, users))
        assert [one.name for one in await client.list_teams()] == ["A"]
        page = await client.list_team_members("t1", page=2)
        assert page is not None
        assert (page.users[0].email, page.page, page.pages) == ("a@b.it", 2, 3)
        assert await client.list_team_members("gone") is None

    async def test_metadata_teaches_the_types_of_fields(self, account, client, make_contact):
        """A text that looks like a list is text, once its type was seen."""
        whole = make_contact(
            customFields={"Memo": '["a"]'},
            customFieldsMetadata={"Memo": {"value": '["a"]', "type": "text"}},
        )
        account.on("GET", PATH, (200, {"contact": whole}))
        await client.get_contact(UUID, include_field_types=True)
        account.on("GET", PATH, (200, {"contact": make_contact(customFields={"Memo": '["a"]'})}))
        assert (await client.get_contact(UUID)).custom_fields == {"Memo": '["a"]'}


class TestSafety:
    """The token, and where it may go."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://api.callbell.eu/v1",
            "http://127.0.0.1.evil.example/v1",
            "http://10.0.0.1/v1",
            "ftp://127.0.0.1",
            "api.callbell.eu/v1",
            "",
            "https://",
            "https://me:pw@api.callbell.eu/v1",
            "https://api.callbell.eu/v1?x=1",
            "https://[::1",
        ],
    )
    def test_other_addresses_are_refused(self, url):
        """Plain http is for loopback alone, and no address holds a password."""
        with pytest.raises(ConfigError) as caught:
            CallbellClient(url, "t", Throttle(1))
        assert "pw" not in caught.value.message

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.callbell.eu/v1/",
            "http://localhost:1/v1",
            "http://[::1]:1",
            "http://127.9.9.9",
        ],
    )
    def test_these_are_taken(self, url):
        assert CallbellClient(url, "t", Throttle(1)).base_url == url.rstrip("/")

    @pytest.mark.parametrize("bad", ["", "a b", "a\nb", "tökén", "a\r\nX-Evil: 1"])
    def test_what_no_token_looks_like_is_not_sent(self, bad):
        with pytest.raises(ConfigError) as caught:
            CallbellClient("https://x.example", bad, Throttle(1))
        assert not bad or bad not in caught.value.message

    def test_a_proxy_is_not_given_the_token_in_plain(self):
        """Plain http goes through a proxy on loopback alone."""
        with pytest.raises(ConfigError):
            CallbellClient(
                "http://127.0.0.1:1", "t", Throttle(1), proxy="http://proxy.example:3128"
            )

    async def test_a_proxy_is_used_when_asked_for_and_never_from_the_environment(
        self, account, client, monkeypatch, raw_server
    ):
        async def serve(_reader, writer):
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"teams":[]}')
            await writer.drain()

        url, count = await raw_server(serve)
        proxy = url.removesuffix("/v1")
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("http_proxy", proxy)
        await client.list_teams()
        assert (count, len(account.seen)) == ([0], 1)
        async with CallbellClient(account.url, "t", Throttle(None), proxy=proxy) as one:
            await one.list_teams()
        assert (count, len(account.seen)) == ([1], 1)

    async def test_a_certificate_nobody_signed_is_refused(self, tmp_path, monkeypatch):
        """There is no switch; ``SSL_CERT_FILE`` adds an authority."""
        openssl = shutil.which("openssl")
        if openssl is None:
            pytest.skip("openssl is not here to make a certificate")
        key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
        made = subprocess.run(
            [
                openssl,
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                key,
                "-out",
                cert,
            ],
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        app = web.Application()
        seen = []

        async def teams(request):
            seen.append(request.path)
            return web.json_response({"teams": []})

        app.router.add_get("/v1/teams", teams)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        url = f"https://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/v1"
        async with CallbellClient(url, "t", Throttle(None)) as one:
            with pytest.raises(AccountUnreachable, match="not to be trusted"):
                await one.list_teams()
            assert (await one.patch_contact(UUID, {})).kind is AnswerKind.NO_CONNECTION
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        async with CallbellClient(url, "t", Throttle(None)) as one:
            await one.list_teams()
        assert seen == ["/v1/teams"]
        await runner.cleanup()

    async def test_a_missing_file_of_authorities_is_said(self, tmp_path, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        async with CallbellClient("https://x.invalid", "t", Throttle(None)) as one:
            with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
                await one.me()

    @pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 418, 500])
    async def test_the_token_is_in_nothing_that_is_raised_or_logged(
        self, account, client, token, status, caplog
    ):
        """Not even when the server repeats it."""
        caplog.set_level(logging.DEBUG)
        account.on("GET", "/contacts/phone/393331234567", (status, {"error": f"bad {token}"}))
        account.on("PATCH", PATH, (status, {"error": f"bad {token}"}))
        said = [
            repr(client),
            repr(client._transport._token),
            repr(await client.patch_contact(UUID, {})),
        ]
        error: BaseException | None = None
        try:
            said.append(repr(await client.get_contact_by_phone("393331234567")))
        except BulkUpdateError as raised:
            error = raised
        while error is not None:
            said += [str(error), repr(error), repr(vars(error))]
            error = error.__cause__ or error.__context__
        ours = [
            record.getMessage() for record in caplog.records if "aiohttp.access" not in record.name
        ]
        assert token not in " ".join(said + ours)
        assert "393331234567" not in " ".join(
            ours + [line for line in said if "LookUp" not in line]
        )

    async def test_nothing_of_aiohttp_is_behind_what_is_raised(self, raw_server):
        """Its exceptions show headers and URLs."""

        async def serve(_reader, writer):
            writer.write(b"NONSENSE\r\n\r\n")
            await writer.drain()

        url, _count = await raw_server(serve)
        async with CallbellClient(url, "t", Throttle(None)) as one:
            with pytest.raises(AccountUnreachable) as caught:
                await one.get_contact(UUID)
        error: BaseException | None = caught.value
        while error is not None:
            assert not type(error).__module__.startswith("aiohttp")
            error = error.__cause__ or error.__context__
