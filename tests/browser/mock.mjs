// A server for tests of the pages: our files with the headers of
// conf/nginx.conf, and answers of the shapes that the API promises.  A test
// changes what it says by changing `api` and `state`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../", import.meta.url));
const html = join(root, "html");
const types = { ".html": "text/html", ".css": "text/css",
	".js": "text/javascript", ".svg": "image/svg+xml" };

// What takes no body.
const bare = /^(GET|DELETE|POST \/api\/(auth\/logout|sync\/))/;

// The headers that nginx adds, as its configuration says them.
function pageHeaders() {
	const conf = readFileSync(join(root, "conf/nginx.conf"), "utf8");
	const headers = {};
	for (const [, name, value] of conf.matchAll(
		/^\tadd_header (\S+) "([^"]*)" always;/gm))
		headers[name] = value;
	return { ...headers, "Cache-Control": "no-cache" };
}

export const preview = {
	id: "r1", format: "archive", version: "2.0.3",
	exportedAt: "2025-11-25T12:00:00.000Z", generator: null,
	integrity: "absent", size: 412345,
	config: { jellyfinUrl: "http://jellyfin:8096",
		jellyseerrUrl: "http://jellyseerr:5055",
		jellyseerrApiKey: "********a91f", geminiApiKey: "********77Qz",
		geminiModel: "gemini-2.5-flash-lite" },
	users: [
		{ username: "john", movies: 412, series: 96, watchlistMovies: 20,
			watchlistSeries: 11, blocked: 18, unresolved: 0,
			movieProfile: true, tvProfile: true },
		{ username: "Mäkinen Åsa", movies: 7, series: 3,
			watchlistMovies: 0, watchlistSeries: 1, blocked: 0,
			unresolved: 2, movieProfile: true, tvProfile: false },
		{ username: "bob", movies: 0, series: 0, watchlistMovies: 0,
			watchlistSeries: 0, blocked: 0, unresolved: 0,
			movieProfile: false, tvProfile: false },
	],
	refused: 1,
	warnings: [
		{ where: "users[1].data.movies[17]",
			message: "tmdb_id is \"abc\"; the entry is set aside" },
		{ where: "users[0].theme",
			message: "this key is not known and was passed over" },
	],
	warningsTotal: 2,
};

export const verified = {
	jellyfin: { ok: true, message: "Reached Jellyfin 10.11.3.",
		version: "10.11.3", serverId: "f00", serverName: "Home", url: "",
		ms: 12 },
	jellyseerr: { ok: true, message: "Reached Seerr 3.1.0.",
		version: "3.1.0", serverId: "", serverName: "", url: "", ms: 20 },
	gemini: { ok: true, message: "Reached Gemini: key and model are good.",
		version: "", serverId: "", serverName: "", url: "", ms: 300 },
};

export const result = {
	movies: 412, series: 96, watchlist: 31, blocked: 18, profiles: 2,
	inserted: 540, updated: 12, kept: 5,
	unresolved: 3, unresolvedItems: [
		{ title: "Kummeli Stories", list: "movies" },
		{ title: "Solaris", list: "watchlist.movies" }],
	refused: 1, refusedItems: [{ where: "users[0].data.movies[3]",
		reason: "tmdb_id is \"abc\"" }],
};

// What the server holds; each test gets a new one.
function freshState() {
	return {
		configured: false, codeNeeded: false, code: "C0DE", staged: null,
		defaults: {}, admin: true, loggedIn: false, jobs: {}, saved: null,
		requests: [],
	};
}

const refuse = (status, code, error, more = {}) => ({
	status, body: { error, code, ...more.body }, headers: more.headers });

