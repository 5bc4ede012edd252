// Login, the history that comes back, the first page and the settings, each
// state of them.  Without this test a household could stand before a page
// that does not say what became of their history.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bad, preview, result, startMock } from "./mock.mjs";
import { finish, inspect, launch, ok, open, until } from "./check.mjs";
import { chooseFile, fillConnections, login, says, testConnections, visible,
	welcomeBack } from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const de = (await import("../../html/js/strings/de.js")).default;
const mock = await startMock();
const browser = await launch(process.env.JAIR_CHROMIUM);
const done = (page) => page.context().close();
const inside = { configured: true, loggedIn: true };

async function at(path, changes = { configured: true }, options = {}) {
	mock.reset(changes);
	return open(browser, mock.url + path, options);
}

// The size of a file of the pages.
function unpacked(path) {
	const file = new URL(`../../html${path.replace(/\/$/, "/index.html")}`,
		import.meta.url);
	return existsSync(file) ? statSync(file).size : undefined;
}

// Login
{
	const page = await at("/login.html#restored");
	ok(await says(page, "#note", en.login.restored),
		"login: what comes next is said");
	await inspect(page, "login-restored");
	await login(page, "", "x");
	ok(await page.isVisible("#name-error"), "login: a name is needed");
	await login(page, "john", "wrong");
	ok(await says(page, "#trouble", "Jellyfin refused") &&
		await says(page, "#trouble", en.login.data),
	"login: a wrong password is said, and what it means");
	ok((await page.inputValue("#password")) === "",
		"login: the password is not kept in the page");
	await inspect(page, "login-wrong");
	mock.api["POST /api/auth/login"] = () => bad(429, "too_many_attempts",
		"Too many.", { headers: { "Retry-After": "3" } });
	await login(page, "john", "wrong");
	ok(await says(page, "#trouble", "3 seconds"),
		"login: too many tries, and how long to wait");
	const asked = () => mock.state.requests.filter((r) =>
		r.path === "/api/auth/login").length;
	const before = asked();
	await page.dispatchEvent("#form", "submit");
	ok(asked() === before, "login: nothing is sent while waiting");
	await inspect(page, "login-429");
	ok(await says(page, "#send", en.login.go), "login: then again");
	mock.api["POST /api/auth/login"] = () => bad(502,
		"jellyfin_failed", "Nothing answers at http://media.home:8096.");
	await login(page, "john", "right");
	ok(await says(page, "#trouble", en.errors.jellyfin_failed.act),
		"login: Jellyfin is down");
	await inspect(page, "login-jellyfin-down");
	await done(page);
}
{
	const page = await at("/login.html", {});
	await page.waitForURL("**/setup.html");
	ok(true, "login: not set up yet leads to the wizard");
	await done(page);
}

