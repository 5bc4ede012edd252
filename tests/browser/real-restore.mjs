// Coming to a new server with a backup.  Without this test a household could
// lose its history between the file and the first page.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finish, ok, until } from "./check.mjs";
import { addresses, archives, browser, build, enter, everything, kinds, leave,
	picture, secret, startServer, startServices, state, titlesOf, visit, waiting }
	from "./household.mjs";
import { chooseFile, fillConnections, restoreFrom, save, says,
	testConnections, toConnections, toSave, visible, welcomeBack }
	from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const services = await startServices();
const folder = mkdtempSync(join(tmpdir(), "jair-restore-"));

// An archive of ours: what jair-init makes of a database of the original.
function ownArchive() {
	const data = mkdtempSync(join(folder, "old-"));
	copyFileSync("tests/fixtures/db/v2.8.10-small.db", join(data, "dev.db"));
	for (const command of [[], ["backup"]])
		execFileSync(`${build}/jair-init`, command,
			{ env: { ...process.env, DATA_DIR: data }, stdio: "pipe" });
	return join(data, "backup_latest.json");
}

// Everything that a wrong file might have changed.
const contents = (server) => ["User", "Media", "UserMedia", "StagedUser",
	"SystemConfig"].map((table) =>
	server.query(`SELECT * FROM "${table}"`)).join("\n--\n");

// What Welcome back must say: the rows that are there.
async function counted(page, server, name) {
	const n = (await page.$$eval("#result .tiles li", (nodes) => nodes
		.map((node) => node.innerText.replace(/\s+/g, " "))));
	const [movies, series, watchlist, blocked] = server.query(`SELECT
		sum(m.status = 'WATCHED' AND d.mediaType = 'movie'),
		sum(m.status = 'WATCHED' AND d.mediaType = 'tv'),
		sum(m.status = 'WATCHLIST'), sum(m.status = 'BLOCKED')
		FROM UserMedia m JOIN Media d ON d.id = m.mediaId JOIN User u
		ON u.id = m.userId WHERE u.username = '${
			name.replaceAll("'", "''")}'`).split("|").map(Number);
	const rows = { "movies?": movies, "series": series,
		"on your watchlist": watchlist, "blocked": blocked };
	const wrong = Object.entries(rows).filter(([words, there]) =>
		there > 0 && !n.some((said) =>
			new RegExp(`^${there} ${words}$`).test(said)));
	return ok(wrong.length === 0, `${name}: the counts are those of the ` +
		`database (${Object.values(rows)})`, [n, rows]);
}

// One person's first login, to Welcome back.
async function comesBack(server, name, page = null) {
	const own = page || await visit(server, "/login.html");
	await enter(own, name);
	const back = await welcomeBack(own);
	return { page: own, back };
}

// The whole way with one file.  Returns the browser at Welcome back.
async function migrate(server, label, file, { names, owner, looks = [] }) {
	const page = await visit(server, "/setup.html");
	ok(await restoreFrom(page, file), `${label}: checked`);
	for (const name of names)
		ok(await says(page, "#inside-people", name),
			`${label}: ${name} is inside`);
	if (looks.includes("inside"))
		await state(page, `inside-${label}`);
	if (label === "ours")
		await picture(page, "inside");
	await toConnections(page);
	await fillConnections(page, addresses(services),
		["jellyseerr", "gemini"]);
	await testConnections(page);
	await toSave(page);
	if (owner)
		await page.fill("#owner", owner);
	if (looks.includes("save"))
		await state(page, `save-${label}`);
	await save(page);
	ok(await says(page, "#note", en.login.restored),
		`${label}: then the login`);
	const { back } = await comesBack(server, owner || names[0], page);
	ok(back, `${label}: welcome back`, await page.textContent("main"));
	await counted(page, server, owner || names[0]);
	if (looks.includes("welcome"))
		await state(page, `welcome-${label}`);
	if (label === "ours")
		await picture(page, "welcome");
	return page;
}

const household = ["jesse", "Mäkinen Åsa", "o'brien \"bob\""];