// Answers of a server that works.  A handler gets (state, body, request).
function goodApi() {
	const gate = (s, r) => s.codeNeeded && !s.configured &&
		r.headers["x-setup-code"] !== s.code ?
		refuse(403, r.headers["x-setup-code"] ? "setup_code_wrong" :
			"setup_code_required", "The setup needs its code.") :
		s.configured && !s.loggedIn ?
			refuse(401, "login_required", "Log in first.") : null;
	const setup = (handler) => (s, b, r) => gate(s, r) || handler(s, b, r);
	const user = (handler) => (s, b, r) => s.loggedIn ? handler(s, b, r) :
		refuse(401, "login_required", "Log in first.");
	const job = (s, type, last) => {
		const id = String(Object.keys(s.jobs).length + 1);
		s.jobs[id] = { id, type, state: "queued", done: 0, total: 0, last };
		return { status: 202, body: { jobId: id } };
	};
	return {
		"GET /api/health": () => ({ body: { status: "ok", uptime: 90,
			timestamp: "2026-01-05T10:30:00Z", version: "0.1.0" } }),
		"GET /api/ready": () => ({ body: { status: "ready" } }),
		"GET /api/system/status": (s) => ({ body: {
			configured: s.configured,
			setupCodeRequired: s.codeNeeded && !s.configured,
			staged: Boolean(s.staged) } }),
		"GET /api/system/setup-defaults": setup((s) =>
			({ body: s.defaults })),
		"POST /api/system/verify": setup(() => ({ body: verified })),
		"POST /api/system/restore": setup((s, b, r) => {
			const from = new URL(r.url, "http://any").searchParams
				.get("from");
			const left = s.defaults.backups?.find((one) =>
				one.name === from);
			if (from !== null && !left)
				return refuse(404, "backup_missing", "It is not there.");
			if (left && Number(r.headers["content-length"]))
				return refuse(400, "bad_request", "Not both.");
			s.from = from;
			s.size = left ? left.bytes : s.size;
			s.staged = { id: "r1", state: "checking", done: 0,
				total: s.size, left: 2 };
			return { status: 202, body: { id: "r1", state: "checking" } };
		}),
		"GET /api/system/restore": setup((s) => {
			if (!s.staged)
				return { body: { state: "none" } };
			if (s.staged.state === "checking" && s.staged.left-- <= 0)
				s.staged = { id: "r1", state: "ready", preview };
			if (s.staged.state === "checking")
				s.staged.done = Math.round(s.staged.total / 2);
			return { body: s.staged };
		}),
		"DELETE /api/system/restore": setup((s) => {
			s.staged = null;
			return { body: {} };
		}),
		"POST /api/system/setup": setup((s, body) => {
			if (s.configured)
				return refuse(409, "already_configured", "Already set up.");
			s.configured = true;
			s.saved = body;
			return { body: { success: true } };
		}),
		"POST /api/auth/login": (s, body) => {
			if (body.password !== "right")
				return refuse(401, "login_failed",
					"Jellyfin refused this name or password.");
			s.loggedIn = true;
			const restore = s.saved?.restore ? { restore: { jobId:
				job(s, "restore", result).body.jobId } } : {};
			return { body: { success: true, user: { id: "u1",
				name: body.username }, isAdmin: s.admin,
			serverUrl: "http://media.home:8096", ...restore } };
		},
		"POST /api/auth/logout": (s) => {
			s.loggedIn = false;
			return { body: { success: true } };
		},
		"GET /api/auth/me": user((s) => ({ body: {
			user: { id: "u1", name: "john" }, isAdmin: s.admin,
			serverUrl: "http://media.home:8096" } })),
		"GET /api/jobs": user((s, b, r) => {
			const one = s.jobs[r.url.split("/").pop()];
			if (!one)
				return refuse(404, "not_found", "There is no such job.");
			const { last, stay, ...shown } = one;
			if (!stay && one.state === "running")
				Object.assign(one, { state: "done", result: last });
			else if (!stay)
				Object.assign(one, { state: "running", done: 210,
					total: 557, current: "john: movies" });
			return { body: shown };
		}),
		"POST /api/sync/jellyfin": user((s) => job(s, "sync", {
			total: 508, new: 3, known: 504, skipped: 1, failed: 0,
			errors: ["Kummeli Stories has no TMDb id"] })),
		"POST /api/settings/import": user((s) => job(s, "import", result)),
		"GET /api/settings/export": user(() => ({ body: { users: [] } })),
		"GET /api/system/config-editor": user((s) => s.admin ?
			{ body: s.config || { ...preview.config } } :
			refuse(403, "admin_required", "For administrators only.")),
		"PUT /api/system/config-editor": user((s, body) => {
			s.saved = body;
			return { body: { success: true } };
		}),
	};
}

function send(res, answer) {
	const body = JSON.stringify(answer.body ?? {});
	res.writeHead(answer.status || 200, {
		"Content-Type": "application/json; charset=utf-8",
		"Cache-Control": "no-store", ...answer.headers });
	res.end(body);
}

function sendFile(req, res, headers) {
	let path = normalize(req.url.split(/[?#]/)[0]);
	if (path.endsWith("/"))
		path += "index.html";
	let body;
	try {
		body = readFileSync(join(html, path));
	} catch {
		res.writeHead(404, { ...headers, "Content-Type": "text/html" });
		res.end(readFileSync(join(html, "404.html")));
		return;
	}
	// Packed as nginx does it.
	const packed = body.length > 512 && extname(path) !== ".html";
	const out = packed ? gzipSync(body) : body;
	res.writeHead(200, { ...headers, "Content-Length": out.length,
		...(packed ? { "Content-Encoding": "gzip" } : {}),
		"Content-Type": `${types[extname(path)]}; charset=utf-8` });
	res.end(out);
}

async function bodyOf(req, mock) {
	let size = 0;
	const parts = [];
	const upload = req.headers["content-type"] === "application/octet-stream";
	for await (const part of req) {
		size += part.length;
		if (!upload)
			parts.push(part);
		// A slow line, until the test opens it.
		else if (mock.slow && size > 200000)
			await mock.slow;
	}
	mock.state.size = upload ? size : mock.state.size;
	return parts.length ? JSON.parse(Buffer.concat(parts)) : {};
}

// One server: {url, state, api, slow, reset(), close()}.
export async function startMock() {
	const headers = pageHeaders();
	const mock = { state: null, api: null, slow: null };
	mock.reset = (changes = {}) => {
		mock.state = { ...freshState(), ...changes };
		mock.api = goodApi();
		mock.slow = null;
	};
	mock.reset();
	const server = createServer(async (req, res) => {
		if (!req.url.startsWith("/api/")) {
			sendFile(req, res, headers);
			return;
		}
		try {
			const body = await bodyOf(req, mock);
			if (bare.test(`${req.method} ${req.url}`) &&
			    Number(req.headers["content-length"])) {
				send(res, refuse(413, "body_too_large",
					"This address takes no body."));
				return;
			}
			const path = req.url.split("?")[0]
				.replace(/^(\/api\/jobs)\/.*/, "$1");
			mock.state.requests.push({ method: req.method, path, body,
				headers: req.headers });
			const handler = mock.api[`${req.method} ${path}`];
			const answer = handler ? await handler(mock.state, body, req) :
				refuse(404, "not_found", "There is nothing here.");
			if (answer === "gone")
				res.destroy();
			else
				send(res, answer);
		} catch {
			res.destroy();	// the page went away
		}
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	mock.url = `http://127.0.0.1:${server.address().port}`;
	mock.close = () => new Promise((done) => {
		server.closeAllConnections();
		server.close(done);
	});
	return mock;
}

export const bad = refuse;