// The history comes back
{
	const page = await at("/login.html",
		{ configured: true, saved: { restore: true } });
	mock.api["GET /api/jobs"] = () => ({ body: { id: "1", type: "restore",
		state: "running", done: 210, total: 557,
		current: "john: movies" } });
	await login(page, "john", "right");
	await page.waitForURL("**/welcome.html");
	ok(await says(page, "#way", "210 of 557") &&
		await says(page, "#way", "john: movies"),
	"restore: how far, and with what");
	await inspect(page, "welcome-progress");
	await page.goto(mock.url);
	await page.waitForURL("**/welcome.html");
	ok(await says(page, "#way", "210 of 557"),
		"restore: left and opened again, the same state");
	mock.api["GET /api/jobs"] = () => "gone";
	ok(await says(page, "#trouble", en.job.waits),
		"restore: says when the server is gone");
	await inspect(page, "welcome-gone");
	mock.api["GET /api/jobs"] = () => ({ body: { id: "1",
		state: "done", result } });
	ok(await welcomeBack(page), "restore: and goes on");
	ok(await says(page, "#result", "412") &&
		await says(page, "#result", "31") &&
		await says(page, "#result", "540 new, 12 newer than here, 5 here already."),
	"welcome: the counts", await page.textContent("#result"));
	ok(await says(page, "#result", "Kummeli Stories") &&
		await says(page, "#result", "and 1 more") &&
		await says(page, "#result", en.job.unresolvedDo),
	"welcome: what could not be matched, by name, and what to do");
	ok(await says(page, "#result", "users[0].data.movies[3]") &&
		await says(page, "#result", en.job.refusedDo),
	"welcome: what could not be used, by place, and what to do");
	await inspect(page, "welcome-back");
	await page.click("#done .button");
	ok(await visible(page, "#who"), "welcome: then the first page");
	await page.reload();
	ok(await visible(page, "#who"), "welcome: shown once");
	await done(page);
}
// Titles that the backup knows by name only
{
	const page = await at("/404.html", inside);
	await page.evaluate(() => localStorage.setItem("jair.restore", "1"));
	let titles = { id: "2", type: "resolve", state: "running", done: 1,
		total: 3, current: "Solaris" };
	mock.api["GET /api/jobs"] = (s, b, r) => ({ body: r.url.endsWith("/2") ?
		titles : { id: "1", state: "done",
			result: { ...result, resolveJob: 2 } } });
	await page.goto(`${mock.url}/welcome.html`);
	ok(await says(page, "#result", "1 of 3 so far"),
		"welcome: Seerr is asked for titles without an id");
	ok(!(await page.textContent("#result")).includes(en.job.unresolvedDo),
		"welcome: nothing is said to be missing yet");
	await inspect(page, "welcome-seeking");
	titles = { ...titles, state: "done", result: { total: 3, resolved: 2,
		left: 1, errors: [], leftItems: [{ title: "Kummeli Stories" }] } };
	ok(await says(page, "#result", "Found by name in Seerr: 2 of 3.") &&
		await says(page, "#result", "1 title could not be matched"),
	"welcome: what Seerr knew, and what is left");
	await inspect(page, "welcome-sought");
	titles = { ...titles, result: { ...titles.result, resolved: 0, left: 3,
		errors: ["Seerr refused the API key."] } };
	await page.goto(`${mock.url}/welcome.html`);
	ok(await says(page, "#result", "Seerr refused the API key.") &&
		await says(page, "#result", en.job.seekingFailed) &&
		await says(page, "#result", "3 titles could not be matched"),
	"welcome: a Seerr that fails is told, with what happens next");
	titles = { id: "2", state: "failed", error: "No." };
	await page.goto(`${mock.url}/welcome.html`);
	ok(await says(page, "#result", en.job.seekingFailed) &&
		await says(page, "#result", "3 titles could not be matched"),
	"welcome: so is a job that failed");
	await done(page);
}
for (const [answer, words, name] of [
	[{ body: { id: "1", state: "failed", error: "The disk is full." } },
		en.welcome.failed.data, "failed"],
	[bad(404, "not_found", "There is no such job."),
		en.welcome.unknownJob, "unknown"]]) {
	const page = await at("/404.html", inside);
	await page.evaluate(() => localStorage.setItem("jair.restore", "1"));
	mock.api["GET /api/jobs"] = () => answer;
	await page.goto(`${mock.url}/welcome.html`);
	ok(await says(page, "main", words), `restore: ${name} is explained`);
	await inspect(page, `welcome-${name}`);
	await done(page);
}