// Ours, the original's of two versions, one person, the first version.
async function kindsOfFiles() {
	const files = [
		["ours", ownArchive(), { names: household,
			looks: ["inside", "save", "welcome"] }],
		["2.0.3", `${archives}/v2.0.3-small.json`, { names: household }],
		["2.4.1", `${archives}/v2.8.10-small.json`, { names: household }],
		["one-person", `${archives}/v2.8.10-user-jesse.json`,
			{ names: ["jesse"], looks: ["inside"] }],
		["v1", `${archives}/v1-strings-database.json`,
			{ names: ["bob", "Zoë"], looks: ["inside", "welcome"] }],
	];
	for (const [label, file, options] of files) {
		const server = await startServer(services);
		const page = await migrate(server, label, file, options);
		ok(waiting(server) === options.names.length - 1,
			`${label}: the others still wait`);
		if (label === "v1")
			ok(await says(page, "#result", `Twin Peaks ${en.job.lists.series}`) &&
				await says(page, "#result", en.job.unresolvedDo),
			"v1: what has no id is named, and what to do");
		await leave(page);
		await server.close();
	}
}

// A broken file first; two people's first logins at the same time.
async function brokenThenGood() {
	const server = await startServer(services);
	const page = await visit(server, "/setup.html");
	await visible(page, "#start");
	const before = contents(server);
	const whole = readFileSync(`${archives}/v2.0.3-small.json`);
	const lines = whole.subarray(0, whole.length / 2).toString("latin1")
		.split("\n").length;
	await chooseFile(page, { name: "backup_latest.json",
		buffer: whole.subarray(0, whole.length / 2) });
	ok(await says(page, "#trouble", `line ${lines}`),
		`broken: says where it ends (line ${lines})`,
		await page.textContent("#trouble"));
	ok(await says(page, "#trouble", en.start.nothingChanged) &&
		await says(page, "#trouble", en.start.brokenDo),
	"broken: what it means and what to do");
	ok(contents(server) === before, "broken: nothing was changed");
	await state(page, "broken");
	await page.reload();
	ok(await says(page, "#trouble", `line ${lines}`),
		"broken: a reload still says so");
	await chooseFile(page, `${archives}/v2.0.3-small.json`);
	ok(await visible(page, "#inside"), "broken: then a good one");
	ok(await page.isHidden("#trouble"), "broken: and its trouble is gone");
	ok(contents(server) === before, "inside: nothing has been changed yet");
	await keptKey(page);
	await toSave(page);
	await save(page);
	await leave(page);
	await firstLogins(server);
	await server.close();
}

// The key of the backup does not go to another address by itself.
async function keptKey(page) {
	await toConnections(page);
	ok((await page.inputValue("#field-jellyseerrUrl")) ===
		"http://127.0.0.1:5055", "kept key: its address is the backup's");
	await fillConnections(page, { jellyfinUrl: services.jellyfin.url,
		jellyseerrUrl: services.seerr.url }, ["gemini"]);
	ok(await says(page, ".change", "http://127.0.0.1:8096") &&
		await says(page, ".change", services.jellyfin.url),
	"Jellyfin: old and new address side by side");
	await page.click("#test");
	ok(await visible(page, "dialog[open]"), "kept key: asked first");
	await state(page, "key-moves");
	await page.click("dialog[open] button:last-child");
	ok(await says(page, "#field-jellyseerrApiKey-error",
		en.errors.key_moved.what),
	"kept key: without the setup code it has to be typed",
	await page.textContent("#services"));
	const sent = (await services.seerr.asked()).filter((one) =>
		one.headers["x-api-key"] === secret.archived);
	ok(sent.length === 0, "kept key: it went nowhere");
	await fillConnections(page, { jellyseerrApiKey: secret.seerr });
	await testConnections(page);
	ok((await kinds(page)) === "ok ok off", "kept key: a typed one works",
		await page.textContent("#services"));
	await state(page, "old-and-new");
}

async function firstLogins(server) {
	const staged = waiting(server);
	const both = await Promise.all([household[0], household[1]]
		.map((name) => comesBack(server, name)));
	ok(staged === 3 && both.every((one) => one.back) && waiting(server) === 1,
		"two first logins at once: both get their part");
	for (const [i, { page }] of both.entries())
		await counted(page, server, household[i]);
	const first = household.map((name) => titlesOf(server, name));
	ok(first[0] > 0 && first[1] > 0 && first[2] === 0,
		"two first logins at once: each their own, the third waits", first);
	await state(both[1].page, "welcome-member");
	for (const { page } of both) {
		await page.click("#done .button");
		await visible(page, "#who");
		await page.click("#logout");
		await page.waitForURL("**/login.html#out");
	}
	await enter(both[0].page, household[0]);
	ok(await visible(both[0].page, "#who") &&
		titlesOf(server, household[0]) === first[0],
	"a second login has nothing to bring back");
	await state(both[0].page, "home-restored");
	const late = await comesBack(server, household[2]);
	ok(late.back && waiting(server) === 0, "the third comes later");
	for (const page of [...both.map((one) => one.page), late.page])
		await leave(page);
}

