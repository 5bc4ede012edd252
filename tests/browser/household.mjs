// What the tests against the real server share: mocks of the three services, a
// jair of its own for each story, and the people of a household.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { inspect, launch, ok, open, until } from "./check.mjs";
import { fillConnections, login, save, testConnections, toSave, visible }
	from "./flows.mjs";

export const archives = "tests/fixtures/archives";
export const build = process.env.JAIR_BUILD || "build/release";

// Words that no page may show, keep or put into its address.
export const secret = {
	seerr: "canary-seerr-key-0123456789",
	gemini: "canary-gemini-key-0123456789",
	archived: "dummy-jellyseerr-key==",	// in the fixtures
	password: "canary-password",
};

const person = (name, more = {}) => ({ name, password: secret.password,
	id: Buffer.from(name.padEnd(16, "*")).toString("hex").slice(0, 32),
	admin: false, disabled: false, ...more });
export const people = ["jesse", "Mäkinen Åsa", "o'brien \"bob\"", "alice",
	"bob", "Zoë"].map((name) => person(name, { admin: name === "jesse" }));

// A program that says one line when it is there, and ends with its input.
async function start(program, args, env = {}) {
	const child = spawn(program, args, { env: { ...process.env, ...env },
		stdio: ["pipe", "pipe", "inherit"] });
	const gone = once(child, "exit");
	const [line] = await Promise.race([
		once(createInterface(child.stdout), "line"),
		gone.then(([code]) => {
			throw new Error(`${args[0]} ended with ${code}`);
		})]);
	return { line, close: () => {
		child.stdin.end();
		return gone;
	} };
}

async function startService(name, state) {
	const run = await start(process.execPath, [`tests/mock/${name}.mjs`,
		"--tied", "--state", JSON.stringify(state)]);
	const url = `http://127.0.0.1:${run.line}`;
	const tell = (what, body) => fetch(`${url}/__mock/${what}`,
		{ method: "POST", body: JSON.stringify(body) });
	return { url, tell, close: run.close,
		asked: async () => (await fetch(`${url}/__mock/requests`)).json() };
}

export async function startServices() {
	const [jellyfin, seerr, gemini] = await Promise.all([
		startService("jellyfin", { users: people }),
		startService("seerr", { key: secret.seerr }),
		startService("gemini", { key: secret.gemini, models: [
			"gemini-2.5-flash-lite", "gemini-2.5-flash"].map((name) => ({
			name: `models/${name}`,
			supportedGenerationMethods: ["generateContent"] })) })]);
	return { jellyfin, seerr, gemini,
		close: () => Promise.all([jellyfin, seerr, gemini]
			.map((one) => one.close())) };
}

const children = (pid, name) => execFileSync("pgrep",
	["-x", "-P", String(pid), name], { encoding: "utf8" })
	.trim().split("\n").map(Number);

// A jair: {url, data, code, query(sql), stop(name), go(name), close()}.
// env: its settings; folder: what lies in its data folder at the start.
export async function startServer(services, env = {}, folder = null) {
	const run = await start("bash", ["tests/serve.sh",
		...(folder ? [folder] : [])],
	{ GEMINI_BASE_URL: services.gemini.url, ...env });
	const { port, data, api, nginx, log } = JSON.parse(run.line);
	const tell = (pids, what) => pids.forEach((pid) =>
		process.kill(pid, what));
	const pidsOf = (name) => children(name === "nginx" ? nginx : api, name);
	const signal = (name, what) => tell(pidsOf(name), what);
	let code = "";
	try {
		code = readFileSync(`${data}/setup_code`, "utf8").trim();
	} catch {
		// It is set up already.
	}
	return {
		url: `http://127.0.0.1:${port}`, data, code, log,
		query: (sql) => execFileSync("sqlite3", [`${data}/dev.db`,
			".timeout 5000", sql], { encoding: "utf8" }).trim(),
		// Hold and let go: "jair-jobs" (the job worker), or "nginx" (a
		// slow line).
		hold: (name) => signal(name, "SIGSTOP"),
		letGo: (name) => signal(name, "SIGCONT"),
		// Let those that are held go on for a moment.
		pulse: async (name, ms) => {
			const pids = pidsOf(name);
			tell(pids, "SIGCONT");
			await new Promise((resolve) => setTimeout(resolve, ms));
			tell(pids, "SIGSTOP");
		},
		close: run.close,
	};
}

export const browser = await launch(process.env.JAIR_CHROMIUM);

// A person's browser at a page of a jair.  It keeps a fault for each answer
// that tells a secret.
export async function visit(server, path = "/", options = {}) {
	const page = await open(browser, server.url + path, options);
	page.on("response", async (res) => {
		const type = res.headers()["content-type"] || "";
		if (!type.startsWith("application/json") ||
		    res.headers()["content-disposition"])
			return;
		const body = await res.text().catch(() => "");
		for (const word of Object.values(secret)) {
			if (body.includes(word))
				page.faults.push(`${res.url()} tells ${word}`);
		}
	});
	return page;
}

export const leave = (page) => page.context().close();

// What the browser shows or keeps of what it should not.
export async function leaks(page, words = Object.values(secret)) {
	const all = page.url() + await page.content() +
		await page.evaluate(() =>
			JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
	return words.filter((word) => word && all.includes(word));
}

// Look at a state: what must always hold, and that it tells no secret.
export async function state(page, name, words) {
	await inspect(page, `real-${name}`, ["dark"]);
	const told = await leaks(page, words);
	ok(told.length === 0, `${name}: tells no secret`, told);
}

// A picture for README.md, narrower than a screen.
export async function picture(page, name) {
	await page.setViewportSize({ width: 760, height: 480 });
	await page.screenshot({ fullPage: true, animations: "disabled",
		path: `build/screens/readme-${name}.png` });
}

export const addresses = (services) => ({
	jellyfinUrl: services.jellyfin.url });

export const everything = (services) => ({ ...addresses(services),
	jellyseerrUrl: services.seerr.url, jellyseerrApiKey: secret.seerr,
	geminiApiKey: secret.gemini });

export const kinds = (page) => page.$$eval(".result", (nodes) =>
	nodes.map((node) => node.dataset.kind).join(" "));

// From Connections to the login page, with a Jellyfin and nothing else.
export async function finishSetup(page, services) {
	await fillConnections(page, addresses(services),
		["jellyseerr", "gemini"]);
	await testConnections(page);
	await toSave(page);
	await save(page);
}

export async function enter(page, name) {
	await login(page, name, secret.password);
	await until(() => !page.url().includes("login"));
}

// A jair that was started fresh, and its administrator's browser at home.
export async function settled(services, env = {}) {
	const server = await startServer(services, env);
	const page = await visit(server, "/setup.html");
	await visible(page, "#fresh");
	await page.click("#fresh");
	await finishSetup(page, services);
	await enter(page, "jesse");
	await visible(page, "#who");
	return { server, page };
}

export const titlesOf = (server, name) => Number(server.query(
	`SELECT count(*) FROM UserMedia m JOIN User u ON u.id = m.userId
	WHERE u.username = '${name.replaceAll("'", "''")}'`));

export const waiting = (server) => Number(server.query(
	"SELECT count(*) FROM StagedUser WHERE state = 'pending'"));