// The first page
for (const [changes, to, name] of [[{}, "setup.html", "not set up"],
	[{ configured: true }, "login.html", "not logged in"]]) {
	const page = await at("/", changes);
	await page.waitForURL(`**/${to}`);
	ok(true, `home: ${name} leads to ${to}`);
	await done(page);
}
{
	const page = await at("/#code=C0DE", { codeNeeded: true });
	await page.waitForURL("**/setup.html");
	ok(await visible(page, "#start"),
		"home: a setup link that lost its page still works");
	await done(page);
}
{
	const page = await at("/", inside);
	ok(await says(page, "#hello", "john"), "home: says who I am");
	ok(await page.isVisible("#export-all"), "home: an administrator's part");
	await inspect(page, "home");
	const [download] = await Promise.all([page.waitForEvent("download"),
		page.click("#export")]);
	ok(download.url().endsWith("/api/settings/export"), "home: export");
	await page.click("#sync");
	ok(await says(page, "#done", "508 looked at: 3 new"), "home: sync",
		await page.textContent("main"));
	await inspect(page, "home-synced");
	let job = { id: "2", state: "running", done: 5, total: 20,
		current: "series" };
	mock.api["GET /api/jobs"] = () => ({ body: job });
	await chooseFile(page, { name: "mine.json", buffer:
		Buffer.from("{}") }, "#import");
	ok(await says(page, "#way", "5 of 20"), "home: import shows its progress");
	await inspect(page, "home-importing");
	await page.reload();
	ok(await says(page, "#way", "5 of 20"), "home: a reload finds the job");
	job = { id: "2", state: "failed", error: "users[0]: this is no item." };
	ok(await says(page, "#trouble", "this is no item") &&
		await says(page, "#trouble", en.home.importingFailed.act),
	"home: a failed import is explained");
	await inspect(page, "home-import-failed");
	mock.api["POST /api/settings/import"] = () => bad(422, "archive_broken",
		"This file ends in the middle (line 7, column 2).");
	let openLine;
	mock.slow = new Promise((resolve) => {
		openLine = resolve;
	});
	const folder = mkdtempSync(join(tmpdir(), "jair-pages-"));
	writeFileSync(join(folder, "mine.json"),
		Buffer.alloc(30 * 1024 * 1024, " "));
	await chooseFile(page, join(folder, "mine.json"), "#import");
	ok(await until(async () => /\d MB of 31\.5 MB/.test(
		await page.textContent("#way"))),
	"home: what is sent is counted", await page.textContent("#way"));
	openLine();
	mock.slow = null;
	ok(await says(page, "#trouble", "line 7"), "home: a refused import too");
	rmSync(folder, { recursive: true });
	await page.click("#logout");
	await page.waitForURL("**/login.html#out");
	ok(await says(page, "#note", en.login.out), "home: log out");
	await done(page);
}
{
	const page = await at("/", { ...inside, admin: false });
	ok(await visible(page, "#who") && await page.isHidden("#export-all") &&
		await page.isHidden(".for-admin"), "home: a member sees their part");
	mock.state.loggedIn = false;
	await page.click("#sync");
	await page.waitForURL("**/login.html#expired");
	ok(await says(page, "#note", en.login.expired),
		"home: an ended login is said");
	await done(page);
}
// What an administrator is told of the backups.
{
	const status = { configured: true, setupCodeRequired: false, staged: false,
		recovered: { at: "2026-01-06T10:30:00.037Z",
			file: "dev.db.backup_startup", ok: false, lastStart: true },
		lastBackup: { at: "2026-01-05T10:30:00.037Z", ok: true },
		lastVerifiedArchive: { at: "2026-01-05T10:30:00.037Z",
			file: "a.json", bytes: 1 }, overdue: true };
	mock.reset(inside);
	mock.api["GET /api/system/status"] = () => ({ body: status });
	const page = await open(browser, mock.url);
	ok(await says(page, "#backups", en.home.recoveredPart.what) &&
		await says(page, "#backups", "dev.db.backup_startup"),
	"home: a recovery is told", await page.textContent("main"));
	await inspect(page, "home-recovered");
	await page.click("#backups button");
	ok(await says(page, "#backups", en.home.backupOld.what),
		"home: once read, an old backup is told");
	await page.reload();
	ok(await says(page, "#backups", en.home.backupOld.what),
		"home: what was read is not told again");
	status.lastBackup.ok = false;
	await page.reload();
	ok(await says(page, "#backups", en.home.backupFailed.what),
		"home: a failed backup is told");
	status.recovered = { ...status.recovered, at: "2026-02-01T10:30:00.037Z",
		file: "" };
	await page.reload();
	ok(await says(page, "#backups", en.home.recoveredNothing.what),
		"home: the next recovery is told");
	Object.assign(status, { recovered: null, overdue: false });
	status.lastBackup.ok = true;
	await page.reload();
	ok(await visible(page, "#who") && await page.isHidden("#backups"),
		"home: nothing is said of what is well");
	await done(page);
}
{
	mock.reset(inside);
	mock.api["GET /api/auth/me"] = () => bad(503, "service_unavailable",
		"Not now.");
	const page = await open(browser, mock.url);
	ok(await says(page, "#trouble", en.errors.service_unavailable.what) &&
		await page.isVisible("#stopped a"), "home: no server, and the way " +
		"to its status");
	await inspect(page, "home-stopped");
	mock.reset(inside);
	await page.click("#again");
	ok(await visible(page, "#who"), "home: and back");
	await done(page);
}

