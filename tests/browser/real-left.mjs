// The database is gone, its backups lie beside it.  Without this test a
// household could have all of its history on the server and not see it.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync,
	truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finish, ok } from "./check.mjs";
import { browser, build, enter, finishSetup, leave, startServer,
	startServices, state, titlesOf, visit, waiting } from "./household.mjs";
import { says, toConnections, visible, welcomeBack } from "./flows.mjs";

const en = (await import("../../html/js/strings/en.js")).default;
const services = await startServices();
const household = ["jesse", "Mäkinen Åsa", "o'brien \"bob\""];
const latest = "backup_latest.json";
const broken = "backup_2025-01-01T10-30-00.json";
const later = "backup_2099-01-01T10-30-00.json";

// A data folder whose database was lost, and what it held.
function lost() {
	const data = mkdtempSync(join(tmpdir(), "jair-left-"));
	copyFileSync("tests/fixtures/db/v2.8.10-small.db", join(data, "dev.db"));
	execFileSync(`${build}/jair-init`, [],
		{ env: { ...process.env, DATA_DIR: data }, stdio: "pipe" });
	const query = (sql) => execFileSync("sqlite3", [join(data, "dev.db"),
		sql], { encoding: "utf8" }).trim();
	const held = household.map((name) => titlesOf({ query }, name));
	rmSync(join(data, "dev.db"));
	rmSync(join(data, "dev.db-journal"), { force: true });
	return { data, held };
}

// Every archive of a folder, byte for byte.
const archivesOf = (data) => Object.fromEntries(readdirSync(data)
	.filter((name) => /^backup_.*\.json$/.test(name))
	.map((name) => [name, readFileSync(join(data, name), "latin1")]));

const same = (before, data) => {
	const now = archivesOf(data);
	return Object.entries(before).every(([name, bytes]) =>
		now[name] === bytes);
};

const offer = (page, name) =>
	page.locator("#start-left li", { hasText: name }).locator("button");

async function comesBack(old) {
	const before = archivesOf(old.data);
	const server = await startServer(services,
		{ JAIR_SETUP_CODE_REQUIRED: "1" }, old.data);
	ok(readFileSync(`${server.log}/boot.log`, "utf8").includes(
		"But there are backups"), "left: the log lists them");
	const page = await visit(server, `/setup.html#code=${server.code}`);
	ok(await visible(page, "#start-left"), "left: the wizard offers them");
	ok(await says(page, "#start-left li", latest),
		"left: the newest first", await page.textContent("#start-left"));
	await state(page, "left");
	await page.click("#start-left summary");
	await offer(page, broken).click();
	ok(await says(page, "#trouble", en.start.leftBrokenDo),
		"left: a broken one is told", await page.textContent("#trouble"));
	await state(page, "left-broken");
	await offer(page, latest).click();
	ok(await visible(page, "#inside"), "left: then the newest is checked");
	for (const name of household)
		ok(await says(page, "#inside-people", name),
			`left: ${name} is inside`);
	await toConnections(page);
	await finishSetup(page, services);
	ok(await says(page, "#note", en.login.restored), "left: then the login");
	await logins(server, page, old.held);
	ok(same(before, server.data), "left: every backup is as it was");
	await server.close();
}

async function logins(server, first, held) {
	for (const [i, name] of household.entries()) {
		const page = i ? await visit(server, "/login.html") : first;
		await enter(page, name);
		ok(await welcomeBack(page) && titlesOf(server, name) === held[i],
			`left: the lists of ${name} are back (${held[i]})`,
			titlesOf(server, name));
		await leave(page);
	}
	ok(waiting(server) === 0, "left: nobody waits");
}

// What was the newest may be nothing, and may vanish while one looks.
async function vanishes(old) {
	writeFileSync(join(old.data, later), "{\"users\":[]}");
	const server = await startServer(services, {}, old.data);
	const page = await visit(server, "/setup.html");
	ok(await says(page, "#start-left li", latest) &&
		!(await page.textContent("#start-left")).includes(later),
	"left: one of nobody is not offered");
	rmSync(join(server.data, latest));
	await offer(page, latest).click();
	ok(await says(page, "#trouble", en.errors.backup_missing.what),
		"left: one that is gone meanwhile is told",
		await page.textContent("main"));
	await page.reload();
	ok(await visible(page, "#start-left") &&
		!(await page.textContent("#start-left")).includes(latest),
	"left: a reload shows those that are there");
	await leave(page);
	await server.close();
}

const old = lost();
copyFileSync(join(old.data, latest), join(old.data, broken));
truncateSync(join(old.data, broken), 30000);
await comesBack(old);
await vanishes(old);
await browser.close();
await services.close();
rmSync(old.data, { recursive: true });
finish();
