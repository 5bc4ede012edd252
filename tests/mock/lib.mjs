// What the mocks of Jellyfin, Seerr and Gemini share: a server on a free port
// of 127.0.0.1, a log of what it was asked, lies on demand, and a judge.
//
//	node tests/mock/jellyfin.mjs [--state JSON] [--port N] [--tied] [--tls]
//
// The first line of its output is the port, a free one unless it is given.  --tied: it ends with its standard
// input.  Control, by JSON:
//	POST /__mock/lie {"lie": "cut", "at": "/Items", "times": 1}
//	POST /__mock/lie [{...}, {...}]		the first that fits
//	POST /__mock/lie []			honest again
//	POST /__mock/state {...}		change what the service knows
//	GET  /__mock/requests			what it was asked so far
//	POST /__mock/reset			as it was at the start
//
// With JAIR_JUDGE_<NAME> in the environment each request is first shown to
// the server at that URL, which knows the published description (prism); what
// it says is appended to the file JAIR_JUDGE_LOG.
import { appendFileSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import zlib from 'node:zlib';

const MIB = 1024 * 1024;
const METADATA = 'http://169.254.169.254/latest/meta-data/';
const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head>' +
	'<body><form><input name="password" type="password"></form></body>' +
	'</html>\n';

function head(res, status, headers) {
	res.writeHead(status, headers);
	res.flushHeaders();
}

// Write until the other side has enough, or for `bytes`.
function pour(res, bytes) {
	const chunk = Buffer.alloc(65536, 0x20);
	let left = bytes;
	const more = () => {
		while (left > 0 && !res.destroyed) {
			left -= chunk.length;
			if (!res.write(chunk))
				return res.once('drain', more);
		}
		return res.destroyed || res.end();
	};
	res.on('error', () => {});
	more();
}

function json(res, text, headers = {}) {
	head(res, 200, { 'Content-Type': 'application/json', ...headers });
	res.end(text);
}

// Each lie answers instead of the service; `honest` is what it would say.
const lies = {
	'status': (res, lie) => {
		head(res, lie.status ?? 503, { 'Content-Type': 'text/plain' });
		res.end('out of order\n');
	},
	// What it was sent comes back: in a good answer, in an error.
	'echo': (res, lie) => {
		head(res, lie.status ?? 200,
			{ 'Content-Type': 'application/json' });
		res.end(JSON.stringify({ Id: res.req.headers,
			Name: JSON.stringify(res.req.headers),
			message: JSON.stringify(res.req.headers),
			error: JSON.stringify(res.req.headers) }));
	},
	'login-page': (res) => {
		head(res, 200, { 'Content-Type': 'text/html' });
		res.end(PAGE);
	},
	'page-without-type': (res) => {
		head(res, 200, {});
		res.end(`\n  ${PAGE}`);
	},
	'silent': () => {},
	'slow': (res, lie, honest) => setTimeout(() => honest(res),
		lie.ms ?? 1000),
	'drip': (res) => {
		head(res, 200, { 'Content-Type': 'application/json' });
		const timer = setInterval(() => res.write(' '), 100);
		res.on('close', () => clearInterval(timer));
	},
	'cut': (res) => {
		head(res, 200, { 'Content-Length': 1000 });
		res.write('{"Id":"', () => res.destroy());
	},
	'cut-chunk': (res) => {
		head(res, 200, { 'Transfer-Encoding': 'chunked' });
		res.write('{"Id":"', () => res.destroy());
	},
	'hang-up': (res) => res.destroy(),
	'short-length': (res) => raw(res, 'HTTP/1.1 200 OK\r\n' +
		'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n' +
		'{"Id":"0123456789abcdef"}'),
	'long-length': (res) => raw(res, 'HTTP/1.1 200 OK\r\n' +
		'Content-Type: application/json\r\nContent-Length: 99\r\n\r\n' +
		'{}'),
	'huge-length': (res) => raw(res, 'HTTP/1.1 200 OK\r\n' +
		'Content-Length: 9223372036854775807\r\n\r\n{}'),
	'two-lengths': (res) => raw(res, 'HTTP/1.1 200 OK\r\n' +
		'Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}'),
	'bad-length': (res) => raw(res, 'HTTP/1.1 200 OK\r\n' +
		'Content-Length: -5\r\n\r\n{}'),
	'not-http': (res) => raw(res, 'SSH-2.0-OpenSSH_9.2\r\n'),
	'endless-header': (res) => {
		res.socket.write('HTTP/1.1 200 OK\r\nX-Long: ');
		pour(res.socket, 64 * MIB);
	},
	'many-headers': (res) => {
		res.socket.write('HTTP/1.1 200 OK\r\n');
		const line = `X-${'a'.repeat(1000)}: ${'b'.repeat(1000)}\r\n`;
		raw(res, line.repeat(5000));
	},
	'redirect-metadata': (res) => redirect(res, METADATA),
	'redirect-host': (res, lie) => redirect(res,
		lie.to ?? 'http://other.invalid/'),
	'redirect-file': (res) => redirect(res, 'file:///etc/passwd'),
	'redirect-userinfo': (res) => redirect(res,
		`http://a:b@${res.req.headers.host}/x`),
	'redirect-loop': (res) => redirect(res, res.req.url),
	'redirect-same': (res, lie, honest) => {
		if (res.req.url.includes('again='))
			return honest(res);
		const sign = res.req.url.includes('?') ? '&' : '?';
		head(res, 307, { Location: `${res.req.url}${sign}again=1` });
		return res.end();
	},
	'flood': (res) => {
		head(res, 200, { 'Content-Length': 64 * MIB + 65536 });
		pour(res, 64 * MIB + 65536);
	},
	'flood-chunked': (res) => {
		head(res, 200, { 'Content-Type': 'application/json' });
		pour(res, Infinity);
	},
	'gzip-bomb': (res) => json(res, bomb(),
		{ 'Content-Encoding': 'gzip' }),
	'transfer-bomb': (res) => {
		res.socket.write('HTTP/1.1 200 OK\r\n' +
			'Transfer-Encoding: gzip\r\n\r\n');
		res.socket.end(bomb());
	},
	'empty': (res) => json(res, ''),
	'bad-json': (res) => json(res, '{"Id": "0123", "Version": }'),
	'list': (res) => json(res, '[]'),
	'deep-json': (res) => json(res, '['.repeat(100000)),
	'wide-json': (res) => json(res, `{"a":[${'[],'.repeat(300000)}0]}`),
	'not-utf8': (res) => json(res,
		Buffer.from('7b224964223a22ff fe227d'.replace(' ', ''), 'hex')),
	'odd-types': (res) => json(res, '{"Id":7,"Version":{},"version":[],' +
		'"ProductName":false,"User":[],"Items":{},"results":{},' +
		'"AccessToken":null,"models":3,"name":{},"id":"x"}'),
};

function raw(res, text) {
	res.socket.on('error', () => {});
	res.socket.end(text);
}

function redirect(res, to) {
	head(res, 302, { Location: to });
	res.end();
}

let bombBytes;
function bomb() {
	bombBytes ??= zlib.gzipSync(Buffer.alloc(128 * MIB, 0x20));
	return bombBytes;
}

async function bodyOf(req) {
	const parts = [];
	for await (const part of req)
		parts.push(part);
	return Buffer.concat(parts).toString();
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function answer(res, reply) {
	const { status = 200, headers = {} } = reply;
	const body = reply.json === undefined ? reply.text ?? '' :
		JSON.stringify(reply.json);
	const type = reply.json === undefined ? 'text/plain' :
		'application/json; charset=utf-8';
	res.writeHead(status, status === 204 ? headers :
		{ 'Content-Type': type, ...headers });
	res.end(status === 204 ? undefined : body);
}

// Faults of the question, as prism names them; others are about its answer.
const faults = ['UNPROCESSABLE_ENTITY', 'UNAUTHORIZED',
	'NO_PATH_MATCHED_ERROR', 'NO_METHOD_MATCHED_ERROR',
	'INVALID_CONTENT_TYPE'];

async function ask(judge, path, req, body) {
	const headers = { ...req.headers };
	for (const name of ['host', 'connection', 'content-length'])
		delete headers[name];
	const reply = await fetch(judge + path, {
		method: req.method, headers,
		body: req.method === 'GET' ? undefined : body,
	});
	const text = await reply.text();
	const fault = faults.find((name) => text.includes(`errors#${name}`));
	appendFileSync(process.env.JAIR_JUDGE_LOG, fault === undefined ?
		`ok ${req.method} ${req.url}\n` :
		`REFUSED ${req.method} ${req.url}: ${text}\n`);
}

function option(name) {
	const at = process.argv.indexOf(name);
	return at < 0 ? undefined : process.argv[at + 1];
}

class Mock {
	constructor(service) {
		this.service = service;
		this.given = parse(option('--state') ?? '{}');
		this.judge = process.env[`JAIR_JUDGE_${service.name}`];
		this.reset();
	}

	reset() {
		this.lies = [];
		this.requests = [];
		this.state = { ...this.service.state(), ...this.given };
	}

	control(req, res, body) {
		const what = req.url.slice('/__mock/'.length);
		if (what === 'requests')
			return answer(res, { json: this.requests });
		if (what === 'reset')
			this.reset();
		else if (what === 'state')
			Object.assign(this.state, parse(body));
		else if (what === 'lie')
			this.lies = [parse(body)].flat();
		else
			return answer(res, { status: 404 });
		return answer(res, { json: {} });
	}

	// The lie for this request, or none.
	pick(path) {
		return this.lies.find(({ at, times = Infinity }, i) => {
			if (at !== undefined && !path.includes(at))
				return false;
			this.lies[i].times = times - 1;
			return times > 0;
		});
	}

	async take(req, res) {
		const body = await bodyOf(req);
		if (req.url.startsWith('/__mock/'))
			return this.control(req, res, body);
		const url = new URL(req.url, 'http://mock');
		this.requests.push({ method: req.method, url: req.url,
			headers: req.headers, body });
		const judged = this.judge && this.service.judged(url);
		if (judged)
			await ask(this.judge, judged, req, body);
		const honest = (out) => answer(out, this.service.handle({
			method: req.method, path: url.pathname, raw: req.url,
			query: url.searchParams, headers: req.headers,
			json: parse(body),
		}, this.state));
		const lie = this.pick(req.url);
		return lie ? lies[lie.lie](res, lie, honest) : honest(res);
	}
}

export function serve(service) {
	const mock = new Mock(service);
	const listener = (req, res) => mock.take(req, res).catch((e) => {
		console.error(e);
		res.destroy();
	});
	const pem = process.argv.includes('--tls') ? readFileSync(
		new URL('self-signed.pem', import.meta.url)) : undefined;
	const server = pem ?
		https.createServer({ key: pem, cert: pem }, listener) :
		http.createServer({ maxHeaderSize: 65536 }, listener);
	server.on('clientError', (e, socket) => socket.destroy());
	server.listen(Number(option('--port') ?? 0), '127.0.0.1',
		() => console.log(server.address().port));
	if (process.argv.includes('--tied')) {
		process.stdin.on('end', () => process.exit(0));
		process.stdin.resume();
	}
	process.on('SIGTERM', () => process.exit(0));
}