// Settings
{
	const page = await at("/settings.html", inside);
	ok(await visible(page, "#editor") &&
		(await page.inputValue("#field-jellyfinUrl")) ===
		preview.config.jellyfinUrl, "settings: what is saved");
	ok(await page.isEnabled("#send"), "settings: may be saved");
	await inspect(page, "settings");
	await fillConnections(page, { geminiApiKey: "  new-key-9999 " });
	ok(await testConnections(page), "settings: the new key is tested");
	await page.click("#send");
	ok(await says(page, ".toast", en.settings.saved), "settings: saved");
	ok(mock.state.saved.geminiApiKey === "new-key-9999" &&
		mock.state.saved.jellyseerrApiKey === "********a91f",
	"settings: a new key is sent, a kept one stays masked",
	mock.state.saved);
	await inspect(page, "settings-saved");
	await fillConnections(page, { jellyfinUrl: "http://new:8096" });
	ok(await says(page, ".change", "http://jellyfin:8096"),
		"settings: old and new address");
	mock.api["PUT /api/system/config-editor"] = () => bad(422, "bad_address",
		"This address is not allowed.", { body: { field: "jellyfinUrl" } });
	await page.click("#send");
	ok(await says(page, "#field-jellyfinUrl-error", "not allowed"),
		"settings: a refused field says why");
	await inspect(page, "settings-refused");
	await done(page);
}
{
	const page = await at("/settings.html", { ...inside, config: {
		jellyfinUrl: "http://jellyfin:8096" } });
	ok(await until(() => page.isChecked("#later-jellyseerr")) &&
		await page.isChecked("#later-gemini"),
	"settings: what was left for later still is");
	await done(page);
}
{
	const page = await at("/settings.html", { ...inside, admin: false });
	ok(await visible(page, "#denied"), "settings: for administrators");
	await inspect(page, "settings-denied");
	await done(page);
}

// Every page: weight, without scripts, without motion, in German.
for (const path of ["/", "/setup.html", "/login.html", "/welcome.html",
	"/settings.html", "/status.html", "/404.html"]) {
	const page = await at(path, path === "/setup.html" ? {} : inside,
		{ javaScriptEnabled: false });
	ok((await page.textContent("main")).trim().length > 60 &&
		await page.isVisible("h1"), `${path}: says something without scripts`);
	await done(page);
}
for (const path of ["/", "/setup.html", "/login.html", "/welcome.html",
	"/settings.html", "/status.html"]) {
	const page = await at(path, path === "/setup.html" ? {} : inside,
		{ locale: "de-DE" });
	await page.waitForLoadState("networkidle");
	await page.goto("about:blank");
	const answers = [];
	page.on("requestfinished", (r) => answers.push(r));
	await page.goto(mock.url + path);
	await page.waitForLoadState("networkidle");
	let sent = 0;
	let whole = 0;
	for (const r of answers) {
		const { responseBodySize } = await r.sizes();
		sent += responseBodySize;
		whole += unpacked(new URL(r.url()).pathname) ?? responseBodySize;
	}
	ok(sent > 0 && sent < 60000, `${path}: far under 100 kB in all ` +
		`(${sent} bytes sent, ${whole} unpacked)`);
	ok((await page.getAttribute("html", "lang")) === "de" &&
		(await page.textContent("footer")).includes(
			path === "/status.html" ? de.status.checked : de.statusLink),
	`${path}: in German`);
	const paint = await page.evaluate(() => performance
		.getEntriesByName("first-contentful-paint")[0]?.startTime);
	ok(paint < 1000, `${path}: first paint (${Math.round(paint)} ms)`, paint);
	await done(page);
}
{
	const page = await at("/setup.html", {}, { reducedMotion: "reduce" });
	const moving = await page.$$eval("*", (nodes) => nodes.filter((n) =>
		getComputedStyle(n).transitionDuration.split(", ")
			.some((t) => t !== "0s")).length);
	ok(moving === 0, "reduced motion: nothing moves", moving);
	await page.click("#theme");
	ok((await page.evaluate(() => getComputedStyle(document.body)
		.backgroundColor)) === "rgb(245, 246, 251)", "colours: the switch");
	await page.click("#language");
	ok(await says(page, "h1", de.setup.title), "language: the switch");
	await page.goto(`${mock.url}/status.html`);
	ok(await says(page, "h1 + p", de.status.subtitle),
		"language: kept on another page");
	await done(page);
}

await browser.close();
await mock.close();
finish();