// A reload while it is checked, inside, and while the history comes back.
async function reloads() {
	const server = await startServer(services, { JAIR_SETUP_CODE_REQUIRED: "1" });
	const page = await visit(server, `/setup.html#code=${server.code}`);
	await visible(page, "#start");
	server.hold("jair-jobs");
	await chooseFile(page, `${archives}/v2.0.3-small.json`);
	ok(await says(page, "#progress-title", en.start.checking),
		"reload: while it is checked");
	await state(page, "checking", Object.values(secret));
	await page.reload();
	ok(await says(page, "#progress-title", en.start.checking),
		"reload: the check is found again");
	server.letGo("jair-jobs");
	ok(await visible(page, "#inside"), "reload: it goes on to what is inside");
	await page.reload();
	ok(await visible(page, "#inside"), "reload: what is inside stays");
	await services.seerr.tell("state", { key: secret.archived });
	await toConnections(page);
	await fillConnections(page, { jellyfinUrl: services.jellyfin.url,
		jellyseerrUrl: services.seerr.url,
		geminiApiKey: secret.gemini });
	await page.reload();
	ok(await visible(page, "#connections") && (await page.inputValue(
		"#field-jellyseerrUrl")) === services.seerr.url,
	"reload: the connections stay");
	await fillConnections(page, { geminiApiKey: secret.gemini });
	await page.selectOption("#field-geminiModel", "gemini-2.5-flash");
	await page.click("#test");
	await page.click("dialog[open] button:last-child");
	ok(await says(page, "#result-jellyseerr", en.connect.ok),
		"kept key: with the setup code it may go to the new address",
		await page.textContent("#services"));
	await services.seerr.tell("reset", {});
	await toSave(page);
	await save(page);
	ok(server.query("SELECT jellyseerrApiKey FROM SystemConfig") ===
		secret.archived, "kept key: it is saved");
	server.hold("jair-jobs");
	await enter(page, "jesse");
	await page.waitForURL("**/welcome.html");
	ok(await visible(page, "#way"), "reload: the history is under way");
	await state(page, "welcome-progress");
	await page.reload();
	ok(await visible(page, "#way"), "reload: still under way");
	await page.goto(server.url);
	await page.waitForURL("**/welcome.html");
	server.letGo("jair-jobs");
	ok(await welcomeBack(page), "reload: and there");
	await counted(page, server, "jesse");
	await page.reload();
	ok(await says(page, "#result", en.job.counts.blocked[1]),
		"reload: the counts stay until they are seen");
	await leave(page);
	await server.close();
}

// Two browsers: the other one puts another backup in the place of the one that
// was looked at here.
async function anotherMeanwhile() {
	const server = await startServer(services);
	const page = await visit(server, "/setup.html");
	await restoreFrom(page, `${archives}/v2.0.3-small.json`);
	await toConnections(page);
	await fillConnections(page, addresses(services),
		["jellyseerr", "gemini"]);
	await toSave(page);
	const other = await visit(server, "/setup.html");
	await visible(other, "#inside");
	await other.click("#inside-other");
	ok(await restoreFrom(other, `${archives}/v1-strings-database.json`),
		"meanwhile: another backup is sent");
	await page.click("#save-send");
	ok(await says(page, "#trouble", en.errors.nothing_staged.what) &&
		await visible(page, "#start-ready"),
	"meanwhile: what nobody looked at here is not restored",
	await page.textContent("main"));
	ok(waiting(server) === 0, "meanwhile: nothing is saved");
	await state(page, "meanwhile");
	await page.click("#start-go");
	ok(await says(page, "#inside-people", "Zoë"),
		"meanwhile: the other one can be looked at");
	await leave(other);
	await leave(page);
	await server.close();
}

await kindsOfFiles();
await anotherMeanwhile();
await brokenThenGood();
await reloads();
await browser.close();
await services.close();
rmSync(folder, { recursive: true });
finish();
